import type { FormatDefinition } from '../core/format.ts'
import { firstLogLines, mostLinesMatch } from './first-lines.ts'
import type { RecordScanner } from './record-scanner.ts'
import { readTable } from './table.ts'

const COLUMNS = ['timestamp', 'key', 'key_size', 'value_size', 'client', 'op', 'ttl'] as const
const LINE =
  /^\d+(?:\.\d+)?,.*,\d+,\d+,[^,]*,(?:gets?|set|add|replace|cas|append|prepend|delete|incr|decr),\d+$/
const [COMMA, ZERO, LETTER_G] = [0x2c, 0x30, 0x67]
const Cell = { valueSize: 3, op: 5 } as const

/**
 * Twitter's cache traces (Yang, Yue and Vinayak, "A large scale analysis of hundreds of in-memory cache clusters at
 * Twitter", OSDI 2020; github.com/twitter/cache-trace): no header, seconds. A key may hold commas: the other columns are
 * counted from the ends of the line. Sizes are those of values, as in every trace here; `--value-size key_size` takes the
 * other. A read of a value of 0 bytes is one that found none.
 */
const twitter: FormatDefinition = {
  name: 'twitter',
  summary: "Twitter's cache traces: timestamp,key,key_size,value_size,client,op,ttl",
  extensions: [],
  // A header makes it a table like any other, whose columns have names.
  detect: (head) => mostLinesMatch(head, LINE) && /^\d/.test(firstLogLines(head)[0]!),
  read: (input, options, sink) =>
    readTable(input, options, sink, {
      format: 'twitter',
      quotes: false,
      fixed: {
        names: COLUMNS,
        ...{ key: ['key'], time: 'timestamp', timeUnit: 's', size: 'value_size', op: 'op', ttl: 'ttl' },
      },
      split,
      sizeOf: ({ buffer, bounds }) => {
        const start = bounds[2 * Cell.valueSize]!
        const isZero = buffer[start] === ZERO && bounds[2 * Cell.valueSize + 1] === start + 1
        return isZero && buffer[bounds[2 * Cell.op]!] === LETTER_G ? Number.NaN : undefined
      },
      unsaidSizes: 'empty',
      notes: ['sizes are those of the values alone; keys come on top (column key_size)'],
    }),
}

function split(scanner: RecordScanner): string | undefined {
  const { buffer, bounds } = scanner
  const [start, end] = [bounds[0]!, bounds[1]!]
  let stop = end
  for (let cell = COLUMNS.length - 1; cell >= 2; cell--) {
    let comma = stop - 1
    while (comma >= start && buffer[comma] !== COMMA) comma--
    if (comma < start) return TOO_FEW
    bounds[2 * cell] = comma + 1
    bounds[2 * cell + 1] = stop
    stop = comma
  }
  let comma = start
  while (comma < stop && buffer[comma] !== COMMA) comma++
  if (comma === stop) return TOO_FEW
  bounds[0] = start
  bounds[1] = comma
  bounds[2] = comma + 1
  bounds[3] = stop
  scanner.cells = COLUMNS.length
  return undefined
}

const TOO_FEW = `fewer than the 7 cells of a line: ${COLUMNS.join(',')}`

export default twitter
