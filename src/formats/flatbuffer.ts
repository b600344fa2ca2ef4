/**
 * Reads tables of FlatBuffers (flatbuffers.dev/internals), which describe the contents of Arrow files. Whatever lies
 * outside the buffer is a RangeError, and so is a vector that does not fit in: a damaged length must not be believed.
 */
export class FlatTable {
  readonly #view: DataView
  readonly #at: number
  readonly #fields: number
  readonly #fieldBytes: number

  static root(view: DataView): FlatTable {
    return new FlatTable(view, view.getUint32(0, true))
  }

  constructor(view: DataView, at: number) {
    this.#view = view
    this.#at = at
    this.#fields = at - view.getInt32(at, true)
    this.#fieldBytes = view.getUint16(this.#fields, true)
  }

  /** Where field number `field` stands; 0: it is not there. */
  #place(field: number): number {
    const slot = 4 + 2 * field
    const offset = slot < this.#fieldBytes ? this.#view.getUint16(this.#fields + slot, true) : 0
    return offset === 0 ? 0 : this.#at + offset
  }

  uint8(field: number, absent = 0): number {
    const at = this.#place(field)
    return at === 0 ? absent : this.#view.getUint8(at)
  }

  int16(field: number, absent = 0): number {
    const at = this.#place(field)
    return at === 0 ? absent : this.#view.getInt16(at, true)
  }

  int32(field: number, absent = 0): number {
    const at = this.#place(field)
    return at === 0 ? absent : this.#view.getInt32(at, true)
  }

  int64(field: number, absent = 0): number {
    const at = this.#place(field)
    return at === 0 ? absent : safeInt64(this.#view, at)
  }

  string(field: number): string | undefined {
    const at = this.#place(field)
    if (at === 0) return undefined
    const start = this.#follow(at)
    const length = this.#lengthAt(start, 1)
    return Buffer.from(this.#view.buffer, this.#view.byteOffset + start + 4, length).toString('utf8')
  }

  table(field: number): FlatTable | undefined {
    const at = this.#place(field)
    return at === 0 ? undefined : new FlatTable(this.#view, this.#follow(at))
  }

  tables(field: number): FlatTable[] {
    return this.vector(field, 4, (view, at) => new FlatTable(view, at + view.getUint32(at, true)))
  }

  /** The items of a vector, each of `bytes` bytes. */
  vector<T>(field: number, bytes: number, read: (view: DataView, at: number) => T): T[] {
    const at = this.#place(field)
    if (at === 0) return []
    const start = this.#follow(at)
    const length = this.#lengthAt(start, bytes)
    return Array.from({ length }, (_, i) => read(this.#view, start + 4 + i * bytes))
  }

  #follow(at: number): number {
    return at + this.#view.getUint32(at, true)
  }

  #lengthAt(start: number, bytes: number): number {
    const length = this.#view.getUint32(start, true)
    if (start + 4 + length * bytes > this.#view.byteLength) {
      throw new RangeError(`a list of ${length} items does not fit in`)
    }
    return length
  }
}

/** @throws RangeError for one that a number cannot hold */
export function safeInt64(view: DataView, at: number): number {
  const value = Number(view.getBigInt64(at, true))
  if (!Number.isSafeInteger(value)) throw new RangeError(`${value} is no length or place`)
  return value
}
