import { holds, put, rehash, spread } from './bloom-blocks.ts'
import type { Memory } from './memory.ts'

// A block is a cache line: 16 words of 32 bits.
const BLOCK_SHIFT = 4
/** Requests between two halvings, as a multiple of the entries it is made for. */
const SAMPLE_FACTOR = 10
const MOST = 15

/**
 * How often each of many keys was asked for lately, about: a count-min sketch of four rows of 4-bit counters, of which
 * the least is the estimate. It ages: once ten requests for every entry of the cache have been counted, all counters are
 * halved, and so is the count of requests (Einziger, Friedman, Manes: TinyLFU: a highly efficient cache admission
 * policy, 2017, section 3). The four counters of a key lie in one block of 64 bytes, each in a quarter of its own, as in
 * Caffeine: 16 counters an entry, so 8 bytes.
 *
 * With a doorkeeper, a key's first request goes to a Bloom filter of 8 bytes an entry instead, which is emptied when the
 * counters are halved: keys asked for once then take no counter. An estimate is never less than what was counted since,
 * up to 15, nor does growing change it.
 */
export class FrequencySketch {
  private readonly memory: Memory
  private counters: Uint32Array
  private doorkeeper: Uint32Array | undefined
  /** Requests that are counted before all counters are halved. */
  sampleSize: number
  private entries: number
  private blockMask: number
  private additions = 0

  /**
   * @param entries the most the cache holds, 1 or more
   * @param doorkeeper whether the first request of a key is kept in a Bloom filter
   */
  constructor(memory: Memory, entries: number, doorkeeper: boolean) {
    this.memory = memory
    const words = wordsFor(entries)
    this.entries = entries
    this.sampleSize = SAMPLE_FACTOR * entries
    this.counters = memory.uint32(words)
    this.doorkeeper = doorkeeper ? memory.uint32(words) : undefined
    this.blockMask = (words >>> BLOCK_SHIFT) - 1
  }

  /** Makes it large enough for a cache that turns out to hold more. Estimates stay what they are. */
  ensureEntries(entries: number): void {
    if (entries <= this.entries) return
    this.entries = entries
    this.sampleSize = SAMPLE_FACTOR * entries
    while (this.counters.length < wordsFor(entries)) {
      // A key's block is told by the low bits of its hash: one more bit, and it is this copy or that.
      this.counters = this.twice(this.counters)
      if (this.doorkeeper !== undefined) this.doorkeeper = this.twice(this.doorkeeper)
    }
    this.blockMask = (this.counters.length >>> BLOCK_SHIFT) - 1
  }

  private twice(words: Uint32Array): Uint32Array {
    const copy = this.memory.uint32(2 * words.length)
    copy.set(words)
    copy.set(words, words.length)
    return copy
  }

  /** Counts a request. */
  add(key: number): void {
    const { doorkeeper } = this
    const hash = spread(key)
    const block = (hash & this.blockMask) << BLOCK_SHIFT
    if (doorkeeper === undefined || !put(doorkeeper, block, rehash(~hash))) {
      const { counters } = this
      const rows = rehash(hash)
      increment(counters, block, rows)
      increment(counters, block + 4, rows >>> 8)
      increment(counters, block + 8, rows >>> 16)
      increment(counters, block + 12, rows >>> 24)
    }
    if (++this.additions >= this.sampleSize) this.age()
  }

  /** Requests of the key that were counted lately: 0 … 15, and one more with a doorkeeper. */
  estimate(key: number): number {
    const hash = spread(key)
    const least = this.least(hash)
    return this.isKnown(hash) ? least + 1 : least
  }

  /** Whether the first key was asked for more often than the second, as far as estimates tell. */
  prefers(first: number, second: number): boolean {
    const firstHash = spread(first)
    const secondHash = spread(second)
    const lead = this.least(firstHash) - this.least(secondHash)
    // Most of the time the doorkeeper need not be asked: it adds one at most.
    if (lead < 0 || this.doorkeeper === undefined) return lead > 0
    if (lead > 1) return true
    const firstKnown = this.isKnown(firstHash)
    const secondKnown = this.isKnown(secondHash)
    return lead === 0 ? firstKnown && !secondKnown : firstKnown || !secondKnown
  }

  /** What the counters say. */
  private least(hash: number): number {
    const { counters } = this
    const block = (hash & this.blockMask) << BLOCK_SHIFT
    const rows = rehash(hash)
    return Math.min(
      counterOf(counters, block, rows),
      counterOf(counters, block + 4, rows >>> 8),
      counterOf(counters, block + 8, rows >>> 16),
      counterOf(counters, block + 12, rows >>> 24),
    )
  }

  /** Whether the doorkeeper has it. */
  private isKnown(hash: number): boolean {
    const { doorkeeper } = this
    return (
      doorkeeper !== undefined && holds(doorkeeper, (hash & this.blockMask) << BLOCK_SHIFT, rehash(~hash))
    )
  }

  private age(): void {
    const { counters } = this
    for (let word = 0; word < counters.length; word++) {
      counters[word] = (counters[word]! >>> 1) & 0x7777_7777
    }
    this.doorkeeper?.fill(0)
    this.additions >>>= 1
  }
}

/** Words of 8 counters for 16 counters an entry, as a power of two of at least a block. */
function wordsFor(entries: number): number {
  return 2 ** Math.max(BLOCK_SHIFT, Math.ceil(Math.log2(2 * entries)))
}

// Five bits choose one of the 32 counters of a row, four words from `from` on.

function counterOf(counters: Uint32Array, from: number, bits: number): number {
  return (counters[from + (bits & 3)]! >>> (bits & 0x1c)) & MOST
}

/** Up to MOST; without a branch, which would often be told wrong. */
function increment(counters: Uint32Array, from: number, bits: number): void {
  const word = from + (bits & 3)
  const shift = bits & 0x1c
  const before = counters[word]!
  const isFull = (((before >>> shift) & MOST) + 1) >>> 4
  counters[word] = before + ((isFull ^ 1) << shift)
}
