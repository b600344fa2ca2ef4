import type { FormatDefinition } from '../core/format.ts'
import type { Trace } from '../core/trace.ts'
import { firstRecords, sniffDelimiter } from './delimiter.ts'
import { readTable } from './table.ts'
import { inChunks, writtenColumns } from './write.ts'

/**
 * A format of delimited cells with a header where there is one, quoted as RFC 4180 has it.
 * @param delimiters the ones that are recognised; the first is written
 */
export function defineDelimited(definition: {
  readonly name: string
  readonly summary: string
  readonly delimiters: readonly [string, ...string[]]
  readonly extensions: readonly string[]
}): FormatDefinition {
  const { name, summary, delimiters, extensions } = definition
  return {
    name,
    summary,
    extensions,
    detect: (head) => sniffDelimiter(head, delimiters) !== undefined,
    read(input, options, sink) {
      const delimiter = sniffDelimiter(input.head, delimiters) ?? delimiters[0]
      return readTable(input, options, sink, {
        format: name,
        delimiter: delimiter.charCodeAt(0),
        quotes: true,
        firstRecords: firstRecords(input.head, delimiter, 2),
      })
    },
    write: (trace, note) => inChunks(lines(trace, delimiters[0], note)),
  }
}

function* lines(trace: Trace, delimiter: string, note?: (text: string) => void): Generator<string> {
  const columns = writtenColumns(trace, note)
  const special = new RegExp(`["\\r\\n${delimiter}]`)
  const cell = (text: string) =>
    text === '' || special.test(text) ? `"${text.replaceAll('"', '""')}"` : text
  yield `${columns.map(({ header }) => header).join(delimiter)}\n`
  for (let row = 0; row < trace.length; row++) {
    yield `${columns.map((column) => cell(column.text(row))).join(delimiter)}\n`
  }
}
