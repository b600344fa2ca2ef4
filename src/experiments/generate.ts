import { checkOptions, text } from '../core/options.ts'
import { formatForWriting } from '../formats/index.ts'
import { WATCH_OPTIONS, type Watch } from './watch.ts'
import { loadWorkload, WORKLOAD_OPTIONS, type Workload, type WorkloadOptions } from './workload.ts'

/** A synthetic workload as a trace file, in chunks. */
export interface GeneratedTrace {
  readonly workload: Workload
  readonly format: string
  /** @param note told what the user should know of how it stands in the file */
  chunks(note?: (text: string) => void): Iterable<string | Uint8Array>
}

/**
 * @param file the name whose ending tells the format, unless `format` does
 * @throws InputError for anything in the options that cannot be used, and a format that is only read
 */
export async function generate(
  options: WorkloadOptions & Watch & { readonly file: string },
): Promise<GeneratedTrace> {
  checkOptions('generate()', options, { ...WORKLOAD_OPTIONS, ...WATCH_OPTIONS, file: text('trace.csv') }, [
    'file',
  ])
  const { file, format: name, ...rest } = options
  const format = formatForWriting(file, name)
  const workload = await loadWorkload(rest)
  return { workload, format: format.name, chunks: (note) => format.write(workload.trace, note) }
}
