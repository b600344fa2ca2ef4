import { CompositeKey } from './composite-key.ts'
import { JsonKind, JsonScanner } from './json-scanner.ts'
import { mayBeRounded, parseExactly, TooDeep, textOf } from './json-value.ts'
import { parseNumber } from './numbers.ts'
import type { TimeColumn } from './time.ts'

/**
 * The values of a line of JSON that are wanted, as cells of a table: ranges of bytes, read in place. What they mean is
 * what `createLookup` and `textOf` make of the parsed line.
 */
export class JsonCells {
  /** The text that `find` has found is `bytes[start, end)`. */
  bytes: Buffer = Buffer.alloc(0)
  start = 0
  end = 0
  readonly #scanner: JsonScanner
  #line: Buffer = this.bytes
  /** Holds a text that does not stand in the line as it is. */
  readonly #text = new CompositeKey(1)

  /** @param paths dotted; the methods take the index of one */
  constructor(paths: readonly string[]) {
    this.#scanner = new JsonScanner(paths)
  }

  /** Takes in the line `line[start, end)`; false where it must be parsed, see `JsonScanner`. */
  scan(line: Buffer, start: number, end: number): boolean {
    this.#line = line
    return this.#scanner.scan(line, start, end)
  }

  /** Is there a value, and not null? */
  has(path: number): boolean {
    return this.#kind(this.#scanner.slot(path)) > JsonKind.null
  }

  /** Finds the text of a value, nothing where there is none; false where it is nested too deeply to have one. */
  find(path: number): boolean {
    const slot = this.#scanner.slot(path)
    const kind = this.#kind(slot)
    const { bounds } = this.#scanner
    if (kind === JsonKind.number || kind === JsonKind.other) {
      return this.#read(bounds[2 * slot]!, bounds[2 * slot + 1]!)
    }
    const isAbsent = kind <= JsonKind.null
    this.bytes = this.#line
    this.start = isAbsent ? 0 : bounds[2 * slot]!
    this.end = isAbsent ? 0 : bounds[2 * slot + 1]!
    return true
  }

  /** The number that a value is, or is the text of; NaN for none. */
  number(path: number): number {
    const slot = this.#scanner.slot(path)
    const kind = this.#kind(slot)
    if (kind < JsonKind.string || kind === JsonKind.boolean || kind === JsonKind.other) return Number.NaN
    return parseNumber(this.#line, this.#scanner.bounds[2 * slot]!, this.#scanner.bounds[2 * slot + 1]!)
  }

  /** The time that a value is, or is the text of; NaN for none. */
  time(path: number, column: TimeColumn): number {
    const slot = this.#scanner.slot(path)
    const { bounds } = this.#scanner
    if (this.#kind(slot) === JsonKind.string)
      return column.parse(this.#line, bounds[2 * slot]!, bounds[2 * slot + 1]!)
    return column.number(this.number(path))
  }

  #kind(slot: number): number {
    return this.#scanner.kinds[slot]!
  }

  #read(start: number, end: number): boolean {
    const json = this.#line.toString('utf8', start, end)
    const value: unknown = JSON.parse(json)
    this.#text.clear()
    try {
      this.#text.addText(textOf(mayBeRounded(value) ? parseExactly(json) : value))
    } catch (error) {
      if (error instanceof TooDeep) return false
      throw error
    }
    this.bytes = this.#text.bytes
    this.start = 0
    this.end = this.#text.length
    return true
  }
}
