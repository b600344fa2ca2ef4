import { IntegerSet } from '../core/integer-set.ts'
import { freshMemory } from '../core/memory.ts'
import { inSteps, type Steps, uncounted } from './steps.ts'

/** Slots in a block: two lines of the processor's cache. */
const BLOCK_SLOTS = 32
const BLOCK_SHIFT = 5
/** In place of a key: the slot holds room that a deletion left. */
const HOLE = 0xffff_ffff

/**
 * An LRU stack whose entries have weights, such as bytes, and may be deleted. It stands for the caches of all sizes at
 * once: one of size C holds the keys that end within the top C of it.
 *
 * A deleted entry leaves a hole of its weight: caches that held it now have that much room, smaller ones do not. What is
 * put on top fills the nearest holes first, and only what lies above them moves down. A key that comes back to the top
 * leaves its old place, so as much of that becomes a hole as was filled on the way; what lies below never notices. Holes
 * with no key between them are one.
 *
 * The stack lies in a row of slots, newest last, whose weights are summed within a block and by a Fenwick tree over the
 * blocks. When the row is full it is moved together, so its length goes with the keys, not with the requests.
 */
export class WeightedStack {
  /** [key] its slot, −1 where it is not in the stack. */
  readonly #slotOf: Int32Array
  readonly #keyAt: Uint32Array
  readonly #weights: Uint32Array
  /** Weights of whole blocks, as a Fenwick tree; the newest block is counted in it only when it is full. */
  readonly #tree: Float64Array
  readonly #holes: IntegerSet
  #holeCount = 0
  #used = 0
  #total = 0
  #newest = 0

  /** @param requests the most there will be: no longer row is needed */
  constructor(keyCount: number, requests: number) {
    // Between keys there are at most as many holes; the requests between two compactions are at least twice the keys.
    const slots = Math.min(4 * keyCount + BLOCK_SLOTS, requests)
    const blocks = Math.max(1, Math.ceil(slots / BLOCK_SLOTS))
    this.#slotOf = new Int32Array(keyCount).fill(-1)
    this.#keyAt = new Uint32Array(blocks * BLOCK_SLOTS)
    this.#weights = new Uint32Array(blocks * BLOCK_SLOTS)
    this.#tree = new Float64Array(blocks + 1)
    this.#holes = new IntegerSet(freshMemory, blocks * BLOCK_SLOTS)
  }

  /** Requests that can come before the row is full. */
  get room(): number {
    return this.#keyAt.length - this.#used
  }

  /**
   * A key is used: it goes to the top, and comes in where it is not there. There must be room.
   * @param weight of the key, the same each time
   * @returns the size of the smallest cache that has it; Infinity where none has
   */
  use(key: number, weight: number): number {
    const slot = this.#slotOf[key]!
    let end = Infinity
    if (slot < 0) {
      if (this.#holeCount > 0) this.#fill(weight, -1)
    } else {
      end = this.#total - this.#before(slot)
      const filled = this.#holeCount > 0 ? this.#fill(weight, slot) : 0
      this.#change(slot, filled - weight)
      if (filled > 0) this.#makeHole(slot)
    }
    this.#push(key, weight)
    return end
  }

  /**
   * A key leaves the caches of all sizes.
   * @returns the size of the smallest cache that had it; Infinity where none had
   */
  remove(key: number): number {
    const slot = this.#slotOf[key]!
    if (slot < 0) return Infinity
    const end = this.#total - this.#before(slot)
    this.#slotOf[key] = -1
    if (this.#weights[slot]! > 0) this.#makeHole(slot)
    return end
  }

  /** Tells, for each key that some cache has, the size of the smallest that does. */
  *standing(see: (size: number) => void): Steps<void> {
    let below = 0
    yield* uncounted(
      inSteps(this.#used, (from, to) => {
        for (let slot = from; slot < to; slot++) {
          const key = this.#keyAt[slot]!
          if (key !== HOLE && this.#slotOf[key] === slot) see(this.#total - below)
          below += this.#weights[slot]!
        }
      }),
    )
  }

  /** Moves the stack together. */
  *compact(): Steps<void> {
    const keyAt = this.#keyAt
    const weights = this.#weights
    let end = 0
    yield* uncounted(
      inSteps(this.#used, (from, to) => {
        end = this.#moveTogether(from, to, end)
      }),
    )
    for (; this.#holeCount > 0; this.#holeCount--) this.#holes.delete(this.#holes.max())
    this.#tree.fill(0)
    this.#used = 0
    this.#total = 0
    this.#newest = 0
    yield* uncounted(
      inSteps(end, (from, to) => {
        for (let slot = from; slot < to; slot++) {
          this.#push(keyAt[slot]!, weights[slot]!)
          if (keyAt[slot] === HOLE) this.#makeHole(slot)
        }
      }),
    )
  }

  /** Moves the slots from … to − 1 to `end`, without what is empty. @returns the new end */
  #moveTogether(from: number, to: number, end: number): number {
    const keyAt = this.#keyAt
    const weights = this.#weights
    for (let slot = from; slot < to; slot++) {
      const key = keyAt[slot]!
      const weight = weights[slot]!
      if (key === HOLE) {
        // What lies below all keys makes room for none.
        if (weight === 0 || end === 0) continue
        // One more below another: the same as a larger one, as far as a slot can say.
        if (end > 0 && keyAt[end - 1] === HOLE && weights[end - 1]! + weight <= 0xffff_ffff) {
          weights[end - 1]! += weight
          continue
        }
      } else if (this.#slotOf[key] !== slot) continue
      keyAt[end] = key
      weights[end++] = weight
    }
    return end
  }

  /** Puts a key, or a hole, on top. */
  #push(key: number, weight: number): void {
    const slot = this.#used++
    this.#keyAt[slot] = key
    this.#weights[slot] = weight
    if (key !== HOLE) this.#slotOf[key] = slot
    this.#total += weight
    this.#newest += weight
    if ((this.#used & (BLOCK_SLOTS - 1)) !== 0) return
    const tree = this.#tree
    for (let node = this.#used >>> BLOCK_SHIFT; node < tree.length; node += node & -node)
      tree[node]! += this.#newest
    this.#newest = 0
  }

  #makeHole(slot: number): void {
    this.#keyAt[slot] = HOLE
    this.#holes.add(slot)
    this.#holeCount++
  }

  /** Fills the newest holes after a slot with `weight`, as far as there are any. @returns the weight that was filled */
  #fill(weight: number, after: number): number {
    let left = weight
    while (left > 0 && this.#holeCount > 0) {
      const hole = this.#holes.max()
      if (hole < after) break
      const filled = Math.min(left, this.#weights[hole]!)
      this.#change(hole, -filled)
      left -= filled
      if (this.#weights[hole] === 0) {
        this.#holes.delete(hole)
        this.#holeCount--
      }
    }
    return weight - left
  }

  /** Adds to the weight of a slot. */
  #change(slot: number, by: number): void {
    this.#weights[slot]! += by
    this.#total += by
    const block = slot >>> BLOCK_SHIFT
    if (block === this.#used >>> BLOCK_SHIFT) {
      this.#newest += by
      return
    }
    const tree = this.#tree
    for (let node = block + 1; node < tree.length; node += node & -node) tree[node]! += by
  }

  /** Weights of the slots before one. */
  #before(slot: number): number {
    const weights = this.#weights
    const tree = this.#tree
    const block = slot >>> BLOCK_SHIFT
    let sum = 0
    for (let at = block << BLOCK_SHIFT; at < slot; at++) sum += weights[at]!
    for (let node = block; node > 0; node &= node - 1) sum += tree[node]!
    return sum
  }
}
