import type { FormatDefinition } from '../core/format.ts'
import { problemOfDigits, trimCell } from './cells.ts'
import { allLinesMatch } from './first-lines.ts'
import { readTable } from './table.ts'

const NAMES = ['asu', 'lba', 'size', 'opcode', 'timestamp'] as const
const RECORD = /^\s*\d+\s*,\s*\d+\s*,\s*\d+\s*,\s*[rw]\s*,\s*\d+(\.\d*)?\s*(,.*)?$/i

/**
 * Block traces as the Storage Performance Council has them ("SPC Trace File Format Specification", 1.0.1, 2002), which the
 * UMass Trace Repository's Financial and WebSearch are: application storage unit, logical block address within it, bytes,
 * r or w, seconds, and fields of the recorder's own, which are not read. A line is one request for what begins at an
 * address of a unit, as libCacheSim has block traces; simulators of page caches make one of each block instead.
 */
const spc: FormatDefinition = {
  name: 'spc',
  summary: 'SPC-1 block traces, such as UMass’s: asu,lba,size,opcode,timestamp',
  extensions: ['spc'],
  detect: (head) => allLinesMatch(head, RECORD),
  read(input, options, sink) {
    return readTable(input, options, sink, {
      format: 'spc',
      delimiter: 0x2c,
      quotes: false,
      fixed: {
        names: NAMES,
        key: ['asu', 'lba'],
        size: 'size',
        time: 'timestamp',
        timeUnit: 's',
      },
      notes: options.op === undefined ? ['reads and writes count alike; --op opcode tells them apart'] : [],
      split(scanner) {
        if (scanner.cells < NAMES.length) return undefined
        scanner.cells = NAMES.length
        trimCell(scanner, 0)
        trimCell(scanner, 1)
        return problemOfDigits(scanner, 0, 'asu') ?? problemOfDigits(scanner, 1, 'lba')
      },
    })
  },
}

export default spc
