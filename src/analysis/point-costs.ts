import type { PointCost } from '../core/result.ts'

/**
 * What more hits cost in size: how large a cache a hit rate takes, and how much larger one that serves a percentage point
 * more. Between simulated sizes the curve is taken for a straight line, and it begins at (0, 0). Where larger caches serve
 * less, as with fifo they may, the first size that serves as much counts.
 */

/** Levels of hit rate from 0 to the highest of all curves, at most. */
const MOST_LEVELS = 20
const ROUND_STEPS = [0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05]
const POINT = 0.01

/**
 * @param sizes strictly increasing, above 0, in entries or bytes
 * @param hitRates fraction at each size
 * @param highest hit rate up to which there are levels: the same for curves that are to have the same levels
 * @returns by level, from that of the smallest simulated size up
 */
export function pointCosts(
  sizes: readonly number[],
  hitRates: readonly number[],
  highest: number,
): PointCost[] {
  const step = ROUND_STEPS.find((candidate) => highest / candidate <= MOST_LEVELS) ?? ROUND_STEPS.at(-1)!
  const costs: PointCost[] = []
  for (let level = 1; ; level++) {
    const hitRate = rounded(level * step)
    const size = sizeFor(sizes, hitRates, hitRate)
    // Beyond 100 % there is no more to gain.
    if (size === null || hitRate > highest || hitRate >= 1) return costs
    if (hitRate < hitRates[0]!) continue
    const nextHitRate = rounded(hitRate + Math.min(step, POINT))
    const next = sizeFor(sizes, hitRates, nextHitRate)
    costs.push({ hitRate, size, nextHitRate, extraSize: next === null ? null : next - size })
  }
}

/**
 * The smallest size that serves `hitRate`, interpolated.
 * @param sizes as of `pointCosts`
 * @returns null where no size does
 */
export function sizeFor(
  sizes: readonly number[],
  hitRates: readonly number[],
  hitRate: number,
): number | null {
  const at = hitRates.findIndex((rate) => rate >= hitRate)
  if (at < 0) return null
  const [size, rate] = at === 0 ? [0, 0] : [sizes[at - 1]!, hitRates[at - 1]!]
  const interpolated = size + ((sizes[at]! - size) * (hitRate - rate)) / (hitRates[at]! - rate)
  // Rounding must not lead beyond the last size.
  return Math.min(interpolated, sizes[at]!)
}

/** Without the last bits that adding decimal fractions leaves. */
function rounded(hitRate: number): number {
  return Number(hitRate.toFixed(6))
}
