import type { Inspection } from '../core/result.ts'
import { Op, type Trace } from '../core/trace.ts'
import { summarise, summariseHistogram } from './quantiles.ts'
import { reuseDistances } from './reuse-distance.ts'
import { fitZipf } from './zipf-fit.ts'

/** Keys listed by name. */
const TOP_KEYS = 10

/**
 * What a trace looks like to a cache. Only reads count, for only they hit or miss; a write matters in one place: a key
 * first seen in a write is no compulsory miss when it is read. Sizes and costs are those of the reads, each as often as
 * it was requested.
 */
export function inspectTrace(trace: Trace): Inspection {
  const reads = readsOf(trace)
  const { keys } = reads
  const counts = new Uint32Array(trace.keyCount)
  for (let i = 0; i < keys.length; i++) counts[keys[i]!]!++
  let distinctKeys = 0
  let readOnce = 0
  for (let key = 0; key < counts.length; key++) {
    if (counts[key]! > 0) distinctKeys++
    if (counts[key] === 1) readOnce++
  }
  const compulsoryMissRate = share(compulsoryMisses(trace) ?? distinctKeys, keys.length)
  const quantiles = summariseHistogram(reuseDistances(keys, trace.keyCount).distances)
  const span = trace.times && trace.length > 1 ? trace.times[trace.length - 1]! - trace.times[0]! : 0
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
    zipf: fitZipf(counts),
    reuseDistance: quantiles && { quantiles, reuses: keys.length - distinctKeys },
    topKeys: topKeys(counts).map((key) => ({
      key: trace.keyNames?.nameOf(key) ?? String(key),
      requests: counts[key]!,
      share: share(counts[key]!, keys.length),
    })),
    valueBytes: reads.sizes ? summarise(reads.sizes) : null,
    costMilliseconds: reads.costs ? summarise(reads.costs) : null,
  }
}

/** The columns of the reads alone: the trace's own where it has nothing else. */
function readsOf(trace: Trace): Pick<Trace, 'keys' | 'sizes' | 'costs'> {
  const { ops } = trace
  if (!ops || ops.every((op) => op === Op.read)) return trace
  const isRead = (_: number, request: number): boolean => ops[request] === Op.read
  return {
    keys: trace.keys.filter(isRead),
    ...(trace.sizes && { sizes: trace.sizes.filter(isRead) }),
    ...(trace.costs && { costs: trace.costs.filter(isRead) }),
  }
}

/** Reads of keys neither read nor written before; undefined where there are only reads, and they are the keys. */
function compulsoryMisses(trace: Trace): number | undefined {
  const { ops, keys } = trace
  if (!ops) return undefined
  const seen = new Uint8Array(trace.keyCount)
  let misses = 0
  for (let i = 0; i < keys.length; i++) {
    if (ops[i] === Op.delete || seen[keys[i]!]) continue
    seen[keys[i]!] = 1
    if (ops[i] === Op.read) misses++
  }
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
