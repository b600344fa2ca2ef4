import { InputError } from '../core/errors.ts'
import type { ReadOptions, RequestSink, TraceInput } from '../core/format.ts'
import { FLAGS, findColumn, OTHER_ROLES, type Role } from './column-names.ts'
import { type ColumnType, microsOf, numberOf, textOf, type Value } from './column-values.ts'
import {
  costFactor,
  describeColumns,
  mapRoles,
  type TableColumns,
  timeUnitInName,
  ttlFactor,
} from './columns.ts'
import { CompositeKey, nameOfComposite, partsOfComposite } from './composite-key.ts'
import { parseNumber } from './numbers.ts'
import { OpColumn } from './ops.ts'
import { COST_RULE, FOR_EVER, isCost, isSize, isTtl, OP_RULE, SIZE_RULE, TTL_RULE } from './rules.ts'
import { decodeText, quote } from './text.ts'
import { TimeColumn } from './time.ts'
import { parseCondition } from './where.ts'

/** A column that a file has. */
export interface NamedColumn {
  /** Dotted path. */
  readonly name: string
  readonly type: ColumnType
}

/** The values of some rows, by row from 0. */
export type ValueAt = (row: number) => Value

export interface ColumnFile {
  readonly input: TraceInput
  /** The format's name. */
  readonly format: string
  readonly columns: readonly NamedColumn[]
  /** The first value of a column that may be the operations; undefined where there are no rows. */
  first(column: number): Promise<Value>
  /** Unit of a time that is a number, where the file says it. */
  readonly timeUnit?: 's'
  /** The column that says which request of the log a touch belongs to. */
  readonly group?: number
}

/**
 * Finds the columns of a columnar file as `findColumns` does those of a table, and puts its rows into the sink.
 * Nothing of a row is kept before all of it has been found good.
 */
export class ColumnRows {
  /** Indexes of the columns whose values are wanted. */
  readonly needed: readonly number[]
  readonly #file: ColumnFile
  readonly #sink: RequestSink
  readonly #roles: TableColumns
  readonly #types: readonly ColumnType[]
  readonly #conditions: readonly {
    readonly index: number
    test(bytes: Buffer, start: number, end: number): boolean
  }[]
  readonly #composite: CompositeKey
  /** The text of one value as bytes, for the parsers that cells of tables have. */
  readonly #cell = new CompositeKey(1)
  readonly #timeColumn: TimeColumn
  readonly #opColumn = new OpColumn()
  readonly #costFactor: number
  readonly #ttlFactor: number

  /** @throws InputError for a column that is not there or is not of one value a row, or where no column is the key */
  static async open(file: ColumnFile, options: ReadOptions, sink: RequestSink): Promise<ColumnRows> {
    const names = file.columns.map(({ name }) => name)
    const unfit = file.columns.flatMap(({ type }, index) => (type.kind === 'other' ? [index] : []))
    const notes: string[] = []
    const sample: string[] = []
    for (const [index, { name, type }] of file.columns.entries()) {
      if (/(^|\.)op(eration)?$/i.test(name) && type.kind !== 'other') {
        const value = await file.first(index)
        if (value !== undefined)
          sample[index] = value instanceof Uint8Array ? decodeText(value) : textOf(value, type)
      }
    }
    const single = names.length === 1
    const found = mapRoles(names, options, file.input.name, single, { sample, paths: true }, notes, unfit)
    return new ColumnRows(file, { names, hasHeader: true, ...found, notes }, options, sink)
  }

  private constructor(file: ColumnFile, roles: TableColumns, options: ReadOptions, sink: RequestSink) {
    const { input } = file
    const { names } = roles
    this.#file = file
    this.#sink = sink
    this.#roles = roles
    this.#composite = new CompositeKey(roles.key.length)
    this.#types = file.columns.map(({ type }) => type)
    this.#conditions = (options.where ?? []).map((text) => {
      const { column, test } = parseCondition(text)
      return { index: findColumn(column, names, '--where', input.name), test }
    })
    const named = [
      ...roles.key.map((index) => [index, FLAGS.key] as const),
      ...OTHER_ROLES.map((role) => [roles[role], FLAGS[role]] as const),
      ...this.#conditions.map(({ index }) => [index, '--where'] as const),
      [file.group, ''] as const,
    ].flatMap(([index, flag]) => (index === undefined ? [] : [[index, flag] as const]))
    for (const [index, flag] of named) this.#requireValues(index, flag)
    this.needed = [...new Set(named.map(([index]) => index))]
    const { time, cost, ttl } = roles
    this.#timeColumn = new TimeColumn(
      options.timeUnit ?? file.timeUnit,
      time === undefined ? undefined : timeUnitInName(names[time]!),
    )
    const isDuration = cost !== undefined && this.#types[cost]!.kind === 'duration'
    const { factor, note } =
      cost === undefined || isDuration
        ? { factor: 1, note: undefined }
        : costFactor(options, lastStep(names[cost]!))
    this.#costFactor = factor
    this.#ttlFactor = ttl === undefined ? 1 : ttlFactor(lastStep(names[ttl]!))
    sink.begin({
      input,
      format: file.format,
      place: 'row',
      columns: describeColumns(
        roles.key.map((index) => names[index]!),
        Object.fromEntries(
          OTHER_ROLES.map((role) => [role, roles[role] === undefined ? undefined : names[roles[role]]]),
        ),
      ),
      has: {
        times: time !== undefined,
        sizes: roles.size !== undefined,
        costs: cost !== undefined,
        ops: roles.op !== undefined,
        ttls: ttl !== undefined,
        groups: file.group !== undefined,
      },
      clock: this.#timeColumn,
      ...(roles.key.length > 1 && {
        nameOf: (bytes) => nameOfComposite(bytes),
        partsOf: (bytes) => partsOfComposite(bytes),
      }),
      notes: [...roles.notes, ...(note ? [note] : [])],
    })
  }

  #requireValues(index: number, flag: string): void {
    const type = this.#types[index]!
    if (type.kind !== 'other') return
    throw new InputError(
      `${flag}: column '${this.#roles.names[index]}' of '${this.#file.input.name}' is of type ${type.name}, which has no one value a row`,
    )
  }

  /**
   * Takes in the next rows.
   * @param columns by index, of those needed
   * @returns whether more are wanted
   */
  add(rows: number, columns: readonly ValueAt[]): boolean {
    const { key, time, size, cost, op, ttl } = this.#roles
    const sink = this.#sink
    const keyAt = key.length === 1 ? columns[key[0]!]! : undefined
    const { group } = this.#file
    for (let row = 0; row < rows; row++) {
      const number = ++sink.rows
      if (this.#conditions.length > 0 && !this.#isMet(columns, row)) {
        sink.filteredRows++
        continue
      }
      let rawTime = 0
      if (time !== undefined) {
        rawTime = this.#timeOf(columns[time]!(row), this.#types[time]!)
        if (Number.isNaN(rawTime)) {
          const text = this.#shown(columns[time]!(row), time)
          sink.addBad(number, this.#timeColumn.problem(text, this.#roles.names[time]!))
          continue
        }
      }
      let bytes = 0
      if (size !== undefined) {
        bytes = this.#numberOf(columns[size]!(row), size)
        if (!isSize(bytes)) {
          this.#bad(number, 'size', columns[size]!(row), size, SIZE_RULE)
          continue
        }
      }
      let millis = 0
      if (cost !== undefined) {
        millis = this.#costOf(columns[cost]!(row), cost)
        if (!isCost(millis)) {
          this.#bad(number, 'cost', columns[cost]!(row), cost, COST_RULE)
          continue
        }
      }
      let operation: number | undefined = 0
      if (op !== undefined) {
        const cell = this.#bytesOf(columns[op]!(row), op)
        operation = this.#opColumn.parse(cell.bytes, 0, cell.length)
        if (operation === undefined) {
          this.#bad(number, 'op', columns[op]!(row), op, OP_RULE)
          continue
        }
      }
      if (ttl !== undefined && !this.#readTtl(columns[ttl]!(row), ttl)) {
        this.#bad(number, 'ttl', columns[ttl]!(row), ttl, TTL_RULE)
        continue
      }
      if (group !== undefined) sink.group = Number(columns[group]!(row))
      const composite = this.#composite
      composite.clear()
      let present = false
      if (keyAt) present = this.#addPart(composite, keyAt(row), key[0]!)
      else for (const index of key) present = this.#addPart(composite, columns[index]!(row), index) || present
      if (!present) {
        const names = key.map((index) => `'${this.#roles.names[index]}'`).join(', ')
        sink.addBad(number, `there is no key: ${names} ${key.length > 1 ? 'are' : 'is'} null`)
        continue
      }
      if (!sink.add(number, composite.bytes, 0, composite.length, rawTime, bytes, millis, operation))
        return false
    }
    return true
  }

  #isMet(columns: readonly ValueAt[], row: number): boolean {
    for (const { index, test } of this.#conditions) {
      const cell = this.#bytesOf(columns[index]!(row), index)
      if (!test(cell.bytes, 0, cell.length)) return false
    }
    return true
  }

  #timeOf(value: Value, type: ColumnType): number {
    if (value instanceof Uint8Array) {
      this.#cell.clear()
      this.#cell.add(value)
      return this.#timeColumn.parse(this.#cell.bytes, 0, this.#cell.length)
    }
    if (typeof value !== 'number' && typeof value !== 'bigint') return Number.NaN
    return type.kind === 'instant'
      ? this.#timeColumn.instant(microsOf(value, type.perSecond), type.zoned)
      : this.#timeColumn.number(numberOf(value, type))
  }

  #numberOf(value: Value, index: number): number {
    if (!(value instanceof Uint8Array)) return numberOf(value, this.#types[index]!)
    const cell = this.#bytesOf(value, index)
    return parseNumber(cell.bytes, 0, cell.length)
  }

  #costOf(value: Value, index: number): number {
    const type = this.#types[index]!
    if (type.kind === 'duration') return (numberOf(value, type) * 1000) / type.perSecond
    return this.#numberOf(value, index) * this.#costFactor
  }

  /** Of nothing and of 0 no TTL is made: that is how logs say that there is none. */
  #readTtl(value: Value, index: number): boolean {
    const type = this.#types[index]!
    const isAbsent =
      value === null || value === undefined || (typeof value === 'number' && Number.isNaN(value))
    const isEndless = value instanceof Uint8Array && decodeText(value) === FOR_EVER
    const number = isEndless ? Infinity : isAbsent ? 0 : this.#numberOf(value, index)
    const ttl = type.kind === 'duration' ? number / type.perSecond : number * this.#ttlFactor
    this.#sink.ttl = ttl === 0 ? Number.NaN : ttl
    return isTtl(ttl)
  }

  /** Returns whether there is a value. */
  #addPart(key: CompositeKey, value: Value, index: number): boolean {
    if (value instanceof Uint8Array) key.add(value)
    else key.addText(textOf(value, this.#types[index]!))
    return value !== null && value !== undefined
  }

  #bytesOf(value: Value, index: number): CompositeKey {
    this.#cell.clear()
    this.#addPart(this.#cell, value, index)
    return this.#cell
  }

  #shown(value: Value, index: number): string {
    return value instanceof Uint8Array ? decodeText(value) : textOf(value, this.#types[index]!)
  }

  #bad(row: number, role: Exclude<Role, 'key' | 'time'>, value: Value, index: number, rule: string): void {
    const text = value === null || value === undefined ? 'null' : quote(this.#shown(value, index))
    this.#sink.addBad(row, `${IN_WORDS[role]} ${text} of column '${this.#roles.names[index]}' is not ${rule}`)
  }
}

const IN_WORDS = { size: 'size', cost: 'cost', op: 'operation', ttl: 'TTL' } as const

function lastStep(path: string): string {
  return path.slice(path.lastIndexOf('.') + 1)
}
