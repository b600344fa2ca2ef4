import { InputError } from '../core/errors.ts'
import { parseNumber } from './numbers.ts'

/** One condition of `--where`. */
export interface Condition {
  readonly column: string
  /** Does the cell in `bytes[start, end)` meet it? */
  test(bytes: Buffer, start: number, end: number): boolean
}

const ORDERINGS: Record<string, (order: number) => boolean> = {
  '<': (order) => order < 0,
  '<=': (order) => order <= 0,
  '>': (order) => order > 0,
  '>=': (order) => order >= 0,
}

/**
 * Reads `column=value`, `!=`, `<`, `<=`, `>` or `>=`. Equality is of the text, byte for byte. The other four compare
 * numbers where the value is one (a cell that is none then fails), else the bytes, which puts ISO dates in order.
 * @throws InputError where there is no operator or no column before it
 */
export function parseCondition(text: string): Condition {
  const match = /^([^=!<>]+)(==|!=|<=|>=|=|<|>)(.*)$/s.exec(text)
  const column = match?.[1]?.trim()
  if (!match || !column) {
    throw new InputError(
      `--where '${text}' is not understood: write column=value, or !=, <, <=, > or >= in place of =`,
    )
  }
  const operator = match[2]!
  const value = Buffer.from(match[3]!.trim())
  const ordering = ORDERINGS[operator]
  if (ordering === undefined) {
    const wanted = operator !== '!='
    return { column, test: (bytes, start, end) => (compareBytes(bytes, start, end, value) === 0) === wanted }
  }
  const number = parseNumber(value, 0, value.length)
  if (Number.isNaN(number)) {
    return { column, test: (bytes, start, end) => ordering(compareBytes(bytes, start, end, value)) }
  }
  // The difference with NaN is NaN, which is on no side.
  return { column, test: (bytes, start, end) => ordering(parseNumber(bytes, start, end) - number) }
}

function compareBytes(bytes: Buffer, start: number, end: number, value: Buffer): number {
  return bytes.compare(value, 0, value.length, start, end)
}
