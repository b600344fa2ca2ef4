import { InputError } from '../core/errors.ts'
import type { Clock, ReadOptions, RequestSink, TimeUnit, TraceInput } from '../core/format.ts'
import { FLAGS, findColumn, OTHER_ROLES } from './column-names.ts'
import {
  costFactor,
  describeColumns,
  findColumns,
  type TableColumns,
  timeUnitInName,
  ttlFactor,
} from './columns.ts'
import { CompositeKey, nameOfComposite, partsOfComposite } from './composite-key.ts'
import { parseNumber } from './numbers.ts'
import { HEAD_BYTES } from './open.ts'
import { OpColumn } from './ops.ts'
import { RecordScanner, type RecordSyntax } from './record-scanner.ts'
import { COST_RULE, FOR_EVER, isCost, isSize, isTtl, OP_RULE, SIZE_RULE, TTL_RULE } from './rules.ts'
import { headerTooLong, refuseLoneReturns } from './scan-errors.ts'
import { quote } from './text.ts'
import { TimeColumn } from './time.ts'
import { parseCondition } from './where.ts'

/** How the cells of a time column are read. */
export interface CellClock extends Clock {
  /** The time in `bytes[start, end)`, or NaN: `problem` then says why. */
  parse(bytes: Buffer, start: number, end: number): number
  problem(text: string, column: string): string
}

/** What the columns of a format without a header are: names, and of those the ones taken unless the user names others. */
export interface FixedColumns {
  readonly names: readonly string[]
  readonly key: readonly string[]
  readonly time?: string
  readonly timeUnit?: TimeUnit
  /** How times are read, unless the user names another column or a unit; default: numbers or dates. */
  readonly clock?: CellClock
  readonly size?: string
  readonly cost?: string
  readonly costUnit?: ReadOptions['costUnit']
  readonly op?: string
  readonly ttl?: string
}

/** A format made of records and cells. */
export interface TableSyntax extends RecordSyntax {
  /** The format's name. */
  readonly format: string
  /** The first records as texts, for finding the columns; absent where these are fixed. */
  readonly firstRecords?: readonly (readonly string[])[]
  readonly fixed?: FixedColumns
  /**
   * Cuts the one cell that a line is into the cells of the columns, or puts the cells in order that a delimiter cut:
   * sets the scanner's `cells` and `bounds`, and may change its buffer within the line. Returns what is wrong with the line, if something is, or null to pass it over.
   */
  split?(scanner: RecordScanner): string | null | undefined
  /**
   * The size of the current row's value where its cell alone does not tell: NaN where the row does not say it; undefined:
   * as the cell has it. Not asked where the user named the column.
   */
  sizeOf?(scanner: RecordScanner): number | undefined
  /** What a size that no row says means, see `FileDescription`. */
  readonly unsaidSizes?: 'empty' | 'unknown'
  /** The rows are not in order of time by nature. */
  readonly sorts?: boolean
  /** What the user should know about the columns. */
  readonly notes?: readonly string[]
}

const NO_COLUMN = -1
const QUOTE = 0x22

/**
 * Reads a table into the sink. A row is read in place: its cells are ranges of bytes, of which numbers are parsed and
 * keys interned without making a string. Nothing of a row is kept before all of it has been found good.
 */
export async function readTable(
  input: TraceInput,
  options: ReadOptions,
  sink: RequestSink,
  syntax: TableSyntax,
): Promise<void> {
  refuseLoneReturns(input)
  const scanner = new RecordScanner(input.name, syntax)
  if (syntax.firstRecords?.length === 0) {
    // Not even a first line: what keeps it from being one is the scanner's to say.
    await scanner.run(input.chunks(), () => true)
    if (input.head.length === HEAD_BYTES) throw headerTooLong(input.name)
    throw new InputError(`'${input.name}' has no requests: there are no rows of data in it`)
  }
  const columns = syntax.fixed
    ? fixedColumns(syntax.fixed, options, input.name, syntax.notes)
    : findColumns(syntax.firstRecords ?? [], options, input.name)
  const units = {
    timeUnit: options.timeUnit ?? syntax.fixed?.timeUnit,
    costUnit: options.costUnit ?? syntax.fixed?.costUnit,
  }
  const reader = new TableReader(
    scanner,
    columns,
    syntax,
    input,
    { ...options, ...units } as ReadOptions,
    sink,
  )
  let skipHeader = columns.hasHeader
  await scanner.run(input.chunks(), () => {
    if (!skipHeader || scanner.problem !== undefined) return reader.row()
    skipHeader = false
    return true
  })
}

/** The columns of a format that has no header, with what the user says otherwise. */
function fixedColumns(
  fixed: FixedColumns,
  options: ReadOptions,
  file: string,
  notes: readonly string[] = [],
): TableColumns {
  const given = {
    time: options.time,
    size: options.valueSize,
    cost: options.cost,
    op: options.op,
    ttl: options.ttlColumn,
  }
  const find = (name: string, role: keyof typeof FLAGS) => findColumn(name, fixed.names, FLAGS[role], file)
  const key = (options.key?.length ? options.key : fixed.key).map((name) => find(name, 'key'))
  const others = OTHER_ROLES.flatMap((role) => {
    const name = given[role] ?? fixed[role]
    return name === undefined ? [] : [[role, find(name, role)] as const]
  })
  return { names: fixed.names, hasHeader: false, key, ...Object.fromEntries(others), notes }
}

class TableReader {
  readonly #sink: RequestSink
  readonly #scanner: RecordScanner
  readonly #columns: TableColumns
  readonly #split: TableSyntax['split']
  readonly #sizeOf: TableSyntax['sizeOf']
  readonly #conditions: readonly {
    readonly cell: number
    test(bytes: Buffer, start: number, end: number): boolean
  }[]
  readonly #composite: CompositeKey
  readonly #timeColumn: CellClock
  readonly #opColumn = new OpColumn()
  readonly #width: number
  readonly #key: number
  readonly #time: number
  readonly #size: number
  readonly #cost: number
  readonly #op: number
  readonly #ttl: number
  readonly #costFactor: number
  readonly #ttlFactor: number

  constructor(
    scanner: RecordScanner,
    columns: TableColumns,
    syntax: TableSyntax,
    input: TraceInput,
    options: ReadOptions,
    sink: RequestSink,
  ) {
    this.#sink = sink
    this.#scanner = scanner
    this.#columns = columns
    this.#split = syntax.split
    this.#sizeOf = options.valueSize === undefined ? syntax.sizeOf : undefined
    const { names } = columns
    this.#conditions = (options.where ?? []).map((text) => {
      const { column, test } = parseCondition(text)
      return { cell: findColumn(column, names, '--where', input.name), test }
    })
    this.#width = names.length
    this.#composite = new CompositeKey(columns.key.length)
    this.#key = columns.key.length === 1 ? columns.key[0]! : NO_COLUMN
    this.#time = columns.time ?? NO_COLUMN
    this.#size = columns.size ?? NO_COLUMN
    this.#cost = columns.cost ?? NO_COLUMN
    this.#op = columns.op ?? NO_COLUMN
    this.#ttl = columns.ttl ?? NO_COLUMN
    const ownClock = (options.time ?? options.timeUnit) ? undefined : syntax.fixed?.clock
    this.#timeColumn =
      ownClock ??
      new TimeColumn(options.timeUnit, this.#time >= 0 ? timeUnitInName(names[this.#time]!) : undefined)
    const cost = this.#cost >= 0 ? costFactor(options, names[this.#cost]!) : { factor: 1 }
    this.#costFactor = cost.factor
    this.#ttlFactor = this.#ttl >= 0 ? ttlFactor(names[this.#ttl]!) : 1
    const nameOf = (index: number | undefined) => (index === undefined ? undefined : names[index])
    sink.begin({
      input,
      format: syntax.format,
      columns: describeColumns(
        columns.key.map((index) => names[index]!),
        Object.fromEntries(OTHER_ROLES.map((role) => [role, nameOf(columns[role])])),
      ),
      has: {
        times: this.#time >= 0,
        sizes: this.#size >= 0,
        costs: this.#cost >= 0,
        ops: this.#op >= 0,
        ttls: this.#ttl >= 0,
      },
      ...(syntax.sorts && { sorts: true }),
      ...(this.#sizeOf && syntax.unsaidSizes && { unsaidSizes: syntax.unsaidSizes }),
      clock: this.#timeColumn,
      ...(this.#key < 0 && {
        nameOf: (bytes) => nameOfComposite(bytes),
        partsOf: (bytes) => partsOfComposite(bytes),
      }),
      notes: [...columns.notes, ...(cost.note ? [cost.note] : [])],
    })
  }

  /** Takes in the scanner's current record; returns whether another is wanted. */
  row(): boolean {
    const sink = this.#sink
    const problem = this.#scanner.problem ?? (this.#split ? this.#split(this.#scanner) : undefined)
    if (problem === null) return true
    sink.rows++
    if (problem === undefined) return this.#add()
    sink.addBad(this.#scanner.line, problem)
    return true
  }

  /** Makes a request of the record, unless it is filtered out or bad; returns whether another is wanted. */
  #add(): boolean {
    const { buffer, bounds, line } = this.#scanner
    const sink = this.#sink
    if (this.#scanner.cells !== this.#width) return this.#ragged()
    for (const { cell, test } of this.#conditions) {
      if (!test(buffer, bounds[2 * cell]!, bounds[2 * cell + 1]!)) {
        sink.filteredRows++
        return true
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
        sink.addBad(line, this.#timeColumn.problem(text, this.#columns.names[this.#time]!))
        return true
      }
    }
    if (this.#size >= 0) {
      const known = this.#sizeOf === undefined ? undefined : this.#sizeOf(this.#scanner)
      if (known === undefined) {
        size = parseNumber(buffer, bounds[2 * this.#size]!, bounds[2 * this.#size + 1]!)
        if (!isSize(size)) return this.#bad('size', this.#size, SIZE_RULE)
      } else {
        size = known
      }
    }
    if (this.#cost >= 0) {
      cost = parseNumber(buffer, bounds[2 * this.#cost]!, bounds[2 * this.#cost + 1]!) * this.#costFactor
      if (!isCost(cost)) return this.#bad('cost', this.#cost, COST_RULE)
    }
    if (this.#op >= 0) {
      op = this.#opColumn.parse(buffer, bounds[2 * this.#op]!, bounds[2 * this.#op + 1]!)
      if (op === undefined) return this.#bad('operation', this.#op, OP_RULE)
    }
    if (this.#ttl >= 0 && !this.#readTtl(buffer, bounds[2 * this.#ttl]!, bounds[2 * this.#ttl + 1]!)) {
      return this.#bad('TTL', this.#ttl, TTL_RULE)
    }
    if (this.#key >= 0) {
      const start = bounds[2 * this.#key]!
      const end = bounds[2 * this.#key + 1]!
      if (start === end && this.#isMissing(start)) return this.#noKey()
      return sink.add(line, buffer, start, end, time, size, cost, op)
    }
    const composite = this.#composite
    composite.clear()
    let present = false
    for (const cell of this.#columns.key) {
      const start = bounds[2 * cell]!
      const end = bounds[2 * cell + 1]!
      composite.add(buffer, start, end)
      if (start < end || !this.#isMissing(start)) present = true
    }
    if (!present) return this.#noKey()
    return sink.add(line, composite.bytes, 0, composite.length, time, size, cost, op)
  }

  /** A key is missing where its cell is empty, unless it is quoted: that is a text of no letters. */
  #isMissing(start: number): boolean {
    return start === 0 || this.#scanner.buffer[start - 1] !== QUOTE
  }

  #noKey(): true {
    const names = this.#columns.key.map((index) => `'${this.#columns.names[index]!}'`)
    const what = names.length === 1 ? `column ${names[0]} is empty` : `columns ${names.join(', ')} are empty`
    this.#sink.addBad(this.#scanner.line, `there is no key: ${what}`)
    return true
  }

  /** Of nothing and of 0 no TTL is made: that is how logs say that there is none. */
  #readTtl(buffer: Buffer, start: number, end: number): boolean {
    let ttl = start === end ? 0 : parseNumber(buffer, start, end) * this.#ttlFactor
    if (Number.isNaN(ttl) && buffer.toString('latin1', start, end) === FOR_EVER) ttl = Infinity
    this.#sink.ttl = ttl === 0 ? Number.NaN : ttl
    return isTtl(ttl)
  }

  #ragged(): true {
    const cells = this.#scanner.cells
    const first = this.#columns.hasHeader ? 'the header' : this.#split ? 'this format' : 'the first row'
    this.#sink.addBad(
      this.#scanner.line,
      `${cells} ${cells === 1 ? 'cell' : 'cells'} where ${first} has ${this.#width}`,
    )
    return true
  }

  #bad(what: string, cell: number, rule: string): true {
    const reason = `${what} ${quote(this.#scanner.text(cell))} of column '${this.#columns.names[cell]!}' is not ${rule}`
    this.#sink.addBad(this.#scanner.line, reason)
    return true
  }
}
