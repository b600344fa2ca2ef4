import type { Clock, ReadOptions, TimeUnit } from '../core/format.ts'
import { DECIMAL, parseNumber } from './numbers.ts'
import { quote } from './text.ts'

const IN_WORDS: Record<TimeUnit, string> = {
  s: 'seconds',
  ms: 'milliseconds',
  us: 'microseconds',
  ns: 'nanoseconds',
  '100ns': 'ticks of 100 ns',
}

/** What the cells of a time column are. A column is of one kind throughout: differences across kinds mean nothing. */
type TimeKind = 'number' | 'local' | 'zoned'

/** Beyond this no unit makes sense, and differences would lose everything a cache could notice. */
const LARGEST_TIME = 1e21

const DATE =
  /^(\d{4})[-/](\d\d)[-/](\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?)?\s?(Z|UTC|GMT|[+-]\d\d(?::?\d\d)?)?$/i
/** As Apache and nginx write it: `10/Oct/2000:13:55:36 -0700`, in brackets or not. */
const CLF = /^\[?(\d\d)\/([a-z]{3})\/(\d{4}):(\d\d):(\d\d):(\d\d)\s?([+-]\d\d:?\d\d)?\]?$/i
const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec']
const [SPACE, PLUS, MINUS, POINT, SLASH] = [0x20, 0x2b, 0x2d, 0x2e, 0x2f]
const [ZERO, COLON, LETTER_T] = [0x30, 0x3a, 0x54]

/**
 * Reads the cells of one time column: numbers in some unit, local date-times (`2024-11-15 16:57:50.123`) or ISO 8601
 * with an offset or Z. Numbers are returned as they stand, dates as microseconds since 1970, the finest that a double
 * holds exactly. Local date-times are taken as if their clock were never put forward or back.
 */
export class TimeColumn implements Clock {
  #kind: TimeKind | undefined
  readonly #given: ReadOptions['timeUnit']
  readonly #named: TimeUnit | undefined

  /**
   * @param given the unit or way of writing that the user named
   * @param named the unit that the column's name says, for numbers where the user named none
   */
  constructor(given?: ReadOptions['timeUnit'], named?: TimeUnit) {
    this.#given = given
    this.#named = named
  }

  /** The time in `bytes[start, end)`, or NaN: `problem` then says why. The first time decides the kind. */
  parse(bytes: Buffer, start: number, end: number): number {
    if (this.#kind === 'number') {
      const value = parseNumber(bytes, start, end)
      return Math.abs(value) <= LARGEST_TIME ? value : Number.NaN
    }
    if (this.#kind === undefined && !this.#wantsDates) {
      const value = parseNumber(bytes, start, end)
      if (!Number.isNaN(value)) return this.number(value)
    }
    const plain = parsePlainDate(bytes, start, end)
    if (!Number.isNaN(plain)) return this.#ofKind('local', plain)
    const logged = parsePlainLogDate(bytes, start, end)
    if (!Number.isNaN(logged)) return this.#ofKind('zoned', logged)
    const text = bytes.toString('latin1', start, Math.min(end, start + 64)).trim()
    return this.#ofKind(isZoned(text) ? 'zoned' : 'local', parseDate(text))
  }

  /** The same for a cell that already is a number. */
  number(value: number): number {
    return Math.abs(value) <= LARGEST_TIME && !this.#wantsDates ? this.#ofKind('number', value) : Number.NaN
  }

  /** The same for a cell that already is a date, in microseconds since 1970. */
  instant(micros: number, zoned: boolean): number {
    return this.#ofKind(zoned ? 'zoned' : 'local', micros)
  }

  /** What is wrong with a cell that `parse` gave NaN for. */
  problem(text: string, column: string): string {
    const what = `time ${quote(text)} of column '${column}'`
    if (text.trim() === '') return `column '${column}' has no time`
    const isDate = !Number.isNaN(parseDate(text.trim()))
    const isNumber = DECIMAL.test(text.trim())
    if (isNumber && !(Math.abs(Number(text)) <= LARGEST_TIME))
      return `${what} is too large: a number is at most ${LARGEST_TIME} in any unit`
    if (!isDate && !isNumber) return `${what} is neither a number nor a date`
    return `${what} is not a ${KIND_IN_WORDS[this.#kind ?? 'number']} as the rows before it have`
  }

  /** Told from the magnitude of the first time, where neither user nor name says it. */
  unit(first: number): ReturnType<Clock['unit']> {
    if (this.#kind === 'local') {
      return {
        unit: 'us',
        dates: true,
        note: 'times are local dates: taken as they stand, without a time zone',
      }
    }
    if (this.#kind === 'zoned') return { unit: 'us', dates: true }
    const given = this.#given
    if (given !== undefined && given !== 'iso' && given !== 'clf') return { unit: given }
    if (this.#named)
      return {
        unit: this.#named,
        note: `times are taken as ${IN_WORDS[this.#named]}, by the name of the column`,
      }
    const unit = unitOfMagnitude(first)
    return { unit, note: `times look like ${IN_WORDS[unit]} (--time-unit says otherwise)` }
  }

  /** A value that `parse` returned, as the user would recognise it. */
  show(value: number): string {
    if (this.#kind === 'number' || this.#kind === undefined) return String(value)
    const text = new Date(Math.floor(value / 1000)).toISOString()
    return this.#kind === 'zoned' ? text : text.slice(0, -1).replace('T', ' ')
  }

  get #wantsDates(): boolean {
    return this.#given === 'iso' || this.#given === 'clf'
  }

  #ofKind(kind: TimeKind, value: number): number {
    if (Number.isNaN(value)) return value
    this.#kind ??= kind
    return kind === this.#kind ? value : Number.NaN
  }
}

const KIND_IN_WORDS = { number: 'number', local: 'local date', zoned: 'date with an offset' } as const

/**
 * Times since 1970 of our age lie near 1.7e9 s, 1.7e12 ms, 1.7e15 µs and 1.7e18 ns; ticks of 100 ns since 1601, as Windows
 * counts, near 1.3e17. Small numbers count as seconds.
 */
function unitOfMagnitude(time: number): TimeUnit {
  const size = Math.abs(time)
  if (size >= 1.1e17 && size < 2e17) return '100ns'
  return size >= 1e17 ? 'ns' : size >= 1e14 ? 'us' : size >= 1e11 ? 'ms' : 's'
}

function isZoned(text: string): boolean {
  return DATE.exec(text)?.[8] !== undefined || CLF.exec(text)?.[7] !== undefined
}

/** Microseconds since 1970 of a date in ISO 8601 or as web servers log it, or NaN. */
export function parseDate(text: string): number {
  const match = DATE.exec(text)
  if (!match) return parseLogDate(text)
  const [, year, month, day, hour = '0', minute = '0', second = '0', fraction = '', zone = ''] = match
  const micros = Number(fraction.slice(0, 6).padEnd(6, '0')) + Number(`0.${fraction.slice(6)}`)
  return instant(+year!, +month!, +day!, +hour, +minute, +second) + micros - offsetOf(zone)
}

function parseLogDate(text: string): number {
  const match = CLF.exec(text)
  if (!match) return Number.NaN
  const [, day, month, year, hour, minute, second, zone = ''] = match
  const number = MONTHS.indexOf(month!.toLowerCase()) + 1
  return instant(+year!, number, +day!, +hour!, +minute!, +second!) - offsetOf(zone)
}

/** Microseconds that a zone such as `+02:00` is ahead. */
function offsetOf(zone: string): number {
  const offset = /^([+-])(\d\d):?(\d\d)?$/.exec(zone)
  return offset ? Number(`${offset[1]}1`) * (Number(offset[2]) * 60 + Number(offset[3] ?? 0)) * 60e6 : 0
}

/** The most common form, `2024-11-15 16:57:50` with or without a fraction, without making a string. */
function parsePlainDate(bytes: Buffer, start: number, end: number): number {
  const length = end - start
  if (length < 19 || length > 26 || bytes[start + 4] !== 0x2d || bytes[start + 7] !== 0x2d) return Number.NaN
  const separator = bytes[start + 10]
  if (separator !== SPACE && separator !== LETTER_T) return Number.NaN
  if (bytes[start + 13] !== COLON || bytes[start + 16] !== COLON) return Number.NaN
  let micros = 0
  if (length > 19) {
    if (bytes[start + 19] !== POINT || length === 20) return Number.NaN
    micros = digits(bytes, start + 20, end) * 10 ** (26 - length)
  }
  const year = digits(bytes, start, start + 4)
  const month = digits(bytes, start + 5, start + 7)
  const day = digits(bytes, start + 8, start + 10)
  const hour = digits(bytes, start + 11, start + 13)
  const minute = digits(bytes, start + 14, start + 16)
  return instant(year, month, day, hour, minute, digits(bytes, start + 17, start + 19)) + micros
}

/** The same for the form that web servers log, `10/Oct/2000:13:55:36 -0700`. */
function parsePlainLogDate(bytes: Buffer, start: number, end: number): number {
  if (end - start !== 26 || bytes[start + 2] !== SLASH || bytes[start + 6] !== SLASH) return Number.NaN
  if (bytes[start + 11] !== COLON || bytes[start + 14] !== COLON || bytes[start + 17] !== COLON)
    return Number.NaN
  const sign = bytes[start + 21] === PLUS ? 1 : bytes[start + 21] === MINUS ? -1 : Number.NaN
  const month = MONTHS_BY_LETTERS.get(lettersOf(bytes, start + 3))
  if (month === undefined || bytes[start + 20] !== SPACE) return Number.NaN
  const day = digits(bytes, start, start + 2)
  const year = digits(bytes, start + 7, start + 11)
  const hour = digits(bytes, start + 12, start + 14)
  const minute = digits(bytes, start + 15, start + 17)
  const zone = digits(bytes, start + 22, start + 24) * 60 + digits(bytes, start + 24, end)
  return instant(year, month, day, hour, minute, digits(bytes, start + 18, start + 20)) - sign * zone * 60e6
}

/** Three letters as one number, upper and lower case the same. */
function lettersOf(bytes: Uint8Array, start: number): number {
  return (bytes[start]! << 16) | (bytes[start + 1]! << 8) | bytes[start + 2]! | 0x20_20_20
}

const MONTHS_BY_LETTERS = new Map(MONTHS.map((name, i) => [lettersOf(Buffer.from(name), 0), i + 1]))

/** Microseconds since 1970 of a date that exists, else NaN. A leap second counts as the next one. */
function instant(
  year: number,
  month: number,
  day: number,
  hour: number,
  minute: number,
  second: number,
): number {
  if (!(year >= 1000 && hour <= 23 && minute <= 59 && second <= 60)) return Number.NaN
  const midnight = Date.UTC(year, month - 1, day)
  const date = new Date(midnight)
  if (date.getUTCMonth() !== month - 1 || date.getUTCDate() !== day) return Number.NaN
  return (midnight + ((hour * 60 + minute) * 60 + second) * 1000) * 1000
}

function digits(bytes: Buffer, start: number, end: number): number {
  let value = 0
  for (let position = start; position < end; position++) {
    const digit = bytes[position]! - ZERO
    if (digit < 0 || digit > 9) return Number.NaN
    value = value * 10 + digit
  }
  return value
}
