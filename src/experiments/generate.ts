import { formatForWriting } from '../formats/index.ts'
import type { Watch } from './watch.ts'
import { openWorkload, type Workload, type WorkloadOptions } from './workload.ts'

/** A synthetic workload as the text of a trace file, in chunks. */
export interface GeneratedTrace {
  readonly workload: Workload
  readonly format: string
  chunks(): Iterable<string | Uint8Array>
}

/**
 * @param file the name whose ending tells the format, unless `format` does
 * @throws InputError for anything in the options that cannot be used, and a format that is only read
 */
export async function generate(
  options: WorkloadOptions & Watch & { readonly file: string },
): Promise<GeneratedTrace> {
  const { file, format: name, ...rest } = options
  const format = formatForWriting(file, name)
  const workload = await openWorkload(rest)
  return { workload, format: format.name, chunks: () => format.write(workload.trace) }
}
