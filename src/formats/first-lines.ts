import { HEAD_BYTES } from './open.ts'

const LINES = 20

/** The first lines of a text, one character a byte; the last only if it is whole. None of what is binary. */
export function firstLines(head: Uint8Array): string[] {
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
  const lines = firstLines(head).filter((line) => !besides.test(line))
  return lines.length > 0 && 2 * lines.filter((line) => pattern.test(line)).length > lines.length
}
