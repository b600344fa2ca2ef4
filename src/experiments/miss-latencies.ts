import { Found } from '../engine/loop.ts'
import type { Outcomes } from './outcomes.ts'

/** Half of the bits of a latency. Not negative, latencies are in the order of their bits, so that halves are digits. */
const HALF = 16
const HALVES = 1 << HALF

/**
 * The model's latencies of all that is no hit: their sum, and those of some ranks. Selection by radix, which reads the
 * columns in order and needs none that is sorted: the upper halves of the bits are counted, then the lower ones of those
 * that have the same upper half as a latency sought. Counters are used again, run after run.
 */
export class MissLatencies {
  private readonly upper = new Uint32Array(HALVES)
  private readonly lower: Uint32Array[] = []

  /**
   * @param latencies [requests] the model's, not negative
   * @param ranks counted from 1; one that is not above 0 has no latency, and is given 0
   */
  summarise(
    latencies: Float32Array,
    { codes, kinds }: Outcomes,
    ranks: readonly number[],
  ): { sum: number; quantiles: number[] } {
    // Times 0 or 1 rather than a branch, which would go the wrong way at every other miss.
    const pays = kinds.map((kind) => (kind === Found.resident ? 0 : 1))
    const bits = new Uint32Array(latencies.buffer, latencies.byteOffset, latencies.length)
    const upper = this.upper.fill(0)
    let sum = 0
    for (let at = 0; at < codes.length; at++) {
      const counts = pays[codes[at]!]!
      sum += latencies[at]! * counts
      upper[bits[at]! >>> HALF]! += counts
    }
    const sought = ranks.map((rank) => (rank > 0 ? digitOfRank(upper, rank) : undefined))
    const lower = new Map<number, Uint32Array>()
    for (const place of sought) {
      if (place === undefined || lower.has(place.digit)) continue
      const counts = this.countersOf(lower.size)
      lower.set(place.digit, counts)
      countLower(bits, codes, pays, place.digit, counts)
    }
    const word = new Uint32Array(1)
    const value = new Float32Array(word.buffer)
    const quantiles = sought.map((place) => {
      if (place === undefined) return 0
      word[0] = place.digit * HALVES + digitOfRank(lower.get(place.digit)!, place.rank).digit
      return value[0]!
    })
    return { sum, quantiles }
  }

  private countersOf(at: number): Uint32Array {
    this.lower[at] ??= new Uint32Array(HALVES)
    return this.lower[at].fill(0)
  }
}

/** The digit that the latency of a rank has, and the rank among those with that digit. */
function digitOfRank(counts: Uint32Array, rank: number): { digit: number; rank: number } {
  let left = rank
  let digit = 0
  for (; counts[digit]! < left; digit++) left -= counts[digit]!
  return { digit, rank: left }
}

/** Counts the lower halves of what is no hit and has a certain upper half. */
function countLower(
  bits: Uint32Array,
  codes: Outcomes['codes'],
  pays: Uint8Array,
  upper: number,
  counts: Uint32Array,
): void {
  for (let at = 0; at < codes.length; at++) {
    const word = bits[at]!
    if (word >>> HALF === upper) counts[word & (HALVES - 1)]! += pays[codes[at]!]!
  }
}
