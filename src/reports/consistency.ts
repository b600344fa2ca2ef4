import { isOfCurve } from '../core/grid-ttl.ts'
import type { BenchRun, Result, Run, SimulateResult, SweepResult } from '../core/result.ts'
import type { ServiceRun } from '../core/service-result.ts'
import { formatCount, plural } from '../core/units.ts'

/** Sums of doubles in another order differ by far less than this, counts by nothing. */
const ROUNDING = 1e-6

/**
 * What must agree in a result and does not, in sentences. A report that finds something says so, and a saved result
 * with such a thing is refused: figures that contradict each other are worse than none.
 */
export function findDisagreements(result: Result): string[] {
  if (result.command === 'inspect') return []
  if (result.command === 'simulate') return findServiceDisagreements(result.simulated)
  const inWindows = result.command === 'sweep' ? windowDisagreements(result.simulated) : []
  const inRuns = result.simulated.runs.flatMap((run) => {
    const where = `${run.policy} at ${formatCount(run.size)} ${run.sizeUnit}`
    return (isMeasured(run) ? disagreementsOf(run) : countDisagreements(run)).map(
      (what) => `these results contradict themselves: ${where} has ${what}`,
    )
  })
  return [...inRuns, ...inWindows]
}

/** Windows are parts: their hits add up to those of the whole. */
function windowDisagreements({ runs, windows = [] }: SweepResult['simulated']): string[] {
  return (windows[0]?.curves ?? []).flatMap((curve, at) =>
    runs
      .filter((run) => isOfCurve(run, curve))
      .flatMap((run) => {
        const hits = windows.reduce(
          (sum, { curves }) => sum + (curves[at]?.points.find(({ size }) => size === run.size)?.hits ?? 0),
          0,
        )
        const what = `windows with ${plural(hits, 'hit')} together, not ${formatCount(run.hits)}`
        return contradicted([[run.requests, hits, run.hits, what]]).map(
          (text) =>
            `these results contradict themselves: ${run.policy} at ${formatCount(run.size)} ${run.sizeUnit} has ${text}`,
        )
      }),
  )
}

/** The same of a simulated service. */
function findServiceDisagreements({ variants }: SimulateResult['simulated']): string[] {
  return variants.flatMap(({ label, with: run, without }) =>
    [run, ...(without === null ? [] : [without])].flatMap((of) =>
      serviceClaims(of).map((what) => `these results contradict themselves: ${label} has ${what}`),
    ),
  )
}

function serviceClaims(run: ServiceRun): string[] {
  const { requests, answers, failures, inFlightAtEnd, answersFrom, tiers } = run
  const from = answersFrom.tiers.reduce(
    (sum, hits) => sum + hits,
    answersFrom.delayedHits + answersFrom.computed,
  )
  const near = (a: number, b: number) => Math.abs(a - b) <= ROUNDING * Math.max(1, Math.abs(a), Math.abs(b))
  return [
    ...(near(requests, answers + failures + inFlightAtEnd)
      ? []
      : [
          `${plural(answers, 'answer')}, ${plural(failures, 'failure')} and ${formatCount(inFlightAtEnd)} in flight of ${plural(requests, 'request')}`,
        ]),
    ...(near(from, answers) ? [] : [`answers that do not come from where they are said to come from`]),
    ...tiers.flatMap(({ name, lookups, hits, misses }) =>
      near(lookups, hits + misses)
        ? []
        : [
            `${plural(hits, 'hit')} and ${plural(misses, 'miss', 'misses')} in ${plural(lookups, 'lookup')} of ${name}`,
          ],
    ),
  ]
}

/** A run of a benchmark has counts only. */
function isMeasured(run: Run | BenchRun): run is Run {
  return 'latency' in run
}

type Claim = readonly [whole: number, value: number, expected: number, what: string]

function countClaims({ requests, hits, misses, hitRate }: BenchRun): Claim[] {
  return [
    [
      requests,
      hits + misses,
      requests,
      `${plural(hits, 'hit')} and ${plural(misses, 'miss', 'misses')} in ${plural(requests, 'request')}`,
    ],
    [
      1,
      hitRate,
      requests === 0 ? hitRate : hits / requests,
      `a hit rate of ${hitRate} with ${plural(hits, 'hit')} in ${plural(requests, 'request')}`,
    ],
  ]
}

function countDisagreements(run: BenchRun): string[] {
  return contradicted(countClaims(run))
}

function contradicted(claims: readonly Claim[]): string[] {
  return claims.flatMap(([whole, value, expected, what]) =>
    Math.abs(value - expected) <= ROUNDING * Math.max(Math.abs(whole), Math.abs(expected)) ? [] : [what],
  )
}

function disagreementsOf(run: Run): string[] {
  const { requests, hits, misses, latency, model, money } = run
  const { compulsory, capacity, expired, invalidated } = run.missKinds
  const kinds = compulsory + capacity + expired + invalidated
  const [sum, rate] = countClaims(run)
  const claims: readonly Claim[] = [
    sum!,
    [
      requests,
      kinds,
      misses,
      `kinds of misses that add up to ${formatCount(kinds)}, not ${formatCount(misses)}`,
    ],
    rate!,
    [
      requests,
      model.calls,
      misses,
      `${plural(model.calls, 'model call')} for ${plural(misses, 'miss', 'misses')}`,
    ],
    [
      requests,
      model.callsSaved,
      hits,
      `${plural(model.callsSaved, 'model call')} saved by ${plural(hits, 'hit')}`,
    ],
    [
      model.secondsWithout,
      model.seconds + model.secondsSaved,
      model.secondsWithout,
      'model seconds that do not add up to those without a cache',
    ],
    [
      money.spentWithout,
      money.spent + money.saved,
      money.spentWithout,
      'money spent and saved that does not add up to what is spent without a cache',
    ],
    [
      1,
      latency.reduction,
      latency.meanWithout > 0 ? 1 - latency.mean / latency.meanWithout : latency.reduction,
      'a latency reduction that is not that of its means',
    ],
  ]
  return contradicted(claims)
}
