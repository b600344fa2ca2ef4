import { InputError } from './errors.ts'

type Units = ReadonlyMap<string, number>

const SECONDS: Units = new Map(
  Object.entries({
    ns: 1e-9,
    us: 1e-6,
    µs: 1e-6,
    ms: 1e-3,
    s: 1,
    m: 60,
    min: 60,
    h: 3600,
    d: 86_400,
    w: 604_800,
  }),
)

const BYTES: Units = new Map(
  Object.entries({
    B: 1,
    kB: 1e3,
    KB: 1e3,
    MB: 1e6,
    GB: 1e9,
    TB: 1e12,
    KiB: 2 ** 10,
    MiB: 2 ** 20,
    GiB: 2 ** 30,
    TiB: 2 ** 40,
  }),
)

/** Powers of 1000 that counts and rates are written with. */
const EXPONENTS: Units = new Map([
  ['', 0],
  ['k', 3],
  ['M', 6],
  ['G', 9],
])

/** The number in `1_000.5e3`, times a power of ten: exact, where multiplying `4.35` by 1000 may not be. */
function parseDecimal(text: string, exponent = 0): number {
  const [mantissa, own = '0'] = text.replaceAll('_', '').toLowerCase().split('e')
  return Number(`${mantissa}e${Number(own) + exponent}`)
}

function parseQuantity(text: string, what: string, units: Units, example: string): number {
  const match = /^([+-]?(?:\d[\d_]*\.?\d*|\.\d+)(?:e[+-]?\d+)?)\s*([a-zµ]*)$/i.exec(text.trim())
  const factor = match ? units.get(match[2]!) : undefined
  if (!match || factor === undefined) {
    const unitless = match && match[2] === '' ? ' has no unit' : ' is not understood'
    throw new InputError(
      `${what} '${text}'${unitless}: write a number and one of ${[...units.keys()].join(', ')}, such as ${example}`,
    )
  }
  const value = parseDecimal(match[1]!) * factor
  if (value < 0) throw new InputError(`${what} '${text}' is negative: it must be 0 or more`)
  if (value > Number.MAX_SAFE_INTEGER) throw new InputError(`${what} '${text}' is too large`)
  return value
}

/**
 * Seconds in a duration such as `10m`, `250ms`, `1.5h`, `2d`. `m` is minutes.
 * @param what the name of the thing in the error message, such as `--ttl`
 * @throws InputError for a negative one, one without a unit, or one that is not a duration
 */
export function parseDuration(text: string, what = 'duration'): number {
  return parseQuantity(text, what, SECONDS, '250ms or 10m')
}

/**
 * Bytes in a size such as `64MiB` (powers of 2) or `1.5MB` (powers of 10); what is left of a byte is cut off.
 * @throws InputError for a negative one, one without a unit, one that is not a size, and a part of a byte such as 1.5B
 */
export function parseBytes(text: string, what = 'size'): number {
  const quantity = parseQuantity(text, what, BYTES, '64MiB')
  // A hair more, so that 1.005kB is not a byte short of 1005.
  const bytes = Math.floor(quantity * (1 + Number.EPSILON))
  if (bytes < quantity && (bytes === 0 || /[\d.\s]B\s*$/.test(text)))
    throw new InputError(`${what} '${text}' is a part of a byte: write whole bytes`)
  return bytes
}

/** A whole number, with `_` allowed between digits and k, M, G as powers of 1000: `1_000_000`, `10M`. */
export function parseCount(text: string, what: string): number {
  const match = /^(\d[\d_]*(?:\.\d+)?(?:e\d+)?)\s*([kMG]?)$/.exec(text.trim())
  const value = match ? parseDecimal(match[1]!, EXPONENTS.get(match[2]!)) : Number.NaN
  if (!Number.isSafeInteger(value)) {
    throw new InputError(`${what} '${text}' is not a whole number of 0 or more, such as 1000 or 10M`)
  }
  return value
}

/** Events per second in a rate such as `50/s`, `2.5k/s`, `600/min`, `1M/d`. */
export function parseRate(text: string, what = 'rate'): number {
  const match = /^(\d[\d_]*\.?\d*(?:e[+-]?\d+)?)\s*([kM]?)\s*\/\s*([a-zµ]+)$/.exec(text.trim())
  const per = match ? SECONDS.get(match[3]!) : undefined
  if (!match || per === undefined) {
    throw new InputError(
      `${what} '${text}' is not understood: write a number per unit of time, such as 50/s or 600/min`,
    )
  }
  const rate = parseDecimal(match[1]!, EXPONENTS.get(match[2]!)) / per
  if (!(rate < Infinity)) throw new InputError(`${what} '${text}' is too large`)
  if (rate === 0) throw new InputError(`${what} '${text}' must be above 0`)
  return rate
}

/** How large a cache is, as the user said it. */
export type Size =
  | { readonly unit: 'entries'; readonly value: number }
  | { readonly unit: 'bytes'; readonly value: number }
  | { readonly unit: 'percent'; readonly value: number }

/**
 * A cache size: `1000` (entries), `5%` (of the distinct keys), `64MiB` (bytes of values).
 * @throws InputError for anything else
 */
export function parseSize(text: string, what = '--size'): Size {
  const trimmed = text.trim()
  if (/^(\d+\.?\d*|\.\d+)(?:e-?\d+)?\s*%$/.test(trimmed)) {
    const value = Number(trimmed.slice(0, -1))
    if (value > 1e6) throw new InputError(`${what} '${text}' is too large`)
    return { unit: 'percent', value }
  }
  if (/^[\d_.]+(e\d+)?[kMG]?$/.test(trimmed)) return { unit: 'entries', value: parseCount(trimmed, what) }
  if (/^[\d_.]+\s*[a-z]+$/i.test(trimmed) && BYTES.has(trimmed.replace(/^[\d_.]+\s*/, ''))) {
    return { unit: 'bytes', value: parseBytes(trimmed, what) }
  }
  throw new InputError(
    `${what} '${text}' is not a cache size: write entries (1000), a share of the distinct keys (5%) or bytes (64MiB)`,
  )
}

const wholeNumber = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 })

/** `1,234,567` */
export function formatCount(value: number): string {
  return wholeNumber.format(value)
}

/** `1 request`, `2,000 requests` */
export function plural(value: number, one: string, many = `${one}s`): string {
  return `${formatCount(value)} ${value === 1 ? one : many}`
}

/** `61.2 %`: a fraction as a percentage. */
export function formatPercent(fraction: number, digits = 1): string {
  return `${(fraction * 100).toFixed(digits)} %`
}

/** `4.1 points`: a difference of two fractions in percentage points, without its sign. */
export function formatPoints(difference: number, digits = 1): string {
  return `${Math.abs(difference * 100).toFixed(digits)} points`
}

function significant(value: number, digits = 3): string {
  if (value === 0) return '0'
  const rounded = Number(value.toPrecision(digits))
  return Math.abs(rounded) >= 1000 ? formatCount(rounded) : String(rounded)
}

/** Milliseconds as a reader says them: `850 µs`, `2.1 ms`, `1.4 s`, `23 min`. */
export function formatMilliseconds(ms: number): string {
  return formatSeconds(ms / 1000)
}

/** Seconds as a reader says them: `850 µs`, `2.1 ms`, `1.4 s`, `23 min`, `3.2 h`, `12 d`. */
export function formatSeconds(seconds: number): string {
  const size = Math.abs(seconds)
  if (size === 0) return '0 s'
  if (size < 1e-6) return `${significant(seconds * 1e9)} ns`
  if (size < 1e-3) return `${significant(seconds * 1e6)} µs`
  if (size < 1) return `${significant(seconds * 1e3)} ms`
  if (size < 120) return `${significant(seconds)} s`
  if (size < 7200) return `${significant(seconds / 60)} min`
  if (size < 172_800) return `${significant(seconds / 3600)} h`
  return `${significant(seconds / 86_400)} d`
}

/** Bytes as a reader says them: `512 B`, `1.5 KiB`, `64 MiB`. */
export function formatBytes(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB']
  let value = bytes
  let unit = 0
  while (Math.abs(value) >= 1024 && unit < units.length - 1) {
    value /= 1024
    unit++
  }
  return `${unit === 0 ? formatCount(value) : significant(value)} ${units[unit]}`
}

/** `$12.40`, `$1,240`, `$0.0021` */
export function formatMoney(dollars: number): string {
  const sign = dollars < 0 ? '−' : ''
  const size = Math.abs(dollars)
  if (size >= 1000) return `${sign}$${formatCount(size)}`
  if (size >= 0.01 || size === 0) return `${sign}$${size.toFixed(2)}`
  return `${sign}$${significant(size, 2)}`
}
