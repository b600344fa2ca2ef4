import { inSteps, type Steps, uncounted } from './steps.ts'

/** Words of 32 slots in a block. */
const BLOCK_WORDS = 8
const BLOCK_SLOTS = 32 * BLOCK_WORDS
const BLOCK_SHIFT = 8

/**
 * The order in which keys were last used: a row of slots, one bit each, set where a key's last use stands. Bits are
 * counted word by word within a block and by a Fenwick tree over the blocks (Bennett and Kruskal 1975 used a tree of
 * single counts): the tree then stays small enough for the fastest cache. When the row is full the set bits are moved
 * together, in order, so its length goes with the distinct keys, not with the requests.
 */
export class LastUses {
  /** [key] the slot of its last use, −1 before the first. */
  readonly slotOf: Int32Array
  readonly #capacity: number
  readonly #keyAt: Uint32Array
  readonly #words: Int32Array
  readonly #tree: Int32Array
  #used = 0
  #live = 0
  /** Last uses in the newest block, which is counted in the tree only when it is full. */
  #newest = 0

  constructor(keyCount: number, requests: number) {
    // Twice the keys: there are at least as many requests between two compactions as there are keys to move. A longer row
    // would save a tenth of the time and take 4 bytes more for each slot.
    const blocks = Math.max(1, Math.ceil(Math.min(2 * keyCount, requests) / BLOCK_SLOTS))
    this.#capacity = blocks * BLOCK_SLOTS
    this.slotOf = new Int32Array(keyCount).fill(-1)
    this.#keyAt = new Uint32Array(this.#capacity)
    this.#words = new Int32Array(blocks * BLOCK_WORDS)
    this.#tree = new Int32Array(blocks + 1)
  }

  get isFull(): boolean {
    return this.room === 0
  }

  /** Keys that have been used. */
  get live(): number {
    return this.#live
  }

  /** Uses that can be appended before the row is full. */
  get room(): number {
    return this.#capacity - this.#used
  }

  /** Puts a key's last use at the end of the row. It must have none in it. */
  append(key: number): void {
    const slot = this.#used++
    this.slotOf[key] = slot
    this.#keyAt[slot] = key
    this.#words[slot >>> 5]! |= 1 << (slot & 31)
    this.#live++
    this.#newest++
    if ((this.#used & (BLOCK_SLOTS - 1)) === 0) this.#closeBlock()
  }

  /** Removes a key's last use and returns how many stand after it. */
  takeOut(key: number): number {
    const slot = this.slotOf[key]!
    const words = this.#words
    const tree = this.#tree
    const word = slot >>> 5
    const block = slot >>> BLOCK_SHIFT
    // Those up to and with the slot itself: in its word, in its block before it, in the blocks before that.
    let upTo = popCount(words[word]! & (-1 >>> (31 - (slot & 31))))
    for (let w = block * BLOCK_WORDS; w < word; w++) upTo += popCount(words[w]!)
    words[word]! &= ~(1 << (slot & 31))
    this.#live--
    if (block === this.#used >>> BLOCK_SHIFT) return this.#newest-- - upTo
    const after = this.#live + 1 - upTo - this.#before(block)
    for (let node = block + 1; node < tree.length; node += node & -node) tree[node]!--
    return after
  }

  /** Moves all last uses to the front of the row, in order. */
  *compact(): Steps<void> {
    let live = 0
    yield* uncounted(
      inSteps(this.#used, (from, to) => {
        live = this.#moveToFront(from, to, live)
      }),
    )
    this.#words.fill(0)
    this.#tree.fill(0)
    this.#used = 0
    this.#live = 0
    this.#newest = 0
    yield* uncounted(
      inSteps(live, (from, to) => {
        for (let slot = from; slot < to; slot++) this.append(this.#keyAt[slot]!)
      }),
    )
  }

  /** Moves the keys whose last use lies in the slots `from` … `to` behind the first `live`. @returns how many there are then */
  #moveToFront(from: number, to: number, live: number): number {
    const { slotOf } = this
    const keyAt = this.#keyAt
    let end = live
    for (let slot = from; slot < to; slot++) {
      const key = keyAt[slot]!
      if (slotOf[key] === slot) keyAt[end++] = key
    }
    return end
  }

  /** Last uses in the blocks before one. */
  #before(block: number): number {
    let sum = 0
    for (let node = block; node > 0; node &= node - 1) sum += this.#tree[node]!
    return sum
  }

  /** The newest block is full: its count goes into the tree. */
  #closeBlock(): void {
    const tree = this.#tree
    for (let node = this.#used >>> BLOCK_SHIFT; node < tree.length; node += node & -node) {
      tree[node]! += this.#newest
    }
    this.#newest = 0
  }
}

function popCount(word: number): number {
  let bits = word - ((word >>> 1) & 0x5555_5555)
  bits = (bits & 0x3333_3333) + ((bits >>> 2) & 0x3333_3333)
  return Math.imul((bits + (bits >>> 4)) & 0x0f0f_0f0f, 0x0101_0101) >>> 24
}
