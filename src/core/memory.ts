/**
 * Where arrays come from that are as long as there are keys or requests. Those it gives hold zeros, and lie at the
 * beginning of a cache line. A length that is none throws a RangeError.
 */
export interface Memory {
  uint8(length: number): Uint8Array
  uint16(length: number): Uint16Array
  uint32(length: number): Uint32Array
  float32(length: number): Float32Array
  float64(length: number): Float64Array
}

interface ArrayType<T> {
  new (length: number): T
  new (buffer: ArrayBufferLike, byteOffset: number, length: number): T
  readonly BYTES_PER_ELEMENT: number
}

/** Each array an own one, given back when nothing refers to it any more. */
export const freshMemory: Memory = {
  uint8: (length) => new Uint8Array(checked(length)),
  uint16: (length) => new Uint16Array(checked(length)),
  uint32: (length) => new Uint32Array(checked(length)),
  float32: (length) => new Float32Array(checked(length)),
  float64: (length) => new Float64Array(checked(length)),
}

/** @throws RangeError for what is no length, which arrays of JavaScript would take for 0, or round down */
function checked(length: number): number {
  if (Number.isInteger(length) && length >= 0) return length
  throw new RangeError(`an array cannot have ${length} elements`)
}

const CACHE_LINE = 64
/** Bytes of a page of WebAssembly. */
const PAGE = 1 << 16
/** Pages: 4 GiB, of which only what is used is taken from the machine. */
const MOST_PAGES = 1 << 16

/**
 * One piece of memory for many replays, one after another: each begins at its start again. Arrays of their own would be
 * left to V8, which lets a hundred megabytes of them pile up on each thread before it looks, and what it then gives back
 * the C library keeps. Memory of WebAssembly grows in place, so that arrays given before stay where they are. Where there
 * is none, or no more of it, arrays are fresh ones.
 */
export class ReusedMemory implements Memory {
  /** Made when something is first asked for; null where there is none to be had. */
  #memory: GrowingMemory | null | undefined
  /** Bytes that are given away, and bytes that were ever: those may hold anything. */
  #used = 0
  #touched = 0

  // Fields, as policies take them out of their context by name.
  readonly uint8 = (length: number): Uint8Array => this.#take(Uint8Array, length)
  readonly uint16 = (length: number): Uint16Array => this.#take(Uint16Array, length)
  readonly uint32 = (length: number): Uint32Array => this.#take(Uint32Array, length)
  readonly float32 = (length: number): Float32Array => this.#take(Float32Array, length)
  readonly float64 = (length: number): Float64Array => this.#take(Float64Array, length)

  /** Takes back all that was given: nobody may use it any more. */
  reuse(): void {
    this.#used = 0
  }

  #take<T>(type: ArrayType<T>, length: number): T {
    const from = this.#used
    const to = from + checked(length) * type.BYTES_PER_ELEMENT
    const buffer = this.#grownTo(to)
    if (buffer === undefined) return new type(length)
    if (from < this.#touched) new Uint8Array(buffer, from, Math.min(to, this.#touched) - from).fill(0)
    this.#used = CACHE_LINE * Math.ceil(to / CACHE_LINE)
    this.#touched = Math.max(this.#touched, to)
    return new type(buffer, from, length)
  }

  /** @returns undefined where there is no room for so many bytes */
  #grownTo(bytes: number): ArrayBufferLike | undefined {
    if (this.#memory === undefined) this.#memory = reserve()
    const memory = this.#memory
    if (memory === null) return undefined
    const missing = Math.ceil((bytes - memory.buffer.byteLength) / PAGE)
    if (missing <= 0) return memory.buffer
    try {
      memory.grow(missing)
      return memory.buffer
    } catch {
      return undefined
    }
  }
}

/** What we use of WebAssembly, which Node's types know nothing of, and which can be switched off. */
interface GrowingMemory {
  readonly buffer: ArrayBufferLike
  /** @throws RangeError where there is no more */
  grow(pages: number): void
}

const { WebAssembly } = globalThis as {
  WebAssembly?: { Memory: new (limits: { initial: number; maximum: number; shared: true }) => GrowingMemory }
}

/** Takes address space alone, which is not to be had everywhere. */
function reserve(): GrowingMemory | null {
  try {
    // Shared memory keeps arrays valid as it grows.
    return WebAssembly ? new WebAssembly.Memory({ initial: 0, maximum: MOST_PAGES, shared: true }) : null
  } catch {
    return null
  }
}
