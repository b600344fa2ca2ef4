/**
 * Numbers pairs of 32-bit integers 0, 1, 2 … in order of first appearance: a hash table with linear probing, for more
 * pairs than a `Map` takes. It is as large as it may ever need to be, so that no request waits for it to grow; the system
 * gives memory only to what of it is used.
 */
export class PairInterner {
  size = 0
  readonly #first: Uint32Array
  readonly #second: Uint32Array
  /** The number of a pair plus 1; 0 where there is none. */
  readonly #table: Uint32Array

  /** @param most how many different pairs may come */
  constructor(most: number) {
    this.#first = new Uint32Array(most)
    this.#second = new Uint32Array(most)
    this.#table = new Uint32Array(2 ** Math.ceil(Math.log2(2 * most + 1)))
  }

  /** The number of a pair. */
  intern(first: number, second: number): number {
    const table = this.#table
    const mask = table.length - 1
    let hash = Math.imul(first, 0x9e37_79b1) ^ Math.imul(second, 0x85eb_ca6b)
    hash = Math.imul(hash ^ (hash >>> 15), 0xc2b2_ae35)
    let place = (hash ^ (hash >>> 13)) & mask
    for (; table[place]! > 0; place = (place + 1) & mask) {
      const id = table[place]! - 1
      if (this.#first[id] === first && this.#second[id] === second) return id
    }
    this.#first[this.size] = first
    this.#second[this.size] = second
    table[place] = ++this.size
    return this.size - 1
  }
}
