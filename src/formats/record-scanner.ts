import { InputError } from '../core/errors.ts'
import { binaryData, lineTooLong, quoteNeverClosed, utf16Text } from './scan-errors.ts'
import { decodeText } from './text.ts'

/** How records and cells are marked off. */
export interface RecordSyntax {
  /** The byte between cells; absent: a record is one cell. */
  readonly delimiter?: number
  /** Cells may stand in double quotes, as RFC 4180 has it. */
  readonly quotes: boolean
}

/** A longer record is taken for a file that has no lines, and is an error: memory stays bounded. */
export const MAX_RECORD_BYTES = 16 * 2 ** 20

const [NEWLINE, RETURN, QUOTE] = [0x0a, 0x0d, 0x22]
const INCOMPLETE = -1
/** What a byte means to the scanner; one table look-up instead of several comparisons. */
const Kind = { ordinary: 0, delimiter: 1, newline: 2, quote: 3, nul: 4 } as const

/**
 * Cuts a stream of bytes into records and cells without copying or decoding any: after each record, `buffer` and
 * `bounds` say where its cells lie, and stay valid until the callback returns. Bytes of an unfinished record are moved
 * to the front of the buffer and scanned again from their start once more have come, so that a cell is always in one
 * piece whatever the chunks are.
 *
 * Handled: LF and CRLF, a UTF-8 byte order mark, quoted cells with delimiters, doubled quotes and newlines, a last
 * record without newline. A quote inside an unquoted cell stands for itself. Empty lines at the end are ignored;
 * elsewhere they are records with a `problem`.
 */
export class RecordScanner {
  /** Holds the current record. */
  buffer: Buffer = Buffer.allocUnsafeSlow(1 << 19)
  /** [2 · cells] start and end of each cell in `buffer`, quotes left out. */
  bounds = new Int32Array(64)
  /** Cells of the current record. */
  cells = 0
  /** 1-based line on which the current record begins. */
  line = 1
  /** Why the current record cannot be read, if so. */
  problem: string | undefined
  /** Bytes taken in. */
  bytes = 0

  readonly #name: string
  readonly #kinds = new Uint8Array(256)
  /** No byte above this one is special. */
  readonly #highest: number
  #newlines = 0
  /** Cells of the current record in which quotes are doubled. */
  readonly #doubled: number[] = []
  #emptyLines = 0
  #stopped = false

  /** @param name the file, for messages */
  constructor(name: string, syntax: RecordSyntax) {
    this.#name = name
    this.#kinds[0] = Kind.nul
    this.#kinds[NEWLINE] = Kind.newline
    if (syntax.delimiter !== undefined) this.#kinds[syntax.delimiter] = Kind.delimiter
    if (syntax.quotes) this.#kinds[QUOTE] = Kind.quote
    this.#highest = this.#kinds.findLastIndex((kind) => kind !== Kind.ordinary)
  }

  /**
   * Calls `onRecord` for each record of the chunks, until it returns false.
   * @throws InputError for binary content, a quote that is never closed, a record above MAX_RECORD_BYTES
   */
  async run(
    chunks: AsyncIterable<Uint8Array>,
    onRecord: () => boolean | undefined,
    onChunk?: () => void,
  ): Promise<void> {
    let held = 0
    let wanted = 3 // a byte order mark must be seen whole
    const slice = 1 << 18
    for await (const chunk of chunks) {
      for (let from = 0; from < chunk.length; from += slice) {
        held = this.#append(chunk.subarray(from, from + slice), held)
        // An unfinished record is looked at again only when it has doubled, or long ones would take quadratic time.
        if (held < wanted) continue
        const used = this.#scan(held, false, onRecord)
        if (this.#stopped) return
        if (held - used > MAX_RECORD_BYTES) throw lineTooLong(this.#name, this.line)
        this.buffer.copyWithin(0, used, held)
        held -= used
        wanted = 2 * held
      }
      onChunk?.()
    }
    this.#scan(held, true, onRecord)
  }

  /** The texts of the first `limit` records of `head`, as far as they can be read. */
  static first(head: Uint8Array, isWhole: boolean, syntax: RecordSyntax, limit: number): string[][] {
    const scanner = new RecordScanner('', syntax)
    const records: string[][] = []
    try {
      const held = scanner.#append(head, 0)
      scanner.#scan(held, isWhole, () => {
        if (!scanner.problem) records.push(Array.from({ length: scanner.cells }, (_, i) => scanner.text(i)))
        return records.length < limit
      })
    } catch (error) {
      if (!(error instanceof InputError)) throw error
    }
    return records
  }

  /** The text of a cell, for messages and headers. */
  text(cell: number): string {
    return decodeText(this.buffer, this.bounds[2 * cell], this.bounds[2 * cell + 1])
  }

  #append(chunk: Uint8Array, held: number): number {
    const length = held + chunk.length
    if (length >= this.buffer.length) {
      const buffer = Buffer.allocUnsafeSlow(2 * length)
      buffer.set(this.buffer.subarray(0, held))
      this.buffer = buffer
    }
    this.buffer.set(chunk, held)
    this.bytes += chunk.length
    return length
  }

  /** Delivers the complete records of `buffer[0, length)`; returns how many bytes they took. */
  #scan(length: number, final: boolean, onRecord: () => boolean | undefined): number {
    // A newline behind the data ends the inner loop, which then needs no check for the end.
    this.buffer[length] = NEWLINE
    let from = this.bytes === length ? this.#skipByteOrderMark(length) : 0
    while (from < length) {
      const next = this.#next(from, length, final)
      if (next === INCOMPLETE) break
      if (next - from > MAX_RECORD_BYTES) throw lineTooLong(this.#name, this.line)
      from = next
      const { line } = this
      if (this.cells === 1 && this.bounds[0] === this.bounds[1] && this.buffer[this.bounds[0]!] !== QUOTE) {
        this.#emptyLines++
      } else if (!this.#deliver(line, onRecord)) {
        this.#stopped = true
        return from
      }
      this.line = line + 1 + this.#newlines
    }
    return from
  }

  #deliver(line: number, onRecord: () => boolean | undefined): boolean {
    if (this.#emptyLines > 0) {
      const { problem } = this
      this.problem = 'the line is empty'
      for (; this.#emptyLines > 0; this.#emptyLines--) {
        this.line = line - this.#emptyLines
        if (onRecord() === false) return false
      }
      this.problem = problem
      this.line = line
    }
    return onRecord() !== false
  }

  /** Finds the cells of the record that begins at `from`; returns where the next one begins. */
  #next(from: number, length: number, final: boolean): number {
    const buffer = this.buffer
    const kinds = this.#kinds
    const highest = this.#highest
    let bounds = this.bounds
    let cells = 0
    let start = from
    let position = from
    let closed = -1 // where the closing quote of the cell stands
    this.#newlines = 0
    this.problem = undefined
    if (this.#doubled.length > 0) this.#doubled.length = 0
    for (;;) {
      let byte = buffer[position]!
      // Digits and letters lie above a comma: one comparison tells most bytes.
      while (byte > highest) byte = buffer[++position]!
      const kind = kinds[byte]
      if (kind === Kind.ordinary) {
        position++
        continue
      }
      if (kind === Kind.quote) {
        if (position !== start) {
          position++
          continue
        }
        closed = this.#closingQuote(position + 1, cells, length, final)
        if (closed === INCOMPLETE) return INCOMPLETE
        start++
        position = this.#afterQuote(closed + 1, cells)
        continue
      }
      if (kind === Kind.nul) throw binaryData(this.#name, this.line)
      if (position === length && !final) return INCOMPLETE
      let end = position
      if (closed >= 0) {
        end = closed
        closed = -1
      } else if (kind === Kind.newline && end > start && buffer[end - 1] === RETURN) {
        end--
      }
      bounds[2 * cells] = start
      bounds[2 * cells + 1] = end
      cells++
      position++
      if (kind === Kind.newline) break
      start = position
      if (2 * cells === bounds.length) bounds = this.#growBounds()
    }
    this.cells = cells
    while (this.#doubled.length > 0) this.#undouble(this.#doubled.pop()!)
    return position
  }

  /** Where the quoted cell that begins at `position` is closed. */
  #closingQuote(position: number, cell: number, length: number, final: boolean): number {
    const buffer = this.buffer
    let doubled = false
    for (; ; position++) {
      if (position >= length) {
        if (final) throw quoteNeverClosed(this.#name, this.line)
        return INCOMPLETE
      }
      const byte = buffer[position]
      if (byte === QUOTE) {
        // The sentinel newline stands where the next byte is not known yet: the record then is incomplete anyway.
        if (buffer[position + 1] !== QUOTE) break
        doubled = true
        position++
      } else if (byte === NEWLINE) {
        this.#newlines++
      } else if (byte === 0) {
        throw binaryData(this.#name, this.line)
      }
    }
    if (doubled) this.#doubled.push(cell)
    return position
  }

  /** Where the cell whose closing quote stands before `position` ends. */
  #afterQuote(position: number, cell: number): number {
    const buffer = this.buffer
    if (buffer[position] === RETURN && buffer[position + 1] === NEWLINE) return position + 1
    const kind = this.#kinds[buffer[position]!]
    if (kind === Kind.delimiter || kind === Kind.newline) return position
    this.problem = `cell ${cell + 1} has text after its closing quote`
    while (buffer[position] !== NEWLINE) {
      if (buffer[position] === 0) throw binaryData(this.#name, this.line)
      position++
    }
    return position
  }

  #undouble(cell: number): void {
    const { buffer, bounds } = this
    let to = bounds[2 * cell]!
    const end = bounds[2 * cell + 1]!
    for (let from = to; from < end; from++) {
      buffer[to++] = buffer[from]!
      if (buffer[from] === QUOTE) from++
    }
    bounds[2 * cell + 1] = to
  }

  #growBounds(): Int32Array<ArrayBuffer> {
    const bounds = new Int32Array(2 * this.bounds.length)
    bounds.set(this.bounds)
    this.bounds = bounds
    return bounds
  }

  #skipByteOrderMark(length: number): number {
    const { buffer } = this
    if (
      length >= 2 &&
      ((buffer[0] === 0xff && buffer[1] === 0xfe) || (buffer[0] === 0xfe && buffer[1] === 0xff))
    ) {
      throw utf16Text(this.#name)
    }
    return length >= 3 && buffer[0] === 0xef && buffer[1] === 0xbb && buffer[2] === 0xbf ? 3 : 0
  }
}
