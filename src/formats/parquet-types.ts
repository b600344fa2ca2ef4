import type { SchemaElement } from 'hyparquet'
import { parseFloat16 } from 'hyparquet/src/convert.js'
import { type ColumnType, DAYS_PER_SECOND, type Value } from './column-values.ts'

/** What a column holds, and how a value is made of what is stored. */
export interface LeafType {
  readonly type: ColumnType
  readonly convert?: (raw: never) => Value
}

const PER_SECOND = { MILLIS: 1e3, MICROS: 1e6, NANOS: 1e9 } as const
/** The Julian day of 1970-01-01, which the deprecated INT96 counts days in. */
const JULIAN_1970 = 2_440_588n
const NANOS_PER_DAY = 86_400_000_000_000n

/** Reads logical types, and the older converted ones. */
export function leafOf({ type, converted_type, logical_type, scale = 0 }: SchemaElement): LeafType {
  const logical = logical_type?.type
  if (logical === 'TIMESTAMP') {
    const { unit, isAdjustedToUTC } = logical_type as {
      unit: keyof typeof PER_SECOND
      isAdjustedToUTC: boolean
    }
    return { type: { kind: 'instant', perSecond: PER_SECOND[unit], zoned: isAdjustedToUTC } }
  }
  if (converted_type === 'TIMESTAMP_MILLIS') return { type: { kind: 'instant', perSecond: 1e3, zoned: true } }
  if (converted_type === 'TIMESTAMP_MICROS') return { type: { kind: 'instant', perSecond: 1e6, zoned: true } }
  if (logical === 'DATE' || converted_type === 'DATE') {
    return { type: { kind: 'instant', perSecond: DAYS_PER_SECOND, zoned: false } }
  }
  if (logical === 'DECIMAL' || converted_type === 'DECIMAL') {
    const places = logical === 'DECIMAL' ? (logical_type as { scale: number }).scale : scale
    const isBytes = type === 'BYTE_ARRAY' || type === 'FIXED_LEN_BYTE_ARRAY'
    return { type: { kind: 'decimal', scale: places }, ...(isBytes && { convert: bigEndian }) }
  }
  const isUnsigned =
    converted_type?.startsWith('UINT') ||
    (logical === 'INTEGER' && !(logical_type as { isSigned: boolean }).isSigned)
  switch (type) {
    case 'BOOLEAN':
      return { type: { kind: 'boolean' } }
    case 'INT32':
      return { type: { kind: 'number' }, ...(isUnsigned && { convert: (raw: number) => raw >>> 0 }) }
    case 'INT64':
      return {
        type: { kind: 'number' },
        ...(isUnsigned && { convert: (raw: bigint) => BigInt.asUintN(64, raw) }),
      }
    case 'INT96':
      return { type: { kind: 'instant', perSecond: 1e9, zoned: false }, convert: nanosOfInt96 }
    case 'FLOAT':
      return { type: { kind: 'number', single: true } }
    case 'DOUBLE':
      return { type: { kind: 'number' } }
    case 'BYTE_ARRAY':
    case 'FIXED_LEN_BYTE_ARRAY':
      if (logical === 'FLOAT16') return { type: { kind: 'number', single: true }, convert: parseFloat16 }
      if (logical === 'UUID') return { type: { kind: 'text' }, convert: uuid }
      if (converted_type === 'INTERVAL' || converted_type === 'BSON')
        return { type: { kind: 'other', name: converted_type } }
      return { type: { kind: 'text' } }
    default:
      return { type: { kind: 'other', name: String(logical ?? type) } }
  }
}

function bigEndian(bytes: Uint8Array): bigint {
  const hex = Buffer.from(bytes).toString('hex')
  return hex === '' ? 0n : BigInt.asIntN(8 * bytes.length, BigInt(`0x${hex}`))
}

function nanosOfInt96(raw: bigint): bigint {
  return ((raw >> 64n) - JULIAN_1970) * NANOS_PER_DAY + BigInt.asIntN(64, raw)
}

function uuid(bytes: Uint8Array): Uint8Array {
  const hex = Buffer.from(bytes).toString('hex')
  return Buffer.from(hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-'))
}
