import { InputError, unknownName } from '../core/errors.ts'
import type { Random } from '../core/random.ts'
import { createColumn, OPTIONAL_COLUMNS, Op, type Trace } from '../core/trace.ts'
import { rankOrder } from './rank-order.ts'
import { inSteps, type Steps } from './steps.ts'

/**
 * Spatial sampling: all requests of some keys. A cache scaled down by the share of the keys serves them nearly as the
 * whole cache serves all (Waldspurger, Park, Garthwaite, Ahmad: "Efficient MRC Construction with SHARDS", FAST 2015; for
 * policies other than LRU Waldspurger, Saemundsson, Ahmad, Park: "Cache Modeling and Optimization using Miniature
 * Simulations", USENIX ATC 2017).
 *
 * `hashed` is theirs: each key is in with the same chance, whatever it is. Whether the few hottest keys are in is then
 * chance too. `stratified` ranks the keys by their reads and takes one at random of every 1/rate in turn, so that keys of
 * any popularity are in as they should be (Cochran, "Sampling Techniques", 1977, chapter 5). It needs a pass that counts.
 */
const SAMPLING_METHODS = ['stratified', 'hashed'] as const
export type SamplingMethod = (typeof SAMPLING_METHODS)[number]

/** The requests of some keys. */
export interface KeySample {
  /** With ids of its own, and all columns of the whole. */
  readonly trace: Trace
  /** [requests of the sample] where each stands in the whole trace. */
  readonly positions: Uint32Array
  /** What sizes in entries are scaled by: the share of the keys that is in, or of a hashed sample the chance each had. */
  readonly keyShare: number
  /** What sizes in bytes are scaled by: the share of the bytes of all values; null without sizes. */
  readonly byteShare: number | null
  /** [keys of the sample] its ids in the order they were drawn in: that of the strata, if there are any. */
  readonly ranking: Uint32Array
}

/** What is known of each key. */
interface KeyCounts {
  readonly reads: Uint32Array
  /** Bytes of its value, as last seen. */
  readonly bytes: Uint32Array | undefined
}

/**
 * Draws a share of the keys. Of a hashed sample the share is a chance, so that it may come out empty; in a stratified one
 * there is at least one key.
 * @param rate above 0, at most 1
 * @throws InputError for another rate, or another method
 */
export function* sampleKeys(
  trace: Trace,
  rate: number,
  random: Random,
  method: SamplingMethod = 'stratified',
): Steps<KeySample> {
  if (!(rate > 0 && rate <= 1))
    throw new InputError(`the sampling rate is ${rate}: it must be above 0 and at most 1`)
  if (!SAMPLING_METHODS.includes(method))
    throw unknownName('sampling method', String(method), SAMPLING_METHODS)
  const counts = yield* countKeys(trace)
  const ranking =
    method === 'hashed'
      ? drawHashed(trace.keyCount, rate, random)
      : drawStratified(counts.reads, rate, random)
  const keyShare = method === 'hashed' ? rate : ranking.length / Math.max(1, trace.keyCount)
  return yield* extract(trace, ranking, keyShare, shareOfBytes(ranking, counts.bytes))
}

function drawHashed(keyCount: number, chance: number, random: Random): Uint32Array {
  // Ids are dense, so that a random number for each is as good as a hash of its name.
  return Uint32Array.from({ length: keyCount }, (_, key) => key).filter(() => random() < chance)
}

function drawStratified(reads: Uint32Array, rate: number, random: Random): Uint32Array {
  const keyCount = reads.length
  // From the least to the most read; of equally many, in order of first appearance.
  const ranked = rankOrder(Float32Array.from(reads))
  const count = keyCount === 0 ? 0 : Math.max(1, Math.round(keyCount * rate))
  return Uint32Array.from({ length: count }, (_, stratum) => {
    const from = Math.floor((stratum * keyCount) / count)
    const to = Math.floor(((stratum + 1) * keyCount) / count)
    return ranked[from + Math.floor(random() * (to - from))]!
  })
}

function* countKeys({ keys, sizes, ops, keyCount, length }: Trace): Steps<KeyCounts> {
  const reads = new Uint32Array(keyCount)
  const bytes = sizes && new Uint32Array(keyCount)
  yield* inSteps(length, (from, to) => {
    if (ops === undefined && bytes === undefined) {
      for (let at = from; at < to; at++) reads[keys[at]!]!++
      return
    }
    for (let at = from; at < to; at++) {
      const op = ops === undefined ? Op.read : ops[at]!
      if (op === Op.delete) continue
      if (op === Op.read) reads[keys[at]!]!++
      if (bytes !== undefined) bytes[keys[at]!] = sizes![at]!
    }
  })
  return { reads, bytes }
}

/** Null without sizes. */
function shareOfBytes(keys: Uint32Array, bytes: Uint32Array | undefined): number | null {
  if (bytes === undefined) return null
  const all = bytes.reduce((sum, size) => sum + size, 0)
  return all === 0 ? 1 : keys.reduce((sum, key) => sum + bytes[key]!, 0) / all
}

/** The requests of some keys of a trace. */
function* extract(
  trace: Trace,
  chosen: Uint32Array,
  keyShare: number,
  byteShare: number | null,
): Steps<KeySample> {
  const isIn = new Uint8Array(trace.keyCount)
  for (const key of chosen) isIn[key] = 1
  const pieces: Uint32Array[] = []
  let length = 0
  yield* inSteps(trace.length, (from, to) => {
    const found = requestsOf(isIn, trace.keys, from, to)
    length += found.length
    pieces.push(found)
  })
  const positions = new Uint32Array(length)
  let end = 0
  for (const piece of pieces) {
    positions.set(piece, end)
    end += piece.length
  }
  const ids = new Int32Array(trace.keyCount).fill(-1)
  const keys = createColumn(Uint32Array, length)
  let keyCount = 0
  for (let at = 0; at < length; at++) {
    const key = trace.keys[positions[at]!]!
    if (ids[key]! < 0) ids[key] = keyCount++
    keys[at] = ids[key]!
  }
  return {
    trace: { name: trace.name, length, keyCount, keys, ...pick(trace, positions) },
    positions,
    keyShare,
    byteShare,
    ranking: chosen.map((key) => ids[key]!),
  }
}

/** Which of the requests from … to − 1 are for keys that are in. */
function requestsOf(isIn: Uint8Array, keys: Uint32Array, from: number, to: number): Uint32Array {
  const found = new Uint32Array(to - from)
  let count = 0
  for (let at = from; at < to; at++) {
    found[count] = at
    count += isIn[keys[at]!]!
  }
  return found.slice(0, count)
}

type ColumnConstructor = Parameters<typeof createColumn<Uint32Array<SharedArrayBuffer>>>[0]

/** The optional columns, of some requests alone. */
function pick(trace: Trace, requests: Uint32Array): Partial<Trace> {
  const columns = OPTIONAL_COLUMNS.flatMap((name) => {
    const column = trace[name]
    if (column === undefined) return []
    const picked = createColumn(column.constructor as ColumnConstructor, requests.length)
    for (let at = 0; at < requests.length; at++) picked[at] = column[requests[at]!]!
    return [[name, picked] as const]
  })
  return Object.fromEntries(columns)
}
