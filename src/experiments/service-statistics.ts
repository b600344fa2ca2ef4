/* What several seeds of a simulation come to: means, intervals, and how variants compare seed by seed. */
import { studentQuantile } from '../analysis/student.ts'
import type { ServiceComparison, ServiceRun } from '../core/service-result.ts'

/** A variant, and what it came to with each seed. */
export interface Repeated {
  readonly label: string
  /** [seeds] */
  readonly outcomes: readonly { readonly with: { readonly run: ServiceRun } }[]
}

/** Several seeds as one: the mean of every number; what is null for one is null, what is true for one is true. */
export function meanOf<T>(values: readonly T[]): T {
  const [first] = values
  if (values.length === 1) return first!
  if (values.some((value) => value === null)) return (typeof first === 'object' ? null : first) as T
  if (typeof first === 'number')
    return ((values as readonly number[]).reduce((sum, value) => sum + value, 0) / values.length) as T
  if (typeof first === 'boolean') return values.some(Boolean) as T
  if (Array.isArray(first))
    return first.map((_, at) => meanOf(values.map((value) => (value as unknown[])[at]))) as T
  if (typeof first === 'object')
    return Object.fromEntries(
      Object.keys(first as object).map((key) => [
        key,
        meanOf(values.map((value) => (value as Record<string, unknown>)[key])),
      ]),
    ) as T
  return first!
}

/** The figures that have an interval, by name. */
const FIGURES = {
  latencyMean: (run: ServiceRun) => run.latency?.mean ?? Number.NaN,
  latencyP99: (run: ServiceRun) => run.latency?.p99 ?? Number.NaN,
  hitRate: (run: ServiceRun) => run.hitRate,
  withinSlo: (run: ServiceRun) => run.withinSlo,
  modelCalls: (run: ServiceRun) => run.model.calls,
  failures: (run: ServiceRun) => run.failures,
  staleAnswers: (run: ServiceRun) => run.stale.answers,
  money: (run: ServiceRun) => run.money,
}

/** Those that variants are ranked by, lowest first. */
const RANKED = ['latencyMean', 'latencyP99', 'modelCalls'] as const

/**
 * The best variant of each figure with all others: seed by seed they answered the same requests with the same draws.
 * Where the model cannot keep up a figure is of the few that are answered, or of how long the run was: no rank is due.
 */
export function compareVariants(variants: readonly Repeated[]): ServiceComparison[] {
  const settled = variants.filter(({ outcomes }) => !outcomes.some((pair) => pair.with.run.overloaded))
  if (settled.length < 2 || settled[0]!.outcomes.length < 2) return []
  return RANKED.flatMap((figure) => {
    const of = FIGURES[figure]
    const all = settled.map(({ label, outcomes }) => ({
      label,
      values: outcomes.map((pair) => of(pair.with.run)),
    }))
    const known = all.filter(({ values }) => !values.some(Number.isNaN))
    const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length
    const [best, ...others] = known.sort((a, b) => mean(a.values) - mean(b.values))
    return others.map(({ label, values }) => {
      const { low, high } = intervalOf(values.map((value, seed) => value - best!.values[seed]!))
      return {
        figure,
        better: best!.label,
        worse: label,
        difference: (low + high) / 2,
        low,
        high,
        tie: low <= 0 && high >= 0,
      }
    })
  })
}

/** Of the mean of what each seed gave, by Student's t. */
function intervalOf(values: readonly number[]): { low: number; high: number } {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1)
  const half = studentQuantile(0.975, values.length - 1) * Math.sqrt(variance / values.length)
  return { low: mean - half, high: mean + half }
}

export function intervalsOf(runs: readonly ServiceRun[]): Record<string, { low: number; high: number }> {
  return Object.fromEntries(
    Object.entries(FIGURES).flatMap(([name, of]) => {
      const values = runs.map(of)
      return values.some(Number.isNaN) ? [] : [[name, intervalOf(values)]]
    }),
  )
}
