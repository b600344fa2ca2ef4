/*
 * Draws ranks with probability proportional to 1 / (rank + 1)^alpha, exactly, for any alpha of 0 or more.
 *
 * The ranks are cut into strips: the first few alone, later ones in runs about 1.6 % as wide as their first rank. A
 * strip is drawn with probability proportional to the rectangle over it (its width times the weight of its first rank)
 * from an alias table (Walker 1977, Vose 1991); a rank inside it is accepted with its weight's share of the rectangle's
 * height. A squeeze, the lowest share in the strip, accepts nearly every draw without computing a weight (the scheme of
 * Ahrens 1995, "A one-table method for sampling from continuous and discrete distributions").
 *
 * Why not an alias table of all ranks: it is read at random, so a million keys wait for memory at each draw and take
 * long to set up. The strips of ten million keys fit the first cache levels. Why not rejection-inversion (Hörmann and
 * Derflinger 1996): it computes a logarithm and an exponential for each draw.
 *
 * One 53-bit uniform number decides strip, rank and acceptance: the part of it that a decision leaves over is stretched
 * and used again, so that an outcome's probability is right to about 2^-53.
 */
import type { Random } from '../core/random.ts'

/** Width of a strip as a share of its first rank, counted from 1. */
const STRIP_WIDTH = 1 / 64

/** Keeps a stretched number below the strip's width where rounding would reach it. */
const BELOW_ONE = 1 - 2 ** -45

/** Brings 32 more random bits below the first 32, with the sum at most 1 − 2^-53. As `Random.double`, in less time. */
const LOWER_BITS = 2 ** -32 - 2 ** -53

/** Numbers in a column of the table: threshold, then stretch, first rank and squeeze of both strips it holds. */
const COLUMN = 8

export class ZipfSampler {
  readonly #alpha: number
  readonly #columns: number
  readonly #table: Float64Array

  /**
   * @param ranks how many, 1 to 2^31 − 1
   * @param alpha skew, 0 (uniform) or more
   */
  constructor(ranks: number, alpha: number) {
    const starts = stripStarts(ranks, alpha)
    this.#alpha = alpha
    this.#columns = starts.length - 1
    this.#table = aliasTable(starts, alpha)
  }

  /** Writes the next `out.length` ranks, 0 the most frequent. */
  fill(out: Uint32Array, random: Random): void {
    const table = this.#table
    const columns = this.#columns
    const alpha = this.#alpha
    const length = out.length
    let i = 0
    while (i < length) {
      const scaled = (random() + random() * LOWER_BITS) * columns
      const column = scaled | 0
      let at = column * COLUMN
      let rest = scaled - column
      const threshold = table[at]!
      if (rest >= threshold) {
        rest -= threshold
        at += 3
      }
      const stretched = rest * table[at + 1]!
      const offset = stretched | 0
      const height = stretched - offset
      const start = table[at + 2]!
      if (height < table[at + 3]! || height < weightRatio(start, start + offset, alpha)) {
        out[i++] = start + offset
      }
    }
  }
}

/** Weight of `rank` as a share of the weight of `start`. */
function weightRatio(start: number, rank: number, alpha: number): number {
  return Math.exp(-alpha * Math.log((rank + 1) / (start + 1)))
}

/** First ranks of the strips, and the end of the last: the number of ranks, or where weights are too small to count. */
function stripStarts(ranks: number, alpha: number): number[] {
  const starts: number[] = []
  // The steeper the weights, the narrower the strips, so that few draws are rejected.
  const width = STRIP_WIDTH / Math.max(1, alpha)
  let start = 0
  // Very steep weights make a strip of nearly every rank, but soon come to nothing.
  while (start < ranks && weightRatio(0, start, alpha) > 0) {
    starts.push(start)
    start += Math.max(1, Math.floor((start + 1) * width))
  }
  starts.push(Math.min(start, ranks))
  return starts
}

function aliasTable(starts: readonly number[], alpha: number): Float64Array {
  const count = starts.length - 1
  const widthOf = (strip: number) => starts[strip + 1]! - starts[strip]!
  const share = new Float64Array(count)
  let total = 0
  // From the lightest, so that small weights are not lost in the sum.
  for (let strip = count - 1; strip >= 0; strip--) {
    share[strip] = widthOf(strip) * weightRatio(0, starts[strip]!, alpha)
    total += share[strip]!
  }
  const light: number[] = []
  const heavy: number[] = []
  for (let strip = 0; strip < count; strip++) {
    share[strip]! *= count / total
    ;(share[strip]! < 1 ? light : heavy).push(strip)
  }
  const table = new Float64Array(count * COLUMN)
  const put = (at: number, strip: number, length: number) => {
    const last = starts[strip + 1]! - 1
    table[at] = length > 0 ? (widthOf(strip) / length) * BELOW_ONE : 0
    table[at + 1] = starts[strip]!
    table[at + 2] = weightRatio(starts[strip]!, last, alpha)
  }
  while (light.length > 0 && heavy.length > 0) {
    const small = light.pop()!
    const large = heavy.at(-1)!
    const length = share[small]!
    table[small * COLUMN] = length
    put(small * COLUMN + 1, small, length)
    put(small * COLUMN + 4, large, 1 - length)
    share[large]! -= 1 - length
    if (share[large]! < 1) light.push(heavy.pop()!)
  }
  for (const strip of [...light, ...heavy]) {
    table[strip * COLUMN] = 1
    put(strip * COLUMN + 1, strip, 1)
  }
  return table
}
