import { InputError } from '../core/errors.ts'
import type { KeyNames } from '../core/trace.ts'
import { decodeText } from './text.ts'

/**
 * Keys to dense ids, in order of first appearance, without a string per row: an open-addressing hash table over bytes.
 * The bytes of each distinct key lie once, end to end, in an arena; a probe that meets an equal hash compares them
 * all, so two keys are the same only if every byte is. A slot holds hash and id side by side: one cache line a probe.
 */
export class KeyInterner {
  #slots = new Int32Array(2 * 4096)
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
    const hash = hashBytes(bytes, start, end)
    const slots = this.#slots
    const arena = this.#arena
    const offsets = this.#offsets
    const mask = slots.length - 1
    let slot = (hash << 1) & mask
    for (let entry = slots[slot + 1]!; entry !== 0; entry = slots[slot + 1]!) {
      if (slots[slot] === hash) {
        let stored = offsets[entry - 1]!
        if (offsets[entry]! - stored === end - start) {
          let position = start
          while (position < end && bytes[position] === arena[stored]) {
            position++
            stored++
          }
          if (position === end) return entry - 1
        }
      }
      slot = (slot + 2) & mask
    }
    slots[slot] = hash
    slots[slot + 1] = this.#count + 1
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
    if (4 * this.#count > this.#slots.length) this.#growSlots()
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
    for (let from = 0; from < old.length; from += 2) {
      if (old[from + 1] === 0) continue
      let slot = (old[from]! << 1) & mask
      while (slots[slot + 1] !== 0) slot = (slot + 2) & mask
      slots[slot] = old[from]!
      slots[slot + 1] = old[from + 1]!
    }
    this.#slots = slots
  }
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
