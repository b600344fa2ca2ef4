import { isBlank } from './cells.ts'
import { hasKnownName } from './column-names.ts'
import { firstLines } from './first-lines.ts'
import type { RecordScanner } from './record-scanner.ts'

const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i

/** Cuts a record that is one cell at runs of blanks, which are one delimiter; those at its ends are none. */
export function splitAtBlanks(scanner: RecordScanner): void {
  const { buffer } = scanner
  const end = scanner.bounds[1]!
  let position = scanner.bounds[0]!
  let cells = 0
  while (position < end) {
    while (position < end && isBlank(buffer[position]!)) position++
    if (position === end) break
    if (2 * cells === scanner.bounds.length) {
      const bounds = new Int32Array(4 * cells)
      bounds.set(scanner.bounds)
      scanner.bounds = bounds
    }
    scanner.bounds[2 * cells] = position
    while (position < end && !isBlank(buffer[position]!)) position++
    scanner.bounds[2 * cells + 1] = position
    cells++
  }
  scanner.cells = cells
}

/**
 * Is the text a table of numbers between blanks? Words have blanks too, so each of its first lines must have the same
 * number of cells, at least two, and all be numbers; the first may be a header of names that are known.
 */
export function isTableOfNumbers(head: Uint8Array): boolean {
  const rows = recordsAtBlanks(head, 100)
  const cells = rows[0]?.length ?? 0
  if (rows.length < 2 || cells < 2 || rows.some((row) => row.length !== cells)) return false
  const areNumbers = (row: readonly string[]) => row.every((cell) => NUMBER.test(cell))
  return (
    rows.slice(1).every(areNumbers) && (areNumbers(rows[0]!) || (rows.length > 2 && hasKnownName(rows[0]!)))
  )
}

/** The texts of the first records of a table whose cells stand between blanks. */
export function recordsAtBlanks(head: Uint8Array, limit: number): string[][] {
  return firstLines(head, limit).map((line) => line.split(/[ \t]+/).filter((cell) => cell !== ''))
}
