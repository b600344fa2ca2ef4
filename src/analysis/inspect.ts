import type { Inspection } from '../core/result.ts'
import { Op, type Trace } from '../core/trace.ts'
import { summarise, summariseHistogram } from './quantiles.ts'
import { reuseDistancesInSteps } from './reuse-distance.ts'
import { finish, inSteps, type Steps, uncounted } from './steps.ts'
import { fitZipfInSteps } from './zipf-fit.ts'

/** Keys listed by name. */
const TOP_KEYS = 10

/**
 * What a trace looks like to a cache. Only reads count, for only they hit or miss; a write matters in one place: a key
 * first seen in a write is no compulsory miss when it is read. Sizes and costs are those of the reads, each as often as
 * it was requested.
 */
export function inspectTrace(trace: Trace): Inspection {
  return finish(inspectInSteps(trace))
}

/** The same, in steps: the requests they count add up to `inspectionWork`. */
export function* inspectInSteps(trace: Trace): Steps<Inspection> {
  const reads = yield* readsOf(trace)
  const { keys } = reads
  const counts = new Uint32Array(trace.keyCount)
  yield* inSteps(keys.length, (from, to) => {
    for (let i = from; i < to; i++) counts[keys[i]!]!++
  })
  let distinctKeys = 0
  let readOnce = 0
  yield* uncounted(
    inSteps(counts.length, (from, to) => {
      for (let key = from; key < to; key++) {
        if (counts[key]! > 0) distinctKeys++
        if (counts[key] === 1) readOnce++
      }
    }),
  )
  const compulsory = trace.ops ? yield* compulsoryMisses(trace, trace.ops) : distinctKeys
  const compulsoryMissRate = share(compulsory, keys.length)
  const { distances } = yield* reuseDistancesInSteps(keys, trace.keyCount)
  const quantiles = yield* summariseHistogram(distances)
  const span = trace.times && trace.length > 1 ? trace.times[trace.length - 1]! - trace.times[0]! : 0
  const top = topKeys(counts)
  yield 0
  return {
    reads: keys.length,
    distinctKeys,
    oneHitKeys: {
      keys: readOnce,
      shareOfKeys: share(readOnce, distinctKeys),
      shareOfRequests: share(readOnce, keys.length),
    },
    compulsoryMissRate,
    hitRateCeiling: keys.length === 0 ? 0 : 1 - compulsoryMissRate,
    meanRate: span > 0 ? (trace.length - 1) / span : null,
    zipf: yield* fitZipfInSteps(counts),
    reuseDistance: quantiles && { quantiles, reuses: keys.length - distinctKeys },
    topKeys: top.map((key) => ({
      key: trace.keyNames?.nameOf(key) ?? String(key),
      requests: counts[key]!,
      share: share(counts[key]!, keys.length),
    })),
    valueBytes: reads.sizes ? yield* summarise(reads.sizes) : null,
    costMilliseconds: reads.costs ? yield* summarise(reads.costs) : null,
  }
}

/** Requests that the steps of an inspection count, in all: each as often as it is looked at. At most, where not all are reads. */
export function inspectionWork({ length, sizes, costs, ops }: Trace): number {
  return length * (2 + (ops ? 3 : 0) + (sizes ? 1 : 0) + (costs ? 1 : 0))
}

/** The columns of the reads alone: the trace's own where it has nothing else. */
function* readsOf(trace: Trace): Steps<Pick<Trace, 'keys' | 'sizes' | 'costs'>> {
  const { ops } = trace
  if (!ops) return trace
  let count = 0
  yield* inSteps(ops.length, (from, to) => {
    for (let i = from; i < to; i++) if (ops[i] === Op.read) count++
  })
  if (count === trace.length) return trace
  const keys = new Uint32Array(count)
  const sizes = trace.sizes && new Uint32Array(count)
  const costs = trace.costs && new Float32Array(count)
  let read = 0
  yield* inSteps(ops.length, (from, to) => {
    for (let i = from; i < to; i++) {
      if (ops[i] !== Op.read) continue
      keys[read] = trace.keys[i]!
      if (sizes) sizes[read] = trace.sizes![i]!
      if (costs) costs[read] = trace.costs![i]!
      read++
    }
  })
  return { keys, ...(sizes && { sizes }), ...(costs && { costs }) }
}

/** Reads of keys neither read nor written before. */
function* compulsoryMisses({ keys, keyCount }: Trace, ops: Uint8Array): Steps<number> {
  const seen = new Uint8Array(keyCount)
  let misses = 0
  yield* inSteps(keys.length, (from, to) => {
    for (let i = from; i < to; i++) {
      if (ops[i] === Op.delete || seen[keys[i]!]) continue
      seen[keys[i]!] = 1
      if (ops[i] === Op.read) misses++
    }
  })
  return misses
}

/** The keys read most, most first; of equals the one with the lower id. */
function topKeys(counts: Uint32Array): number[] {
  const top: number[] = []
  for (let key = 0; key < counts.length; key++) {
    const count = counts[key]!
    if (count === 0 || (top.length === TOP_KEYS && count <= counts[top.at(-1)!]!)) continue
    let place = top.length
    while (place > 0 && counts[top[place - 1]!]! < count) place--
    top.splice(place, 0, key)
    top.length = Math.min(top.length, TOP_KEYS)
  }
  return top
}

function share(part: number, whole: number): number {
  return whole === 0 ? 0 : part / whole
}
