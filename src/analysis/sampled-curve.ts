import type { Trace } from '../core/trace.ts'
import {
  checkedRequests,
  curveMargin,
  firstRequests,
  type RateEstimate,
  scalingError,
} from './estimate-margin.ts'
import type { KeySample } from './key-sample.ts'
import { HitTally, type ReuseWeights } from './reuse-weights.ts'
import { smallestSizes } from './smallest-sizes.ts'
import { inSteps, type Steps, uncounted } from './steps.ts'

/** The part of the trace whose exact curve is taken too. */
const CHECKED = 0.25

/**
 * The LRU curve of the whole trace, from the stack distances within a sample (SHARDS; see `sampleKeys`). Of d sampled
 * keys since the last use stand for d ÷ share; between whole numbers of sampled keys the curve is a straight line. A
 * request whose key was used no more than C requests ago hits a cache of C entries whatever the sample says. In bytes, the
 * value itself needs no less room for being in a sample: only what came since is scaled.
 *
 * Its margin rests on the exact curve of the first quarter of the trace, which one pass gives for all sizes.
 * @param whole the trace the sample is drawn from
 * @param sizes of whole caches, in entries, or in bytes of at least the largest value (see `canCurve`)
 * @param from the first request that is counted
 */
export function* sampledLruCurve(
  whole: Trace,
  sample: KeySample,
  weights: ReuseWeights,
  sizes: ArrayLike<number>,
  { unit = 'entries', from = 0 }: { readonly unit?: 'entries' | 'bytes'; readonly from?: number } = {},
): Steps<RateEstimate[]> {
  const { trace, positions } = sample
  const needed = new Float64Array(trace.length)
  yield* smallestSizes(trace, unit, (chunk, at, count) => needed.set(chunk.subarray(0, count), at))
  const checkedTo = checkedRequests(whole.length, from, CHECKED)
  const exact: number[] = []
  yield* smallestSizes(firstRequests(whole, checkedTo), unit, (chunk, at, count) => {
    while (exact.length < positions.length && positions[exact.length]! < at + count)
      exact.push(chunk[positions[exact.length]! - at]!)
  })

  const share = unit === 'entries' ? sample.keyShare : (sample.byteShare ?? 1)
  const times = unit === 'entries' ? reuseTimes(sample) : undefined
  const hits = new Float32Array(trace.length)
  const tally = new HitTally(weights)
  const wholeHits = new Uint8Array(exact.length)
  const rates: RateEstimate[] = []
  for (let size of Array.from(sizes)) {
    // Entries are whole.
    if (unit === 'entries') size = Math.floor(size)
    tally.clear()
    yield* uncounted(
      inSteps(trace.length, (start, end) => {
        for (let at = start; at < end; at++) {
          const hit =
            times === undefined
              ? hitInBytes(needed[at]!, trace.sizes![at]!, size, share)
              : hitInEntries(needed[at]!, times[at]!, size, share)
          hits[at] = hit
          if (hit > 0) tally.add(at, hit)
        }
      }),
    )
    for (let at = 0; at < exact.length; at++) wholeHits[at] = exact[at]! <= size ? 1 : 0
    const scaling = scalingError(weights.weights, hits, wholeHits, exact.length)
    const { rate, standardError } = tally.rate()
    rates.push({ hitRate: rate, margin: curveMargin(standardError, scaling) })
  }
  return rates
}

/** [requests] requests of the whole trace since the last one for the key; Infinity where there was none. */
function reuseTimes({ trace, positions }: { trace: Trace; positions: Uint32Array }): Float64Array {
  const last = new Float64Array(trace.keyCount).fill(-Infinity)
  return Float64Array.from(trace.keys, (key, at) => {
    const time = positions[at]! - last[key]!
    last[key] = positions[at]!
    return time
  })
}

/**
 * What share of a request hits a whole cache of `size` entries, whose like in the sample needs `needed` of them.
 * @param time requests since the last use of the key: it hits any cache of as many entries
 */
function hitInEntries(needed: number, time: number, size: number, share: number): number {
  if (needed === Infinity) return 0
  return time <= size ? 1 : Math.min(1, Math.max(0, size * share + 1 - needed))
}

/** The same in bytes. @param own bytes of the value itself, which the sample has in full */
function hitInBytes(needed: number, own: number, size: number, share: number): number {
  return (needed - own) / share + own <= size ? 1 : 0
}
