import type { Readable } from 'node:stream'
import { InputError } from '../core/errors.ts'
import type { FormatDefinition, ReadOptions, TraceInput } from '../core/format.ts'
import { Registry } from '../core/registry.ts'
import type { Trace } from '../core/trace.ts'
import arrow from './arrow.ts'
import { takeConstants } from './constants.ts'
import csv from './csv.ts'
import jsonl from './jsonl.ts'
import lines from './lines.ts'
import { openInput } from './open.ts'
import parquet from './parquet.ts'
import { expandPaths } from './paths.ts'
import { TraceCollector } from './request-sink.ts'
import tsv from './tsv.ts'

/** All formats of recorded traces. The content is shown to each in this order: the surest to recognise stand first. */
export const formats = new Registry<FormatDefinition>('format', [parquet, arrow, jsonl, tsv, csv, lines])

/** How a trace is to be read, by whoever asks for one. */
export interface ReadTraceOptions extends Omit<ReadOptions, 'onProgress'> {
  /** The format's name, where it is known better than its content and name tell. */
  readonly format?: string
  /** What `-` reads. */
  readonly stdin?: Readable
  /** Called now and then. */
  readonly onProgress?: (progress: { readonly bytes: number; readonly rows: number }) => void
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
  const { format: named, stdin, onProgress, ...rest } = options
  const paths = await expandPaths(typeof path === 'string' ? [path] : path)
  let format = named === undefined ? undefined : formats.get(named)
  const { columns, constants } = takeConstants(rest)
  const sink = new TraceCollector(columns, constants, paths.length)
  let bytes = 0
  for (const each of paths) {
    const input = await openInput(each, stdin)
    try {
      format ??= formats.all.find((candidate) => candidate.detect(input.head)) ?? byEnding(each) ?? lines
      const watched: TraceInput = {
        ...input,
        async *chunks() {
          for await (const chunk of input.chunks()) {
            yield chunk
            bytes += chunk.length
            onProgress?.({ bytes, rows: sink.rows })
          }
        },
      }
      await format.read(watched, columns, sink)
    } finally {
      await input.close()
    }
    if (sink.isFull) break
  }
  return sink.finish()
}

/**
 * The format to write `path` in: the one named, else the one its ending belongs to (`.gz` not counted).
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
  const ending = /\.([^./\\]+)$/.exec(path.toLowerCase().replace(/\.gz$/, ''))?.[1]
  return ending === undefined ? undefined : formats.all.find((each) => each.extensions.includes(ending))
}
