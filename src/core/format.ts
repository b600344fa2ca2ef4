import { count, flag, numberOrText, type OptionKinds, oneOf, text, texts } from './options.ts'
import type { Part } from './registry.ts'
import type { Compression, Trace, TraceSource } from './trace.ts'

/** A trace as a file holds it, without the account of how it was read. */
export type TraceColumns = Omit<Trace, 'name' | 'source'>

/** Bytes of a trace, decompressed, in order. */
export interface TraceInput {
  /** The file as given, `-` for standard input: for messages. */
  readonly name: string
  /** What the bytes were packed with before they came here. */
  readonly compression: Compression
  /** The first bytes (up to 64 KiB), for detection; they come again in `chunks`. */
  readonly head: Uint8Array
  /** Whether the head is all there is. */
  readonly isWhole: boolean
  /** The chunks; can be consumed once. */
  chunks(): AsyncIterable<Uint8Array>
  /** Any part of the bytes; only of a regular file that is not packed. */
  readonly file?: RandomAccess
  /**
   * All bytes in one piece, instead of `chunks`.
   * @throws InputError for more than `limitBytes`, 2 GiB unless said otherwise
   */
  whole(limitBytes?: number): Promise<Uint8Array>
  /** Bytes of the file as it lies there, packed, that have been read, and of all of it: null for a pipe. */
  progress(): { readonly done: number; readonly total: number | null }
}

/** Bytes that can be read at any place. */
export interface RandomAccess {
  readonly byteLength: number
  /**
   * The bytes from `start` up to `end`, or to the last.
   * @throws InputError where the file has become shorter
   */
  slice(start: number, end?: number): Promise<ArrayBuffer>
  /**
   * Fills `target` with the bytes from `start` on: the same without memory in between.
   * @throws InputError where the file has become shorter
   */
  readInto(target: Uint8Array, start: number): Promise<void>
}

/** Units of a numeric time, and how many make a second. */
export const PER_SECOND = { s: 1, ms: 1e3, us: 1e6, ns: 1e9, '100ns': 1e7 } as const
export type TimeUnit = keyof typeof PER_SECOND

/**
 * What the user said about how a trace is to be read. Values are written as on the command line. A column of value
 * sizes, costs, TTLs or operations may also be a constant that holds for every request: `=1024`.
 */
export interface ReadOptions {
  /** Columns that make up the key, by name or 1-based number; default: detected. */
  readonly key?: readonly string[]
  /** Keys stand as a hash of their text: long ones take less memory, and nobody reads them. Default false. */
  readonly keyHash?: boolean
  readonly time?: string
  /** Unit of a numeric time column, or how its dates are written; default: detected. */
  readonly timeUnit?: TimeUnit | 'iso' | 'clf'
  readonly valueSize?: string
  readonly cost?: string
  /** Unit of the cost column; default ms. */
  readonly costUnit?: TimeUnit | 'min'
  readonly op?: string
  /** Seconds to live of what a request writes; 0 and nothing: not said. */
  readonly ttlColumn?: string
  /** Conditions such as `status=200`; a row must meet all. */
  readonly where?: readonly string[]
  /** Sort by time; otherwise a time that runs backwards is an error. */
  readonly sort?: boolean
  /** Requests to pass over at the start, after `where`, `from` and `to`: `1000` or `10M`. */
  readonly skip?: string | number
  /** Requests to read at most, after those passed over; the rest of the file is not read. */
  readonly limit?: string | number
  /** Only requests from this time on: a date, a number as in the file, or a duration after the first (`10m`). */
  readonly from?: string | number
  /** Only requests before this time, written likewise. */
  readonly to?: string | number
  /** Keep a random share of the keys, with all their requests: `1%` or 0.01. */
  readonly sample?: string | number
  /** Rows that may be unreadable before the reader gives up; default 0. */
  readonly maxBadRows?: number
  /** Keep the names of keys for reports; default true. */
  readonly keyNames?: boolean
}

/** How the times of a file are to be understood. */
export interface Clock {
  /** The unit of the raw times, told the first of them, and what the user should know of how it was found. */
  unit(first: number): {
    readonly unit: TimeUnit
    /** The times are dates, which the reader made microseconds since 1970 of. */
    readonly dates?: boolean | undefined
    readonly note?: string | undefined
  }
  /** A raw time as it stands in the file. */
  show(time: number): string
}

/** What a reader says of a file before its first request. */
export interface FileDescription {
  readonly input: TraceInput
  /** The format's name. */
  readonly format: string
  /** Which columns were taken for what, such as `{ key: ['user_id', 'model'], time: 'ts' }`. */
  readonly columns: TraceSource['columns']
  /** What requests have beside a key. */
  readonly has: {
    readonly times?: boolean
    readonly sizes?: boolean
    readonly costs?: boolean
    readonly ops?: boolean
    readonly ttls?: boolean
    readonly groups?: boolean
  }
  /** The format's rows are not in order of time by nature: they are sorted whether `sort` asks for it or not. */
  readonly sorts?: boolean
  /**
   * Some requests do not say how large the value is: their size is NaN, and they take that of the nearest request for
   * the same key which does. Where none does, there either is no value ('empty': 0 bytes), or it is not known.
   */
  readonly unsaidSizes?: 'empty' | 'unknown'
  /** Of raw times; wanted where `has.times`. */
  readonly clock?: Clock
  /** What bad rows are counted in: 'line' (default), 'record', 'row'. */
  readonly place?: string
  /** How the bytes of a key read; default: UTF-8 text. */
  readonly nameOf?: (bytes: Uint8Array) => string
  /** The parts of a key made of several columns, in the order of `columns.key`. */
  readonly partsOf?: (bytes: Uint8Array) => readonly string[]
  /** Things the user should know: a guessed column, an assumed unit. */
  readonly notes?: readonly string[]
}

/**
 * Where a reader puts what it finds. Everything that is the same for all formats happens behind it: interning of keys,
 * the order of time, skipping, sampling, counting, several files as one trace.
 */
export interface RequestSink {
  /** Rows of data seen; the reader counts up, bad and filtered ones included. */
  rows: number
  /** Rows left out because of a `--where`; the reader counts up. */
  filteredRows: number
  /** Seconds that the next requests' entries live (NaN: not said), where the file has TTLs. */
  ttl: number
  /** The request of the log that the next touches belong to, counted from 0 in each file, where there are groups. */
  group: number
  /** Begins a file. Must be called before anything is added from it. */
  begin(file: FileDescription): void
  /**
   * Counts a row that cannot be read.
   * @param line 1-based
   * @throws InputError naming the first bad row, once there are more than allowed
   */
  addBad(line: number, reason: string): void
  /** Says something the user should know that was found on the way. */
  note(text: string): void
  /**
   * Takes a request; values of columns that the file does not have are ignored.
   * @param line 1-based, for messages
   * @param bytes the key is `bytes[start, end)`
   * @param time raw, as the file's clock understands it
   * @param size bytes, a whole number below 2^32; NaN: not said, where the file has `unsaidSizes`
   * @param cost milliseconds, 0 or more
   * @param op see `Op`
   * @returns false when enough has been read: the reader stops
   * @throws InputError where time runs backwards and is not to be sorted
   */
  add(
    line: number,
    bytes: Uint8Array,
    start: number,
    end: number,
    time: number,
    size: number,
    cost: number,
    op: number,
  ): boolean
  /**
   * Whether all requests are wanted as they stand in the one file there is, so that a reader that has them as columns
   * may give these to `takeTrace` instead of adding row after row.
   */
  readonly takesTrace: boolean
  /**
   * Takes a whole file at once, instead of `begin` and `add`; only where `takesTrace`.
   * @param trace has what a trace must have: keys in order of first appearance, times that begin at 0 and run forward
   */
  takeTrace(file: FileDescription, trace: TraceColumns): void
  /** The same as `add` for a key that is a number of 64 bits, whose name is that number without sign. */
  addId(
    line: number,
    high: number,
    low: number,
    time: number,
    size: number,
    cost: number,
    op: number,
  ): boolean
}

/** The same, for callers without types. */
export const READ_OPTIONS: OptionKinds<ReadOptions> = {
  key: texts('user_id'),
  keyHash: flag,
  time: text('ts'),
  timeUnit: oneOf(...Object.keys(PER_SECOND), 'iso', 'clf'),
  valueSize: text('bytes'),
  cost: text('latency_ms'),
  costUnit: oneOf('s', 'ms', 'us', 'ns', '100ns', 'min'),
  op: text('op'),
  ttlColumn: text('ttl'),
  where: texts('status=200'),
  skip: numberOrText('1000', '1k'),
  limit: numberOrText('1000000', '1M'),
  from: numberOrText('1700000000', '2024-11-15 16:00'),
  to: numberOrText('1700003600', '1h'),
  sample: numberOrText('0.01', '1%'),
  sort: flag,
  maxBadRows: count,
  keyNames: flag,
}

/** Bytes or text in chunks, in order, such as `process.stdin` or any stream of Node or the web. */
export type ByteStream = AsyncIterable<Uint8Array | string>

/** A format of recorded traces. */
export interface FormatDefinition extends Part {
  /** Usual file endings without the dot, compression not counted. */
  readonly extensions: readonly string[]
  /** Does the content look like this format? Asked in the order of the registry, before the file name. */
  detect(head: Uint8Array): boolean
  /**
   * Reads a file into the sink.
   * @throws InputError naming file and line for anything that cannot be read
   */
  read(input: TraceInput, options: ReadOptions, sink: RequestSink): Promise<void>
  /**
   * The trace as a file, in chunks of text or bytes; absent: this format is only read.
   * @param note told what the user should know of how the trace stands there: what was rounded, what was renamed
   * @throws InputError for a trace with a column that the format cannot hold
   */
  write?(trace: Trace, note?: (text: string) => void): Iterable<string | Uint8Array>
}
