import { isUtf8 } from 'node:buffer'
import { nearestName } from '../core/errors.ts'
import type { ReadOptions, TraceInput } from '../core/format.ts'
import type { Trace } from '../core/trace.ts'
import { FLAGS, listNames } from './column-names.ts'
import { costFactor, describeColumns, namedTimeUnit } from './columns.ts'
import { CompositeKey, nameOfComposite, Separator } from './composite-key.ts'
import { KeyInterner } from './intern.ts'
import {
  createLookup,
  isObject,
  type JsonObject,
  mayBeRounded,
  parseExactly,
  pathsOf,
  textOf,
} from './json-value.ts'
import type { JsonColumns } from './jsonl-columns.ts'
import { parseNumber } from './numbers.ts'
import { OpColumn } from './ops.ts'
import { RecordScanner } from './record-scanner.ts'
import { RowCount } from './row-count.ts'
import { COST_RULE, isCost, isSize, OP_RULE, SIZE_RULE } from './rules.ts'
import { quote } from './text.ts'
import { TimeColumn } from './time.ts'
import { TraceBuilder, traceSource } from './trace-builder.ts'
import { parseCondition } from './where.ts'

type Lookup = (row: JsonObject) => unknown

/** A row that cannot be read; carries the reason from wherever it was found to the count. */
class BadRow extends Error {}

/** Reads one JSON object a line as a trace. Keys become the bytes of their text and are interned like any others. */
export class JsonlReader {
  readonly count: RowCount
  readonly #scanner: RecordScanner
  readonly #input: TraceInput
  readonly #options: ReadOptions
  readonly #columns: JsonColumns
  readonly #key: readonly Lookup[]
  readonly #time: Lookup | undefined
  readonly #size: Lookup | undefined
  readonly #cost: Lookup | undefined
  readonly #op: Lookup | undefined
  readonly #conditions: readonly {
    readonly value: Lookup
    test(bytes: Buffer, start: number, end: number): boolean
  }[]
  /** Values that are compared as text, so that no digit of theirs may be lost. */
  readonly #compared: readonly Lookup[]
  readonly #builder: TraceBuilder
  readonly #keys = new KeyInterner()
  readonly #composite = new CompositeKey(Separator.utf8)
  /** The text of one value as bytes, for the parsers that cells of tables have. */
  readonly #cell = new CompositeKey(Separator.utf8)
  readonly #timeColumn = new TimeColumn()
  readonly #opColumn = new OpColumn()
  readonly #costFactor: number

  constructor(input: TraceInput, columns: JsonColumns, options: ReadOptions) {
    this.#input = input
    this.#options = options
    this.#columns = columns
    this.count = new RowCount(input.name, options.maxBadRows)
    this.#scanner = new RecordScanner(input.name, { quotes: false })
    const lookup = (path: string | undefined) => (path === undefined ? undefined : createLookup(path))
    this.#key = columns.key.map(createLookup)
    this.#time = lookup(columns.time)
    this.#size = lookup(columns.size)
    this.#cost = lookup(columns.cost)
    this.#op = lookup(columns.op)
    this.#conditions = (options.where ?? []).map((text) => {
      const { column, test } = parseCondition(text)
      return { value: createLookup(column), test }
    })
    this.#compared = [...this.#key, ...this.#conditions.map(({ value }) => value)]
    this.#costFactor = columns.cost === undefined ? 1 : costFactor(options, columns.cost).factor
    this.#builder = new TraceBuilder(
      input.name,
      { times: !!this.#time, sizes: !!this.#size, costs: !!this.#cost, ops: !!this.#op },
      options.sort ?? false,
      (time) => this.#timeColumn.show(time),
    )
  }

  /** @throws InputError for bad rows above the limit, or where no request is left */
  async read(): Promise<Trace> {
    const { onProgress, where } = this.#options
    const report = onProgress && (() => onProgress(this.#scanner.bytes, this.count.rows))
    await this.#scanner.run(this.#input.chunks(), () => this.#record(), report)
    this.count.requireRequests(this.#builder.length, where ?? [])
    return this.#finish()
  }

  #record(): undefined {
    this.count.rows++
    try {
      this.#row(this.#parse())
    } catch (error) {
      if (!(error instanceof BadRow)) throw error
      this.count.addBad(this.#scanner.line, error.message)
    }
  }

  #parse(): JsonObject {
    const { buffer, bounds, problem } = this.#scanner
    if (problem !== undefined) throw new BadRow(problem)
    const text = buffer.toString('utf8', bounds[0], bounds[1])
    if (text.includes('\ufffd') && !isUtf8(buffer.subarray(bounds[0], bounds[1]))) {
      throw new BadRow('the line is not UTF-8, which JSON must be')
    }
    let row: unknown
    try {
      row = JSON.parse(text)
      if (isObject(row) && this.#compared.some((value) => mayBeRounded(value(row as JsonObject))))
        row = parseExactly(text)
    } catch {
      const hint =
        text.trimStart().startsWith('[') || text.trim() === '{'
          ? ' (an array is read once jq -c .[] has unwrapped it)'
          : ''
      throw new BadRow(`${quote(text)} is not JSON: one whole object a line is wanted${hint}`)
    }
    if (!isObject(row)) throw new BadRow(`${quote(text)} is not a JSON object: one object a line is wanted`)
    return row
  }

  #row(row: JsonObject): void {
    for (const { value, test } of this.#conditions) {
      const cell = this.#bytesOf(value(row))
      if (!test(cell.bytes, 0, cell.length)) {
        this.count.filtered++
        return
      }
    }
    const time = this.#time ? this.#timeOf(this.#time(row)) : 0
    const size = this.#size ? this.#numberOf(this.#size(row)) : 0
    if (!isSize(size)) throw this.#bad(row, 'size', SIZE_RULE)
    const cost = this.#cost ? this.#numberOf(this.#cost(row)) * this.#costFactor : 0
    if (!isCost(cost)) throw this.#bad(row, 'cost', COST_RULE)
    let op: number | undefined = 0
    if (this.#op) {
      const cell = this.#bytesOf(this.#op(row))
      op = this.#opColumn.parse(cell.bytes, 0, cell.length)
      if (op === undefined) throw this.#bad(row, 'op', OP_RULE)
    }
    const id = this.#keyOf(row)
    this.#builder.add(this.#scanner.line, id, time, size, cost, op)
  }

  #keyOf(row: JsonObject): number {
    const composite = this.#composite
    composite.clear()
    let present = false
    for (const lookup of this.#key) {
      const value = lookup(row)
      if (value !== undefined && value !== null) present = true
      try {
        composite.addText(textOf(value))
      } catch (error) {
        if (error instanceof RangeError) throw new BadRow(`the key is ${error.message}`)
        throw error
      }
    }
    if (!present) throw missing(row, this.#columns.key.join(','), FLAGS.key)
    return this.#keys.intern(composite.bytes, 0, composite.length)
  }

  #timeOf(value: unknown): number {
    if (typeof value === 'number') {
      const time = this.#timeColumn.number(value)
      if (!Number.isNaN(time)) return time
    }
    const cell = this.#bytesOf(value)
    const time = typeof value === 'string' ? this.#timeColumn.parse(cell.bytes, 0, cell.length) : Number.NaN
    if (Number.isNaN(time)) throw new BadRow(this.#timeColumn.problem(textOf(value), this.#columns.time!))
    return time
  }

  #numberOf(value: unknown): number {
    if (typeof value === 'number') return value
    if (typeof value !== 'string') return Number.NaN
    const cell = this.#bytesOf(value)
    return parseNumber(cell.bytes, 0, cell.length)
  }

  #bytesOf(value: unknown): CompositeKey {
    this.#cell.clear()
    this.#cell.addText(textOf(value))
    return this.#cell
  }

  #bad(row: JsonObject, role: 'size' | 'cost' | 'op', rule: string): BadRow {
    const path = this.#columns[role]!
    const value = createLookup(path)(row)
    if (value === undefined) return missing(row, path, FLAGS[role])
    return new BadRow(
      `${role === 'op' ? 'operation' : role} ${quote(textOf(value) || 'null')} of '${path}' is not ${rule}`,
    )
  }

  #finish(): Trace {
    const { key, time, size, cost, op, notes } = this.#columns
    const options = this.#options
    const nameOfKey =
      key.length === 1 ? undefined : (bytes: Uint8Array) => nameOfComposite(bytes, Separator.utf8)
    const keyNames = options.keyNames === false ? undefined : this.#keys.names(nameOfKey)
    const more: string[] = []
    const note = (text: string | undefined) => text !== undefined && more.push(text)
    const unitOf = (first: number) => {
      const found = this.#timeColumn.unit(first, namedTimeUnit(options, time!))
      note(found.note)
      return found.unit
    }
    if (cost !== undefined) note(costFactor(options, cost).note)
    return this.#builder.finish(this.#keys.count, keyNames, unitOf, (built) =>
      traceSource(this.#input, 'jsonl', this.count, describeColumns(key, { time, size, cost, op }), [
        ...notes,
        ...more,
        ...built,
      ]),
    )
  }
}

function missing(row: JsonObject, path: string, flag: string): BadRow {
  const paths = pathsOf(row)
  const nearest = nearestName(path, paths)
  const hint = nearest === undefined ? '' : `; did you mean '${nearest}'?`
  return new BadRow(`there is no '${path}' (${flag}) in this object${hint} (it has: ${listNames(paths)})`)
}
