import type { Memory } from './memory.ts'

/**
 * A set of integers below a limit that finds its largest at once: bit maps over bit maps, 32 to 1, as in a van Emde
 * Boas tree of word size. Most changes touch the lowest map alone; none touches more than one word a level (five levels
 * for 33 million). 1/31 word an integer.
 */
export class IntegerSet {
  /** A bit for each integer. */
  private readonly members: Uint32Array
  /** Above it, from low to high: a bit for each word below that is not 0. */
  private readonly summaries: Uint32Array[] = []

  /** @param limit integers lie in 0 … limit − 1 */
  constructor(memory: Memory, limit: number) {
    let words = wordsFor(limit)
    this.members = memory.uint32(words)
    while (words > 1) {
      words = wordsFor(words)
      this.summaries.push(memory.uint32(words))
    }
  }

  add(value: number): void {
    const { members } = this
    const word = value >>> 5
    const before = members[word]!
    members[word] = before | (1 << (value & 31))
    if (before === 0) this.noteFilled(word)
  }

  delete(value: number): void {
    const { members } = this
    const word = value >>> 5
    const after = members[word]! & ~(1 << (value & 31))
    members[word] = after
    if (after === 0) this.noteEmptied(word)
  }

  /** The largest member. The set must not be empty. */
  max(): number {
    let index = 0
    for (let level = this.summaries.length - 1; level >= 0; level--) {
      index = (index << 5) | (31 - Math.clz32(this.summaries[level]![index]!))
    }
    return ((index << 5) | (31 - Math.clz32(this.members[index]!))) >>> 0
  }

  private noteFilled(word: number): void {
    let index = word
    for (let level = 0; level < this.summaries.length; level++) {
      const words = this.summaries[level]!
      const before = words[index >>> 5]!
      words[index >>> 5] = before | (1 << (index & 31))
      if (before !== 0) return
      index >>>= 5
    }
  }

  private noteEmptied(word: number): void {
    let index = word
    for (let level = 0; level < this.summaries.length; level++) {
      const words = this.summaries[level]!
      const after = words[index >>> 5]! & ~(1 << (index & 31))
      words[index >>> 5] = after
      if (after !== 0) return
      index >>>= 5
    }
  }
}

function wordsFor(bits: number): number {
  return Math.max(1, Math.ceil(bits / 32))
}
