import { InputError } from '../core/errors.ts'

/** Fields of a slot, 16 bytes: four slots a cache line. */
const SLOT_SHIFT = 2
const MARK = 0
const ENTRY = 1
const FIRST = 2
const SECOND = 3

/** Keys up to this many bytes stand in their slot as they are. */
const SHORT = 8
/** Keys up to this many bytes stand in their slot if they are all digits, four bits each. */
const DIGITS = 14
/** Stands where such a key has its length. */
const LONG = 15

const ZERO = 0x30

/** Keys looked up together, at most. */
const BATCH = 256
/** Long keys wait in memory of their own. */
const MAX_WAITING_BYTES = 1 << 20

/**
 * Keys to dense ids, in order of first appearance, without a string per row: an open-addressing hash table over bytes.
 * A slot holds 28 bits of the hash with the length, the id, and eight bytes for the key itself: up to eight characters,
 * or fourteen digits, so that most ids are compared exactly within one cache line. The bytes of all keys lie end to end
 * in an arena; of a longer key the slot says where, and all of them are compared. Two keys are the same only if every
 * byte is.
 *
 * Looking a key up is waiting for memory, so keys are taken in batches: `push` packs a key, `drain` first touches the
 * slots of all that wait, which the processor does side by side, and then looks each up.
 */
export class KeyInterner {
  /** Keys pushed and not drained. */
  waiting = 0

  /** Whether those that wait must be drained before another is pushed. */
  get isFull(): boolean {
    return this.waiting === BATCH || this.#starts[this.waiting]! > MAX_WAITING_BYTES
  }

  #slots = new Int32Array(4096 << SLOT_SHIFT)
  #arena: Buffer = Buffer.allocUnsafeSlow(1 << 16)
  /** [count + 1] where each key begins in the arena; the next one's beginning is its end. */
  #offsets = new Uint32Array(2048)
  #count = 0
  readonly #keepNames: boolean
  readonly #sampled: boolean
  /** Of 2^32: a key is kept if its second hash is below. */
  readonly #threshold: number

  /** [BATCH] of the keys that wait: hash, mark, and the two words that are compared. */
  readonly #hashes = new Int32Array(BATCH)
  readonly #marks = new Int32Array(BATCH)
  readonly #firsts = new Int32Array(BATCH)
  readonly #seconds = new Int32Array(BATCH)
  /** [BATCH + 1] where the bytes of each begin in `#bytes`. */
  readonly #starts = new Int32Array(BATCH + 1)
  #bytes: Buffer = Buffer.allocUnsafeSlow(1 << 13)
  /** Kept so that touching slots has a result and is not optimised away. */
  protected touched = 0

  /**
   * @param options.names keep the keys' bytes, so that they have names; otherwise those longer than 8 bytes and 14
   *   digits are told apart by 92 bits of hash. Default true.
   * @param options.sample share of the keys to keep, above 0 up to 1
   */
  constructor({ names = true, sample = 1 }: { readonly names?: boolean; readonly sample?: number } = {}) {
    this.#keepNames = names
    this.#sampled = sample < 1
    this.#threshold = sample * 2 ** 32
  }

  /** Distinct keys so far, those that wait not counted. */
  get count(): number {
    return this.#count
  }

  /** The id of the key in `bytes[start, end)`. None must be waiting. */
  intern(bytes: Buffer, start: number, end: number): number {
    this.push(bytes, start, end)
    this.drain(ONE, 0)
    return ONE[0]!
  }

  /**
   * Takes the key in `bytes[start, end)`, to be looked up by `drain`, which must follow once `isFull`.
   * @returns whether the key is in the sample; if not, nothing waits for it
   */
  push(bytes: Buffer, start: number, end: number): boolean {
    const length = end - start
    if (length > DIGITS) return this.#pushLong(bytes, start, end)
    let first = 0
    let second = 0
    if (length <= SHORT) {
      const middle = length > 4 ? start + 4 : end
      for (let position = start; position < middle; position++) first = (first << 8) | bytes[position]!
      for (let position = middle; position < end; position++) second = (second << 8) | bytes[position]!
    } else {
      const middle = start + 8
      for (let position = start; position < end; position++) {
        const digit = bytes[position]! - ZERO
        if (digit >>> 0 > 9) return this.#pushLong(bytes, start, end)
        if (position < middle) first = (first << 4) | digit
        else second = (second << 4) | digit
      }
    }
    return this.#pushWords(first, second, length)
  }

  /** The same for a key of eight bytes, given as two words of 32 bits, the more significant first. */
  pushId(high: number, low: number): boolean {
    return this.#pushWords(high | 0, low | 0, SHORT)
  }

  #pushWords(first: number, second: number, length: number): boolean {
    if (this.#sampled && mix(second ^ 0x6a09e667, first ^ 0x3c6ef372, length) >>> 0 >= this.#threshold)
      return false
    const hash = mix(first, second, length)
    const at = this.waiting++
    this.#hashes[at] = hash
    this.#marks[at] = (hash & 0x0fff_ffff) | (length << 28)
    this.#firsts[at] = first
    this.#seconds[at] = second
    this.#starts[at + 1] = this.#starts[at]!
    return true
  }

  #pushLong(bytes: Buffer, start: number, end: number): boolean {
    const hash = hashBytes(bytes, start, end, 0)
    let first = 0
    let second = end - start
    if (this.#sampled || !this.#keepNames) {
      first = hashBytes(bytes, start, end, 0x3c6ef372)
      if (this.#sampled && first >>> 0 >= this.#threshold) return false
      if (!this.#keepNames) second = hashBytes(bytes, start, end, 0x5be0cd19)
    }
    const at = this.waiting++
    this.#hashes[at] = hash
    this.#marks[at] = (hash & 0x0fff_ffff) | (LONG << 28)
    this.#firsts[at] = first
    this.#seconds[at] = second
    let to = this.#starts[at]!
    if (this.#keepNames) {
      if (to + end - start > this.#bytes.length) this.#growBytes(to + end - start)
      const held = this.#bytes
      // A loop, since keys are short and a view of the bytes would cost more than copying them.
      for (let position = start; position < end; position++) held[to++] = bytes[position]!
    }
    this.#starts[at + 1] = to
    return true
  }

  /** Writes the ids of all keys that wait to `ids[at …]`, in order; then none waits. */
  drain(ids: Uint32Array, at: number): void {
    const hashes = this.#hashes
    const { waiting } = this
    let slots = this.#slots
    let mask = slots.length - 1
    let touched = 0
    for (let i = 0; i < waiting; i++) touched ^= slots[(hashes[i]! << SLOT_SHIFT) & mask]!
    this.touched = touched
    for (let i = 0; i < waiting; i++) {
      const mark = this.#marks[i]!
      const first = this.#firsts[i]!
      const second = this.#seconds[i]!
      const isLong = mark >>> 28 === LONG && this.#keepNames
      let slot = (hashes[i]! << SLOT_SHIFT) & mask
      let entry = slots[slot + ENTRY]!
      while (
        entry !== 0 &&
        !(
          slots[slot + MARK] === mark &&
          slots[slot + SECOND] === second &&
          (isLong ? this.#isStored(slots[slot + FIRST]!, i) : slots[slot + FIRST] === first)
        )
      ) {
        slot = (slot + (1 << SLOT_SHIFT)) & mask
        entry = slots[slot + ENTRY]!
      }
      if (entry !== 0) {
        ids[at + i] = entry - 1
        continue
      }
      slots[slot + MARK] = mark
      slots[slot + ENTRY] = this.#count + 1
      slots[slot + FIRST] = isLong ? this.#offsets[this.#count]! : first
      slots[slot + SECOND] = second
      ids[at + i] = this.#count
      if (this.#keepNames) this.#keep(i)
      this.#count++
      // At most half full, so that probes stay short.
      if (2 * this.#count > slots.length >>> SLOT_SHIFT) {
        this.#growSlots()
        slots = this.#slots
        mask = slots.length - 1
      }
    }
    this.waiting = 0
  }

  /** The bytes of a key, by id. Holds the arena; the interner must not be used afterwards. */
  bytesOfKeys(): (key: number) => Buffer {
    const used = this.#offsets[this.#count]!
    const arena = this.#arena.subarray(0, used)
    const offsets = this.#offsets.slice(0, this.#count + 1)
    return (key) => {
      const [start, end] = [offsets[key], offsets[key + 1]]
      if (start === undefined || end === undefined) throw new RangeError(`there is no key ${key}`)
      return arena.subarray(start, end)
    }
  }

  /** Is the waiting key `at` what stands in the arena from `stored` on? Both have the same length. */
  #isStored(stored: number, at: number): boolean {
    const arena = this.#arena
    const bytes = this.#bytes
    let position = this.#starts[at]!
    const end = this.#starts[at + 1]!
    let other = stored >>> 0
    while (position < end && bytes[position] === arena[other]) {
      position++
      other++
    }
    return position === end
  }

  /** Puts the bytes of a new key, which waits at `at`, into the arena. */
  #keep(at: number): void {
    const id = this.#count
    const from = this.#offsets[id]!
    const length = this.#marks[at]! >>> 28
    const start = this.#starts[at]!
    const to = from + (length === LONG ? this.#starts[at + 1]! - start : length)
    if (to > this.#arena.length) this.#growArena(to)
    const arena = this.#arena
    if (length === LONG) {
      const bytes = this.#bytes
      for (let stored = from, position = start; stored < to; stored++, position++)
        arena[stored] = bytes[position]!
    } else {
      unpack(arena, from, length, this.#firsts[at]!, this.#seconds[at]!)
    }
    if (id + 1 === this.#offsets.length) {
      const offsets = new Uint32Array(2 * this.#offsets.length)
      offsets.set(this.#offsets)
      this.#offsets = offsets
    }
    this.#offsets[id + 1] = to
  }

  #growBytes(atLeast: number): void {
    const bytes = Buffer.allocUnsafeSlow(Math.max(2 * this.#bytes.length, atLeast))
    bytes.set(this.#bytes)
    this.#bytes = bytes
  }

  #growArena(atLeast: number): void {
    const limit = 0xffff_ffff
    if (atLeast > limit) throw new InputError('the distinct keys take more than 4 GiB: too many to hold')
    const arena = Buffer.allocUnsafeSlow(Math.min(limit, Math.max(2 * this.#arena.length, atLeast)))
    arena.set(this.#arena)
    this.#arena = arena
  }

  #growSlots(): void {
    const old = this.#slots
    const slots = new Int32Array(2 * old.length)
    const mask = slots.length - 1
    for (let from = 0; from < old.length; from += 1 << SLOT_SHIFT) {
      const entry = old[from + ENTRY]!
      if (entry === 0) continue
      // 28 bits of the hash are in the mark; a table of more than 2^28 slots would be 4 GiB.
      let slot = (old[from + MARK]! << SLOT_SHIFT) & mask
      while (slots[slot + ENTRY] !== 0) slot = (slot + (1 << SLOT_SHIFT)) & mask
      for (let field = 0; field < 1 << SLOT_SHIFT; field++) slots[slot + field] = old[from + field]!
    }
    this.#slots = slots
  }
}

const ONE = new Uint32Array(1)

/** Writes a short key back as the bytes that `push` packed. */
function unpack(to: Buffer, at: number, length: number, first: number, second: number): void {
  const bits = length > SHORT ? 4 : 8
  const inFirst = length > SHORT ? 8 : Math.min(length, 4)
  const base = length > SHORT ? ZERO : 0
  const mask = (1 << bits) - 1
  for (let i = 0; i < inFirst; i++) to[at + i] = base + ((first >>> (bits * (inFirst - 1 - i))) & mask)
  for (let i = inFirst; i < length; i++) to[at + i] = base + ((second >>> (bits * (length - 1 - i))) & mask)
}

/** The hash of up to eight bytes. */
function mix(first: number, second: number, length: number): number {
  let hash = Math.imul(first, 0xcc9e2d51) ^ Math.imul((second << 15) | (second >>> 17), 0x1b873593) ^ length
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return hash ^ (hash >>> 16)
}

/** Four bytes a multiplication, then the finishing mix of MurmurHash3 (Austin Appleby), which spreads to all bits. */
function hashBytes(bytes: Buffer, start: number, end: number, seed: number): number {
  let hash = (end - start) ^ seed
  let position = start
  for (const last = end - 3; position < last; position += 4) {
    const word =
      bytes[position]! |
      (bytes[position + 1]! << 8) |
      (bytes[position + 2]! << 16) |
      (bytes[position + 3]! << 24)
    hash = Math.imul(((hash << 13) | (hash >>> 19)) ^ Math.imul(word, 0xcc9e2d51), 0x1b873593)
  }
  for (; position < end; position++) hash = Math.imul(hash ^ bytes[position]!, 0x01000193)
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return hash ^ (hash >>> 16)
}
