import { type ColumnType, DAYS_PER_SECOND } from './column-values.ts'
import type { FlatTable } from './flatbuffer.ts'

/** Numbers of the types in Schema.fbs of the Arrow format. */
export const TypeId = {
  ...{ null: 1, int: 2, float: 3, binary: 4, utf8: 5, bool: 6, decimal: 7, date: 8, time: 9, timestamp: 10 },
  ...{ interval: 11, list: 12, struct: 13, union: 14, fixedSizeBinary: 15, fixedSizeList: 16, map: 17 },
  ...{ duration: 18, largeBinary: 19, largeUtf8: 20, largeList: 21, runEndEncoded: 22, binaryView: 23 },
  ...{ utf8View: 24, listView: 25, largeListView: 26 },
} as const

const NAMES = new Map<number, string>(Object.entries(TypeId).map(([name, id]) => [id, name]))
const MAX_DEPTH = 64

export interface ArrowField {
  readonly name: string
  readonly typeId: number
  readonly type: ColumnType
  /** Of numbers. */
  readonly bits: number
  readonly signed: boolean
  /** Of values of fixed size. */
  readonly byteWidth: number
  /** The id of the dictionary that holds the values, whose indexes are then what a batch has. */
  readonly dictionary?: { readonly id: number; readonly bits: number; readonly signed: boolean }
  readonly isDenseUnion: boolean
  readonly children: readonly ArrowField[]
}

export interface ArrowSchema {
  readonly fields: readonly ArrowField[]
  readonly metadata: ReadonlyMap<string, string>
  readonly isBigEndian: boolean
}

export function readSchema(schema: FlatTable): ArrowSchema {
  const metadata = schema
    .tables(2)
    .map((pair): [string, string] => [pair.string(0) ?? '', pair.string(1) ?? ''])
  return {
    fields: schema.tables(1).map((field) => readField(field, 0)),
    metadata: new Map(metadata),
    isBigEndian: schema.int16(0) === 1,
  }
}

function readField(field: FlatTable, depth: number): ArrowField {
  if (depth > MAX_DEPTH) throw new RangeError(`types are nested more than ${MAX_DEPTH} deep`)
  const typeId = field.uint8(2)
  const type = field.table(3)
  const encoding = field.table(4)
  const index = encoding?.table(1)
  return {
    name: field.string(0) ?? '',
    typeId,
    type: columnType(typeId, type),
    bits: typeId === TypeId.float ? [16, 32, 64][type?.int16(0) ?? 0]! : bitsOf(typeId, type),
    signed: type !== undefined && typeId === TypeId.int && type.uint8(1) === 1,
    byteWidth: typeId === TypeId.fixedSizeBinary ? (type?.int32(0) ?? 0) : 0,
    ...(encoding && {
      dictionary: {
        id: encoding.int64(0),
        bits: index ? index.int32(0) : 32,
        signed: index ? index.uint8(1) === 1 : true,
      },
    }),
    isDenseUnion: typeId === TypeId.union && type?.int16(0) === 1,
    children: field.tables(5).map((child) => readField(child, depth + 1)),
  }
}

function bitsOf(typeId: number, type: FlatTable | undefined): number {
  if (typeId === TypeId.int) return type?.int32(0) ?? 0
  if (typeId === TypeId.decimal) return type?.int32(2, 128) ?? 128
  if (typeId === TypeId.date) return (type?.int16(0, 1) ?? 1) === 0 ? 32 : 64
  return 64
}

function columnType(typeId: number, type: FlatTable | undefined): ColumnType {
  switch (typeId) {
    case TypeId.int:
      return { kind: 'number' }
    case TypeId.float:
      return { kind: 'number', single: (type?.int16(0) ?? 0) < 2 }
    case TypeId.bool:
      return { kind: 'boolean' }
    case TypeId.binary:
    case TypeId.utf8:
    case TypeId.largeBinary:
    case TypeId.largeUtf8:
    case TypeId.binaryView:
    case TypeId.utf8View:
    case TypeId.fixedSizeBinary:
      return { kind: 'text' }
    case TypeId.decimal:
      return { kind: 'decimal', scale: type?.int32(1) ?? 0 }
    case TypeId.date: {
      const perSecond = (type?.int16(0, 1) ?? 1) === 0 ? DAYS_PER_SECOND : 1e3
      return { kind: 'instant', perSecond, zoned: false }
    }
    case TypeId.timestamp: {
      const perSecond = unitPerSecond(type?.int16(0) ?? 0)
      return { kind: 'instant', perSecond, zoned: type?.string(1) !== undefined }
    }
    case TypeId.duration:
      return { kind: 'duration', perSecond: unitPerSecond(type?.int16(0, 1) ?? 1) }
    default:
      return { kind: 'other', name: NAMES.get(typeId) ?? `number ${typeId}` }
  }
}

function unitPerSecond(unit: number): number {
  const perSecond = [1, 1e3, 1e6, 1e9][unit]
  if (perSecond === undefined) throw new RangeError(`time unit ${unit} is not known`)
  return perSecond
}
