import type { FormatDefinition } from '../core/format.ts'
import type { Trace } from '../core/trace.ts'
import { firstLines } from './first-lines.ts'
import { LOOKED_AT } from './json-row.ts'
import { findMembers } from './jsonl-columns.ts'
import { JsonlReader } from './jsonl-reader.ts'
import { FOR_EVER } from './rules.ts'
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
    const columns = findMembers(firstLines(input.head, LOOKED_AT), options, input.name)
    await new JsonlReader(input, columns, options, sink).read()
  },
  write: (trace, note) => inChunks(lines(trace, note)),
}

function* lines(trace: Trace, note?: (text: string) => void): Generator<string> {
  const columns = writtenColumns(trace, note, /\p{Surrogate}/gu).map(({ header, text }) => {
    const isText = header === 'key' || header === 'op'
    return (row: number) => {
      const value = text(row)
      // A TTL that is not said is nothing, and one without end a word.
      return `"${header}":${isText || value === FOR_EVER ? JSON.stringify(value) : value || 'null'}`
    }
  })
  for (let row = 0; row < trace.length; row++) yield `{${columns.map((column) => column(row)).join(',')}}\n`
}

export default jsonl
