import type { Interval } from '../core/result.ts'
import { studentQuantile } from './student.ts'

/**
 * 95 % confidence intervals of hit rates.
 *
 * Requests of one run depend on each other: what is cached now decides the hits to come, so a binomial interval would
 * be too narrow. Batch means (Law and Kelton, "Simulation Modeling and Analysis", section 9.5.3; Schmeiser 1982) cut
 * the run into consecutive batches long enough to be nearly independent of each other, and use Student's t between
 * them. Take some 30 batches, each many times longer than the cache's memory (the requests it takes to turn its
 * content over); more and shorter batches bring the dependence back and make the interval too narrow. A drift of the
 * hit rate over the run, as while a cache fills, makes it wider.
 *
 * Batches may differ in length: the rate is the ratio of sums, its variance that of a ratio estimator (Cochran,
 * "Sampling Techniques", 1977, section 6.3).
 */

const LEVEL = 0.95

/** Fewer batches, or seeds, give no interval. */
const MINIMUM = { 'batch-means': 5, repeats: 2 } as const

/**
 * The interval of the hit rate of one run, within 0 … 1.
 * @param hits per batch, in order of time
 * @param requests per batch; batches without requests are left out
 * @param method `repeats` where each batch is a whole run with a seed of its own: then 2 are enough
 * @returns null with too few batches
 */
export function batchMeansInterval(
  hits: ArrayLike<number>,
  requests: ArrayLike<number>,
  method: Interval['method'] = 'batch-means',
): Interval | null {
  const estimate = ratio(hits, requests, MINIMUM[method])
  return estimate && interval(estimate.mean, estimate.halfWidth, method, estimate.batches)
}

/** The difference of two hit rates on the same requests. */
export interface PairedInterval {
  /** Hit rate of a − of b. */
  readonly difference: number
  readonly low: number
  readonly high: number
  /** The interval contains 0: neither is shown to be better. */
  readonly tie: boolean
}

/**
 * The interval of the difference of two policies' hit rates on the same requests. Batch by batch the luck of the
 * requests falls on both and cancels, so small differences show that two separate intervals would hide.
 * @param hitsA per batch
 * @param hitsB per batch
 * @param requests per batch, the same for both
 * @param method `repeats` where each batch is a whole run with a seed of its own: then 2 are enough
 * @param level of confidence; higher where many pairs are to be judged at a time
 * @returns null with too few batches
 */
export function pairedInterval(
  hitsA: ArrayLike<number>,
  hitsB: ArrayLike<number>,
  requests: ArrayLike<number>,
  method: Interval['method'] = 'batch-means',
  level = LEVEL,
): PairedInterval | null {
  if (hitsA.length !== hitsB.length) throw new RangeError(`${hitsA.length} batches against ${hitsB.length}`)
  const estimate = ratio(
    Array.from(hitsA, (hits, batch) => hits - hitsB[batch]!),
    requests,
    MINIMUM[method],
    level,
  )
  if (estimate === null) return null
  const { mean, halfWidth } = estimate
  const low = mean - halfWidth
  const high = mean + halfWidth
  return { difference: mean, low, high, tie: low <= 0 && high >= 0 }
}

function ratio(
  counts: ArrayLike<number>,
  requests: ArrayLike<number>,
  minimum: number,
  level = LEVEL,
): { mean: number; halfWidth: number; batches: number } | null {
  if (counts.length !== requests.length) {
    throw new RangeError(`${counts.length} batches of hits for ${requests.length} of requests`)
  }
  let total = 0
  let of = 0
  let batches = 0
  for (let batch = 0; batch < counts.length; batch++) {
    if (!(requests[batch]! > 0)) continue
    total += counts[batch]!
    of += requests[batch]!
    batches++
  }
  if (batches < minimum) return null
  const mean = total / of
  let squares = 0
  for (let batch = 0; batch < counts.length; batch++) {
    if (requests[batch]! > 0) squares += (counts[batch]! - mean * requests[batch]!) ** 2
  }
  const standardError = Math.sqrt((squares * batches) / (batches - 1)) / of
  return { mean, halfWidth: studentQuantile((1 + level) / 2, batches - 1) * standardError, batches }
}

function interval(mean: number, halfWidth: number, method: Interval['method'], samples: number): Interval {
  return {
    low: Math.max(0, mean - halfWidth),
    high: Math.min(1, mean + halfWidth),
    level: LEVEL,
    method,
    samples,
  }
}
