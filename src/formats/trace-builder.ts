import { InputError } from '../core/errors.ts'
import type { TraceInput } from '../core/format.ts'
import { createColumn, type KeyNames, type Trace, type TraceSource } from '../core/trace.ts'
import { BLOCK_LENGTH, GrowableColumn } from './growable.ts'
import type { RowCount } from './row-count.ts'
import { stableOrder } from './sort.ts'
import { PER_SECOND, type TimeUnit } from './time.ts'

/** What a trace will have beside keys. */
export interface TraceColumns {
  readonly times: boolean
  readonly sizes: boolean
  readonly costs: boolean
  readonly ops: boolean
}

/**
 * Collects requests in order into growing columns and makes the trace of them: times become seconds since the first
 * request, and are checked, or sorted, to run forward.
 */
export class TraceBuilder {
  length = 0
  readonly #name: string
  readonly #sort: boolean
  readonly #showTime: (time: number) => string
  readonly #keys = new GrowableColumn(Uint32Array)
  readonly #times: GrowableColumn<Float64Array> | undefined
  readonly #sizes: GrowableColumn<Uint32Array> | undefined
  readonly #costs: GrowableColumn<Float32Array> | undefined
  readonly #ops: GrowableColumn<Uint8Array> | undefined
  #used = 0
  #first = 0
  #last = -Infinity
  #backwards = false

  /**
   * @param name the file, for messages
   * @param sort sort by time at the end; otherwise a time that runs backwards is an error
   * @param showTime a raw time as it stands in the file
   */
  constructor(name: string, columns: TraceColumns, sort: boolean, showTime: (time: number) => string) {
    this.#name = name
    this.#sort = sort
    this.#showTime = showTime
    this.#times = columns.times ? new GrowableColumn(Float64Array) : undefined
    this.#sizes = columns.sizes ? new GrowableColumn(Uint32Array) : undefined
    this.#costs = columns.costs ? new GrowableColumn(Float32Array) : undefined
    this.#ops = columns.ops ? new GrowableColumn(Uint8Array) : undefined
  }

  /**
   * Adds a request. Values of columns the trace does not have are ignored.
   * @param line for messages
   * @param key id in order of first appearance
   * @param time raw, in the unit given to `finish`
   * @throws InputError where time runs backwards and is not to be sorted
   */
  add(line: number, key: number, time: number, size: number, cost: number, op: number): void {
    if (this.#used === BLOCK_LENGTH) this.#nextBlocks()
    const at = this.#used++
    this.#keys.block[at] = key
    if (this.#times) {
      if (time < this.#last) this.#runsBackwards(line, time)
      this.#last = time
      this.#times.block[at] = time
      if (this.length === 0) this.#first = time
    }
    if (this.#sizes) this.#sizes.block[at] = size
    if (this.#costs) this.#costs.block[at] = cost
    if (this.#ops) this.#ops.block[at] = op
    this.length++
  }

  /**
   * The trace. The builder must not be used afterwards.
   * @param unitOf the unit of the raw times, told the first of them in order of time
   * @param sourceOf completes the account of how it was read
   */
  finish(
    keyCount: number,
    keyNames: KeyNames | undefined,
    unitOf: (first: number) => TimeUnit,
    sourceOf: (notes: string[]) => TraceSource,
  ): Trace {
    const { length } = this
    let keys = this.#keys.finish(length)
    let times = this.#times?.finish(length)
    let sizes = this.#sizes?.finish(length)
    let costs = this.#costs?.finish(length)
    let ops = this.#ops?.finish(length)
    let names = keyNames
    const notes: string[] = []
    if (times && this.#backwards) {
      const order = stableOrder(times)
      times = inOrder(times, order, createColumn(Float64Array, length))
      keys = inOrder(keys, order, createColumn(Uint32Array, length))
      sizes &&= inOrder(sizes, order, createColumn(Uint32Array, length))
      costs &&= inOrder(costs, order, createColumn(Float32Array, length))
      ops &&= inOrder(ops, order, createColumn(Uint8Array, length))
      const original = renumber(keys, keyCount)
      if (keyNames) names = { nameOf: (key) => keyNames.nameOf(original[key] ?? keyCount) }
      notes.push('rows were not in order of time and have been sorted')
      this.#first = times[0]!
    }
    if (times) {
      const perSecond = PER_SECOND[unitOf(this.#first)]
      for (let i = 0; i < length; i++) times[i] = (times[i]! - this.#first) / perSecond
      const years = times[length - 1]! / (365.25 * 86_400)
      if (years > 100)
        notes.push(`the trace spans ${Math.round(years)} years: is the unit of the times right?`)
    }
    return {
      name: traceName(this.#name),
      length,
      keyCount,
      keys,
      ...(times && { times }),
      ...(sizes && { sizes }),
      ...(costs && { costs }),
      ...(ops && { ops }),
      ...(names && { keyNames: names }),
      source: sourceOf(notes),
    }
  }

  #nextBlocks(): void {
    for (const column of [this.#keys, this.#times, this.#sizes, this.#costs, this.#ops]) column?.next()
    this.#used = 0
  }

  #runsBackwards(line: number, time: number): void {
    if (!this.#sort) {
      throw new InputError(
        `'${this.#name}' line ${line}: time runs backwards, from ${this.#showTime(this.#last)} to ${this.#showTime(time)}; --sort puts the rows in order of time`,
      )
    }
    this.#backwards = true
  }
}

/** The account of how a trace was read, from what all readers count alike. */
export function traceSource(
  input: TraceInput,
  format: string,
  count: RowCount,
  columns: TraceSource['columns'],
  notes: readonly string[],
): TraceSource {
  return {
    file: input.name,
    format,
    compression: input.compression,
    rows: count.rows,
    filteredRows: count.filtered,
    badRows: count.bad,
    badRowSamples: count.samples,
    columns,
    notes,
  }
}

function traceName(file: string): string {
  return file === '-' ? 'standard input' : (file.split(/[/\\]/).pop() ?? file)
}

function inOrder<T extends Uint32Array | Float64Array | Float32Array | Uint8Array>(
  column: T,
  order: Uint32Array,
  sorted: T,
): T {
  for (let i = 0; i < order.length; i++) sorted[i] = column[order[i]!]!
  return sorted
}

/** Renumbers keys in place by first appearance; returns the old id of each new one. */
function renumber(keys: Uint32Array, keyCount: number): Uint32Array {
  const original = new Uint32Array(keyCount)
  const renumbered = new Uint32Array(keyCount) // new id + 1; 0: not met yet
  let count = 0
  for (let i = 0; i < keys.length; i++) {
    const key = keys[i]!
    if (renumbered[key] === 0) {
      original[count++] = key
      renumbered[key] = count
    }
    keys[i] = renumbered[key]! - 1
  }
  return original
}
