import type { FormatDefinition } from '../core/format.ts'
import { defineDelimited } from './delimited.ts'

const delimited = defineDelimited({
  name: 'csv',
  summary: 'cells between commas, semicolons or bars, with a header or columns given by number',
  delimiters: [',', ';', '|'],
  extensions: ['csv'],
})

/** Comma-separated values (RFC 4180), and their relatives with semicolons or bars. */
const csv: FormatDefinition = {
  ...delimited,
  // A trace of keys alone has no delimiter to tell it by, only the header that is written above them.
  detect: (head) =>
    delimited.detect(head) || /^key\r?\n/.test(Buffer.from(head.subarray(0, 8)).toString('latin1')),
}

export default csv
