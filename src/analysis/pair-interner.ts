const EMPTY = 0xffff_ffff

/**
 * Numbers pairs of 32-bit integers 0, 1, 2 … in order of first appearance: a hash table with linear probing, for more
 * pairs than a `Map` takes.
 */
export class PairInterner {
  size = 0
  #first = new Uint32Array(1024)
  #second = new Uint32Array(1024)
  #table = new Uint32Array(2048).fill(EMPTY)

  /** The number of a pair. */
  intern(first: number, second: number): number {
    if (this.size === this.#first.length) this.#grow()
    const place = this.#find(first, second)
    if (this.#table[place] === EMPTY) {
      this.#first[this.size] = first
      this.#second[this.size] = second
      this.#table[place] = this.size++
    }
    return this.#table[place]!
  }

  /** Where a pair stands in the table, or would. */
  #find(first: number, second: number): number {
    const mask = this.#table.length - 1
    let hash = Math.imul(first, 0x9e37_79b1) ^ Math.imul(second, 0x85eb_ca6b)
    hash = Math.imul(hash ^ (hash >>> 15), 0xc2b2_ae35)
    let place = (hash ^ (hash >>> 13)) & mask
    for (;;) {
      const id = this.#table[place]!
      if (id === EMPTY || (this.#first[id] === first && this.#second[id] === second)) return place
      place = (place + 1) & mask
    }
  }

  #grow(): void {
    const longer = (old: Uint32Array) => {
      const values = new Uint32Array(2 * old.length)
      values.set(old)
      return values
    }
    this.#first = longer(this.#first)
    this.#second = longer(this.#second)
    this.#table = new Uint32Array(2 * this.#table.length).fill(EMPTY)
    for (let id = 0; id < this.size; id++) this.#table[this.#find(this.#first[id]!, this.#second[id]!)] = id
  }
}
