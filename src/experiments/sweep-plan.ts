import { InputError } from '../core/errors.ts'
import { describeTtl, type GridTtl, gridTtlOf } from '../core/grid-ttl.ts'
import type { Comparison, SavedCell, SweepPlan, SweepResult } from '../core/result.ts'
import { formatCount, plural } from '../core/units.ts'
import { gridVerdict } from './grid-verdict.ts'
import { BATCHES } from './measure.ts'
import { type CellResult, compareResults, markShareOfOptimal } from './runner.ts'
import { describeSize } from './sizes.ts'
import { sweepAnswers } from './sweep-answers.ts'
import { sweepVerdict } from './sweep-verdict.ts'
import { assembleWindows } from './sweep-windows.ts'
import { runWarnings } from './warnings.ts'
import { windowVerdict } from './window-verdict.ts'

/*
 * A sweep is a plan and cells. The plan is all that the result follows from beside the cells, as plain data: cells that
 * were run at another time, or on another machine, come to the same result, byte for byte.
 *
 * Cells are numbered: every policy (with every TTL) at every size, sizes running fastest, then a cache that never evicts for each TTL there
 * is among the policies.
 */

type Simulated = SweepResult['simulated']

/** Cells of a plan. */
export function cellCount({ policies, sizes, ceilings }: SweepPlan): number {
  return policies.length * sizes.length + ceilings
}

/** A cell in a sentence: `lru at 1,000 entries`, `lru at 1,000 entries with a TTL of 10 min`. */
export function describeCell({ policies, sizes }: SweepPlan, at: number): string {
  if (at >= policies.length * sizes.length) {
    const ceiling = at - policies.length * sizes.length
    const curve = policies.find((policy) => policy.ceiling === ceiling)!
    return `${curve.policy} in a cache that never evicts${withGridTtl(curve)}`
  }
  const { capacity, unit } = sizes[at % sizes.length]!
  const curve = policies[Math.floor(at / sizes.length)]!
  return `${curve.policy} at ${describeSize(capacity, unit)}${withGridTtl(curve)}`
}

function withGridTtl(curve: GridTtl): string {
  return curve.ttl === undefined ? '' : ` ${describeTtl(curve)}`
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
  for (const { policy: own, points } of curves) {
    const bound = curves.find(({ policy }) => policy.isReference && policy.row === own.row)
    for (const [at, point] of points.entries()) {
      const best = bound?.points[at]
      if (point && best) markShareOfOptimal(point, best)
    }
  }
  const complete = curves.flatMap(({ policy: curve, points, ceiling }) => {
    const whole = points.flatMap((point) => point ?? [])
    return ceiling && whole.length === sizes.length
      ? [
          {
            named: { policy: curve.policy, ...gridTtlOf(curve) },
            bound: curve.bound,
            points: whole,
            unlimited: ceiling,
          },
        ]
      : []
  })
  const shown = curves.flatMap(({ points }) => points.flatMap((point) => point ?? []))
  const runs = shown.map(({ run }) => run)
  const answers = sweepAnswers(plan, complete)
  const windows =
    plan.windows && complete.length > 0 ? assembleWindows(plan, plan.windows, complete) : undefined
  const saved = results.flatMap((result, at): SavedCell[] => (result ? [{ at, ...result }] : []))
  const missing = results.length - saved.length
  return {
    workload: plan.workload,
    settings: plan.settings,
    ...(missing > 0 && { partial: true as const }),
    runs,
    ...answers,
    comparisons: compareRows(plan, curves),
    ...(windows && { windows }),
    verdict:
      missing > 0
        ? [whatIsDone(plan, saved)]
        : [
            ...(plan.settings.ttls ? gridVerdict(runs, answers.knee) : sweepVerdict(runs, answers)),
            ...(windows ? windowVerdict(windows, runs, answers.knee, answers.curves) : []),
          ],
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

/** How much of a sweep there is, in a sentence, of what was asked for: ceilings only come with that. */
function whatIsDone({ policies, sizes, settings }: SweepPlan, saved: readonly SavedCell[]): string {
  const asked = policies.length * sizes.length
  const done = saved.filter(({ at }) => at < asked).length
  const cell = `a policy${settings.ttls ? ' with a TTL' : ''} at a size`
  const ceiling = done < asked ? '' : ', but not yet a cache that never evicts, which shows the ceiling'
  return `This is a part: ${formatCount(done)} of ${plural(asked, 'cell')}, which ${cell} is, ${done === 1 ? 'is' : 'are'} done${ceiling}.`
}

/** The same with each of several TTLs. */
function compareRows(
  { settings }: SweepPlan,
  curves: readonly { policy: SweepPlan['policies'][number]; points: readonly (CellResult | undefined)[] }[],
): Comparison[] {
  const rows = settings.ttls?.map((ttl, row) => ({ ttl, row })) ?? [{ ttl: {}, row: undefined }]
  return rows.flatMap(({ ttl, row }) => {
    const own = curves.filter(({ policy }) => policy.row === row)
    return compareWithBest(own.flatMap(({ points }) => points.flatMap((point) => point ?? []))).map(
      ({ size, ...comparison }) => ({ size, ...ttl, ...comparison }),
    )
  })
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
    const { ttl } = plan.policies[Math.floor(at / plan.sizes.length)] ?? {}
    const found = `${policy} at ${describeSize(size, sizeUnit)}${withGridTtl(ttl === undefined ? {} : result.run)}`
    if (at < plan.policies.length * plan.sizes.length && expected !== found)
      throw new InputError(`${name} has ${found} where ${expected} should be`)
    const samples = plan.settings.seeds?.length ?? BATCHES
    const [hits, requests] = [result.hits.length, result.requests.length]
    if (hits !== samples || requests !== samples)
      throw new InputError(
        `${name} has ${expected} with hits of ${hits} samples and requests of ${requests}, not ${samples}`,
      )
    if ((result.windows?.hits.length ?? 0) !== (plan.windows?.length ?? 0))
      throw new InputError(
        `${name} has ${expected} with ${result.windows?.hits.length ?? 0} windows, not ${plan.windows?.length ?? 0}`,
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
    ['another seed', ({ workload: { seed } }) => seed],
    ['other TTLs', ({ settings: { ttls } }) => ttls],
    ['other policies', ({ policies }) => policies.map(({ source: _, ...policy }) => policy)],
    ['other sizes', ({ sizes }) => sizes],
    ['other settings', ({ settings: { assumed: _, ...settings } }) => settings],
    ['another sensitivity of the knee', ({ sensitivity }) => sensitivity],
    ['another least gain', ({ minimumGain }) => minimumGain],
    ['another number of windows', ({ windows }) => windows?.length],
  ]
  const difference = named.find(([, of]) => differs(of))?.[0]
  if (difference !== undefined) return difference
  const changed = a.policies.find(({ source }, at) => source !== b.policies[at]!.source)
  return changed && `another version of the file of policy '${changed.policy}'`
}
