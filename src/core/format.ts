import { callback, count, flag, type OptionKinds, oneOf, text, texts } from './options.ts'
import type { Part } from './registry.ts'
import type { Trace } from './trace.ts'

/** Bytes of a trace, decompressed, in order. */
export interface TraceInput {
  /** The file as given, `-` for standard input: for messages. */
  readonly name: string
  /** What the bytes were packed with before they came here. */
  readonly compression: 'none' | 'gzip'
  /** The first bytes (up to 64 KiB), for detection; they come again in `chunks`. */
  readonly head: Uint8Array
  /** The chunks; can be consumed once. */
  chunks(): AsyncIterable<Uint8Array>
}

/** What the user said about the columns of a trace. */
export interface ReadOptions {
  /** Columns that make up the key, by name or 1-based number; default: detected. */
  readonly key?: readonly string[]
  readonly time?: string
  /** Unit of a numeric time column; default: detected from the magnitude. Dates need none. */
  readonly timeUnit?: 's' | 'ms' | 'us' | 'ns'
  readonly valueSize?: string
  readonly cost?: string
  /** Unit of the cost column; default ms. */
  readonly costUnit?: 's' | 'ms' | 'us' | 'ns' | 'min'
  readonly op?: string
  /** Conditions such as `status=200`; a row must meet all. */
  readonly where?: readonly string[]
  /** Sort by time; otherwise a time that runs backwards is an error. */
  readonly sort?: boolean
  /** Rows that may be unreadable before the reader gives up; default 0. */
  readonly maxBadRows?: number
  /** Keep the names of keys for reports; default true. */
  readonly keyNames?: boolean
  /** Called now and then with the decompressed bytes and rows read so far. */
  readonly onProgress?: (bytes: number, rows: number) => void
}

/** The same, for callers without types. */
export const READ_OPTIONS: OptionKinds<ReadOptions> = {
  key: texts('user_id'),
  time: text('ts'),
  timeUnit: oneOf('s', 'ms', 'us', 'ns'),
  valueSize: text('bytes'),
  cost: text('latency_ms'),
  costUnit: oneOf('s', 'ms', 'us', 'ns', 'min'),
  op: text('op'),
  where: texts('status=200'),
  sort: flag,
  maxBadRows: count,
  keyNames: flag,
  onProgress: callback,
}

/** Bytes or text in chunks, in order, such as `process.stdin` or any stream of Node or the web. */
export type ByteStream = AsyncIterable<Uint8Array | string>

/** A format of recorded traces. */
export interface FormatDefinition extends Part {
  /** Usual file endings without the dot, compression not counted. */
  readonly extensions: readonly string[]
  /** Does the content look like this format? Asked in the order of the registry, before the file name. */
  detect(head: Uint8Array): boolean
  /** @throws InputError naming file and line for anything that cannot be read */
  read(input: TraceInput, options: ReadOptions): Promise<Trace>
  /** The trace as text, in chunks; absent: this format is only read. */
  write?(trace: Trace): Iterable<string>
}
