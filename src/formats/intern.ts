import { InputError } from '../core/errors.ts'
import type { KeyNames } from '../core/trace.ts'
import { decodeText } from './text.ts'

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

/**
 * Keys to dense ids, in order of first appearance, without a string per row: an open-addressing hash table over bytes.
 * A slot holds 28 bits of the hash with the length, the id, and eight bytes for the key itself: up to eight characters,
 * or fourteen digits, so that most ids are compared exactly within one cache line. The bytes of all keys lie end to end
 * in an arena; of a longer key the slot says where, and all of them are compared. Two keys are the same only if every
 * byte is.
 */
export class KeyInterner {
  #slots = new Int32Array(4096 << SLOT_SHIFT)
  #arena: Buffer = Buffer.allocUnsafeSlow(1 << 16)
  /** [count + 1] where each key begins in the arena; the next one's beginning is its end. */
  #offsets = new Uint32Array(2048)
  #count = 0

  /** Distinct keys so far. */
  get count(): number {
    return this.#count
  }

  /** The id of the key in `bytes[start, end)`. */
  intern(bytes: Buffer, start: number, end: number): number {
    const length = end - start
    if (length > DIGITS) return this.#internLong(bytes, start, end)
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
        if (digit >>> 0 > 9) return this.#internLong(bytes, start, end)
        if (position < middle) first = (first << 4) | digit
        else second = (second << 4) | digit
      }
    }
    const hash = mix(first, second, length)
    const mark = (hash & 0x0fff_ffff) | (length << 28)
    const slots = this.#slots
    const mask = slots.length - 1
    let slot = (hash << SLOT_SHIFT) & mask
    for (;;) {
      const entry = slots[slot + ENTRY]!
      if (entry === 0) break
      if (slots[slot + MARK] === mark && slots[slot + FIRST] === first && slots[slot + SECOND] === second) {
        return entry - 1
      }
      slot = (slot + (1 << SLOT_SHIFT)) & mask
    }
    slots[slot + MARK] = mark
    slots[slot + ENTRY] = this.#count + 1
    slots[slot + FIRST] = first
    slots[slot + SECOND] = second
    return this.#store(bytes, start, end)
  }

  #internLong(bytes: Buffer, start: number, end: number): number {
    const length = end - start
    const hash = hashBytes(bytes, start, end)
    const mark = (hash & 0x0fff_ffff) | (LONG << 28)
    const slots = this.#slots
    const arena = this.#arena
    const mask = slots.length - 1
    let slot = (hash << SLOT_SHIFT) & mask
    for (let entry = slots[slot + ENTRY]!; entry !== 0; entry = slots[slot + ENTRY]!) {
      if (slots[slot + MARK] === mark && slots[slot + SECOND] === length) {
        let stored = slots[slot + FIRST]! >>> 0
        let position = start
        while (position < end && bytes[position] === arena[stored]) {
          position++
          stored++
        }
        if (position === end) return entry - 1
      }
      slot = (slot + (1 << SLOT_SHIFT)) & mask
    }
    slots[slot + MARK] = mark
    slots[slot + ENTRY] = this.#count + 1
    slots[slot + FIRST] = this.#offsets[this.#count]!
    slots[slot + SECOND] = length
    return this.#store(bytes, start, end)
  }

  /**
   * The names of the keys, decoded when asked for. Holds the arena; the interner must not be used afterwards.
   * @param nameOf how the bytes of a key read; default: UTF-8 text
   */
  names(nameOf: (bytes: Uint8Array) => string = decodeText): KeyNames {
    const used = this.#offsets[this.#count]!
    const arena = this.#arena.subarray(0, used)
    const offsets = this.#offsets.slice(0, this.#count + 1)
    return {
      nameOf(key) {
        const [start, end] = [offsets[key], offsets[key + 1]]
        if (start === undefined || end === undefined) throw new RangeError(`there is no key ${key}`)
        return nameOf(arena.subarray(start, end))
      },
    }
  }

  #store(bytes: Buffer, start: number, end: number): number {
    const id = this.#count++
    const from = this.#offsets[id]!
    const to = from + end - start
    if (to > this.#arena.length) this.#growArena(to)
    const arena = this.#arena
    // A loop, since keys are short and a view of the bytes would cost more than copying them.
    for (let at = from, position = start; position < end; at++, position++) arena[at] = bytes[position]!
    if (id + 1 === this.#offsets.length) {
      const offsets = new Uint32Array(2 * this.#offsets.length)
      offsets.set(this.#offsets)
      this.#offsets = offsets
    }
    this.#offsets[id + 1] = to
    // At most half full, so that probes stay short.
    if (2 * this.#count > this.#slots.length >>> SLOT_SHIFT) this.#growSlots()
    return id
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

/** The hash of up to eight bytes. */
function mix(first: number, second: number, length: number): number {
  let hash = Math.imul(first, 0xcc9e2d51) ^ Math.imul((second << 15) | (second >>> 17), 0x1b873593) ^ length
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return hash ^ (hash >>> 16)
}

/** Four bytes a multiplication, then the finishing mix of MurmurHash3 (Austin Appleby), which spreads to all bits. */
function hashBytes(bytes: Buffer, start: number, end: number): number {
  let hash = end - start
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
