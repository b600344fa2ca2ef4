import type { FormatDefinition } from '../core/format.ts'
import { isTableOfNumbers, recordsAtBlanks, splitAtBlanks } from './blanks.ts'
import { defineDelimited } from './delimited.ts'
import { readTable } from './table.ts'

const delimited = defineDelimited({
  name: 'csv',
  summary:
    'cells between commas, semicolons or bars, numbers also between blanks, with a header or columns given by number',
  delimiters: [',', ';', '|'],
  extensions: ['csv'],
})

/**
 * Comma-separated values (RFC 4180), and their relatives with semicolons or bars; also numbers between blanks, of which
 * several in a row are one delimiter.
 */
const csv: FormatDefinition = {
  ...delimited,
  // A trace of keys alone has no delimiter to tell it by, only the header that is written above them.
  detect: (head) =>
    delimited.detect(head) ||
    /^key\r?\n/.test(Buffer.from(head.subarray(0, 8)).toString('latin1')) ||
    isTableOfNumbers(head),
  read(input, options, sink) {
    if (delimited.detect(input.head) || !isTableOfNumbers(input.head))
      return delimited.read(input, options, sink)
    return readTable(input, options, sink, {
      format: 'csv',
      quotes: false,
      firstRecords: recordsAtBlanks(input.head, 2),
      split(scanner) {
        splitAtBlanks(scanner)
        return undefined
      },
    })
  },
}

export default csv
