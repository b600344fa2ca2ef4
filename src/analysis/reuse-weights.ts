import { Op, type Trace } from '../core/trace.ts'
import type { KeySample } from './key-sample.ts'
import { inSteps, type Steps } from './steps.ts'

/**
 * How many requests of the whole trace each request of a sample stands for.
 *
 * Whether a request hits depends above all on how long ago its key was last used, and next on how popular the key is.
 * Both are known of every request of the trace for one pass and a counter each. So requests are put into strata by reuse
 * time (requests since the last use, four strata to a doubling; a first use is one of its own) and by the reads of their
 * key (three classes), and those of the sample stand for all of their stratum: post-stratification (Cochran, "Sampling
 * Techniques", 1977, section 5A.9). What is left to chance is only what hits within a stratum.
 */

/** Strata to a doubling of the reuse time. */
const STEPS_TO_DOUBLE = 4
/** Reuse times of up to 2^32 requests, and the first uses. */
const TIMES = 32 * STEPS_TO_DOUBLE + 1
/** A key read fewer than this many times is in the class; all others are in one more. */
const CLASSES_BELOW = [4, 16]
const CLASSES = CLASSES_BELOW.length + 1
/** Strata with fewer requests in the sample are put together with longer reuse times. */
const FEWEST = 8

/** Requests of the whole trace in each stratum. */
export interface ReuseStrata {
  /** Counted reads. */
  readonly reads: number
  /** The first request that is counted. */
  readonly from: number
  /** [class × TIMES] counted reads. */
  readonly counts: Float64Array
}

/** Counts the reads of a trace by their strata. @param from the first request that is counted: the end of the warm-up */
export function* reuseStrata(trace: Trace, from = 0): Steps<ReuseStrata> {
  const counts = new Float64Array(CLASSES * TIMES)
  let reads = 0
  yield* stratify(trace, undefined, (stratum, at) => {
    if (at < from) return
    counts[stratum]!++
    reads++
  })
  return { reads, from, counts }
}

/** The requests of a sample, with what each stands for. */
export interface ReuseWeights {
  /**
   * [requests of the sample] the reads each stands for; 0 for what is not counted. Together they are the counted reads of
   * the whole trace, but for first uses of a class of which the sample has none, which need none to be known.
   */
  readonly weights: Float64Array
  /** [requests of the sample] its group × cells + its cell; −1 for what is not counted. */
  readonly slots: Int32Array
  /** [cells] counted reads of the whole trace in each: strata, put together where the sample has few of one. */
  readonly cellReads: Float64Array
  /** [groups × cells] reads of the sample. */
  readonly reads: Float64Array
  /** [cells] 1 for the cells of first uses, which never hit. */
  readonly neverHits: Uint8Array
  /**
   * Share of the counted reads that nothing in the sample is like: reads after an earlier use, in classes of which the sample
   * has no such read. They are taken to be as those of the next class, and any of them may hit or not.
   */
  readonly unknown: number
  readonly strata: ReuseStrata
}

/**
 * Groups the keys of a sample are dealt into, for the standard error. Of so many ranks in turn each has one, so that they
 * differ as draws of the whole sample do.
 */
const GROUPS = 20

/** What each request of a sample stands for. */
export function* reuseWeights(sample: KeySample, strata: ReuseStrata): Steps<ReuseWeights> {
  const { trace, positions, ranking } = sample
  const slots = new Int32Array(trace.length).fill(-1)
  const own = new Float64Array(CLASSES * TIMES)
  yield* stratify(trace, positions, (stratum, position, at) => {
    if (position < strata.from) return
    own[stratum]!++
    slots[at] = stratum
  })
  const { cellOf, cells, unlike } = putTogether(own)
  const cellReads = new Float64Array(cells)
  const cellOwn = new Float64Array(cells)
  own.forEach((count, stratum) => {
    cellReads[cellOf[stratum]!]! += strata.counts[stratum]!
    cellOwn[cellOf[stratum]!]! += count
  })
  const neverHits = new Uint8Array(cells)
  for (let first = 0; first < own.length; first += TIMES) neverHits[cellOf[first]!] = 1
  let unknown = 0
  for (const first of unlike)
    for (let stratum = first + 1; stratum < first + TIMES; stratum++) unknown += strata.counts[stratum]!
  unknown /= Math.max(1, strata.reads)

  const groupOf = new Uint8Array(trace.keyCount)
  ranking.forEach((key, rank) => {
    groupOf[key] = rank % GROUPS
  })
  const weights = new Float64Array(trace.length)
  const reads = new Float64Array(GROUPS * cells)
  yield* inSteps(trace.length, (from, to) => {
    for (let at = from; at < to; at++) {
      if (slots[at]! < 0) continue
      const cell = cellOf[slots[at]!]!
      weights[at] = cellReads[cell]! / cellOwn[cell]!
      slots[at] = groupOf[trace.keys[at]!]! * cells + cell
      reads[slots[at]!]!++
    }
  })
  return { weights, slots, cellReads, reads, neverHits, unknown, strata }
}

/**
 * Strata become cells: each by itself, or with those of longer reuse times where the sample has too few. Those of a class of
 * which the sample has first uses alone, or nothing, join the cells of the next class that has more.
 * @returns unlike: the first stratum of each such class
 */
function putTogether(own: Float64Array): { cellOf: Uint16Array; cells: number; unlike: number[] } {
  const cellOf = new Uint16Array(own.length)
  let cell = -1
  for (let first = 0; first < own.length; first += TIMES) {
    // First uses never hit: they stand alone.
    cellOf[first] = ++cell
    let inCell = FEWEST
    for (let stratum = first + 1; stratum < first + TIMES; stratum++) {
      const rest = own.subarray(stratum, first + TIMES)
      // What is left at the end joins those before it.
      if (inCell >= FEWEST && (stratum === first + 1 || hasAtLeast(rest, FEWEST))) {
        cell++
        inCell = 0
      }
      cellOf[stratum] = cell
      inCell += own[stratum]!
    }
  }
  const starts = Array.from({ length: CLASSES }, (_, at) => at * TIMES)
  const isLike = (first: number) => hasAtLeast(own.subarray(first + 1, first + TIMES), 1)
  const like = starts.filter(isLike)
  const unlike = starts.filter((first) => !isLike(first))
  for (const first of unlike) {
    if (like.length === 0) break
    const next = like.reduce((a, b) => (Math.abs(b - first) < Math.abs(a - first) ? b : a))
    cellOf.copyWithin(first + 1, next + 1, next + TIMES)
  }
  return { cellOf, cells: cell + 1, unlike }
}

function hasAtLeast(counts: Float64Array, fewest: number): boolean {
  let sum = 0
  for (const count of counts) {
    sum += count
    if (sum >= fewest) return true
  }
  return false
}

/** A hit rate that a sample gives. */
export interface SampledRate {
  readonly rate: number
  /** Of the draw of the keys alone; what a scaled-down cache does otherwise than a whole one is no part of it. */
  readonly standardError: number
}

/** Sums up the hits of a sample: where requests hit, `add` them, then ask for the rate. */
export class HitTally {
  readonly #weights: ReuseWeights
  /** [groups × cells] */
  readonly #hits: Float64Array

  constructor(weights: ReuseWeights) {
    this.#weights = weights
    this.#hits = new Float64Array(weights.reads.length)
  }

  clear(): void {
    this.#hits.fill(0)
  }

  /** @param request of the sample @param share 1 for a hit, or less where it is one in part */
  add(request: number, share: number): void {
    const slot = this.#weights.slots[request]!
    if (slot >= 0) this.#hits[slot]! += share
  }

  /** The rate where these are all hits. @param hits [requests of the sample] 1 for a hit, 0 for none, or in between */
  rateOf(hits: ArrayLike<number>): SampledRate {
    this.clear()
    const sums = this.#hits
    const { slots } = this.#weights
    for (let at = 0; at < slots.length; at++) if (slots[at]! >= 0) sums[slots[at]!]! += hits[at]!
    return this.rate()
  }

  /**
   * The hit rate of the whole trace. The standard error is the jackknife's: the rate is taken again without each of the
   * groups of keys (Wolter, "Introduction to Variance Estimation", 2007, section 4.2).
   */
  rate(): SampledRate {
    const rate = this.#without(-1)
    const others = Array.from({ length: GROUPS }, (_, group) => this.#without(group))
    const mean = others.reduce((sum, other) => sum + other, 0) / GROUPS
    const squares = others.reduce((sum, other) => sum + (other - mean) ** 2, 0)
    return { rate, standardError: Math.sqrt((squares * (GROUPS - 1)) / GROUPS) }
  }

  /** The rate of all groups but one. */
  #without(group: number): number {
    const { cellReads, reads, neverHits } = this.#weights
    const cells = cellReads.length
    let hits = 0
    let all = 0
    let mean = 0
    // From long reuse times to short ones: a cell that only this group has is taken to be as the next longer one.
    for (let cell = cells - 1; cell >= 0; cell--) {
      let inCell = 0
      let hitsInCell = 0
      for (let other = 0; other < GROUPS; other++) {
        if (other === group) continue
        inCell += reads[other * cells + cell]!
        hitsInCell += this.#hits[other * cells + cell]!
      }
      if (inCell > 0) mean = hitsInCell / inCell
      if (neverHits[cell] === 0) hits += cellReads[cell]! * mean
      all += cellReads[cell]!
    }
    return all === 0 ? 0 : hits / all
  }
}

/** Tells the stratum of every read. @param positions where the requests stand in the whole trace; absent: as they are */
function* stratify(
  trace: Trace,
  positions: Uint32Array | undefined,
  use: (stratum: number, position: number, at: number) => void,
): Steps<void> {
  const { keys, ops, keyCount, length } = trace
  const reads = new Uint32Array(keyCount)
  yield* inSteps(length, (from, to) => {
    for (let at = from; at < to; at++) if (ops === undefined || ops[at] === Op.read) reads[keys[at]!]!++
  })
  const lowest = Uint16Array.from(reads, (count) => TIMES * classOf(count))
  /** One more than the position of its last use; 0 where it has none, or was deleted. */
  const lastUse = new Uint32Array(keyCount)
  yield* inSteps(length, (from, to) => {
    for (let at = from; at < to; at++) {
      const key = keys[at]!
      const op = ops === undefined ? Op.read : ops[at]!
      const position = positions === undefined ? at : positions[at]!
      const before = lastUse[key]!
      lastUse[key] = op === Op.delete ? 0 : position + 1
      if (op === Op.read)
        use(lowest[key]! + timeStratum(before === 0 ? 0 : position + 1 - before), position, at)
    }
  })
}

function classOf(reads: number): number {
  let at = 0
  while (at < CLASSES_BELOW.length && reads >= CLASSES_BELOW[at]!) at++
  return at
}

/** @param time requests since the last use; 0: there was none */
function timeStratum(time: number): number {
  return time === 0 ? 0 : 1 + Math.floor(STEPS_TO_DOUBLE * Math.log2(time))
}

/**
 * The least and the most that a cache can hit which hits whatever was used no more than so many requests ago, and no first
 * use: exact, of the whole trace.
 * @param size in requests, as entries; Infinity for what holds everything
 */
export function rateBounds({ counts, reads }: ReuseStrata, size: number): { least: number; most: number } {
  let least = 0
  let most = 0
  counts.forEach((count, stratum) => {
    const time = stratum % TIMES
    if (time === 0) return
    most += count
    // The stratum is of the whole times below this.
    if (2 ** (time / STEPS_TO_DOUBLE) <= size + 1) least += count
  })
  return reads === 0 ? { least: 0, most: 0 } : { least: least / reads, most: most / reads }
}
