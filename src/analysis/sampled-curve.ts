import type { Trace } from '../core/trace.ts'
import {
  checkedRequests,
  curveMargin,
  firstRequests,
  type RateEstimate,
  scalingError,
} from './estimate-margin.ts'
import type { KeySample } from './key-sample.ts'
import { HitTally, type ReuseWeights, rateBounds } from './reuse-weights.ts'
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
 * Its margin rests on the exact curve of the first quarter of the trace, which one pass gives for all sizes; and on how the
 * sample blurs: d keys are found to be d ± √(d (1 − share) ÷ share), so that its curve is that of the whole trace, drawn with
 * a pencil as broad. What a second stroke as broad would change stands for what the first did.
 * @param whole the trace the sample is drawn from
 * @param sizes of whole caches, in entries, or in bytes of at least the largest value (see `canCurve`)
 * @param from the first request that is counted
 * @param largest the size of a cache that holds everything
 */
export function* sampledLruCurve(
  whole: Trace,
  sample: KeySample,
  weights: ReuseWeights,
  sizes: ArrayLike<number>,
  {
    unit = 'entries',
    from = 0,
    largest = unit === 'entries' ? whole.keyCount : Infinity,
  }: {
    readonly unit?: 'entries' | 'bytes'
    readonly from?: number
    readonly largest?: number
  } = {},
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

  const hitOf = unit === 'entries' ? hitInEntries(sample, needed) : hitInBytes(sample, needed)
  const hits = new Float32Array(trace.length)
  const tally = new HitTally(weights)
  const blurred = new HitTally(weights)
  const grain = grainOf(sample, unit)
  const wholeHits = new Uint8Array(exact.length)
  const rates: RateEstimate[] = []
  for (let size of Array.from(sizes)) {
    // Entries are whole.
    if (unit === 'entries') size = Math.floor(size)
    const breadth = Math.sqrt(size * grain)
    tally.clear()
    blurred.clear()
    yield* uncounted(
      inSteps(trace.length, (start, end) => {
        for (let at = start; at < end; at++) {
          const hit = hitOf(at, size, size)
          const around = (hitOf(at, size, size - breadth) + hitOf(at, size, size + breadth)) / 2
          hits[at] = hit
          if (hit > 0) tally.add(at, hit)
          if (around > 0) blurred.add(at, around)
        }
      }),
    )
    for (let at = 0; at < exact.length; at++) wholeHits[at] = exact[at]! <= size ? 1 : 0
    const scaling = scalingError(weights.weights, hits, wholeHits, exact.length)
    const { rate, standardError } = tally.rate()
    const blur = blurred.rate().rate - rate
    const margin = curveMargin(standardError, scaling, blur) + weights.unknown
    const atLeast = size >= largest ? Infinity : unit === 'entries' ? size : 0
    rates.push(withinBounds(rate, margin, rateBounds(weights.strata, atLeast)))
  }
  return rates
}

/** An estimate that reaches no further than the exact rate can lie; where that is known, it is that. */
function withinBounds(
  rate: number,
  margin: number,
  { least, most }: { readonly least: number; readonly most: number },
): RateEstimate {
  const hitRate = Math.min(most, Math.max(least, rate))
  return { hitRate, margin: Math.min(margin, Math.max(most - hitRate, hitRate - least)) }
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

/** What share of a request of the sample hits a whole cache of a size, which is looked for in the sample as `sought`. */
type HitShare = (request: number, size: number, sought: number) => number

/** @param needed entries of the sample's smallest cache that each request hits */
function hitInEntries(sample: KeySample, needed: Float64Array): HitShare {
  const times = reuseTimes(sample)
  const { keyShare: share } = sample
  return (at, size, sought) => {
    if (needed[at] === Infinity) return 0
    return times[at]! <= size ? 1 : Math.min(1, Math.max(0, sought * share + 1 - needed[at]!))
  }
}

/** The same in bytes, of which the value itself needs all. */
function hitInBytes({ trace, byteShare }: KeySample, needed: Float64Array): HitShare {
  const share = byteShare ?? 1
  const own = trace.sizes!
  return (at, _, sought) => ((needed[at]! - own[at]!) / share + own[at]! <= sought ? 1 : 0)
}

/**
 * What the square of a distance's standard error grows by with each entry, or byte, of the distance: keys are in the sample
 * or not, each with its value.
 */
function grainOf({ keyShare, trace }: KeySample, unit: 'entries' | 'bytes'): number {
  const odds = (1 - keyShare) / keyShare
  if (unit === 'entries') return odds
  let bytes = 0
  let squares = 0
  for (const size of trace.sizes!) {
    bytes += size
    squares += size * size
  }
  return bytes === 0 ? 0 : (odds * squares) / bytes
}
