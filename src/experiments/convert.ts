import type { Trace } from '../core/trace.ts'
import { formatForWriting, readTrace } from '../formats/index.ts'
import { pause, type Watch } from './watch.ts'
import { readOptions, type WorkloadOptions } from './workload.ts'

/** A recorded trace as a file of another format, in chunks. */
export interface ConvertedTrace {
  readonly trace: Trace
  readonly format: string
  chunks(): ReturnType<ReturnType<typeof formatForWriting>['write']>
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
  const { trace: path, file, outputFormat, ...rest } = options
  const format = formatForWriting(file, outputFormat, '--output-format')
  const trace = await readTrace(path, readOptions(rest))
  await pause(options)
  return { trace, format: format.name, chunks: () => format.write(trace) }
}
