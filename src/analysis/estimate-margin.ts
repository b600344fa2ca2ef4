import { OPTIONAL_COLUMNS, type Trace } from '../core/trace.ts'
import type { ReuseWeights } from './reuse-weights.ts'

/**
 * How far an estimate from a sample of keys may be off. Two things make it so, and no one figure shows both:
 *
 * - another draw of keys would have given another rate: the standard error of a `HitTally`;
 * - a small cache does not behave as a large one does. `mru`, say, turns over a single entry, however large the cache.
 *   Smaller samples may be off by as much, so that only a whole cache shows it: at a few sizes, over the first part of the
 *   trace, the sample's requests are looked up in one. Both have the same requests, so that the luck of the draw cancels,
 *   and what they differ by is the scaling alone.
 */

/** Standard errors, and scaling errors, in a margin. Chosen so that margins cover 90 % (see docs/sampling.md). */
const STANDARD_ERRORS = 2.5
const SCALING_ERRORS = 1.5
/** What the largest scaling error counts elsewhere. */
const OTHER_CHECKS = 0.3
/** Half of the last digit that is shown. */
const ROUNDING = 0.0005
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
 * The hit rate in the miniature less that in the whole cache, over the first requests of a sample.
 * @param hits [requests] of the miniature: 1 for a hit, 0 for none, or in between
 * @param whole [requests, or only the first] the same of the whole cache
 * @param count how many of the sample's requests
 * @returns 0 where none of them is counted
 */
export function scalingError(
  { weights }: ReuseWeights,
  hits: ArrayLike<number>,
  whole: ArrayLike<number>,
  count: number,
): number {
  let difference = 0
  let all = 0
  for (let at = 0; at < count; at++) {
    difference += weights[at]! * (hits[at]! - whole[at]!)
    all += weights[at]!
  }
  return all === 0 ? 0 : difference / all
}

/** A size at which the miniature was held against a whole cache, and the scaling error there. */
export interface ScalingCheck {
  readonly size: number
  readonly error: number
}

/**
 * The half-width of the error bar of an estimated hit rate. What the checks on both sides of the size found counts fully,
 * and the largest of all a little: between checks the error may rise.
 * @param checks in ascending order of size
 */
export function estimateMargin(size: number, standardError: number, checks: readonly ScalingCheck[]): number {
  const errors = checks.map(({ error }) => Math.abs(error))
  const smaller = checks.filter((check) => check.size < size).length
  // Of a size smaller than all checks, the first two.
  const next = Math.max(1, smaller)
  const near = Math.max(0, errors[next - 1] ?? 0, errors[next] ?? 0)
  const scaling = Math.hypot(near, OTHER_CHECKS * Math.max(0, ...errors))
  return Math.hypot(STANDARD_ERRORS * standardError, SCALING_ERRORS * scaling) + ROUNDING
}

/** Whether a miniature stands for the whole cache, as far as its scaling errors tell. */
export function scales(checks: readonly ScalingCheck[]): boolean {
  return checks.every(({ error }) => Math.abs(error) <= LARGEST_SCALING_ERROR)
}
