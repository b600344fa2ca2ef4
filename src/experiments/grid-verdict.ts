import { describeTtl, formatTtl, isOfCurve } from '../core/grid-ttl.ts'
import type { Knee, Run } from '../core/result.ts'
import { bestFirst, byCurve, byPolicy, type RunGroup } from '../core/run-groups.ts'
import { formatCount, formatPercent, formatPoints } from '../core/units.ts'
import { describeSize } from './sizes.ts'

/**
 * The answer of a sweep over sizes and TTLs in sentences, for the policy that serves most on average: whether its TTL or
 * its size matters more over the ranges that were swept, which TTL brings most, and where the knee goes.
 */
export function gridVerdict(runs: readonly Run[], knees: readonly Knee[]): string[] {
  const policies = bestFirst(byPolicy(runs))
  const best = policies[0]!
  if (runs.every(({ hits }) => hits === 0)) return ['No size and no TTL serves anything here.']
  const rows = byCurve(best.runs)
  // What a trace says itself is neither shorter nor longer than others.
  const ordered = rows.filter(({ ttl }) => ttl !== 'recorded')
  return [
    leader(best, policies),
    ...(ordered.length > 1 ? [whatMatters(best.policy, ordered), ...largestStep(ordered)] : []),
    ...rows.filter(({ ttl }) => ttl === 'recorded').map((row) => ofRecorded(row, ordered.at(-1))),
    ...kneesOf(best, ordered, knees),
  ]
}

function leader(best: RunGroup, policies: readonly RunGroup[]): string {
  const { policy, bound } = best
  if (bound) return `${policy} is a bound, which no server can run.`
  const real = policies.filter((other) => !other.bound)
  if (real.length === 1) return `This is ${policy} alone.`
  return `Over all sizes and TTLs ${policy} serves most on average.`
}

function whatMatters(policy: string, rows: readonly RunGroup[]): string {
  const [shortest, longest] = [rows[0]!, rows.at(-1)!]
  const sizes = [...new Set(shortest.runs.map(({ size }) => size))].sort((a, b) => a - b)
  const [smallest, largest] = [sizes[0]!, sizes.at(-1)!]
  const unit = shortest.runs[0]!.sizeUnit
  const byTtl = longest.meanHitRate - shortest.meanHitRate
  const rise = `${inWords(shortest)} → ${inWords(longest)} is worth ${signedPoints(byTtl)}`
  if (smallest === largest) return `At ${describeSize(largest, unit)}, for ${policy}, ${rise}.`
  const rateAt = ({ runs }: RunGroup, size: number) => runs.find((run) => run.size === size)!.hitRate
  const bySize =
    rows.reduce((sum, row) => sum + rateAt(row, largest) - rateAt(row, smallest), 0) / rows.length
  const times = smallest > 0 ? ` (${formatCount(largest / smallest)} times the size)` : ''
  const range = `${describeSize(smallest, unit)} → ${describeSize(largest, unit)}`
  const matters =
    signedPoints(byTtl) === signedPoints(bySize)
      ? 'TTL matters as much as size'
      : byTtl > bySize
        ? 'TTL matters more than size'
        : 'Size matters more than TTL'
  return `${matters} over these ranges: for ${policy}, ${rise} on average over the sizes, and ${range}${times} ${signedPoints(bySize)} on average over the TTLs.`
}

/** The step from one TTL to the next that gains most. */
function largestStep(rows: readonly RunGroup[]): string[] {
  if (rows.length < 3) return []
  const steps = rows.slice(1).map((to, at) => ({ from: rows[at]!, to }))
  const gain = ({ from, to }: (typeof steps)[number]) => to.meanHitRate - from.meanHitRate
  const most = steps.reduce((best, step) => (gain(step) > gain(best) ? step : best))
  if (gain(most) <= 0) return []
  return [
    `The step that brings most is ${inWords(most.from)} → ${inWords(most.to)}: ${signedPoints(gain(most))}.`,
  ]
}

function ofRecorded(row: RunGroup, longest: RunGroup | undefined): string {
  const beside = longest ? `, and ${formatPercent(longest.meanHitRate)} ${describeTtl(longest)}` : ''
  return `It serves ${formatPercent(row.meanHitRate)} of the requests ${describeTtl(row)}${beside} on average over the sizes.`
}

/** Where the knees lie, from the shortest TTL that has one to the longest. */
function kneesOf({ runs }: RunGroup, rows: readonly RunGroup[], knees: readonly Knee[]): string[] {
  const { size: only, sizeUnit } = runs[0]!
  // One size is no curve.
  if (runs.every(({ size }) => size === only)) return []
  const found = rows.flatMap((row) => {
    const knee = knees.find((other) => isOfCurve(row, other) && other.size !== null)
    return knee ? [{ row, size: describeSize(knee.size!, sizeUnit) }] : []
  })
  const [first, last] = [found[0], found.at(-1)]
  if (!first || !last) return rows.length > 0 ? ['Its curves have no knee.'] : []
  if (new Set(found.map(({ size }) => size)).size === 1)
    return [
      found.length === rows.length && rows.length > 1
        ? `Its knee is at ${first.size} with every TTL.`
        : `Its knee is at ${first.size} ${describeTtl(first.row)}.`,
    ]
  return [
    `Its knee is at ${first.size} ${describeTtl(first.row)}, and at ${last.size} ${describeTtl(last.row)}.`,
  ]
}

function inWords(row: RunGroup): string {
  return row.ttlSeconds === null ? 'no TTL' : formatTtl(row)
}

/** `12.0 points`, `−0.3 points`: longer is not always better. */
function signedPoints(difference: number): string {
  const points = formatPoints(difference)
  return difference < 0 && points !== formatPoints(0) ? `−${points}` : points
}
