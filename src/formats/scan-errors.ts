import { InputError } from '../core/errors.ts'
import type { TraceInput } from '../core/format.ts'

/** What ends the reading of a text at once: after these nothing that follows can be trusted. */

export function binaryData(file: string, line: number): InputError {
  return new InputError(
    `'${file}' line ${line}: a NUL byte; this is binary data, not a text format that can be read here`,
  )
}

export function utf16Text(file: string): InputError {
  return new InputError(`'${file}' is UTF-16 text: it must be UTF-8 (iconv -f utf-16 -t utf-8 converts it)`)
}

export function quoteNeverClosed(file: string, line: number): InputError {
  return new InputError(`'${file}' line ${line}: a quote is opened here and never closed`)
}

export function lineTooLong(file: string, line: number): InputError {
  return new InputError(
    `'${file}' line ${line}: longer than 16 MiB, the most a line can have; is a quote never closed, or is this not a text format?`,
  )
}

export function headerTooLong(file: string): InputError {
  return new InputError(
    `'${file}' line 1: longer than 64 KiB, the most a first line can have that tells the columns`,
  )
}

/** @throws InputError for a text whose lines end in a carriage return alone, as on an old Macintosh */
export function refuseLoneReturns({ name, head }: TraceInput): void {
  if (!/^[^\n\0]*\r[^\n\0]+$/.test(Buffer.from(head).toString('latin1'))) return
  throw new InputError(
    `'${name}' has lines that end in a carriage return alone: they must end in a newline (tr '\\r' '\\n' converts it)`,
  )
}
