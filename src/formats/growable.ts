import { createColumn } from '../core/trace.ts'

type Column = Uint32Array | Float64Array | Float32Array | Uint8Array
export interface ColumnType<T extends Column> {
  new (buffer: SharedArrayBuffer): T
  readonly BYTES_PER_ELEMENT: number
}

export const BLOCK_LENGTH = 1 << 16

/**
 * A column whose length is not known yet: a list of equal blocks, so that growing copies nothing and never holds the
 * data twice. The owner writes into `block` and calls `next` when it is full.
 */
export class GrowableColumn<T extends Column> {
  /** [BLOCK_LENGTH] where the next values go. */
  block: T
  readonly #type: ColumnType<T>
  readonly #full: T[] = []

  constructor(type: ColumnType<T>) {
    this.#type = type
    this.block = createColumn(type, BLOCK_LENGTH)
  }

  /** Puts the full block away and starts another. */
  next(): void {
    this.#full.push(this.block)
    this.block = createColumn(this.#type, BLOCK_LENGTH)
  }

  /** The first `length` values as one column on a SharedArrayBuffer. The blocks are let go as they are copied. */
  finish(length: number): T {
    const column = createColumn(this.#type, length)
    let from = 0
    for (let block = this.#full.shift(); block !== undefined; block = this.#full.shift()) {
      column.set(block, from)
      from += BLOCK_LENGTH
    }
    column.set(this.block.subarray(0, length - from), from)
    return column
  }
}
