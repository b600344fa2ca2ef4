import type { FormatDefinition } from '../core/format.ts'
import { problemOfDigits } from './cells.ts'
import { allLinesMatch } from './first-lines.ts'
import { type CellClock, readTable } from './table.ts'
import { quote } from './text.ts'

const NAMES = ['timestamp', 'hostname', 'disknumber', 'type', 'offset', 'size', 'responsetime'] as const
const RECORD = /^\d{18},[^,]*,\d+,(read|write),\d+,\d+,\d+$/i
const ZERO = 0x30

/** Ticks of 100 ns from 1601 to 1970, in units of 10^9 ticks: a whole number, as it happens. */
const BILLIONS_TO_1970 = 116_444_736

/**
 * Windows' file times: ticks of 100 ns since 1601, of 18 digits from 1917 to 4770. No double holds so many, so they become
 * microseconds since 1970, whose fraction is kept to a quarter until 2041.
 */
const fileTime: CellClock = {
  parse(bytes, start, end) {
    if (end - start !== 18) return Number.NaN
    return (nineDigits(bytes, start) - BILLIONS_TO_1970) * 1e8 + nineDigits(bytes, start + 9) / 10
  },
  problem: (text, column) =>
    `${column} ${quote(text)} is not a time in ticks of 100 ns since 1601, which has 18 digits`,
  unit: () => ({ unit: 'us', dates: true }),
  show: (time) => new Date(Math.floor(time / 1000)).toISOString(),
}

/** NaN where there are other characters. */
function nineDigits(bytes: Buffer, start: number): number {
  let value = 0
  for (let position = start; position < start + 9; position++) {
    const digit = bytes[position]! - ZERO
    if (digit >>> 0 > 9) return Number.NaN
    value = value * 10 + digit
  }
  return value
}

/**
 * The block traces of servers at Microsoft Research Cambridge (Narayanan et al., "Write Off-Loading", FAST 2008; SNIA
 * IOTTA 388): CSV without a header, offsets and sizes in bytes, response times in ticks of 100 ns. A line is one request
 * for what begins at an offset of a disk, as libCacheSim has block traces.
 */
const msrCambridge: FormatDefinition = {
  name: 'msr-cambridge',
  summary: 'block traces of MSR Cambridge: timestamp,hostname,disknumber,type,offset,size,responsetime',
  extensions: [],
  detect: (head) => allLinesMatch(head, RECORD),
  read(input, options, sink) {
    return readTable(input, options, sink, {
      format: 'msr-cambridge',
      delimiter: 0x2c,
      quotes: false,
      fixed: {
        names: NAMES,
        key: ['hostname', 'disknumber', 'offset'],
        time: 'timestamp',
        clock: fileTime,
        size: 'size',
        cost: 'responsetime',
        costUnit: '100ns',
      },
      notes: options.op === undefined ? ['reads and writes count alike; --op type tells them apart'] : [],
      split(scanner) {
        if (scanner.cells < NAMES.length) return undefined
        return problemOfDigits(scanner, 2, 'disknumber') ?? problemOfDigits(scanner, 4, 'offset')
      },
    })
  },
}

export default msrCambridge
