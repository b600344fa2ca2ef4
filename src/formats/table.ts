import { InputError } from '../core/errors.ts'
import type { ReadOptions, TraceInput } from '../core/format.ts'
import type { Trace } from '../core/trace.ts'
import { findColumn } from './column-names.ts'
import { costFactor, describeColumns, findColumns, namedTimeUnit, type TableColumns } from './columns.ts'
import { CompositeKey, nameOfComposite, Separator } from './composite-key.ts'
import { KeyInterner } from './intern.ts'
import { parseNumber } from './numbers.ts'
import { OpColumn } from './ops.ts'
import { RecordScanner, type RecordSyntax } from './record-scanner.ts'
import { RowCount } from './row-count.ts'
import { COST_RULE, isCost, isSize, OP_RULE, SIZE_RULE } from './rules.ts'
import { quote } from './text.ts'
import { TimeColumn } from './time.ts'
import { TraceBuilder, traceSource } from './trace-builder.ts'
import { parseCondition } from './where.ts'

/** A format made of records and cells. */
export interface TableSyntax extends RecordSyntax {
  /** The format's name. */
  readonly format: string
  /** The first records as texts, for finding the columns; absent: no header, and one column of this name. */
  readonly firstRecords?: readonly (readonly string[])[]
  readonly onlyColumn?: string
  /** What the user should know about that one column. */
  readonly notes?: readonly string[]
}

const NO_COLUMN = -1

/**
 * Reads a table as a trace. A row is read in place: its cells are ranges of bytes, of which numbers are parsed and keys
 * interned without making a string. Nothing of a row is kept before all of it has been found good, so that key ids are
 * dense in order of first appearance whatever is filtered out or bad.
 */
export async function readTable(
  input: TraceInput,
  options: ReadOptions,
  syntax: TableSyntax,
): Promise<Trace> {
  const scanner = new RecordScanner(input.name, syntax)
  if (syntax.firstRecords?.length === 0) {
    // Not even a first line: what keeps it from being one is the scanner's to say.
    await scanner.run(input.chunks(), () => true)
    throw new InputError(`'${input.name}' has no requests: there are no rows of data in it`)
  }
  const columns = syntax.firstRecords
    ? findColumns(syntax.firstRecords, options, input.name)
    : { ...onlyColumn(syntax.onlyColumn ?? 'key', options, input.name), notes: syntax.notes ?? [] }
  const reader = new TableReader(scanner, columns, input, options)
  let skipHeader = columns.hasHeader
  await scanner.run(
    input.chunks(),
    () => {
      if (skipHeader && scanner.problem === undefined) skipHeader = false
      else reader.row()
      return true
    },
    options.onProgress && (() => options.onProgress?.(scanner.bytes, reader.count.rows)),
  )
  return reader.finish(syntax.format)
}

function onlyColumn(name: string, options: ReadOptions, file: string): TableColumns {
  for (const [flag, given] of [
    ...(options.key ?? []).map((key) => ['--key', key] as const),
    ...([
      ['--time', options.time],
      ['--value-size', options.valueSize],
    ] as const),
    ...([
      ['--cost', options.cost],
      ['--op', options.op],
    ] as const),
  ]) {
    if (given !== undefined) findColumn(given, flag === '--key' ? [name] : [], flag, file)
  }
  return { names: [name], hasHeader: false, key: [0], notes: [] }
}

class TableReader {
  readonly count: RowCount
  readonly #scanner: RecordScanner
  readonly #columns: TableColumns
  readonly #input: TraceInput
  readonly #options: ReadOptions
  readonly #conditions: readonly {
    readonly cell: number
    test(bytes: Buffer, start: number, end: number): boolean
  }[]
  readonly #builder: TraceBuilder
  readonly #keys = new KeyInterner()
  readonly #composite = new CompositeKey(Separator.text)
  readonly #timeColumn = new TimeColumn()
  readonly #opColumn = new OpColumn()
  readonly #width: number
  readonly #key: number
  readonly #time: number
  readonly #size: number
  readonly #cost: number
  readonly #op: number
  readonly #costFactor: number

  constructor(scanner: RecordScanner, columns: TableColumns, input: TraceInput, options: ReadOptions) {
    this.#scanner = scanner
    this.#columns = columns
    this.#input = input
    this.#options = options
    this.count = new RowCount(input.name, options.maxBadRows)
    this.#conditions = (options.where ?? []).map((text) => {
      const { column, test } = parseCondition(text)
      return { cell: findColumn(column, columns.names, '--where', input.name), test }
    })
    this.#width = columns.names.length
    this.#key = columns.key.length === 1 ? columns.key[0]! : NO_COLUMN
    this.#time = columns.time ?? NO_COLUMN
    this.#size = columns.size ?? NO_COLUMN
    this.#cost = columns.cost ?? NO_COLUMN
    this.#op = columns.op ?? NO_COLUMN
    this.#costFactor = this.#cost >= 0 ? costFactor(options, columns.names[this.#cost]!).factor : 1
    this.#builder = new TraceBuilder(
      input.name,
      { times: this.#time >= 0, sizes: this.#size >= 0, costs: this.#cost >= 0, ops: this.#op >= 0 },
      options.sort ?? false,
      (time) => this.#timeColumn.show(time),
    )
  }

  /** Takes in the scanner's current record. */
  row(): void {
    this.count.rows++
    const problem = this.#scanner.problem ?? this.#add()
    if (problem !== undefined) this.count.addBad(this.#scanner.line, problem)
  }

  /** Makes a request of the record, unless it is filtered out; returns what is wrong with it, if something is. */
  #add(): string | undefined {
    const { buffer, bounds, line } = this.#scanner
    if (this.#scanner.cells !== this.#width) return this.#ragged()
    for (const { cell, test } of this.#conditions) {
      if (!test(buffer, bounds[2 * cell]!, bounds[2 * cell + 1]!)) {
        this.count.filtered++
        return undefined
      }
    }
    let time = 0
    let size = 0
    let cost = 0
    let op: number | undefined = 0
    if (this.#time >= 0) {
      time = this.#timeColumn.parse(buffer, bounds[2 * this.#time]!, bounds[2 * this.#time + 1]!)
      if (Number.isNaN(time)) {
        const text = this.#scanner.text(this.#time)
        return this.#timeColumn.problem(text, this.#columns.names[this.#time]!)
      }
    }
    if (this.#size >= 0) {
      size = parseNumber(buffer, bounds[2 * this.#size]!, bounds[2 * this.#size + 1]!)
      if (!isSize(size)) return this.#bad('size', this.#size, SIZE_RULE)
    }
    if (this.#cost >= 0) {
      cost = parseNumber(buffer, bounds[2 * this.#cost]!, bounds[2 * this.#cost + 1]!) * this.#costFactor
      if (!isCost(cost)) return this.#bad('cost', this.#cost, COST_RULE)
    }
    if (this.#op >= 0) {
      op = this.#opColumn.parse(buffer, bounds[2 * this.#op]!, bounds[2 * this.#op + 1]!)
      if (op === undefined) return this.#bad('operation', this.#op, OP_RULE)
    }
    const key =
      this.#key >= 0
        ? this.#keys.intern(buffer, bounds[2 * this.#key]!, bounds[2 * this.#key + 1]!)
        : this.#composed(buffer, bounds)
    this.#builder.add(line, key, time, size, cost, op)
    return undefined
  }

  /** @throws InputError where no request is left */
  finish(format: string): Trace {
    const { names, key, time, size, cost, op, notes } = this.#columns
    const options = this.#options
    this.count.requireRequests(this.#builder.length, options.where ?? [])
    const nameOfKey =
      this.#key >= 0 ? undefined : (bytes: Uint8Array) => nameOfComposite(bytes, Separator.text)
    const keyNames = options.keyNames === false ? undefined : this.#keys.names(nameOfKey)
    const more: string[] = []
    const unitOf = (first: number) => {
      const { unit, note } = this.#timeColumn.unit(first, namedTimeUnit(options, names[this.#time]!))
      if (note) more.push(note)
      return unit
    }
    if (cost !== undefined) {
      const { note } = costFactor(options, names[cost]!)
      if (note) more.push(note)
    }
    const nameOf = (index: number | undefined) => (index === undefined ? undefined : names[index])
    const columns = describeColumns(
      key.map((index) => names[index]!),
      { time: nameOf(time), size: nameOf(size), cost: nameOf(cost), op: nameOf(op) },
    )
    return this.#builder.finish(this.#keys.count, keyNames, unitOf, (built) =>
      traceSource(this.#input, format, this.count, columns, [...notes, ...more, ...built]),
    )
  }

  #composed(buffer: Buffer, bounds: Int32Array): number {
    const composite = this.#composite
    composite.clear()
    for (const cell of this.#columns.key) composite.add(buffer, bounds[2 * cell]!, bounds[2 * cell + 1]!)
    return this.#keys.intern(composite.bytes, 0, composite.length)
  }

  #ragged(): string {
    const cells = this.#scanner.cells
    const first = this.#columns.hasHeader ? 'the header' : 'the first row'
    return `${cells} ${cells === 1 ? 'cell' : 'cells'} where ${first} has ${this.#width}`
  }

  #bad(what: string, cell: number, rule: string): string {
    return `${what} ${quote(this.#scanner.text(cell))} of column '${this.#columns.names[cell]!}' is not ${rule}`
  }
}
