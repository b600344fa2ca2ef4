import type { RecordScanner } from './record-scanner.ts'
import { quote } from './text.ts'

const [SPACE, TAB, STAR, ZERO] = [0x20, 0x09, 0x2a, 0x30]

/** Takes the blanks off the ends of a cell. */
export function trimCell({ buffer, bounds }: RecordScanner, cell: number): void {
  let start = bounds[2 * cell]!
  let end = bounds[2 * cell + 1]!
  while (start < end && isBlank(buffer[start]!)) start++
  while (start < end && isBlank(buffer[end - 1]!)) end--
  bounds[2 * cell] = start
  bounds[2 * cell + 1] = end
}

/** What is wrong with a cell that is not made of digits alone, if so. */
export function problemOfDigits(scanner: RecordScanner, cell: number, name: string): string | undefined {
  const { buffer, bounds } = scanner
  const end = bounds[2 * cell + 1]!
  let position = bounds[2 * cell]!
  const isEmpty = position === end
  while (position < end && (buffer[position]! - ZERO) >>> 0 <= 9) position++
  if (position === end && !isEmpty) return undefined
  return `${name} ${quote(scanner.text(cell))} is not a whole number of 0 or more`
}

/** Is the first cell a star and nothing else? */
export function isStar({ buffer, bounds }: RecordScanner): boolean {
  return bounds[1]! - bounds[0]! === 1 && buffer[bounds[0]!] === STAR
}

export function isBlank(byte: number): boolean {
  return byte === SPACE || byte === TAB
}
