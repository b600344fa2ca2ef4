import { InputError } from '../core/errors.ts'
import { type FileDescription, PER_SECOND, type ReadOptions, type TimeUnit } from '../core/format.ts'
import { formatCount, parseCount, parseDuration } from '../core/units.ts'
import { parseDate } from './time.ts'

/** Seconds from 1601, where Windows counts its ticks of 100 ns from, to 1970. */
const SECONDS_1601_TO_1970 = 11_644_473_600
/** Numbers below this many seconds are no dates of our age: they count from the beginning of something. */
const LEAST_DATE_SECONDS = 1e8

/** What a clock told of a file's times. */
interface ReadClock {
  readonly unit: TimeUnit
  /** They are dates, held as microseconds since 1970. */
  readonly dates?: boolean | undefined
}

/**
 * Which requests of a log are wanted: between two times, after the first so many, at most so many, and of those a
 * random share of the keys. Sampling keys instead of requests keeps what a cache sees of each: a cache of the same share
 * of the size has the hit rate of the whole (Waldspurger et al., "Efficient MRC Construction with SHARDS", FAST 2015).
 */
export class Selection {
  /** Share of the keys to keep. */
  readonly sample: number
  /** Whether there is anything to check. */
  readonly checks: boolean
  /** Requests looked at. */
  seen = 0
  /** Whether nothing more is wanted. */
  isFull = false
  readonly #options: ReadOptions
  readonly #skip: number
  readonly #limit: number
  #from = -Infinity
  #to = Infinity
  #sorted = false
  #before = 0
  #after = 0
  #skipped = 0
  #chosen = 0

  /** @throws InputError for values that make no sense */
  constructor(options: ReadOptions) {
    const { skip, limit, from, to, sample } = options
    this.#options = options
    this.#skip = skip === undefined ? 0 : parseCount(String(skip), '--skip')
    this.#limit = limit === undefined ? Infinity : parseCount(String(limit), '--limit')
    if (this.#limit < 1) throw new InputError('--limit must be at least 1 request')
    this.sample = sample === undefined ? 1 : parseShare(sample)
    this.checks = [skip, limit, from, to, sample].some((value) => value !== undefined)
  }

  /** @throws InputError where a time is wanted of a file that has none */
  requireNoTimes({ input, columns }: FileDescription): void {
    const flag =
      this.#options.from !== undefined ? '--from' : this.#options.to !== undefined ? '--to' : undefined
    if (flag === undefined) return
    const others = Object.keys(columns).join(', ')
    throw new InputError(
      `${flag} needs times, which '${input.name}' does not have (it has: ${others}): give --time`,
    )
  }

  /**
   * Says how the raw times that `take` is given are to be understood.
   * @param first the first of them, which durations count from
   * @param sorted they may run backwards
   * @throws InputError where `from` or `to` cannot be a time of this file
   */
  setClock(first: number, clock: ReadClock, sorted: boolean): void {
    this.#sorted = sorted
    const { from, to } = this.#options
    if (from !== undefined) this.#from = rawTime(String(from), '--from', first, clock)
    if (to !== undefined) this.#to = rawTime(String(to), '--to', first, clock)
    if (this.#from >= this.#to) throw new InputError(`--from '${from}' is not before --to '${to}'`)
  }

  /** Looks at the next request: whether it is wanted, keys aside. */
  take(time: number): boolean {
    this.seen++
    if (time < this.#from) {
      this.#before++
      return false
    }
    if (time >= this.#to) {
      this.#after++
      // Nothing earlier can follow where times run forward.
      if (!this.#sorted) this.isFull = true
      return false
    }
    if (this.#skipped < this.#skip) {
      this.#skipped++
      return false
    }
    this.#chosen++
    if (this.#chosen >= this.#limit) this.isFull = true
    return true
  }

  /** What was left out, in words. @param kept requests in the trace */
  describe(kept: number): string[] {
    const { from, to } = this.#options
    const notes: string[] = []
    if (this.#before > 0) notes.push(`${formatCount(this.#before)} requests before --from ${from} left out`)
    if (this.#after > 0)
      notes.push(
        this.#options.sort
          ? `${formatCount(this.#after)} requests from --to ${to} on left out`
          : `read up to --to ${to}`,
      )
    if (this.#skipped > 0) notes.push(`the first ${formatCount(this.#skipped)} requests passed over (--skip)`)
    if (this.#chosen >= this.#limit) notes.push(`read up to ${formatCount(this.#limit)} requests (--limit)`)
    if (this.sample < 1) {
      notes.push(
        `a sample of ${percentOf(this.sample)} of the keys, with all their requests (--sample): ${formatCount(kept)} of ${formatCount(this.#chosen)} requests; a cache of that share of the size has about the same hit rate`,
      )
    }
    return notes
  }

  /** Why no request is left, where some were looked at. */
  whyNone(): string {
    const { from, to } = this.#options
    if (this.#chosen > 0)
      return `none of its keys is in the sample (--sample ${this.#options.sample}): take a larger share`
    if (this.#skipped > 0) return `--skip ${this.#options.skip} passes over all ${formatCount(this.#skipped)}`
    const bounds = [from === undefined ? '' : `--from ${from}`, to === undefined ? '' : `--to ${to}`]
      .join(' ')
      .trim()
    return `none lies within ${bounds}`
  }
}

function percentOf(share: number): string {
  return `${Number((share * 100).toPrecision(6))} %`
}

/**
 * A share of the keys: `1%`, `0.01`.
 * @throws InputError for what is none
 */
export function parseShare(given: string | number): number {
  const text = String(given).trim()
  const percent = /^(.+?)\s*%$/.exec(text)
  const share = percent ? Number(percent[1]) / 100 : Number(text)
  if (text === '' || !(share > 0 && share <= 1)) {
    throw new InputError(
      `--sample '${given}' must be a share of the keys above 0 and up to 100%, such as 1% or 0.01`,
    )
  }
  return share
}

/** A time as the user writes it, as the file would have it. */
function rawTime(text: string, flag: string, first: number, { unit, dates }: ReadClock): number {
  const perSecond = PER_SECOND[unit]
  const date = parseDate(text.trim())
  if (!Number.isNaN(date)) {
    if (dates) return date
    if (Math.abs(first) / perSecond < LEAST_DATE_SECONDS) {
      throw new InputError(
        `${flag} '${text}' is a date, and the times of the trace are none (the first is ${first}): give a number or a duration`,
      )
    }
    const seconds = date / 1e6 + (unit === '100ns' && first > 1e17 ? SECONDS_1601_TO_1970 : 0)
    return seconds * perSecond
  }
  if (/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text.trim())) {
    if (dates)
      throw new InputError(
        `${flag} '${text}' is a number, and the times of the trace are dates: give a date or a duration`,
      )
    return Number(text)
  }
  try {
    return first + parseDuration(text, flag) * perSecond
  } catch (error) {
    if (!(error instanceof InputError)) throw error
    throw new InputError(
      `${flag} '${text}' is no time: give a date, a number as in the file, or a duration after the first request, such as 10m`,
    )
  }
}
