import { splitPackedEnding } from '../core/compression.ts'
import { InputError } from '../core/errors.ts'
import {
  type ByteStream,
  type FormatDefinition,
  READ_OPTIONS,
  type ReadOptions,
  type TraceInput,
} from '../core/format.ts'
import {
  callback,
  checkOptions,
  describeValue,
  having,
  type OptionKind,
  type OptionKinds,
  text,
} from '../core/options.ts'
import { Registry } from '../core/registry.ts'
import type { Trace } from '../core/trace.ts'
import accessLog from './access-log.ts'
import arc from './arc.ts'
import arrow from './arrow.ts'
import { takeConstants } from './constants.ts'
import csv from './csv.ts'
import jsonl from './jsonl.ts'
import lines from './lines.ts'
import lirs from './lirs.ts'
import litellm from './litellm.ts'
import memcachedWatch from './memcached-watch.ts'
import mooncake from './mooncake.ts'
import msrCambridge from './msr-cambridge.ts'
import { openInput } from './open.ts'
import oracleGeneral from './oracle-general.ts'
import parquet from './parquet.ts'
import { expandPaths, totalSize } from './paths.ts'
import redisMonitor from './redis-monitor.ts'
import { TraceCollector } from './request-sink.ts'
import spc from './spc.ts'
import tsv from './tsv.ts'
import twitter from './twitter.ts'
import vscsi from './vscsi.ts'

/** All formats of recorded traces. The content is shown to each in this order: the surest to recognise stand first. */
export const formats = new Registry<FormatDefinition>('format', [
  parquet,
  arrow,
  vscsi,
  oracleGeneral,
  mooncake,
  litellm,
  jsonl,
  redisMonitor,
  memcachedWatch,
  accessLog,
  twitter,
  arc,
  lirs,
  spc,
  msrCambridge,
  tsv,
  csv,
  lines,
])

export const STDIN: OptionKind = having('a stream such as process.stdin', Symbol.asyncIterator)

/** How far the reading of a trace has come. */
export interface ReadProgress {
  /** Of the files as they lie there, packed or not. */
  readonly bytes: number
  /** Of all files; null where one is a pipe. */
  readonly totalBytes: number | null
  readonly rows: number
}

/** How a trace is to be read, by whoever asks for one. */
export interface ReadTraceOptions extends ReadOptions {
  /** The format's name, where it is known better than its content and name tell. */
  readonly format?: string
  /** What `-` reads. */
  readonly stdin?: ByteStream
  /** Called now and then. */
  readonly onProgress?: (progress: ReadProgress) => void
}

const READ_TRACE_OPTIONS: OptionKinds<ReadTraceOptions> = {
  ...READ_OPTIONS,
  format: text('csv'),
  stdin: STDIN,
  onProgress: callback,
}

/**
 * Reads a recorded trace from a file, plain or packed, or from standard input where `path` is `-`; several files are one
 * trace, in the order given. The format is told by the content of the first, else by the ending of its name, else it is
 * one key a line.
 * @throws InputError for anything that is wrong with a file or the options, in one sentence
 */
export async function readTrace(
  path: string | readonly string[],
  options: ReadTraceOptions = {},
): Promise<Trace> {
  if (typeof path !== 'string' && !Array.isArray(path))
    throw new InputError(
      `readTrace() is given ${describeValue(path)}: it takes the name of a file, several, or '-'`,
    )
  checkOptions('readTrace()', options, READ_TRACE_OPTIONS)
  const { format: named, stdin, onProgress, ...rest } = options
  const paths = await expandPaths(typeof path === 'string' ? [path] : path)
  let format = named === undefined ? undefined : formats.get(named)
  const { columns, constants } = takeConstants(rest)
  const sink = new TraceCollector(columns, constants, paths.length)
  const totalBytes = await totalSize(paths)
  let before = 0
  for (const each of paths) {
    const input = await openInput(each, stdin)
    const report = () => onProgress?.({ bytes: before + input.progress().done, totalBytes, rows: sink.rows })
    try {
      const detected =
        named === undefined
          ? (formats.all.find((candidate) => candidate.detect(input.head)) ?? byEnding(each) ?? lines)
          : format!
      format ??= detected
      if (detected !== format) {
        throw new InputError(
          `'${each}' looks like ${detected.name} and '${paths[0]}' like ${format.name}: one trace has one format (--format says which)`,
        )
      }
      await format.read(watched(input, report), columns, sink)
      before += input.progress().done
    } finally {
      await input.close()
    }
    if (sink.isFull) break
  }
  return sink.finish()
}

/** The same input, which reports whenever some of it has been read. */
function watched(input: TraceInput, report: () => void): TraceInput {
  const { file } = input
  const reporting = async <T>(reading: Promise<T>): Promise<T> => {
    const bytes = await reading
    report()
    return bytes
  }
  return {
    ...input,
    async *chunks() {
      for await (const chunk of input.chunks()) {
        yield chunk
        report()
      }
    },
    ...(file && {
      file: {
        byteLength: file.byteLength,
        slice: (start, end) => reporting(file.slice(start, end)),
        readInto: (target, start) => reporting(file.readInto(target, start)),
      },
    }),
    whole: (limitBytes) => reporting(input.whole(limitBytes)),
  }
}

/**
 * The format to write `path` in: the one named, else the one its ending belongs to (that of a packing not counted).
 * @param flag names a format, for the message
 * @throws InputError where the format is unknown, or is only read
 */
export function formatForWriting(
  path: string,
  name?: string,
  flag = '--format',
): FormatDefinition & Required<Pick<FormatDefinition, 'write'>> {
  const format = name === undefined ? byEnding(path) : formats.get(name)
  const writable = formats.all.filter((each) => each.write !== undefined).map((each) => each.name)
  if (format === undefined) {
    throw new InputError(
      `the ending of '${path}' belongs to no format: name it with ${flag} (${writable.join(', ')})`,
    )
  }
  if (!hasWriter(format)) {
    throw new InputError(`format '${format.name}' can only be read (to write: ${writable.join(', ')})`)
  }
  return format
}

function hasWriter(
  format: FormatDefinition,
): format is FormatDefinition & Required<Pick<FormatDefinition, 'write'>> {
  return format.write !== undefined
}

function byEnding(path: string): FormatDefinition | undefined {
  const ending = /\.([^./\\]+)$/.exec(splitPackedEnding(path).path.toLowerCase())?.[1]
  return ending === undefined ? undefined : formats.all.find((each) => each.extensions.includes(ending))
}
