import type { Knee } from '../core/result.ts'
import { checkCurve, kneedle } from './kneedle.ts'

/**
 * The knee of a hit-rate curve: the size after which more memory buys little.
 *
 * Sizes are usually spaced by ratio, and Kneedle on a logarithmic axis answers another question, so the curve is first
 * resampled at even steps of size by straight lines between the simulated points (in place of the paper's smoothing
 * spline, which can overshoot at a cliff). The origin belongs to the curve: a cache of size 0 serves nothing. Without
 * it the knee would move with the smallest size that happened to be simulated; with it only the largest size matters.
 *
 * The sensitivity keeps its published meaning, flat points of the *unmodified* curve, however fine the resampling. Of
 * several knees the one farthest above the diagonal is the answer: after an earlier, weaker one more memory still pays.
 * What is reported is a simulated size and its simulated hit rate, nothing interpolated.
 */

/** Even steps of size. */
const STEPS = 1000
/** Hit rates that differ by less than this over the whole range, 0.05 points, are a flat curve. */
const FLAT = 0.0005

/**
 * @param sizes the simulated sizes, strictly increasing, 0 or more, in any unit
 * @param hitRates fraction at each size
 * @param options.sensitivity Kneedle's S, default 1
 * @returns size null and the reason in words where there is no knee; `from` is the smallest simulated size
 * @throws RangeError for sizes that do not increase or values that are not finite
 * @throws InputError for a negative sensitivity
 */
export function findKnee(
  sizes: ArrayLike<number>,
  hitRates: ArrayLike<number>,
  options: { readonly sensitivity?: number | undefined } = {},
): Omit<Knee, 'policy'> {
  const { sensitivity = 1 } = options
  checkCurve(sizes, hitRates, sensitivity)
  const count = sizes.length
  const range = { sensitivity, from: count > 0 ? sizes[0]! : 0, to: count > 0 ? sizes[count - 1]! : 0 }
  const none = (reason: string) => ({ size: null, hitRate: null, reason, ...range })
  if (range.from < 0) throw new RangeError(`a cache size is ${range.from}: it must be 0 or more`)
  if (count < 3) return none('too few sizes: a knee needs at least 3')
  if (spread(hitRates) < FLAT) {
    return none('the curve is flat: all sizes give the same hit rate')
  }

  const x = Array.from(sizes)
  const y = Array.from(hitRates)
  if (x[0]! > 0) {
    x.unshift(0)
    y.unshift(0)
  }
  const even = resample(x, y)
  // Kneedle's threshold is S mean steps of x; the step of the unmodified curve is STEPS / (points − 1) even ones.
  const { knees, reason } = kneedle(even.x, even.y, { sensitivity: (sensitivity * STEPS) / (x.length - 1) })
  if (knees.length === 0) return none(inWords(reason))
  const strongest = knees.reduce((best, knee) => (knee.strength > best.strength ? knee : best))
  const at = simulatedPoint(x, y, strongest.x)
  return { size: x[at]!, hitRate: y[at]!, ...range }
}

/** The curve at STEPS + 1 evenly spaced sizes from its first to its last. */
function resample(x: readonly number[], y: readonly number[]): { x: Float64Array; y: Float64Array } {
  const evenX = new Float64Array(STEPS + 1)
  const evenY = new Float64Array(STEPS + 1)
  const first = x[0]!
  const last = x.at(-1)!
  let right = 1
  for (let k = 0; k <= STEPS; k++) {
    const size = k === STEPS ? last : first + ((last - first) * k) / STEPS
    while (right < x.length - 1 && x[right]! < size) right++
    const share = (size - x[right - 1]!) / (x[right]! - x[right - 1]!)
    evenX[k] = size
    evenY[k] = y[right - 1]! + share * (y[right]! - y[right - 1]!)
  }
  return { x: evenX, y: evenY }
}

/**
 * The simulated point a resampled knee stands for. Between simulated points the difference from the diagonal is a
 * straight line, so its maximum lies within one step of such a point; of several that near, the one farthest above the
 * diagonal. Never the origin.
 */
function simulatedPoint(x: readonly number[], y: readonly number[], knee: number): number {
  const width = x.at(-1)! - x[0]!
  const height = spread(y)
  let best = -1
  let nearest = -1
  for (let i = 0; i < x.length; i++) {
    if (x[i] === 0) continue
    if (nearest < 0 || Math.abs(x[i]! - knee) < Math.abs(x[nearest]! - knee)) nearest = i
    if (Math.abs(x[i]! - knee) > (1.001 * width) / STEPS) continue
    if (best < 0 || y[i]! / height - x[i]! / width > y[best]! / height - x[best]! / width) best = i
  }
  return best < 0 ? nearest : best
}

function spread(values: ArrayLike<number>): number {
  let lowest = Infinity
  let highest = -Infinity
  for (let i = 0; i < values.length; i++) {
    lowest = Math.min(lowest, values[i]!)
    highest = Math.max(highest, values[i]!)
  }
  return highest - lowest
}

function inWords(reason: string | undefined): string {
  if (reason?.includes('straight')) return 'the curve is a straight line: every step of size gains the same'
  if (reason?.includes('nowhere')) {
    return 'the curve only bends upwards: the gains are still growing at the largest size'
  }
  return 'the curve bends too little: the gains hardly shrink within this range'
}
