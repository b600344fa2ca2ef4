import { decodeText } from './text.ts'

/** Between the parts of a key: a byte that UTF-8 does not have. */
const SEPARATOR = 0xff
/** Before a byte of a part that is this or the separator, which then stands as 0 or 1: other texts hold neither. */
const ESCAPE = 0xfe

/**
 * A key composed of several columns: their bytes with a separator between, so different cells make different keys, and
 * the same cells the same key in every format.
 */
export class CompositeKey {
  bytes: Buffer = Buffer.allocUnsafeSlow(1 << 12)
  length = 0
  readonly #escapes: boolean
  #parts = 0

  /** @param columns how many parts a key has; one stands as it is */
  constructor(columns: number) {
    this.#escapes = columns > 1
  }

  clear(): void {
    this.length = 0
    this.#parts = 0
  }

  /** Adds the part in `from[start, end)`. */
  add(from: Uint8Array, start = 0, end = from.length): void {
    this.#begin(2 * (end - start))
    const { bytes } = this
    let { length } = this
    for (let at = start; at < end; at++) {
      const byte = from[at]!
      if (byte >= ESCAPE && this.#escapes) {
        bytes[length++] = ESCAPE
        bytes[length++] = byte - ESCAPE
      } else {
        bytes[length++] = byte
      }
    }
    this.length = length
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
    if (this.#parts++ > 0) this.bytes[this.length++] = SEPARATOR
  }
}

/** `a|b`; a bar or backslash inside a part carries a backslash, so that different keys also read differently. */
export function nameOfComposite(bytes: Uint8Array): string {
  return partsOfComposite(bytes)
    .map((part) => part.replace(/[\\|]/g, '\\$&'))
    .join('|')
}

/** The parts as they were added. */
export function partsOfComposite(bytes: Uint8Array): string[] {
  const parts: string[] = []
  let part: number[] = []
  for (let position = 0; position < bytes.length; position++) {
    const byte = bytes[position]!
    if (byte === SEPARATOR) {
      parts.push(decodeText(Uint8Array.from(part)))
      part = []
    } else {
      part.push(byte === ESCAPE ? ESCAPE + bytes[++position]! : byte)
    }
  }
  return [...parts, decodeText(Uint8Array.from(part))]
}
