import { holds } from '../core/estimate-holds.ts'
import type { PolicyEstimate, SweepEstimates } from '../core/estimate-result.ts'
import { formatCount, formatPercent, plural } from '../core/units.ts'
import { listOf } from '../core/words.ts'
import { describeSize } from './sizes.ts'

/** Policies of a list that are named. */
const MOST_NAMES = 6

/**
 * What estimates say, in sentences: what they rest on, who serves most, where its knee is, and who was run exactly.
 * @param missing policies that were not estimated before it was stopped
 */
export function estimateVerdict(
  { rate, keys, requests, sizes, policies }: SweepEstimates,
  missing: readonly string[] = [],
): string[] {
  const share = `${Number((rate * 100).toPrecision(3))} %`
  const basis = `These are estimates from ${share} of the keys (${formatCount(keys)}, with ${plural(requests, 'request')}): exact rates lie within the margins about nine times in ten.`
  const still = policies.filter((policy) => !holds(policy) && !policy.exact)
  const real = policies.filter(({ bound }) => !bound)
  const best = (real.length > 0 ? real : policies).reduce((a, b) => (meanOf(b) > meanOf(a) ? b : a))
  const { size, hitRate } = best.knee
  const unit = sizes[0]!.sizeUnit
  return [
    ...part(
      missing,
      still.map(({ policy }) => policy),
    ),
    basis,
    ...(real.length < 2 ? [] : [leader(best, real)]),
    size === null
      ? `The curve of ${best.policy} has no knee.`
      : `The knee of ${best.policy} is at ${best.exact ? '' : 'about '}${describeSize(size, unit)}, where it serves ${formatPercent(hitRate!)}${marginAt(best, sizes, size)} of the requests.`,
    ...notScaling(policies.filter(({ scales }) => !scales)),
    ...tooSmall(
      policies.filter(({ tooSmallBelow }) => tooSmallBelow !== undefined),
      unit,
    ),
  ]
}

/** Policies that do not scale, and whether they were run exactly. */
function notScaling(policies: readonly PolicyEstimate[]): string[] {
  return byExactness(policies, (names, many, exact) =>
    exact
      ? `${names} ${many ? 'do' : 'does'} not scale: a small cache behaves otherwise than a large one, so ${many ? 'they were' : 'it was'} run exactly.`
      : `${names} ${many ? 'do' : 'does'} not scale, and ${many ? 'were' : 'was'} not run exactly before it was stopped: the estimate says little.`,
  )
}

/** Policies that the sample is too small for, and whether they were run exactly. */
function tooSmall(
  policies: readonly PolicyEstimate[],
  unit: SweepEstimates['sizes'][number]['sizeUnit'],
): string[] {
  if (policies.length === 0) return []
  const below = `the sample is too small for sizes below ${describeSize(policies[0]!.tooSmallBelow!, unit)}`
  return byExactness(policies, (names, many, exact) =>
    exact
      ? `${names} ${many ? 'were' : 'was'} run exactly: ${below}.`
      : `${names} ${many ? 'were' : 'was'} not run exactly before it was stopped: ${below}.`,
  )
}

/** A sentence of those that were run exactly, and one of those that were not. */
function byExactness(
  policies: readonly PolicyEstimate[],
  sentence: (names: string, many: boolean, exact: boolean) => string,
): string[] {
  return [true, false].flatMap((exact) => {
    const names = policies.filter((policy) => policy.exact === exact).map(({ policy }) => policy)
    return names.length === 0 ? [] : [sentence(listOf(names), names.length > 1, exact)]
  })
}

/** That it was stopped, and before what. */
function part(missing: readonly string[], still: readonly string[]): string[] {
  const [names, what] = missing.length > 0 ? [missing, 'estimated'] : [still, 'run exactly']
  if (names.length === 0) return []
  return [
    `This is a part: it was stopped before ${listOf(names, MOST_NAMES)} ${names.length === 1 ? 'was' : 'were'} ${what}.`,
  ]
}

function leader(best: PolicyEstimate, real: readonly PolicyEstimate[]): string {
  const near = real.filter((other) => other !== best && isWithinMargins(best, other))
  const others =
    near.length === 0
      ? ''
      : `; ${listOf(near.map(({ policy }) => policy))} cannot be told from it by ${near.length === 1 ? 'its margins' : 'their margins'}`
  return `Over all sizes ${best.policy} serves most on average${others}.`
}

function meanOf({ rates }: PolicyEstimate): number {
  return rates.reduce((sum, { hitRate }) => sum + hitRate, 0) / rates.length
}

/** Whether the error bars of two policies meet at every size. */
function isWithinMargins(a: PolicyEstimate, b: PolicyEstimate): boolean {
  return a.rates.every(
    (rate, at) => Math.abs(rate.hitRate - b.rates[at]!.hitRate) <= rate.margin + b.rates[at]!.margin,
  )
}

function marginAt({ rates }: PolicyEstimate, sizes: SweepEstimates['sizes'], size: number): string {
  const margin = rates[sizes.findIndex((one) => one.size === size)]?.margin ?? 0
  return margin === 0 ? '' : ` ± ${(margin * 100).toFixed(1)}`
}
