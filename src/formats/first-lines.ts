import { HEAD_BYTES } from './open.ts'
import { RecordScanner } from './record-scanner.ts'

const LINES = 20

/** The first lines of a text, as far as they can be read; a last one that `head` may have cut is left out. */
export function firstLines(head: Uint8Array, limit: number): string[] {
  const records = RecordScanner.first(head, head.length < HEAD_BYTES, { quotes: false }, limit)
  return records.map(([line = '']) => line)
}

/** Do all of the first lines look like that? */
export function allLinesMatch(head: Uint8Array, pattern: RegExp): boolean {
  const lines = firstLines(head, LINES)
  return lines.length > 0 && lines.every((line) => pattern.test(line))
}

/** The first lines of a log, one character a byte; the last only if it is whole. None of what is binary. */
export function firstLogLines(head: Uint8Array): string[] {
  const text = Buffer.from(head.buffer, head.byteOffset, head.length).toString('latin1')
  if (text.includes('\0')) return []
  const lines = text.replace(/^\xef\xbb\xbf/, '').split('\n', LINES + 1)
  if (lines.length <= LINES && head.length >= HEAD_BYTES) lines.pop()
  return lines.slice(0, LINES).map((line) => line.replace(/\r$/, ''))
}

/**
 * Do most of the first lines look like that? A bad line among them must not hide a format, and one line that happens to
 * look like it must not make one.
 * @param besides lines that say nothing either way
 */
export function mostLinesMatch(head: Uint8Array, pattern: RegExp, besides = /^$/): boolean {
  const lines = firstLogLines(head).filter((line) => !besides.test(line))
  return lines.length > 0 && 2 * lines.filter((line) => pattern.test(line)).length > lines.length
}
