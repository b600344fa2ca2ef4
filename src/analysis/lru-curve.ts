import { InputError } from '../core/errors.ts'
import { howToGive } from '../core/lacking.ts'
import { checkArgument, type OptionKind } from '../core/options.ts'
import { partitionPoint } from '../core/partition-point.ts'
import { Op, type Trace } from '../core/trace.ts'
import { formatBytes } from '../core/units.ts'
import { canCurve, smallestSizes } from './smallest-sizes.ts'
import { type Steps, uncounted } from './steps.ts'

const SIZE: OptionKind = { mustBe: 'a number of 0 or more', holds: (value) => typeof value === 'number' }

/** What an LRU cache hits, exactly, as its size grows: a staircase, kept as where its steps are. */
export class LruCurve {
  readonly unit: 'entries' | 'bytes'
  /** Reads that were counted. */
  readonly requests: number
  /**
   * Ascending: the smallest size that is known, and then each at which more is hit than by any smaller one. The smallest
   * is 0 in entries; in bytes it is that of the largest value, since smaller caches are no staircase (see `smallestSizes`).
   */
  readonly sizes: Float64Array
  /** [sizes] reads that a cache of the size hits, and so do those in between that one and the next. */
  readonly hits: Float64Array

  constructor({ unit, requests, sizes, hits }: Pick<LruCurve, 'unit' | 'requests' | 'sizes' | 'hits'>) {
    this.unit = unit
    this.requests = requests
    this.sizes = sizes
    this.hits = hits
  }

  /**
   * Reads that a cache of any size hits.
   * @throws InputError for what is no number, and below the first of the sizes
   */
  hitsAt(size: number): number {
    const { sizes, hits, unit } = this
    checkArgument('hitsAt()', size, SIZE)
    const above = partitionPoint(sizes.length, (at) => sizes[at]! <= size)
    if (above > 0) return hits[above - 1]!
    throw new InputError(
      unit === 'bytes'
        ? `the curve says nothing of a cache of ${size} bytes: it begins at ${formatBytes(sizes[0]!)}, the largest value`
        : `the curve says nothing of a cache of ${size} entries: it begins at 0`,
    )
  }
}

/**
 * The LRU curve of a trace, to the hit as replays count it: writes and deletes are heeded, expiry is not.
 * @param warmup first requests, which fill the caches and are not counted
 * @throws InputError in bytes, where there are no sizes or a key changes its own
 */
export function* lruCurveInSteps(trace: Trace, unit: 'entries' | 'bytes', warmup: number): Steps<LruCurve> {
  if (unit === 'bytes' && trace.sizes === undefined)
    throw new InputError(
      `a curve over bytes needs value sizes, which ${trace.name} does not have: ${howToGive('sizes', trace)}`,
    )
  const { exactFrom, reason } = yield* uncounted(canCurve(trace, { capacityUnit: unit }))
  if (reason !== undefined)
    throw new InputError(`one pass over ${trace.name} gives no curve over bytes: ${reason}`)

  const tally = unit === 'entries' ? new EntryTally(trace.keyCount) : new ByteTally(trace.length - warmup)
  const { ops } = trace
  let requests = 0
  yield* smallestSizes(trace, unit, (needed, from, count) => {
    for (let at = Math.max(0, warmup - from); at < count; at++) {
      if (ops !== undefined && ops[from + at] !== Op.read) continue
      requests++
      if (needed[at]! < Infinity) tally.add(needed[at]!)
    }
  })
  return new LruCurve({ unit, requests, ...staircase(exactFrom, tally) })
}

/** Reads by the smallest size that hits them. */
interface Tally {
  add(needed: number): void
  /** Ascending in size, which may come more than once. */
  each(visit: (needed: number, reads: number) => void): void
}

/** Sizes in entries are whole numbers up to the number of keys. */
class EntryTally implements Tally {
  readonly #reads: Uint32Array

  constructor(keyCount: number) {
    this.#reads = new Uint32Array(keyCount + 1)
  }

  add(needed: number): void {
    this.#reads[needed]!++
  }

  each(visit: (needed: number, reads: number) => void): void {
    const reads = this.#reads
    for (let size = 0; size < reads.length; size++) if (reads[size]! > 0) visit(size, reads[size]!)
  }
}

/** Sizes in bytes may all be different: 8 bytes a read, sorted, take less than a table of them. */
class ByteTally implements Tally {
  readonly #needed: Float64Array
  #count = 0
  #isSorted = true

  constructor(most: number) {
    this.#needed = new Float64Array(most)
  }

  add(needed: number): void {
    this.#needed[this.#count++] = needed
    this.#isSorted = false
  }

  each(visit: (needed: number, reads: number) => void): void {
    const needed = this.#needed.subarray(0, this.#count)
    if (!this.#isSorted) needed.sort()
    this.#isSorted = true
    for (let at = 0; at < needed.length; at++) visit(needed[at]!, 1)
  }
}

/** @param first the smallest size that is known */
function staircase(first: number, tally: Tally): Pick<LruCurve, 'sizes' | 'hits'> {
  let count = 1
  let last = first
  tally.each((needed) => {
    if (needed > last) count++
    last = Math.max(last, needed)
  })
  const sizes = new Float64Array(count)
  const hits = new Float64Array(count)
  let at = 0
  sizes[0] = first
  tally.each((needed, reads) => {
    if (needed > sizes[at]!) {
      sizes[at + 1] = needed
      hits[at + 1] = hits[at]!
      at++
    }
    hits[at]! += reads
  })
  return { sizes, hits }
}
