import { InputError } from '../core/errors.ts'
import {
  type Clock,
  type FileDescription,
  PER_SECOND,
  type ReadOptions,
  type RequestSink,
  type TimeUnit,
  type TraceColumns,
} from '../core/format.ts'
import { createColumn, type KeyNames, type Trace, type TraceSource } from '../core/trace.ts'
import { formatCount } from '../core/units.ts'
import { BadRows } from './bad-rows.ts'
import type { Constants } from './constants.ts'
import { fillSizes, judgeFilled } from './fill-sizes.ts'
import { BLOCK_LENGTH, type ColumnType, GrowableColumn } from './growable.ts'
import { KeyInterner } from './intern.ts'
import { keyDigest } from './key-digest.ts'
import { type CollectedColumns, putInOrder, renamed } from './reorder.ts'
import { Selection } from './selection.ts'
import { nameOfAll, requireAlike } from './several-files.ts'
import { decodeText } from './text.ts'

/**
 * Makes one trace of the requests of one or several files, see `RequestSink`. Rows go into growing columns; keys are
 * interned in batches, so that waiting for memory overlaps; times become seconds since the first request, and are
 * checked, or sorted, to run forward.
 */
export class TraceCollector implements RequestSink {
  rows = 0
  filteredRows = 0
  ttl = Number.NaN
  group = 0
  readonly takesTrace: boolean
  /** The trace of the one file, where that was taken as it stands. */
  #taken: TraceColumns | undefined
  readonly #options: ReadOptions
  readonly #constants: Constants
  readonly #keys: KeyInterner
  readonly #selection: Selection
  readonly #files: FileDescription[] = []
  readonly #notes = new Set<string>()
  /** What readers said on the way. */
  readonly #said = new Set<string>()
  readonly #bad: BadRows

  readonly #ids = new GrowableColumn(Uint32Array)
  #times: GrowableColumn<Float64Array> | undefined
  #sizes: GrowableColumn<Uint32Array> | undefined
  /** 1 where the size is not said. */
  #unsaid: GrowableColumn<Uint8Array> | undefined
  #costs: GrowableColumn<Float32Array> | undefined
  #ops: GrowableColumn<Uint8Array> | undefined
  #ttls: GrowableColumn<Float32Array> | undefined
  #groups: GrowableColumn<Uint32Array> | undefined
  /** Requests taken, those in full blocks included; of the block at hand, taken and with their ids known. */
  #length = 0
  #used = 0
  #known = 0

  /** Nothing to be asked of a request but its time. */
  #plain = true
  /** Of the file at hand, and of all: known with the first time. */
  #unit: TimeUnit | undefined
  #traceUnit: TimeUnit | undefined
  #last = -Infinity
  #backwards = false
  /** What the groups of the file at hand begin at. */
  #firstGroup = 0
  #lastGroup = -1
  /** Keys stand as hashes; keys that are numbers never do. */
  #hashed = false

  /**
   * @param constants columns that hold one value for all requests, whatever the files have
   * @param files how many there are
   */
  constructor(options: ReadOptions, constants: Constants = {}, files = 1) {
    this.#options = options
    this.#constants = constants
    this.#bad = new BadRows(options.maxBadRows ?? 0)
    this.#selection = new Selection(options)
    this.takesTrace = files === 1 && !this.#selection.checks && options.keyHash !== true
    this.#keys = new KeyInterner({ names: options.keyNames ?? true, sample: this.#selection.sample })
  }

  /** Whether no further request is wanted. */
  get isFull(): boolean {
    return this.#selection.isFull
  }

  begin(file: FileDescription): void {
    const { has } = file
    const [first] = this.#files
    this.#files.push(file)
    for (const note of file.notes ?? []) this.#notes.add(note)
    if (first === undefined) {
      this.#times = has.times ? new GrowableColumn(Float64Array) : undefined
      this.#sizes = has.sizes ? new GrowableColumn(Uint32Array) : undefined
      this.#unsaid = has.sizes && file.unsaidSizes ? new GrowableColumn(Uint8Array) : undefined
      this.#costs = has.costs ? new GrowableColumn(Float32Array) : undefined
      this.#ops = has.ops ? new GrowableColumn(Uint8Array) : undefined
      this.#ttls = has.ttls ? new GrowableColumn(Float32Array) : undefined
      this.#groups = has.groups ? new GrowableColumn(Uint32Array) : undefined
      this.#plain = !this.#selection.checks && !has.ttls && !has.groups && this.#options.keyHash !== true
      if (!has.times) this.#selection.requireNoTimes(file)
    } else {
      requireAlike(first, file)
      this.#firstGroup = this.#lastGroup + 1
    }
    this.#unit = undefined
  }

  takeTrace(file: FileDescription, trace: TraceColumns): void {
    this.#files.push(file)
    for (const note of file.notes ?? []) this.#notes.add(note)
    this.#taken = trace
    this.rows = trace.length
  }

  note(text: string): void {
    this.#said.add(text)
  }

  addBad(line: number, reason: string): void {
    this.#bad.add(this.#files.at(-1)!, this.#files.length > 1, line, reason)
  }

  add(
    line: number,
    bytes: Buffer,
    start: number,
    end: number,
    time: number,
    size: number,
    cost: number,
    op: number,
  ): boolean {
    if (!this.#plain) {
      if (this.#selection.checks && !this.#isSelected(time)) return !this.#selection.isFull
      if (this.#options.keyHash) {
        const digest = keyDigest(bytes, start, end)
        this.#hashed = true
        if (this.#keys.push(digest, 0, digest.length)) this.#take(line, time, size, cost, op)
        return !this.#selection.isFull
      }
    }
    if (this.#keys.push(bytes, start, end)) this.#take(line, time, size, cost, op)
    return !this.#selection.isFull
  }

  addId(
    line: number,
    high: number,
    low: number,
    time: number,
    size: number,
    cost: number,
    op: number,
  ): boolean {
    if (!this.#plain && this.#selection.checks && !this.#isSelected(time)) return !this.#selection.isFull
    if (this.#keys.pushId(high, low)) this.#take(line, time, size, cost, op)
    return !this.#selection.isFull
  }

  #isSelected(time: number): boolean {
    if (this.#times && this.#unit === undefined) this.#readClock(time)
    return this.#selection.take(time)
  }

  /** The rest of a request whose key has been pushed. */
  #take(line: number, time: number, size: number, cost: number, op: number): void {
    const at = this.#used++
    if (this.#times) {
      if (this.#unit === undefined) this.#readClock(time)
      if (time < this.#last) this.#runsBackwards(line, time)
      this.#last = time
      this.#times.block[at] = time
    }
    if (this.#sizes) this.#sizes.block[at] = size
    if (this.#unsaid) this.#unsaid.block[at] = Number.isNaN(size) ? 1 : 0
    if (this.#costs) this.#costs.block[at] = cost
    if (this.#ops) this.#ops.block[at] = op
    if (this.#ttls) this.#ttls.block[at] = this.ttl
    if (this.#groups) this.#groups.block[at] = this.#lastGroup = this.#firstGroup + this.group
    this.#length++
    if (this.#keys.isFull) this.#learn()
    if (this.#used === BLOCK_LENGTH) this.#nextBlocks()
  }

  /** Looks up the keys that wait. */
  #learn(): void {
    this.#keys.drain(this.#ids.block, this.#known)
    this.#known = this.#used
  }

  #nextBlocks(): void {
    this.#learn()
    for (const column of [
      this.#ids,
      this.#times,
      this.#sizes,
      this.#unsaid,
      this.#costs,
      this.#ops,
      this.#ttls,
      this.#groups,
    ]) {
      column?.next()
    }
    this.#used = 0
    this.#known = 0
  }

  /** The unit of a file's times is told by the first of them, and must be that of the files before. */
  #readClock(time: number): void {
    const clock = this.#clock
    const { unit, note, dates } = clock.unit(time)
    const [first] = this.#files
    const file = this.#files.at(-1)!
    if (note) this.#notes.add(note)
    this.#unit = unit
    if (this.#traceUnit === undefined) {
      this.#traceUnit = unit
      this.#selection.setClock(time, { unit, dates }, this.#options.sort === true || file.sorts === true)
    } else if (unit !== this.#traceUnit) {
      throw new InputError(
        `'${file.input.name}' has times in ${unit} and '${first!.input.name}' in ${this.#traceUnit}: one trace has one clock (--time-unit says which)`,
      )
    }
  }

  get #clock(): Clock {
    return this.#files.at(-1)!.clock!
  }

  #runsBackwards(line: number, time: number): void {
    const file = this.#files.at(-1)!
    if (!this.#options.sort && !file.sorts) {
      const show = (raw: number) => this.#clock.show(raw)
      throw new InputError(
        `'${file.input.name}' ${file.place ?? 'line'} ${line}: time runs backwards, from ${show(this.#last)} to ${show(time)}; --sort puts the rows in order of time`,
      )
    }
    this.#backwards = true
  }

  /**
   * The trace of all files. The collector must not be used afterwards.
   * @throws InputError where there is not one request
   */
  finish(): Trace {
    const [file] = this.#files
    if (file && this.#taken) return this.#finishTaken(file, this.#taken)
    const length = this.#length
    if (file === undefined || length === 0) throw this.#noRequests()
    this.#learn()
    const constants = this.#constants
    const columns: CollectedColumns = {
      keys: this.#ids.finish(length),
      times: this.#times?.finish(length),
      sizes: columnOf(this.#sizes, Uint32Array, length, constants.sizes),
      unsaid: constants.sizes === undefined ? this.#unsaid?.finish(length) : undefined,
      costs: columnOf(this.#costs, Float32Array, length, constants.costs),
      ops: columnOf(this.#ops, Uint8Array, length, constants.ops),
      ttls: columnOf(this.#ttls, Float32Array, length, constants.ttls),
      groups: columnOf(this.#groups, Uint32Array, length, undefined),
    }
    const keyCount = this.#keys.count
    let keyNames = this.#options.keyNames === false ? undefined : this.#namesOf(file)
    if (columns.times && this.#backwards) {
      const original = putInOrder(columns, columns.times, keyCount)
      if (keyNames) keyNames = renamed(keyNames, original)
      this.#notes.add('rows were not in order of time and have been sorted')
    }
    const { keys, times, unsaid, costs, ops, ttls, groups } = columns
    let { sizes } = columns
    if (sizes && unsaid) {
      const { isWorthHaving, note } = judgeFilled(fillSizes(keys, sizes, unsaid, ops, keyCount), length, file)
      if (note !== undefined) this.#notes.add(note)
      if (!isWorthHaving) sizes = undefined
    }
    if (times) this.#intoSeconds(times)
    return {
      name: nameOfAll(this.#files),
      length,
      keyCount,
      keys,
      ...(times && { times }),
      ...(sizes && { sizes }),
      ...(costs && { costs }),
      ...(ops && { ops }),
      ...(ttls && { ttls }),
      ...(groups && { groups }),
      ...(keyNames && { keyNames }),
      source: this.#source(file),
    }
  }

  /** Times of the trace's clock as seconds since the first. */
  #intoSeconds(times: Float64Array): void {
    const perSecond = PER_SECOND[this.#traceUnit!]
    const first = times[0]!
    for (let i = 0; i < times.length; i++) times[i] = (times[i]! - first) / perSecond
    const years = times[times.length - 1]! / (365.25 * 86_400)
    if (years > 100)
      this.#notes.add(`the trace spans ${Math.round(years)} years: is the unit of the times right?`)
  }

  #finishTaken(file: FileDescription, trace: TraceColumns): Trace {
    const { keyNames, ...columns } = trace
    const constants = this.#constants
    const filled = {
      sizes: columnOf(undefined, Uint32Array, trace.length, constants.sizes),
      costs: columnOf(undefined, Float32Array, trace.length, constants.costs),
      ops: columnOf(undefined, Uint8Array, trace.length, constants.ops),
      ttls: columnOf(undefined, Float32Array, trace.length, constants.ttls),
    }
    return {
      name: nameOfAll(this.#files),
      ...columns,
      ...(filled.sizes && { sizes: filled.sizes }),
      ...(filled.costs && { costs: filled.costs }),
      ...(filled.ops && { ops: filled.ops }),
      ...(filled.ttls && { ttls: filled.ttls }),
      ...(keyNames && this.#options.keyNames !== false && { keyNames }),
      source: this.#source(file),
    }
  }

  #namesOf({ nameOf = decodeText, partsOf }: FileDescription): KeyNames {
    const bytesOf = this.#keys.bytesOfKeys()
    if (this.#hashed) return { nameOf: (key) => decodeText(bytesOf(key)) }
    return {
      nameOf: (key) => nameOf(bytesOf(key)),
      ...(partsOf && { partsOf: (key: number) => partsOf(bytesOf(key)) }),
    }
  }

  #source(file: FileDescription): TraceSource {
    const selected = this.#selection.describe(this.#length)
    return {
      files: this.#files.map(({ input }) => input.name),
      format: file.format,
      compression: file.input.compression,
      rows: this.rows,
      filteredRows: this.filteredRows,
      badRows: this.#bad.count,
      badRowSamples: this.#bad.samples,
      columns: file.columns,
      sampleRate: this.#selection.sample,
      notes: [...this.#notes, ...this.#said, ...selected],
    }
  }

  #noRequests(): InputError {
    const names = this.#files.map(({ input }) => `'${input.name}'`).join(', ')
    const lead = `${names} ${this.#files.length > 1 ? 'have' : 'has'} no requests: `
    const { where = [] } = this.#options
    if (this.#selection.seen > 0) return new InputError(lead + this.#selection.whyNone())
    if (this.filteredRows > 0) {
      const all =
        this.filteredRows === 1 ? 'its one row' : `any of its ${formatCount(this.filteredRows)} rows`
      return new InputError(`${lead}--where ${where.join(' --where ')} does not hold for ${all}`)
    }
    if (this.rows > this.#bad.count && this.#said.size > 0)
      return new InputError(lead + [...this.#said].join('; '))
    const [bad] = this.#bad.samples
    const only = bad ? `, only ${this.#bad.count} bad: line ${bad.line}: ${bad.reason}` : ''
    return new InputError(`${lead}there are no rows of data in it${only}`)
  }
}

type Column = Uint32Array | Float64Array | Float32Array | Uint8Array

/** A column as it was collected, or of one value where a constant is given. */
function columnOf<T extends Column>(
  column: GrowableColumn<T> | undefined,
  type: ColumnType<T>,
  length: number,
  constant: number | undefined,
): T | undefined {
  if (constant === undefined) return column?.finish(length)
  const filled = createColumn(type, length)
  filled.fill(constant)
  return filled
}
