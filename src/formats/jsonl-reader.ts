import { nearestName } from '../core/errors.ts'
import type { ReadOptions, RequestSink, TraceInput } from '../core/format.ts'
import { FLAGS, listNames, OTHER_ROLES } from './column-names.ts'
import { costFactor, describeColumns, timeUnitInName, ttlFactor } from './columns.ts'
import { CompositeKey, nameOfComposite, partsOfComposite } from './composite-key.ts'
import { JsonCells } from './json-cells.ts'
import { BadRow, parseRow, reasonOf } from './json-row.ts'
import { createLookup, type JsonObject, mayBeRounded, pathsOf, TooDeep, textOf } from './json-value.ts'
import type { JsonColumns } from './jsonl-columns.ts'
import { parseNumber } from './numbers.ts'
import { OpColumn } from './ops.ts'
import { RecordScanner } from './record-scanner.ts'
import { COST_RULE, FOR_EVER, isCost, isSize, isTtl, OP_RULE, SIZE_RULE, TTL_RULE } from './rules.ts'
import { quote } from './text.ts'
import { TimeColumn } from './time.ts'
import { parseCondition } from './where.ts'

/** A format made of rows of JSON. */
export interface RowSource {
  /** The format's name. */
  readonly format: string
  readonly sorts?: boolean
  /**
   * Adds members that are made of others to a row; false to pass it over.
   * @throws BadRow
   */
  complete?(row: Record<string, unknown>): boolean
  /** What the user should know at the end of a file. */
  notes?(): readonly string[]
}

/** A member that is wanted. */
interface Member {
  /** Its index in the paths that the scanner looks for. */
  readonly path: number
  of(row: JsonObject): unknown
}

/** Reads one JSON object a line as a trace. Keys become the bytes of their text and are interned like any others. */
export class JsonlReader {
  readonly #sink: RequestSink
  readonly #scanner: RecordScanner
  readonly #input: TraceInput
  readonly #source: RowSource
  readonly #columns: JsonColumns
  readonly #key: readonly Member[]
  readonly #time: Member | undefined
  readonly #size: Member | undefined
  readonly #cost: Member | undefined
  readonly #op: Member | undefined
  readonly #ttl: Member | undefined
  readonly #conditions: readonly {
    readonly member: Member
    test(bytes: Buffer, start: number, end: number): boolean
  }[]
  /** Values that are compared as text, so that no digit of theirs may be lost. */
  readonly #compared: readonly Member[]
  readonly #cells: JsonCells
  readonly #composite: CompositeKey
  /** The text of one value as bytes, for the parsers that cells of tables have. */
  readonly #cell = new CompositeKey(1)
  readonly #timeColumn: TimeColumn
  readonly #opColumn = new OpColumn()
  readonly #costFactor: number
  readonly #ttlFactor: number

  constructor(
    input: TraceInput,
    columns: JsonColumns,
    options: ReadOptions,
    sink: RequestSink,
    source: RowSource = { format: 'jsonl' },
  ) {
    this.#input = input
    this.#source = source
    this.#sink = sink
    this.#columns = columns
    this.#composite = new CompositeKey(columns.key.length)
    this.#scanner = new RecordScanner(input.name, { quotes: false })
    const paths: string[] = []
    const member = (path: string): Member => ({ path: paths.push(path) - 1, of: createLookup(path) })
    const optional = (path: string | undefined) => (path === undefined ? undefined : member(path))
    this.#key = columns.key.map(member)
    this.#time = optional(columns.time)
    this.#size = optional(columns.size)
    this.#cost = optional(columns.cost)
    this.#op = optional(columns.op)
    this.#ttl = optional(columns.ttl)
    this.#conditions = (options.where ?? []).map((text) => {
      const { column, test } = parseCondition(text)
      return { member: member(column), test }
    })
    this.#compared = [...this.#key, ...this.#conditions.map((condition) => condition.member)]
    this.#cells = new JsonCells(paths)
    this.#timeColumn = new TimeColumn(
      options.timeUnit,
      columns.time === undefined ? undefined : timeUnitInName(columns.time),
    )
    const cost = columns.cost === undefined ? { factor: 1 } : costFactor(options, columns.cost)
    this.#costFactor = cost.factor
    this.#ttlFactor = columns.ttl === undefined ? 1 : ttlFactor(columns.ttl)
    sink.begin({
      input,
      format: source.format,
      sorts: source.sorts === true,
      columns: describeColumns(
        columns.key,
        Object.fromEntries(OTHER_ROLES.map((role) => [role, columns[role]])),
      ),
      has: {
        times: !!this.#time,
        sizes: !!this.#size,
        costs: !!this.#cost,
        ops: !!this.#op,
        ttls: !!this.#ttl,
      },
      clock: this.#timeColumn,
      ...(columns.key.length > 1 && {
        nameOf: (bytes) => nameOfComposite(bytes),
        partsOf: (bytes) => partsOfComposite(bytes),
      }),
      notes: [...columns.notes, ...(cost.note ? [cost.note] : [])],
    })
  }

  /** @throws InputError for bad rows above the limit */
  async read(): Promise<void> {
    await this.#scanner.run(this.#input.chunks(), () => this.#record())
    for (const note of this.#source.notes?.() ?? []) this.#sink.note(note)
  }

  #record(): boolean {
    this.#sink.rows++
    const { problem, buffer, bounds } = this.#scanner
    if (problem === undefined && !this.#source.complete && this.#cells.scan(buffer, bounds[0]!, bounds[1]!)) {
      const more = this.#scanned()
      if (more !== undefined) return more
    }
    try {
      return this.#row(this.#parse())
    } catch (error) {
      this.#sink.addBad(this.#scanner.line, reasonOf(error))
      return true
    }
  }

  /**
   * Makes a request of the line as it was scanned, unless it is filtered out; returns whether another is wanted, or
   * undefined where something is wrong: the parsed object then tells what.
   */
  #scanned(): boolean | undefined {
    const cells = this.#cells
    const sink = this.#sink
    for (const { member, test } of this.#conditions) {
      if (!cells.find(member.path)) return undefined
      if (!test(cells.bytes, cells.start, cells.end)) {
        sink.filteredRows++
        return true
      }
    }
    const time = this.#time ? cells.time(this.#time.path, this.#timeColumn) : 0
    const size = this.#size ? cells.number(this.#size.path) : 0
    const cost = this.#cost ? cells.number(this.#cost.path) * this.#costFactor : 0
    if (Number.isNaN(time) || !isSize(size) || !isCost(cost)) return undefined
    let op: number | undefined = 0
    if (this.#op) {
      if (!cells.find(this.#op.path)) return undefined
      op = this.#opColumn.parse(cells.bytes, cells.start, cells.end)
      if (op === undefined) return undefined
    }
    if (this.#ttl) {
      const ttl = cells.has(this.#ttl.path) ? cells.number(this.#ttl.path) * this.#ttlFactor : 0
      if (!isTtl(ttl)) return undefined
      sink.ttl = ttl === 0 ? Number.NaN : ttl
    }
    if (!this.#key.some(({ path }) => cells.has(path))) return undefined
    const { line } = this.#scanner
    if (this.#key.length === 1) {
      if (!cells.find(this.#key[0]!.path)) return undefined
      return sink.add(line, cells.bytes, cells.start, cells.end, time, size, cost, op)
    }
    const composite = this.#composite
    composite.clear()
    for (const { path } of this.#key) {
      if (!cells.find(path)) return undefined
      composite.add(cells.bytes, cells.start, cells.end)
    }
    return sink.add(line, composite.bytes, 0, composite.length, time, size, cost, op)
  }

  #parse(): JsonObject {
    const { buffer, bounds, problem } = this.#scanner
    if (problem !== undefined) throw new BadRow(problem)
    return parseRow(buffer, bounds[0]!, bounds[1]!, (row) =>
      this.#source.complete ? mayBeRounded(row) : this.#compared.some(({ of }) => mayBeRounded(of(row))),
    )
  }

  #row(row: JsonObject): boolean {
    for (const { member, test } of this.#conditions) {
      const cell = this.#bytesOf(member.of(row))
      if (!test(cell.bytes, 0, cell.length)) {
        this.#sink.filteredRows++
        return true
      }
    }
    // A parsed row is nobody else's.
    if (this.#source.complete && !this.#source.complete(row as Record<string, unknown>)) return true
    return this.#request(row)
  }

  #request(row: JsonObject): boolean {
    const time = this.#time ? this.#timeOf(this.#time.of(row)) : 0
    const size = this.#size ? this.#numberOf(this.#size.of(row)) : 0
    if (!isSize(size)) throw this.#bad(row, 'size', SIZE_RULE)
    const cost = this.#cost ? this.#numberOf(this.#cost.of(row)) * this.#costFactor : 0
    if (!isCost(cost)) throw this.#bad(row, 'cost', COST_RULE)
    let op: number | undefined = 0
    if (this.#op) {
      const cell = this.#bytesOf(this.#op.of(row))
      op = this.#opColumn.parse(cell.bytes, 0, cell.length)
      if (op === undefined) throw this.#bad(row, 'op', OP_RULE)
    }
    if (this.#ttl) {
      const value = this.#ttl.of(row)
      const isSaid = value !== undefined && value !== null
      const ttl = value === FOR_EVER ? Infinity : isSaid ? this.#numberOf(value) * this.#ttlFactor : 0
      if (!isTtl(ttl)) throw this.#bad(row, 'ttl', TTL_RULE)
      this.#sink.ttl = ttl === 0 ? Number.NaN : ttl
    }
    const key = this.#keyOf(row)
    return this.#sink.add(this.#scanner.line, key.bytes, 0, key.length, time, size, cost, op)
  }

  #keyOf(row: JsonObject): CompositeKey {
    const composite = this.#composite
    composite.clear()
    let present = false
    for (const { of } of this.#key) {
      const value = of(row)
      if (value !== undefined && value !== null) present = true
      try {
        composite.addText(textOf(value))
      } catch (error) {
        if (error instanceof TooDeep) throw new BadRow(`the key is ${error.message}`)
        throw error
      }
    }
    if (!present) throw missing(row, this.#columns.key.join(','), FLAGS.key)
    return composite
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

  #bad(row: JsonObject, role: 'size' | 'cost' | 'op' | 'ttl', rule: string): BadRow {
    const path = this.#columns[role]!
    const value = createLookup(path)(row)
    if (value === undefined) return missing(row, path, FLAGS[role])
    return new BadRow(`${IN_WORDS[role]} ${quote(textOf(value) || 'null')} of '${path}' is not ${rule}`)
  }
}

const IN_WORDS = { size: 'size', cost: 'cost', op: 'operation', ttl: 'TTL' } as const

function missing(row: JsonObject, path: string, flag: string): BadRow {
  const paths = pathsOf(row)
  if (paths.includes(path)) return new BadRow(`'${path}' (${flag}) is null`)
  const nearest = nearestName(path, paths)
  const hint = nearest === undefined ? '' : `; did you mean '${nearest}'?`
  return new BadRow(`there is no '${path}' (${flag}) in this object${hint} (it has: ${listNames(paths)})`)
}
