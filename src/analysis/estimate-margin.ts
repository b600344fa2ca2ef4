import { OPTIONAL_COLUMNS, type Trace } from '../core/trace.ts'

/**
 * How far an estimate of the LRU curve may be off (for other policies see `correctRates`), and what both kinds of estimate
 * have in common. Two things put an estimate off, and no one figure shows both:
 *
 * - another draw of keys would have given another rate: the standard error of a `HitTally`;
 * - a small cache does not behave as a large one does. `mru`, say, turns over a single entry, however large the cache. That
 *   shows where both serve the same requests, so that the luck of the draw cancels: a scaling error.
 */

/** Standard errors, and scaling errors, in the margin of an LRU curve. Chosen so that margins cover 90 % (docs/sampling.md). */
const STANDARD_ERRORS = 2.5
const SCALING_ERRORS = 1.6
/** Half of the last digit that is shown. */
export const ROUNDING = 0.0005
/** A policy whose miniature is off by more than this, one point, does not scale. */
const LARGEST_SCALING_ERROR = 0.01

/** A hit rate that a sample gives for the whole trace. */
export interface RateEstimate {
  readonly hitRate: number
  /** Half-width of the error bar: the true rate lies within it about nine times in ten. */
  readonly margin: number
}

/** How many requests are looked up in a whole cache: a share of those that are counted, and all before them. */
export function checkedRequests(requests: number, from: number, share: number): number {
  return Math.ceil(from + (requests - from) * share)
}

/** The first requests of a trace, on the same columns. */
export function firstRequests(trace: Trace, length: number): Trace {
  const columns = OPTIONAL_COLUMNS.flatMap((name) => {
    const column = trace[name]
    return column === undefined ? [] : [[name, column.subarray(0, length)] as const]
  })
  return { ...trace, length, keys: trace.keys.subarray(0, length), ...Object.fromEntries(columns) }
}

/**
 * The hit rate in one cache less that in another, over requests that both have.
 * @param weights [requests] what each counts
 * @param hits [requests] of the one: 1 for a hit, 0 for none, or in between
 * @param others [requests] of the other
 * @param count how many of the requests, the first ones
 * @returns 0 where none of them counts
 */
export function scalingError(
  weights: ArrayLike<number>,
  hits: ArrayLike<number>,
  others: ArrayLike<number>,
  count: number = hits.length,
): number {
  let difference = 0
  let all = 0
  for (let at = 0; at < count; at++) {
    difference += weights[at]! * (hits[at]! - others[at]!)
    all += weights[at]!
  }
  return all === 0 ? 0 : difference / all
}

/**
 * The half-width of the error bar of a rate of an LRU curve.
 * @param scaling error at the same size
 * @param blur what blurring the curve as much again as the sample does changes there
 */
export function curveMargin(standardError: number, scaling: number, blur: number): number {
  return Math.hypot(STANDARD_ERRORS * standardError, SCALING_ERRORS * scaling, blur) + ROUNDING
}

/** A size at which a whole cache was replayed, and the hit rate of the miniature less that of the whole. */
export interface ScalingCheck {
  readonly size: number
  readonly error: number
  /** Entries that the miniature held. */
  readonly entries: number
}

/**
 * Miniatures with fewer entries say little of whole caches, whatever the policy: an entry more or less, or a part of one, is
 * much of what they have.
 */
export const FEW_ENTRIES = 32

/**
 * What the checks tell of a miniature: whether it stands for the whole cache; or does not where it has few entries, which is
 * for want of a larger sample; or does not where it has enough, so that the policy does not scale.
 */
export function scaling(checks: readonly ScalingCheck[]): 'scales' | 'sample too small' | 'does not scale' {
  const failed = checks.filter(({ error }) => Math.abs(error) > LARGEST_SCALING_ERROR)
  if (failed.length === 0) return 'scales'
  return failed.every(({ entries }) => entries < FEW_ENTRIES) ? 'sample too small' : 'does not scale'
}
