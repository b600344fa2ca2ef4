import { put, rehash, spread } from './bloom-blocks.ts'
import type { Memory } from './memory.ts'

// A block is a cache line: 16 words of 32 bits.
const BLOCK_SHIFT = 4
const BITS_PER_KEY = 8

/**
 * A set of dense ids that now and then takes one for a member that is none, and never the other way round (Bloom:
 * Space/time trade-offs in hash coding with allowable errors, 1970). All four bits of a key lie in one block of 64 bytes.
 * Full of the keys it is made for, with 8 bits each or more, it errs for one in thirty. It cannot grow: copies of its
 * bits would take ever more for members.
 */
export class BloomFilter {
  private readonly words: Uint32Array
  private readonly blockMask: number

  /** @param keys the most that it is to hold, 1 or more */
  constructor(memory: Memory, keys: number) {
    const words = wordsFor(keys)
    this.words = memory.uint32(words)
    this.blockMask = (words >>> BLOCK_SHIFT) - 1
  }

  /** Makes a key a member; false where it was one already, as far as the filter can tell. */
  add(key: number): boolean {
    const hash = spread(key)
    return put(this.words, (hash & this.blockMask) << BLOCK_SHIFT, rehash(~hash))
  }

  clear(): void {
    this.words.fill(0)
  }
}

/** A power of two of at least a block. */
function wordsFor(keys: number): number {
  return 2 ** Math.max(BLOCK_SHIFT, Math.ceil(Math.log2((keys * BITS_PER_KEY) / 32)))
}
