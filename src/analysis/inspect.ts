import type { Inspection } from '../core/result.ts'
import { Op, type Trace } from '../core/trace.ts'
import { powersOfTwo } from './bins.ts'
import { duplicatesInFlight } from './duplicates.ts'
import { keyColumns } from './key-columns.ts'
import { hotSetSize, popularityOverTime } from './popularity.ts'
import { summarise, summariseHistogram } from './quantiles.ts'
import { lruSizeFor, reuseDistancesInSteps, spikeOf } from './reuse-distance.ts'
import { reuseTimes } from './reuse-times.ts'
import { type Finished, finish, inSteps, type Steps, uncounted } from './steps.ts'
import { TopKeys } from './top-keys.ts'
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
  const { keyCount, ops } = trace
  const reads = yield* readsOf(trace)
  const { keys, times, sizes, costs } = reads
  const { counts, distinctKeys, readOnce } = yield* countReads(keys, keyCount)
  const compulsory = ops ? yield* compulsoryMisses(trace, ops) : distinctKeys
  const compulsoryMissRate = share(compulsory, keys.length)
  const ceiling = (misses: number) => (keys.length === 0 ? 0 : 1 - share(misses, keys.length))
  const hitRateCeiling = ceiling(compulsory)
  const { distances } = yield* reuseDistancesInSteps(keys, keyCount)
  const span = trace.times && trace.length > 1 ? trace.times[trace.length - 1]! - trace.times[0]! : 0
  const top = new TopKeys(Math.max(TOP_KEYS, hotSetSize(distinctKeys)))
  yield* uncounted(
    inSteps(keyCount, (from, to) => {
      for (let key = from; key < to; key++) top.offer(key, counts[key]!)
    }),
  )
  const nameOf = (key: number) => trace.keyNames?.nameOf(key) ?? String(key)
  return {
    reads: keys.length,
    distinctKeys,
    oneHitKeys: {
      keys: readOnce,
      shareOfKeys: share(readOnce, distinctKeys),
      shareOfRequests: share(readOnce, keys.length),
    },
    compulsoryMissRate,
    hitRateCeiling,
    meanRate: span > 0 ? (trace.length - 1) / span : null,
    zipf: yield* fitZipfInSteps(counts),
    reuseDistance: yield* summariseDistances(distances, keys.length - distinctKeys),
    lruSize: yield* lruSizeFor(distances, keys.length, hitRateCeiling),
    reuseSeconds: times ? yield* reuseTimes(keys, times, keyCount) : null,
    popularity: yield* popularityOverTime(keys, keyCount, top.keys.slice(0, hotSetSize(distinctKeys))),
    duplicatesInFlight:
      times && costs ? named(yield* duplicatesInFlight({ keys, times, costs }, keyCount), nameOf) : null,
    keyColumns: yield* keyColumns(trace, counts, function* (groups, groupCount) {
      return ceiling(
        ops
          ? yield* compulsoryMisses({ keys: trace.keys, keyCount: groupCount }, ops, groups)
          : yield* distinctGroups(counts, groups, groupCount),
      )
    }),
    topKeys: top.keys.slice(0, TOP_KEYS).map((key) => ({
      key: nameOf(key),
      requests: counts[key]!,
      share: share(counts[key]!, keys.length),
    })),
    valueBytes: sizes ? yield* summarise(sizes) : null,
    costMilliseconds: costs ? yield* summarise(costs) : null,
  }
}

/**
 * Requests that the steps of an inspection count, in all: each as often as it is looked at. Fewer where not all are
 * reads; more where columns of a composed key are looked at, which goes with the keys.
 */
export function inspectionWork({ length, sizes, costs, ops, times }: Trace): number {
  return (
    length *
    (3 + (ops ? 3 : 0) + (sizes ? 1 : 0) + (costs ? 1 : 0) + (times ? 3 : 0) + (times && costs ? 1 : 0))
  )
}

function* countReads(keys: Uint32Array, keyCount: number) {
  const counts = new Uint32Array(keyCount)
  yield* inSteps(keys.length, (from, to) => {
    for (let i = from; i < to; i++) counts[keys[i]!]!++
  })
  let distinctKeys = 0
  let readOnce = 0
  yield* uncounted(
    inSteps(keyCount, (from, to) => {
      for (let key = from; key < to; key++) {
        if (counts[key]! > 0) distinctKeys++
        if (counts[key] === 1) readOnce++
      }
    }),
  )
  return { counts, distinctKeys, readOnce }
}

function* summariseDistances(distances: Uint32Array, reuses: number): Steps<Inspection['reuseDistance']> {
  const quantiles = yield* summariseHistogram(distances)
  if (quantiles === null) return null
  const histogram = powersOfTwo(distances)
  yield 0
  return { quantiles, reuses, histogram, spike: yield* spikeOf(distances, reuses) }
}

function named(
  { worst, ...counts }: Finished<ReturnType<typeof duplicatesInFlight>>,
  nameOf: (key: number) => string,
): NonNullable<Inspection['duplicatesInFlight']> {
  return { ...counts, worst: worst && { key: nameOf(worst.key), duplicates: worst.duplicates } }
}

/** The columns of the reads alone: the trace's own where it has nothing else. */
function* readsOf(trace: Trace): Steps<Pick<Trace, 'keys' | 'times' | 'sizes' | 'costs'>> {
  const { ops } = trace
  if (!ops) return trace
  let count = 0
  yield* inSteps(ops.length, (from, to) => {
    for (let i = from; i < to; i++) if (ops[i] === Op.read) count++
  })
  if (count === trace.length) return trace
  const keys = new Uint32Array(count)
  const times = trace.times && new Float64Array(count)
  const sizes = trace.sizes && new Uint32Array(count)
  const costs = trace.costs && new Float32Array(count)
  let read = 0
  yield* inSteps(ops.length, (from, to) => {
    for (let i = from; i < to; i++) {
      if (ops[i] !== Op.read) continue
      keys[read] = trace.keys[i]!
      if (times) times[read] = trace.times![i]!
      if (sizes) sizes[read] = trace.sizes![i]!
      if (costs) costs[read] = trace.costs![i]!
      read++
    }
  })
  return { keys, ...(times && { times }), ...(sizes && { sizes }), ...(costs && { costs }) }
}

/** Reads of keys neither read nor written before; of groups of keys, where keys are grouped. */
function* compulsoryMisses(
  { keys, keyCount }: Pick<Trace, 'keys' | 'keyCount'>,
  ops: Uint8Array,
  groups?: Uint32Array,
): Steps<number> {
  const seen = new Uint8Array(keyCount)
  let misses = 0
  yield* inSteps(keys.length, (from, to) => {
    for (let i = from; i < to; i++) {
      const key = groups ? groups[keys[i]!]! : keys[i]!
      if (ops[i] === Op.delete || seen[key]) continue
      seen[key] = 1
      if (ops[i] === Op.read) misses++
    }
  })
  return misses
}

/** Groups with a key that is read. */
function* distinctGroups(counts: Uint32Array, groups: Uint32Array, groupCount: number): Steps<number> {
  const seen = new Uint8Array(groupCount)
  let distinct = 0
  yield* uncounted(
    inSteps(counts.length, (from, to) => {
      for (let key = from; key < to; key++) {
        if (counts[key] === 0 || seen[groups[key]!]) continue
        seen[groups[key]!] = 1
        distinct++
      }
    }),
  )
  return distinct
}

function share(part: number, whole: number): number {
  return whole === 0 ? 0 : part / whole
}
