import { InputError } from '../core/errors.ts'
import { howToGive } from '../core/lacking.ts'
import { partitionPoint } from '../core/partition-point.ts'
import { Op, type Trace } from '../core/trace.ts'
import { smallestSizes } from './smallest-sizes.ts'
import type { Steps } from './steps.ts'

/** What LRU caches of many sizes hit, in one pass over the trace. */
export interface LruCurve {
  /** Ascending, entries or bytes. */
  readonly sizes: Float64Array
  /** One a part of the trace, in order. */
  readonly parts: readonly {
    /** Reads in the part. */
    readonly requests: number
    /** [sizes] reads of the part that a cache of that size hits. */
    readonly hits: Float64Array
  }[]
}

export interface LruCurveOptions {
  /** Sizes are in entries unless this says bytes: then every key must keep its size (see `canCurve`). */
  readonly capacityUnit?: 'entries' | 'bytes'
  /** Strictly ascending, 0 or more; may end in Infinity. In entries the default is every size: 0 … keyCount. */
  readonly sizes?: ArrayLike<number> | undefined
  /**
   * Where the parts begin, ascending request indices, and after them where the last one ends. What comes before
   * the first fills the caches and is not counted. Default: the whole trace is one part.
   */
  readonly boundaries?: readonly number[] | undefined
}

/**
 * The hits of an LRU cache at every size, to the hit as a replay counts them; in bytes, only at sizes from that of the
 * largest value up.
 * @throws InputError for sizes that do not ascend, or none in bytes; for boundaries that do not lie in the trace
 */
export function* lruCurve(trace: Trace, options: LruCurveOptions = {}): Steps<LruCurve> {
  const { capacityUnit = 'entries', boundaries = [0, trace.length] } = options
  if (options.sizes === undefined && capacityUnit === 'bytes')
    throw new InputError('a curve over bytes needs a list of sizes')
  if (capacityUnit === 'bytes' && trace.sizes === undefined)
    throw new InputError(
      `a curve over bytes needs value sizes, which ${trace.name} does not have: ${howToGive('sizes', trace)}`,
    )
  const sizes = Float64Array.from(options.sizes ?? { length: trace.keyCount + 1 }, (size, at) => size ?? at)
  checkAscending('sizes', sizes, Infinity, true)
  checkAscending('boundaries', boundaries, trace.length, false)
  if (boundaries.length < 2)
    throw new InputError('the boundaries of a curve are where its parts begin and where the last one ends')

  const { ops } = trace
  const bins = capacityUnit === 'entries' ? new EntryBins(sizes, trace.keyCount) : new SearchedBins(sizes)
  const parts: { requests: number; hits: Float64Array }[] = []
  let part = -1
  const count = (needed: Float64Array, from: number, start: number, end: number) => {
    for (let at = start; at < end; at++) {
      if (ops === undefined || ops[at] === Op.read) bins.count(needed[at - from]!)
    }
  }
  yield* smallestSizes(trace, capacityUnit, (needed, from, length) => {
    for (let at = from; at < from + length; ) {
      while (part < boundaries.length - 1 && boundaries[part + 1]! <= at) {
        if (part >= 0) parts.push(bins.take())
        part++
      }
      const end = Math.min(from + length, boundaries[part + 1] ?? trace.length)
      if (part >= 0 && part < boundaries.length - 1) count(needed, from, at, end)
      at = end
    }
  })
  while (parts.length < boundaries.length - 1) parts.push(bins.take())
  return { sizes, parts }
}

/** Counts requests by the smallest size that hits, up to the next take. */
interface Bins {
  count(needed: number): void
  /** What was counted since the last time. */
  take(): { requests: number; hits: Float64Array }
}

/** Sizes in entries are whole numbers up to the number of keys: one bin each, put together when they are asked for. */
class EntryBins implements Bins {
  readonly #sizes: Float64Array
  readonly #byNeeded: Uint32Array
  #requests = 0

  constructor(sizes: Float64Array, keyCount: number) {
    this.#sizes = sizes
    this.#byNeeded = new Uint32Array(keyCount + 1)
  }

  count(needed: number): void {
    this.#requests++
    if (needed < Infinity) this.#byNeeded[needed]!++
  }

  take(): { requests: number; hits: Float64Array } {
    const byNeeded = this.#byNeeded
    const hits = new Float64Array(this.#sizes.length)
    const requests = this.#requests
    let below = 0
    let needed = 0
    for (let at = 0; at < hits.length; at++) {
      const size = this.#sizes[at]!
      for (; needed < byNeeded.length && needed <= size; needed++) below += byNeeded[needed]!
      hits[at] = below
    }
    byNeeded.fill(0)
    this.#requests = 0
    return { requests, hits }
  }
}

/** Any numbers: one bin a size asked for, found by halving. */
class SearchedBins implements Bins {
  readonly #sizes: Float64Array
  readonly #bins: Float64Array
  #requests = 0

  constructor(sizes: Float64Array) {
    this.#sizes = sizes
    this.#bins = new Float64Array(sizes.length + 1)
  }

  count(needed: number): void {
    const sizes = this.#sizes
    this.#requests++
    if (needed === Infinity) return
    this.#bins[partitionPoint(sizes.length, (bin) => sizes[bin]! < needed)]!++
  }

  take(): { requests: number; hits: Float64Array } {
    const requests = this.#requests
    let below = 0
    const hits = this.#bins.slice(0, -1).map((count) => (below += count))
    this.#bins.fill(0)
    this.#requests = 0
    return { requests, hits }
  }
}

function checkAscending(what: string, values: ArrayLike<number>, largest: number, strictly: boolean): void {
  for (let at = 0; at < values.length; at++) {
    const value = values[at]!
    if (!(value >= 0 && value <= largest))
      throw new InputError(`the ${what} of a curve hold ${value}: they must lie between 0 and ${largest}`)
    if (at > 0 && (value < values[at - 1]! || (strictly && value === values[at - 1])))
      throw new InputError(`the ${what} of a curve must ascend: ${value} comes after ${values[at - 1]}`)
  }
}
