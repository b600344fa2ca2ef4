import { Op, type Trace } from '../core/trace.ts'
import { LastUses } from './last-uses.ts'
import { STEP, type Steps, uncounted } from './steps.ts'
import { WeightedStack } from './weighted-stack.ts'

/**
 * Which LRU caches a request hits: those of a size and all larger ones. Mattson, Gecsei, Slutz, Traiger, "Evaluation
 * Techniques for Storage Hierarchies", IBM Systems Journal 1970: LRU is a stack algorithm, so that one pass serves all
 * sizes.
 *
 * In bytes it still is one where every key keeps its size: making room from the old end until the newcomer fits leaves
 * the longest row of newest keys that fits, whatever was there. Only a value larger than the cache breaks it: that never
 * comes in and moves nothing, so it is in the way of larger caches and not of smaller ones. What is said of a size
 * smaller than the largest value may therefore be wrong; from that size up it is exact.
 */

/** Requests whose sizes are handed over at once: few enough to stay in the processor's cache. */
const CHUNK = 1 << 14

/** Takes the sizes of requests `from` … `from + count − 1`: `sizes[i]` for request `from + i`. */
export type UseSizes = (sizes: Float64Array, from: number, count: number) => void

/** The keys that stand in caches before some requests. */
export interface Standing {
  /** Ascending, each once; the number of requests stands for the end. */
  readonly before: readonly number[]
  /** Told, for each key that some cache has then, the size of the smallest that does. */
  see(size: number, before: number): void
}

/** The settings that matter to which requests an LRU cache hits. */
export interface CurveSettings {
  readonly capacityUnit: 'entries' | 'bytes'
  readonly ttlSeconds?: number | undefined
  readonly recordedTtls?: boolean
}

/** Whether one pass gives the hits of an LRU cache of any size, and from which size up they are exact; or why not. */
export type CurveSupport =
  | { readonly exactFrom: number; readonly reason?: never }
  | { readonly reason: string; readonly exactFrom?: never }

/**
 * Whether a curve can take the place of replays of `lru`. Writes and deletes are fine; expiry is not, and with a size in
 * bytes every key must keep its size.
 */
export function* canCurve(trace: Trace, settings: CurveSettings): Steps<CurveSupport> {
  if (settings.ttlSeconds !== undefined || settings.recordedTtls === true)
    return { reason: 'entries expire: which, depends on the time and not only on the order of uses' }
  if (settings.capacityUnit === 'entries') return { exactFrom: 0 }
  if (trace.sizes === undefined) return { reason: `${trace.name} has no sizes` }
  const { changed, largest } = yield* keySizes(trace)
  if (changed > 0)
    return {
      reason: `the value of ${changed === 1 ? '1 key changes' : `${changed} keys changes`} its size: which size a cache holds depends on when it last stored the key`,
    }
  return { exactFrom: largest }
}

/** Bytes of the value of each key, as its first read or write says. */
interface KeySizes {
  /** [keyCount] */
  readonly sizes: Uint32Array
  readonly largest: number
  /** Keys of which a later read or write says otherwise. */
  readonly changed: number
}

function* keySizes({ keys, sizes, ops, length, keyCount }: Trace): Steps<KeySizes> {
  const first = new Uint32Array(keyCount)
  /** 0: not seen; 1: seen; 2: with two sizes. */
  const seen = new Uint8Array(keyCount)
  let largest = 0
  let changed = 0
  for (let from = 0; from < length; from += STEP) {
    const to = Math.min(length, from + STEP)
    for (let at = from; at < to; at++) {
      if (ops !== undefined && ops[at] === Op.delete) continue
      const key = keys[at]!
      const size = sizes![at]!
      if (seen[key] === 0) {
        seen[key] = 1
        first[key] = size
        if (size > largest) largest = size
      } else if (first[key] !== size && seen[key] === 1) {
        seen[key] = 2
        changed++
      }
    }
    yield to - from
  }
  return { sizes: first, largest, changed }
}

/**
 * The size of the smallest LRU cache that has the key of each request, in entries or bytes; Infinity where none has, as
 * before its first use or after a delete. It is given for writes too, and for deletes: of the smallest that had the key.
 * @param use is called with the requests in order; the array is used again
 */
export function* smallestSizes(
  trace: Trace,
  unit: 'entries' | 'bytes',
  use: UseSizes,
  standing: Standing = { before: [], see: () => {} },
): Steps<void> {
  if (unit === 'entries' && trace.ops === undefined) yield* ofPlainReads(trace, use, standing)
  else if (unit === 'entries') yield* ofWeighted(trace, undefined, use, standing)
  else yield* ofWeighted(trace, (yield* uncounted(keySizes(trace))).sizes, use, standing)
}

function* ofPlainReads({ keys, keyCount, length }: Trace, use: UseSizes, standing: Standing): Steps<void> {
  const row = new LastUses(keyCount, length)
  const chunk = new Float64Array(CHUNK)
  const { before, see } = standing
  for (let from = 0, next = 0; from < length || next < before.length; ) {
    if (from === before[next]) {
      for (let size = 1; size <= row.live; size++) see(size, from)
      next++
      continue
    }
    if (row.isFull) yield* row.compact()
    const count = Math.min(CHUNK, (before[next] ?? length) - from, row.room)
    readOn(row, keys, from, count, chunk)
    use(chunk, from, count)
    yield count
    from += count
  }
}

function readOn(row: LastUses, keys: Uint32Array, from: number, count: number, chunk: Float64Array): void {
  const { slotOf } = row
  let newest = from === 0 ? -1 : keys[from - 1]!
  for (let i = 0; i < count; i++) {
    const key = keys[from + i]!
    if (key === newest) {
      chunk[i] = 1
      continue
    }
    newest = key
    chunk[i] = slotOf[key]! < 0 ? Infinity : row.takeOut(key) + 1
    row.append(key)
  }
}

/** @param weights [keyCount] of each key; absent: 1 */
function* ofWeighted(
  trace: Trace,
  weights: Uint32Array | undefined,
  use: UseSizes,
  standing: Standing,
): Steps<void> {
  const { keys, ops, keyCount, length } = trace
  const stack = new WeightedStack(keyCount, length)
  const chunk = new Float64Array(CHUNK)
  const goOn = (from: number, count: number) => {
    for (let i = 0; i < count; i++) {
      const key = keys[from + i]!
      if (ops !== undefined && ops[from + i] === Op.delete) {
        chunk[i] = stack.remove(key)
      } else {
        chunk[i] = stack.use(key, weights === undefined ? 1 : weights[key]!)
      }
    }
  }
  const { before, see } = standing
  for (let from = 0, next = 0; from < length || next < before.length; ) {
    if (from === before[next]) {
      yield* stack.standing((size) => see(size, from))
      next++
      continue
    }
    if (stack.room === 0) yield* stack.compact()
    const count = Math.min(CHUNK, (before[next] ?? length) - from, stack.room)
    goOn(from, count)
    use(chunk, from, count)
    yield count
    from += count
  }
}
