import { InputError } from '../core/errors.ts'

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
