import { decodeText } from './text.ts'

/** Between the parts of a key: a byte that no part can hold. Text formats let no NUL in, and UTF-8 has no 0xFF. */
export const Separator = { text: 0x00, utf8: 0xff } as const

/** A key composed of several columns: their bytes with a separator between, so different cells make different keys. */
export class CompositeKey {
  bytes: Buffer = Buffer.allocUnsafeSlow(1 << 12)
  length = 0
  readonly #separator: number
  #parts = 0

  /** @param separator a byte that no part can hold */
  constructor(separator: number) {
    this.#separator = separator
  }

  clear(): void {
    this.length = 0
    this.#parts = 0
  }

  add(from: Buffer, start: number, end: number): void {
    this.#begin(end - start)
    this.length += from.copy(this.bytes, this.length, start, end)
  }

  addBytes(from: Uint8Array): void {
    this.#begin(from.length)
    const { bytes } = this
    let { length } = this
    // Short ones are copied faster here than by a call.
    if (from.length > 32) bytes.set(from, length)
    else for (let at = 0; at < from.length; at++) bytes[length++] = from[at]!
    this.length += from.length
  }

  addText(text: string): void {
    this.#begin(3 * text.length)
    const { bytes, length } = this
    // Short texts of ASCII, which are most, are written faster here than through the call that can do all.
    let at = 0
    if (text.length <= 48) {
      for (; at < text.length; at++) {
        const code = text.charCodeAt(at)
        if (code >= 0x80) break
        bytes[length + at] = code
      }
    }
    this.length += at === text.length ? at : bytes.write(text, length)
  }

  #begin(room: number): void {
    const length = this.length + room + 1
    if (length > this.bytes.length) {
      const bytes = Buffer.allocUnsafeSlow(2 * length)
      bytes.set(this.bytes.subarray(0, this.length))
      this.bytes = bytes
    }
    if (this.#parts++ > 0) this.bytes[this.length++] = this.#separator
  }
}

/** `a|b`; a bar or backslash inside a part carries a backslash, so that different keys also read differently. */
export function nameOfComposite(bytes: Uint8Array, separator: number): string {
  return partsOfComposite(bytes, separator)
    .map((part) => part.replace(/[\\|]/g, '\\$&'))
    .join('|')
}

/** The parts as they were added. */
export function partsOfComposite(bytes: Uint8Array, separator: number): string[] {
  const parts: string[] = []
  let start = 0
  for (let position = 0; position <= bytes.length; position++) {
    if (position < bytes.length && bytes[position] !== separator) continue
    parts.push(decodeText(bytes, start, position))
    start = position + 1
  }
  return parts
}
