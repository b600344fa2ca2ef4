import { defineDelimited } from './delimited.ts'

/** Tab-separated values, quoted like CSV where a cell holds a tab, a quote or a newline. */
export default defineDelimited({
  name: 'tsv',
  summary: 'cells between tabs, with a header or columns given by number',
  delimiters: ['\t'],
  extensions: ['tsv', 'tab'],
})
