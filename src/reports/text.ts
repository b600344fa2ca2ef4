import { stripVTControlCharacters } from 'node:util'
import type { SweepEstimates } from '../core/estimate-result.ts'
import type { Result } from '../core/result.ts'

/**
 * Text for a terminal: how wide it is, how to cut, pad and wrap it, and how to make text from strangers harmless. Widths
 * are terminal columns: an ideograph or an emoji takes two, a combining mark none, a colour none.
 */

const segmenter = new Intl.Segmenter('en', { granularity: 'grapheme' })
/** Text in which every character takes one column: Latin, Greek, lines and blocks. Nearly all there is. */
const allNarrow = /^[\x20-\x7e\xae-\u02ff\u0370-\u03ff\u2010-\u2027\u2190-\u22ff\u2500-\u25fc]*$/
const wide =
  /\p{Emoji_Presentation}|\ufe0f|[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\ua960-\ua97f\uac00-\ud7a3\uf900-\ufaff\ufe10-\ufe19\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{20000}-\u{3fffd}]/u
const combining = /^[\p{Mn}\p{Me}]+$/u

function graphemes(text: string): string[] {
  return Array.from(segmenter.segment(text), ({ segment }) => segment)
}

function graphemeWidth(grapheme: string): number {
  if (wide.test(grapheme)) return 2
  let width = 0
  for (const character of grapheme) if (!combining.test(character)) width++
  return width
}

/** Terminal columns that `text` takes. */
export function displayWidth(text: string): number {
  const visible = text.includes('\x1b') ? stripVTControlCharacters(text) : text
  if (allNarrow.test(visible)) return visible.length
  let width = 0
  for (const grapheme of graphemes(visible)) width += graphemeWidth(grapheme)
  return width
}

/** `text` without colours, cut in the middle to at most `width` columns: `user:1234…:model-7`. */
export function cutMiddle(text: string, width: number): string {
  // Finding graphemes takes longer than the text is long; of a very long one the ends are enough.
  const ends = 16 * (width + 1)
  const isVeryLong = text.length > 2 * ends
  if (!isVeryLong && displayWidth(text) <= width) return text
  const parts = graphemes(isVeryLong ? text.slice(0, ends) + text.slice(-ends) : text)
  const head = takeWithin(parts, Math.ceil((width - 1) / 2))
  const tail = takeWithin(parts.reverse(), width - 1 - displayWidth(head.join('')))
  return `${head.join('')}…${tail.reverse().join('')}`
}

function takeWithin(parts: readonly string[], width: number): string[] {
  const taken: string[] = []
  let used = 0
  for (const part of parts) {
    used += graphemeWidth(part)
    if (used > width) break
    taken.push(part)
  }
  return taken
}

/** `text` with spaces behind it up to `width` columns. */
export function padRight(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - displayWidth(text)))
}

/** `text` with spaces before it up to `width` columns. */
export function padLeft(text: string, width: number): string {
  return ' '.repeat(Math.max(0, width - displayWidth(text))) + text
}

/** Lines of at most `width` columns, broken at spaces (never before a %); a longer word is broken where it must. */
export function wrap(text: string, width: number): string[] {
  return fill(
    text
      .trim()
      .split(/\s+(?!%)/)
      .flatMap((word) => breakWord(word, width)),
    ' ',
    width,
  )
}

/** Puts whole `pieces` on lines of at most `width` columns, `separator` between two on one line. */
export function fill(pieces: readonly string[], separator: string, width: number): string[] {
  const lines: string[] = []
  for (const piece of pieces) {
    const joined = lines.length > 0 ? `${lines.at(-1)}${separator}${piece}` : piece
    if (lines.length > 0 && displayWidth(joined) <= width) lines[lines.length - 1] = joined
    else lines.push(piece)
  }
  return lines
}

/** `label` before the first of `lines`, the others under it. */
export function hang(label: string, lines: readonly string[], paint: (text: string) => string): string[] {
  const indent = ' '.repeat(displayWidth(label))
  return lines.map((line, i) => (i === 0 ? paint(label) : indent) + line)
}

/** Names and what is said of them, in two columns of at most `width` together. */
export function renderPairs(
  pairs: readonly (readonly [string, string])[],
  width: number,
  paintName: (text: string) => string,
  paintText: (text: string) => string = (text) => text,
): string[] {
  const nameWidth = Math.max(0, ...pairs.map(([name]) => displayWidth(name))) + 2
  return pairs.flatMap(([name, text]) =>
    hang(padRight(name, nameWidth), wrap(text, width - nameWidth).map(paintText), paintName),
  )
}

function breakWord(word: string, width: number): string[] {
  const pieces: string[] = []
  let rest = graphemes(word)
  while (displayWidth(rest.join('')) > width) {
    const taken = takeWithin(rest, width)
    const length = Math.max(1, taken.length)
    pieces.push(rest.slice(0, length).join(''))
    rest = rest.slice(length)
  }
  return [...pieces, rest.join('')]
}

const shortEscapes: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' }

/**
 * `text` with everything that could move the cursor, change colours, reorder or hide characters written out:
 * `\x1b[31m`, `\n`, `\u202e`. Names of keys come from files of strangers.
 */
export function clean(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu, (character) => {
    const code = character.codePointAt(0)!
    const hex = code.toString(16)
    return (
      shortEscapes[character] ?? (code < 0x100 ? `\\x${hex.padStart(2, '0')}` : `\\u${hex.padStart(4, '0')}`)
    )
  })
}

/** A copy of `result` in which every string is `clean`: what reports for people start from. */
export function cleanResult<R extends Result | SweepEstimates>(result: R): R {
  return cleanValue(result) as R
}

function cleanValue(value: unknown): unknown {
  if (typeof value === 'string') return clean(value)
  if (Array.isArray(value)) return value.map(cleanValue)
  if (value === null || typeof value !== 'object') return value
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [clean(key), cleanValue(inner)]))
}
