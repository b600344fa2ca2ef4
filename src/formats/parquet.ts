import { InputError } from '../core/errors.ts'
import type { FormatDefinition, ReadOptions, RequestSink, TraceInput } from '../core/format.ts'
import { ColumnRows } from './column-rows.ts'
import { randomAccess } from './random-access.ts'

/** Apache Parquet (parquet.apache.org). The library is loaded with the first file, since few runs read one. */
const parquet: FormatDefinition = {
  name: 'parquet',
  summary: 'Apache Parquet; only the columns wanted are read, columns in structs are dotted paths',
  extensions: ['parquet', 'pq'],
  detect: (head) => /^PAR[1E]/.test(Buffer.from(head.subarray(0, 4)).toString('latin1')),
  read,
}

async function read(input: TraceInput, options: ReadOptions, sink: RequestSink): Promise<void> {
  if (!parquet.detect(input.head)) {
    throw new InputError(`'${input.name}' is not a Parquet file: it does not begin with PAR1`)
  }
  if (input.head[3] === 0x45) throw new InputError(`'${input.name}' is an encrypted Parquet file`)
  const { ParquetFile } = await import('./parquet-file.ts')
  const file = await ParquetFile.open(input.name, await randomAccess(input))
  const rows = await ColumnRows.open(
    { input, format: 'parquet', columns: file.columns, first: (column) => file.first(column) },
    options,
    sink,
  )
  for (let group = 0; group < file.groups; group++) {
    for await (const block of file.blocks(group, rows.needed)) {
      if (!rows.add(block.rows, block.columns)) return
    }
  }
}

export default parquet
