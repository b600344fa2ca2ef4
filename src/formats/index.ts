import { InputError } from '../core/errors.ts'
import { type ByteStream, type FormatDefinition, READ_OPTIONS, type ReadOptions } from '../core/format.ts'
import { checkOptions, describeValue, having, type OptionKind, text } from '../core/options.ts'
import { Registry } from '../core/registry.ts'
import type { Trace } from '../core/trace.ts'
import csv from './csv.ts'
import jsonl from './jsonl.ts'
import lines from './lines.ts'
import { openInput } from './open.ts'
import tsv from './tsv.ts'

/** All formats of recorded traces. The content is shown to each in this order: the surest to recognise stand first. */
export const formats = new Registry<FormatDefinition>('format', [jsonl, tsv, csv, lines])

export const STDIN: OptionKind = having('a stream such as process.stdin', Symbol.asyncIterator)

/**
 * Reads a recorded trace from a file, plain or gzip, or from standard input where `path` is `-`. The format is told by
 * the content, else by the ending of the name, else it is one key a line.
 * @param options.format the format's name, where it is known better
 * @param options.stdin what `-` reads
 * @throws InputError for anything that is wrong with the file or the options, in one sentence
 */
export async function readTrace(
  path: string,
  options: ReadOptions & { readonly format?: string; readonly stdin?: ByteStream } = {},
): Promise<Trace> {
  if (typeof path !== 'string')
    throw new InputError(`readTrace() is given ${describeValue(path)}: it takes the name of a file, or '-'`)
  checkOptions('readTrace()', options, { ...READ_OPTIONS, format: text('csv'), stdin: STDIN })
  const given = options.format === undefined ? undefined : formats.get(options.format)
  const input = await openInput(path, options.stdin)
  try {
    const format = given ?? formats.all.find((each) => each.detect(input.head)) ?? byEnding(path) ?? lines
    return await format.read(input, options)
  } finally {
    await input.close()
  }
}

/**
 * The format to write `path` in: the one named, else the one its ending belongs to (`.gz` not counted).
 * @throws InputError where the format is unknown, or is only read
 */
export function formatForWriting(
  path: string,
  name?: string,
): FormatDefinition & Required<Pick<FormatDefinition, 'write'>> {
  const format = name === undefined ? byEnding(path) : formats.get(name)
  const writable = formats.all.filter((each) => each.write !== undefined).map((each) => each.name)
  if (format === undefined) {
    throw new InputError(
      `the ending of '${path}' belongs to no format: name it with --format (${writable.join(', ')})`,
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
