/**
 * Decimal numbers read straight from bytes, because a string per cell would cost more than all the rest of a row.
 * Exact: up to 16 digits that make an integer below 2^53, divided by a power of ten below 10^23, is one correctly
 * rounded operation on two exact doubles (Clinger, "How to read floating point numbers accurately", PLDI 1990);
 * everything else goes to `Number`.
 */

const POWERS_OF_TEN = Array.from({ length: 23 }, (_, exponent) => Number(`1e${exponent}`))
/** A decimal number as it is written. */
export const DECIMAL = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/
const [SPACE, TAB, PLUS, MINUS, POINT, ZERO] = [0x20, 0x09, 0x2b, 0x2d, 0x2e, 0x30]

/** The number in `bytes[start, end)`, blanks around it allowed; NaN where it is not a finite decimal number. */
export function parseNumber(bytes: Buffer, start: number, end: number): number {
  while (start < end && isBlank(bytes[start]!)) start++
  while (start < end && isBlank(bytes[end - 1]!)) end--
  let position = start
  const sign = bytes[position]
  if (position < end && (sign === MINUS || sign === PLUS)) position++
  // Nine digits make an integer of 32 bits, whose arithmetic takes half the time.
  const first = position
  const quick = Math.min(end, position + 9)
  let whole = 0
  for (; position < quick; position++) {
    const digit = bytes[position]! - ZERO
    if (digit >>> 0 > 9) break
    whole = (whole * 10 + digit) | 0
  }
  let value: number = whole
  let digits = position - first
  let point = -1
  for (; position < end; position++) {
    const digit = bytes[position]! - ZERO
    if (digit >= 0 && digit <= 9) {
      value = value * 10 + digit
      digits++
    } else if (bytes[position] === POINT && point < 0) {
      point = position
    } else {
      return parseSlowly(bytes, start, end)
    }
  }
  if (digits === 0) return Number.NaN
  // A value that was rounded on the way is above 2^53 and is caught here too.
  if (digits > 16 || value > Number.MAX_SAFE_INTEGER) return parseSlowly(bytes, start, end)
  if (point >= 0) value /= POWERS_OF_TEN[end - point - 1]!
  return sign === MINUS ? -value : value
}

function parseSlowly(bytes: Buffer, start: number, end: number): number {
  // The longest shortest form of a double has 24 characters; a kilobyte of digits is not a number anyone meant.
  if (end - start > 1024) return Number.NaN
  const text = bytes.toString('latin1', start, end)
  const value = DECIMAL.test(text) ? Number(text) : Number.NaN
  return Number.isFinite(value) ? value : Number.NaN
}

function isBlank(byte: number): boolean {
  return byte === SPACE || byte === TAB
}
