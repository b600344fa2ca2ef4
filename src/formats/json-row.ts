import { isUtf8 } from 'node:buffer'
import { firstLines } from './first-lines.ts'
import { isObject, type JsonObject, parseExactly, TooDeep } from './json-value.ts'
import { quote } from './text.ts'

/** Lines that are looked at to find out what a file has. */
export const LOOKED_AT = 10

/** A row that cannot be read; carries the reason from wherever it was found to the count. */
export class BadRow extends Error {}

/** What is wrong with a row, by the error that reading it gave; any other error is thrown on. */
export function reasonOf(error: unknown): string {
  if (error instanceof BadRow) return error.message
  if (error instanceof TooDeep) return `a value is ${error.message}`
  throw error
}

/**
 * The object in a line of JSON.
 * @param isRounded does the object hold numbers that may have lost digits, where each counts? They then are strings.
 * @throws BadRow where the line is something else
 */
export function parseRow(
  bytes: Buffer,
  start: number,
  end: number,
  isRounded: (row: JsonObject) => boolean,
): JsonObject {
  const text = bytes.toString('utf8', start, end)
  if (text.includes('\ufffd') && !isUtf8(bytes.subarray(start, end))) {
    throw new BadRow('the line is not UTF-8, which JSON must be')
  }
  let row: unknown
  try {
    row = JSON.parse(text)
    if (isObject(row) && isRounded(row)) row = parseExactly(text)
  } catch {
    const hint =
      text.trimStart().startsWith('[') || text.trim() === '{'
        ? ' (an array is read once jq -c .[] has unwrapped it)'
        : ''
    throw new BadRow(`${quote(text)} is not JSON: one whole object a line is wanted${hint}`)
  }
  if (!isObject(row)) throw new BadRow(`${quote(text)} is not a JSON object: one object a line is wanted`)
  return row
}

/** The objects in the first lines of a file that looks like JSON Lines; none where one of them is something else. */
export function firstRows(head: Uint8Array): JsonObject[] {
  const rows: JsonObject[] = []
  for (const line of firstLines(head, LOOKED_AT)) {
    try {
      const row: unknown = JSON.parse(line)
      if (!isObject(row)) return []
      rows.push(row)
    } catch {
      return []
    }
  }
  return rows
}
