import type { FormatDefinition } from '../core/format.ts'
import type { Trace } from '../core/trace.ts'
import { findMembers } from './jsonl-columns.ts'
import { JsonlReader } from './jsonl-reader.ts'
import { HEAD_BYTES } from './open.ts'
import { RecordScanner } from './record-scanner.ts'
import { refuseLoneReturns } from './scan-errors.ts'
import { inChunks, writtenColumns } from './write.ts'

/** One JSON object a line (jsonlines.org, ndjson); columns are dotted paths such as `request.model`. */
const jsonl: FormatDefinition = {
  name: 'jsonl',
  summary: 'one JSON object a line; columns are dotted paths',
  extensions: ['jsonl', 'ndjson', 'json'],
  detect: (head) =>
    /^(\ufeff)?\s*(\[\s*)?\{\s*("|\}|$)/.test(Buffer.from(head.subarray(0, 256)).toString('utf8')),
  async read(input, options, sink) {
    refuseLoneReturns(input)
    const first = RecordScanner.first(input.head, input.head.length < HEAD_BYTES, { quotes: false }, 10)
    await new JsonlReader(input, findMembers(first, options, input.name), options, sink).read()
  },
  write: (trace) => inChunks(lines(trace)),
}

function* lines(trace: Trace): Generator<string> {
  const columns = writtenColumns(trace).map(({ header, text }) => {
    const isText = header === 'key' || header === 'op'
    return (row: number) => `"${header}":${isText ? JSON.stringify(text(row)) : text(row)}`
  })
  for (let row = 0; row < trace.length; row++) yield `{${columns.map((column) => column(row)).join(',')}}\n`
}

export default jsonl
