/** Values of columnar files, Parquet and Arrow: what a column holds, and what its values are as text and numbers. */

/** A value as it is stored; null where there is none. Text is its bytes. */
export type Value = number | bigint | boolean | Uint8Array | null | undefined

/** What the values of a column mean. */
export type ColumnType =
  | { readonly kind: 'number'; readonly single?: boolean }
  | { readonly kind: 'boolean' }
  | { readonly kind: 'text' }
  /** A whole number to be divided by ten to the power of `scale`. */
  | { readonly kind: 'decimal'; readonly scale: number }
  /** Units since 1970; a local one is of a clock whose zone nobody knows. */
  | { readonly kind: 'instant'; readonly perSecond: number; readonly zoned: boolean }
  | { readonly kind: 'duration'; readonly perSecond: number }
  /** Not one value a row: lists, maps and whatever else. */
  | { readonly kind: 'other'; readonly name: string }

/** Days since 1970 are instants too. */
export const DAYS_PER_SECOND = 1 / 86_400
/** What a JavaScript date can show. */
const LARGEST_INSTANT_MICROS = 8.64e18

/** The number that a value is, or NaN. */
export function numberOf(value: Value, type: ColumnType): number {
  if (typeof value === 'number' || typeof value === 'bigint') {
    return type.kind === 'decimal' ? Number(textOf(value, type)) : Number(value)
  }
  return Number.NaN
}

/** Microseconds since 1970, or NaN for what no calendar has. */
export function microsOf(value: number | bigint, perSecond: number): number {
  const micros =
    typeof value === 'bigint' && perSecond === 1e9
      ? Number(value / 1000n) + Number(value % 1000n) / 1000
      : Number(value) * (1e6 / perSecond)
  return Math.abs(micros) <= LARGEST_INSTANT_MICROS ? micros : Number.NaN
}

/** The text of a value, the same for equal values: whole numbers and decimals to the last digit, nothing for null. */
export function textOf(value: Exclude<Value, Uint8Array>, type: ColumnType): string {
  if (value === null || value === undefined) return ''
  if (typeof value === 'boolean') return String(value)
  switch (type.kind) {
    case 'decimal':
      return decimalText(BigInt(value), type.scale)
    case 'instant':
      return instantText(value, type.perSecond, type.zoned)
    case 'number':
      return type.single && typeof value === 'number' ? shortestFloat(value) : String(value)
    default:
      return String(value)
  }
}

/** The fewest digits that read back to the same 32-bit float. */
export function shortestFloat(value: number): string {
  for (let digits = 6; digits < 9; digits++) {
    const text = String(Number(value.toPrecision(digits)))
    if (Math.fround(Number(text)) === value) return text
  }
  return String(value)
}

function decimalText(unscaled: bigint, scale: number): string {
  if (scale <= 0) return String(unscaled * 10n ** BigInt(-scale))
  const sign = unscaled < 0n ? '-' : ''
  const digits = String(unscaled < 0n ? -unscaled : unscaled).padStart(scale + 1, '0')
  const fraction = digits.slice(-scale).replace(/0+$/, '')
  return `${sign}${digits.slice(0, -scale)}${fraction && '.'}${fraction}`
}

/** `2024-11-15`, `2024-11-15 16:57:50.123` of a local clock, `2024-11-15T16:57:50.123Z`. */
function instantText(value: number | bigint, perSecond: number, zoned: boolean): string {
  if (Number.isNaN(microsOf(value, perSecond))) return String(value)
  if (perSecond < 1) return new Date(Number(value) * 86_400_000).toISOString().slice(0, -14)
  const unit = BigInt(perSecond)
  const units = BigInt(value)
  const fraction = ((units % unit) + unit) % unit
  const whole = new Date(Number((units - fraction) / unit) * 1000).toISOString().slice(0, -5)
  const digits =
    fraction === 0n
      ? ''
      : `.${String(unit + fraction)
          .slice(1)
          .replace(/0+$/, '')}`
  return zoned ? `${whole}${digits}Z` : `${whole.replace('T', ' ')}${digits}`
}
