import type { FormatDefinition } from '../core/format.ts'
import { formatCount } from '../core/units.ts'
import { recordsAtBlanks, splitAtBlanks } from './blanks.ts'
import { nameOfId } from './id-key.ts'
import { parseNumber } from './numbers.ts'
import { RecordScanner } from './record-scanner.ts'
import { refuseColumns } from './refuse-columns.ts'
import { refuseLoneReturns } from './scan-errors.ts'
import { quote } from './text.ts'

/** Blocks that one line may stand for: half a gigabyte of the 512-byte pages that these traces are of. */
const MOST_BLOCKS = 2 ** 20
const COLUMNS = ['start', 'count', 'ignored', 'request'] as const

/**
 * The traces of the ARC paper (Megiddo and Modha, "ARC: A Self-Tuning, Low Overhead Replacement Cache", FAST 2003): on
 * each line the first block, how many follow one another, a number to be ignored, and the number of the request. A line
 * is as many requests as it has blocks.
 */
const arc: FormatDefinition = {
  name: 'arc',
  summary:
    'traces of the ARC paper: start, count, ignored and request between blanks, a request for each block',
  extensions: ['lis'],
  detect(head) {
    const rows = recordsAtBlanks(head, 100)
    return (
      rows.length >= 2 &&
      rows.every((row, i) => isRecord(row) && Number(row[3]) >= Number(rows[i - 1]?.[3] ?? 0))
    )
  },
  async read(input, options, sink) {
    refuseColumns(options, 'arc')
    refuseLoneReturns(input)
    sink.begin({ input, format: 'arc', columns: { key: 'start' }, has: {}, nameOf: nameOfId })
    const scanner = new RecordScanner(input.name, { quotes: false })
    let lines = 0
    let requests = 0
    await scanner.run(input.chunks(), () => {
      const { line } = scanner
      sink.rows++
      if (scanner.problem === undefined) splitAtBlanks(scanner)
      const problem = scanner.problem ?? problemOf(scanner)
      if (problem !== undefined) {
        sink.addBad(line, problem)
        return true
      }
      lines++
      const start = numberIn(scanner, 0)
      const end = start + numberIn(scanner, 1)
      for (let block = start; block < end; block++) {
        requests++
        if (!sink.addId(line, Math.floor(block / 2 ** 32), block >>> 0, 0, 0, 0, 0)) return false
      }
      return true
    })
    if (requests !== lines)
      sink.note(`${formatCount(lines)} lines stand for ${formatCount(requests)} requests, one for each block`)
  },
}

/** A line as these traces have it, where the number to be ignored is always 0. */
function isRecord(row: readonly string[]): boolean {
  const [, count, ignored] = row
  const isInRange = Number(count) >= 1 && Number(count) <= MOST_BLOCKS
  return (
    row.length === COLUMNS.length &&
    row.every((cell) => /^\d{1,16}$/.test(cell)) &&
    isInRange &&
    ignored === '0'
  )
}

function numberIn({ buffer, bounds }: RecordScanner, cell: number): number {
  return parseNumber(buffer, bounds[2 * cell]!, bounds[2 * cell + 1]!)
}

function problemOf(scanner: RecordScanner): string | undefined {
  const { cells } = scanner
  if (cells !== COLUMNS.length)
    return `${cells} ${cells === 1 ? 'number' : 'numbers'} where format 'arc' has 4: ${COLUMNS.join(', ')}`
  for (const [cell, name] of COLUMNS.entries()) {
    const value = numberIn(scanner, cell)
    const [least, most] = name === 'count' ? [1, MOST_BLOCKS] : [0, 2 ** 53 - MOST_BLOCKS]
    if (!(Number.isInteger(value) && value >= least && value <= most))
      return `${name} ${quote(scanner.text(cell))} is not a whole number from ${least} to ${formatCount(most)}`
  }
  return undefined
}

export default arc
