import { checkOptions, either, type OptionKinds, text, texts } from '../core/options.ts'
import type { Trace } from '../core/trace.ts'
import { formatForWriting, readTrace } from '../formats/index.ts'
import { pause, WATCH_OPTIONS, type Watch } from './watch.ts'
import { readOptions, WORKLOAD_OPTIONS, type WorkloadOptions } from './workload.ts'

/** A recorded trace as a file of another format, in chunks. */
export interface ConvertedTrace {
  readonly trace: Trace
  readonly format: string
  /** @param note told what the user should know of how it stands in the file */
  chunks(note?: (text: string) => void): Iterable<string | Uint8Array>
}

const CONVERT_OPTIONS: OptionKinds<Parameters<typeof convert>[0]> = {
  ...WORKLOAD_OPTIONS,
  ...WATCH_OPTIONS,
  trace: either(text('requests.csv'), texts('requests.csv')),
  file: text('trace.arrow'),
  outputFormat: text('arrow'),
}

/**
 * Reads one or several files as one trace, to be written in another format.
 * @param options.trace what to read, as for `compare`
 * @param options.file the name whose ending tells the format to write, unless `outputFormat` does
 * @throws InputError for anything in the options or the files that cannot be used, and a format that is only read
 */
export async function convert(
  options: Omit<WorkloadOptions, 'trace'> &
    Watch & {
      readonly trace: string | readonly string[]
      readonly file: string
      readonly outputFormat?: string | undefined
    },
): Promise<ConvertedTrace> {
  checkOptions('convert()', options, CONVERT_OPTIONS, ['trace', 'file'])
  const { trace: path, file, outputFormat, ...rest } = options
  const format = formatForWriting(file, outputFormat, '--output-format')
  const trace = await readTrace(path, readOptions(rest))
  await pause(options)
  return { trace, format: format.name, chunks: (note) => format.write(trace, note) }
}
