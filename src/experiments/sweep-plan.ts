import { InputError } from '../core/errors.ts'
import type { Comparison, SavedCell, SweepPlan, SweepResult } from '../core/result.ts'
import { formatCount, plural } from '../core/units.ts'
import { type CellResult, compareResults, markShareOfOptimal } from './runner.ts'
import { describeSize } from './sizes.ts'
import { sweepAnswers } from './sweep-answers.ts'
import { sweepVerdict } from './sweep-verdict.ts'
import { runWarnings } from './warnings.ts'

/*
 * A sweep is a plan and cells. The plan is all that the result follows from beside the cells, as plain data: cells that
 * were run at another time, or on another machine, come to the same result, byte for byte.
 *
 * Cells are numbered: every policy at every size, sizes running fastest, then a cache that never evicts for each TTL there
 * is among the policies.
 */

type Simulated = SweepResult['simulated']

/** Cells of a plan. */
export function cellCount({ policies, sizes, ceilings }: SweepPlan): number {
  return policies.length * sizes.length + ceilings
}

/** A cell in a sentence: `lru at 1,000 entries`. */
export function describeCell({ policies, sizes }: SweepPlan, at: number): string {
  if (at >= policies.length * sizes.length) {
    const ceiling = at - policies.length * sizes.length
    return `${policies.find((policy) => policy.ceiling === ceiling)!.policy} in a cache that never evicts`
  }
  const { capacity, unit } = sizes[at % sizes.length]!
  return `${policies[Math.floor(at / sizes.length)]!.policy} at ${describeSize(capacity, unit)}`
}

/**
 * The result of a sweep. Where cells are missing it holds what there is, and with it the plan and the cells, so that the
 * others can be run another time.
 * @param results [cellCount] what each cell came to; undefined where it has not been run
 */
export function assembleSweep(plan: SweepPlan, results: readonly (CellResult | undefined)[]): Simulated {
  const { policies, sizes } = plan
  // Copies: the share of the bound is marked on them.
  const cells = results.map((result) => result && { ...result, run: { ...result.run } })
  const curves = policies.map((policy, at) => ({
    policy,
    points: cells.slice(at * sizes.length, (at + 1) * sizes.length),
    ceiling: cells[policies.length * sizes.length + policy.ceiling],
  }))
  const bound = curves.find(({ policy }) => policy.isReference)
  for (const { points } of curves) {
    for (const [at, point] of points.entries()) {
      const best = bound?.points[at]
      if (point && best) markShareOfOptimal(point, best)
    }
  }
  const complete = curves.flatMap(({ policy: { policy, bound }, points, ceiling }) => {
    const whole = points.flatMap((point) => point ?? [])
    return ceiling && whole.length === sizes.length
      ? [{ policy, bound, points: whole, ceiling: ceiling.run.hitRate }]
      : []
  })
  const shown = curves.flatMap(({ points }) => points.flatMap((point) => point ?? []))
  const runs = shown.map(({ run }) => run)
  const answers = sweepAnswers(plan, complete)
  const saved = results.flatMap((result, at): SavedCell[] => (result ? [{ at, ...result }] : []))
  const missing = results.length - saved.length
  return {
    workload: plan.workload,
    settings: plan.settings,
    ...(missing > 0 && { partial: true as const }),
    runs,
    ...answers,
    comparisons: compareWithBest(shown),
    verdict:
      missing > 0
        ? [
            `This is a part: ${formatCount(saved.length)} of ${plural(results.length, 'cell')}, which a policy at a size is, ${saved.length === 1 ? 'is' : 'are'} done.`,
          ]
        : sweepVerdict(runs, answers),
    warnings: [
      ...plan.warnings,
      ...runWarnings(
        {
          workload: plan.workload,
          settings: plan.settings,
          capacities: sizes,
          leftOut: plan.leftOut,
          ttlsRunOut: plan.ttlsRunOut,
        },
        runs,
      ),
    ],
    ...(missing > 0 && { plan, cells: saved }),
  }
}

/** At every size, the best policy a server could run against each other one. */
function compareWithBest(results: readonly CellResult[]): Comparison[] {
  const sizes = [...new Set(results.map(({ run }) => run.size))].sort((a, b) => a - b)
  return sizes.flatMap((size) => {
    const real = results.filter(({ run }) => run.size === size && !run.bound)
    const best = real.reduce<CellResult | undefined>(
      (a, b) => (a && a.run.hitRate >= b.run.hitRate ? a : b),
      undefined,
    )
    return best ? real.flatMap((other) => (other === best ? [] : (compareResults(best, other) ?? []))) : []
  })
}

/**
 * Cells as they were saved, by number.
 * @param name of what they were saved in, for messages
 * @throws InputError where a cell stands twice, or is none of the plan's
 */
export function cellsByNumber(
  plan: SweepPlan,
  saved: readonly SavedCell[],
  name: string,
): (CellResult | undefined)[] {
  const cells: (CellResult | undefined)[] = Array(cellCount(plan)).fill(undefined)
  for (const { at, ...result } of saved) {
    if (at >= cells.length)
      throw new InputError(`${name} has a cell ${at}, but there are ${cells.length} only, from 0`)
    if (cells[at] !== undefined) throw new InputError(`${name} has ${describeCell(plan, at)} twice`)
    const expected = describeCell(plan, at)
    const { policy, size, sizeUnit } = result.run
    if (
      at < plan.policies.length * plan.sizes.length &&
      expected !== `${policy} at ${describeSize(size, sizeUnit)}`
    )
      throw new InputError(
        `${name} has ${policy} at ${describeSize(size, sizeUnit)} where ${expected} should be`,
      )
    cells[at] = result
  }
  return cells
}

/** What is not the same in two plans, in a few words; undefined where all is. */
export function planDifference(a: SweepPlan, b: SweepPlan): string | undefined {
  const differs = (of: (plan: SweepPlan) => unknown) => JSON.stringify(of(a)) !== JSON.stringify(of(b))
  const named: [string, (plan: SweepPlan) => unknown][] = [
    ['another trace', ({ fingerprint }) => fingerprint],
    ['other policies', ({ policies }) => policies],
    ['other sizes', ({ sizes }) => sizes],
    ['other settings', ({ settings: { assumed: _, ...settings } }) => settings],
    ['another sensitivity of the knee', ({ sensitivity }) => sensitivity],
    ['another least gain', ({ minimumGain }) => minimumGain],
  ]
  return named.find(([, of]) => differs(of))?.[0]
}
