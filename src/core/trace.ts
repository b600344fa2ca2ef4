import { InputError } from './errors.ts'
import { checkOptions, describeValue, having, text } from './options.ts'

/** What a request does. Numbers as they stand in a trace's `ops` column. */
export const Op = { read: 0, write: 1, delete: 2 } as const
export type Op = (typeof Op)[keyof typeof Op]

/** Names of keys, for reports only; never looked at while replaying. */
export interface KeyNames {
  nameOf(key: number): string
  /** The parts of a key composed of several columns, in the order of `source.columns.key`. */
  partsOf?(key: number): readonly string[]
}

/** What a file was packed with. */
export type Compression = 'none' | 'gzip' | 'zstd' | 'xz' | 'bzip2'

/** How a recorded trace was read; for headers and `inspect`. */
export interface TraceSource {
  /** The files as given, `-` for standard input. */
  readonly files: readonly string[]
  readonly format: string
  readonly compression: Compression
  /** Data rows seen, header not counted. */
  readonly rows: number
  /** Rows left out because a `--where` did not hold. */
  readonly filteredRows: number
  /** Rows that could not be read; never above the limit the reader was given. */
  readonly badRows: number
  /** The first few bad rows: 1-based line and what is wrong. */
  readonly badRowSamples: readonly { readonly line: number; readonly reason: string }[]
  /** Which columns were taken for what, such as `{ key: ['user_id', 'model'], time: 'ts' }`. */
  readonly columns: Readonly<Record<string, string | readonly string[]>>
  /** Share of the keys that were kept, 1 where all were. */
  readonly sampleRate: number
  /** Things the user should know: a detected unit, a guessed column. */
  readonly notes: readonly string[]
}

/**
 * A sequence of requests, as columns. Keys are dense ids 0 … keyCount − 1 in order of first appearance, so that no
 * policy ever hashes. Columns lie on `SharedArrayBuffer`s, so that worker threads share them without a copy.
 * At most 16 bytes a request for keys and times; each further column takes 1 (ops) or 4 more.
 */
export interface Trace {
  readonly name: string
  /** Requests. */
  readonly length: number
  /** Distinct keys. */
  readonly keyCount: number
  /** [length] dense key id of each request, in order. */
  readonly keys: Uint32Array
  /** [length] seconds since the first request, non-decreasing. */
  readonly times?: Float64Array
  /** [length] bytes of the value. */
  readonly sizes?: Uint32Array
  /** [length] milliseconds the model took, or would take, to compute it. */
  readonly costs?: Float32Array
  /** [length] read, write or delete (see `Op`); absent: all reads. */
  readonly ops?: Uint8Array
  /**
   * [length] seconds the entry written by this request lives; Infinity: for ever; NaN: the request does not say. Not
   * looked at where the request is a delete.
   */
  readonly ttls?: Float32Array
  /** [length] which request of the log a touch belongs to, non-decreasing: an LLM request touches many prefix blocks. */
  readonly groups?: Uint32Array
  readonly keyNames?: KeyNames
  readonly source?: TraceSource
  /** Set where the requests were drawn from a recipe: messages then speak of that. */
  readonly generated?: true
}

/** Bytes that a value can have at most: sizes are numbers of 32 bits. */
export const LARGEST_VALUE = 2 ** 32 - 1
/** The columns a trace may have beside keys, in the order they are listed in. */
export const OPTIONAL_COLUMNS = ['times', 'sizes', 'costs', 'ops', 'ttls', 'groups'] as const

type Column = Uint32Array | Float64Array | Float32Array | Uint8Array
interface ColumnType<T extends Column> {
  new (buffer: SharedArrayBuffer): T
  readonly BYTES_PER_ELEMENT: number
}

/** A zeroed column of `length` elements on a SharedArrayBuffer. */
export function createColumn<T extends Column>(type: ColumnType<T>, length: number): T {
  return new type(new SharedArrayBuffer(length * type.BYTES_PER_ELEMENT))
}

/** The same column on a SharedArrayBuffer: itself if it lies on one already, else a copy. */
export function toShared<T extends Column>(type: ColumnType<T>, values: ArrayLike<number>): T {
  if (values instanceof type && values.buffer instanceof SharedArrayBuffer) return values
  const column = createColumn(type, values.length)
  column.set(values)
  return column
}

/**
 * A trace from plain arrays of key names or ids, for library users and tests: interns the keys in order of first
 * appearance.
 * @throws InputError for what is no list of keys, and columns there are not
 * @throws RangeError where a column's length differs from the keys', holds what it cannot, or times or groups run backwards
 */
export function createTrace(columns: {
  readonly name?: string
  readonly keys: ArrayLike<string | number>
  readonly times?: ArrayLike<number>
  readonly sizes?: ArrayLike<number>
  readonly costs?: ArrayLike<number>
  readonly ops?: ArrayLike<number>
  readonly ttls?: ArrayLike<number>
  readonly groups?: ArrayLike<number>
}): Trace {
  const list = having('a list', 'length')
  const kinds = {
    keys: list,
    times: list,
    sizes: list,
    costs: list,
    ops: list,
    ttls: list,
    groups: list,
    name: text('mine'),
  }
  checkOptions('createTrace()', columns, kinds, ['keys'])
  const length = columns.keys.length
  const ids = new Map<string | number, number>()
  const keys = createColumn(Uint32Array, length)
  for (let i = 0; i < length; i++) {
    const name = columns.keys[i]!
    if (typeof name !== 'string' && typeof name !== 'number')
      throw new InputError(
        `key ${i} of createTrace() is ${describeValue(name)}: it must be a text or a number`,
      )
    let id = ids.get(name)
    if (id === undefined) {
      id = ids.size
      ids.set(name, id)
    }
    keys[i] = id
  }
  for (const column of OPTIONAL_COLUMNS) {
    const values = columns[column]
    if (values) checkColumn(column, values, length)
  }
  for (const column of ['times', 'groups'] as const) {
    const values = columns[column]
    for (let i = 1; values && i < length; i++) {
      if (values[i]! < values[i - 1]!) throw new RangeError(`${column} run backwards at request ${i}`)
    }
  }
  const names = [...ids.keys()]
  return {
    name: columns.name ?? 'trace',
    length,
    keyCount: names.length,
    keys,
    ...(columns.times && { times: toShared(Float64Array, columns.times) }),
    ...(columns.sizes && { sizes: toShared(Uint32Array, columns.sizes) }),
    ...(columns.costs && { costs: toShared(Float32Array, columns.costs) }),
    ...(columns.ops && { ops: toShared(Uint8Array, columns.ops) }),
    ...(columns.ttls && { ttls: toShared(Float32Array, columns.ttls) }),
    ...(columns.groups && { groups: toShared(Uint32Array, columns.groups) }),
    keyNames: { nameOf: (key) => String(names[key]) },
  }
}

const ALLOWED = {
  times: { holds: Number.isFinite, what: 'seconds' },
  sizes: { holds: (value: number) => value === value >>> 0, what: 'whole bytes below 2^32' },
  costs: {
    holds: (value: number) => value >= 0 && Number.isFinite(Math.fround(value)),
    what: 'milliseconds of 0 or more',
  },
  ops: {
    holds: (value: number) => value === Op.read || value === Op.write || value === Op.delete,
    what: '0 (read), 1 (write) or 2 (delete)',
  },
  ttls: {
    holds: (value: number) => Math.fround(value) > 0 || Number.isNaN(value),
    what: 'seconds above 0, Infinity (for ever) or NaN (not said)',
  },
  groups: { holds: (value: number) => value === value >>> 0, what: 'whole numbers from 0 to 2^32 − 1' },
}

function checkColumn(name: keyof typeof ALLOWED, values: ArrayLike<number>, length: number): void {
  if (values.length !== length) {
    throw new RangeError(`column ${name} has ${values.length} values for ${length} keys`)
  }
  const { holds, what } = ALLOWED[name]
  for (let i = 0; i < length; i++) {
    if (!holds(values[i]!))
      throw new RangeError(`column ${name} is ${values[i]} at request ${i}: it must hold ${what}`)
  }
}
