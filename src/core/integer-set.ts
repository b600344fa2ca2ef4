/**
 * A set of integers below a limit that finds its largest at once: bit maps over bit maps, 32 to 1, as in a van Emde
 * Boas tree of word size. Every operation touches one word a level (five levels for 33 million), 1/31 word an integer.
 */
export class IntegerSet {
  private readonly levels: Uint32Array[] = []

  /** @param limit integers lie in 0 … limit − 1 */
  constructor(limit: number) {
    let words = limit
    do {
      words = Math.max(1, (words + 31) >>> 5)
      this.levels.push(new Uint32Array(words))
    } while (words > 1)
  }

  add(value: number): void {
    let index = value
    for (const words of this.levels) {
      const before = words[index >>> 5]!
      words[index >>> 5] = before | (1 << (index & 31))
      if (before !== 0) return
      index >>>= 5
    }
  }

  delete(value: number): void {
    let index = value
    for (const words of this.levels) {
      const after = words[index >>> 5]! & ~(1 << (index & 31))
      words[index >>> 5] = after
      if (after !== 0) return
      index >>>= 5
    }
  }

  /** The largest member. The set must not be empty. */
  max(): number {
    let index = 0
    for (let level = this.levels.length - 1; level >= 0; level--) {
      index = (index << 5) | (31 - Math.clz32(this.levels[level]![index]!))
    }
    return index >>> 0
  }
}
