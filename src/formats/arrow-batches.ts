import { decompress as decompressZstd } from 'fzstd'
import type { RandomAccess } from '../core/format.ts'
import type { ArrowBatch } from './arrow-messages.ts'
import { type ArrowField, TypeId } from './arrow-schema.ts'
import { safeInt64 } from './flatbuffer.ts'
import { decompressLz4Frame } from './lz4-frame.ts'

/** What one buffer may unpack to. Writers make batches of far less. */
const MOST_BUFFER_BYTES = 1 << 30
/** What LZ4 makes of a byte at most. */
const LZ4_RATIO = 255

/** What a batch has of one field. */
export interface FieldData {
  readonly field: ArrowField
  readonly length: number
  readonly nulls: number
  readonly buffers: readonly Region[]
  readonly children: readonly FieldData[]
  readonly compression: ArrowBatch['compression']
}

type Region = ArrowBatch['buffers'][number]

/**
 * Deals out the nodes and buffers of a batch to the fields, depth first, as the format lays them.
 * @throws RangeError where there are fewer than the types need
 */
export function layOut(fields: readonly ArrowField[], batch: ArrowBatch): FieldData[] {
  let nextNode = 0
  let nextBuffer = 0
  let nextVariadic = 0
  const take = (field: ArrowField): FieldData => {
    const node = batch.nodes[nextNode++]
    if (node === undefined) throw new RangeError(`there is nothing of column '${field.name}'`)
    const views =
      field.dictionary === undefined &&
      (field.typeId === TypeId.binaryView || field.typeId === TypeId.utf8View)
    const own = buffersOf(field) + (views ? (batch.variadic[nextVariadic++] ?? 0) : 0)
    const buffers = batch.buffers.slice(nextBuffer, nextBuffer + own)
    if (buffers.length < own) throw new RangeError(`there are too few buffers for column '${field.name}'`)
    nextBuffer += own
    const children = field.dictionary ? [] : field.children.map(take)
    return {
      field,
      length: node.length,
      nulls: node.nulls,
      buffers,
      children,
      compression: batch.compression,
    }
  }
  return fields.map(take)
}

function buffersOf({ typeId, dictionary, isDenseUnion }: ArrowField): number {
  if (dictionary) return 2
  switch (typeId) {
    case TypeId.null:
    case TypeId.runEndEncoded:
      return 0
    case TypeId.struct:
    case TypeId.fixedSizeList:
      return 1
    case TypeId.union:
      return isDenseUnion ? 2 : 1
    case TypeId.binary:
    case TypeId.utf8:
    case TypeId.largeBinary:
    case TypeId.largeUtf8:
    case TypeId.listView:
    case TypeId.largeListView:
      return 3
    default:
      return 2
  }
}

/** Reads a buffer of a field, unpacked. @throws RangeError for damaged data */
export async function readBuffer(source: RandomAccess, data: FieldData, index: number): Promise<ArrayBuffer> {
  const { start, bytes } = data.buffers[index]!
  if (bytes === 0) return new ArrayBuffer(0)
  const stored = await source.slice(start, start + bytes)
  if (data.compression === undefined) return stored
  const unpacked = safeInt64(new DataView(stored), 0)
  const packed = new Uint8Array(stored, 8)
  if (unpacked === -1) return stored.slice(8)
  const limit = data.compression === 'lz4' ? LZ4_RATIO * packed.length : MOST_BUFFER_BYTES
  if (!(unpacked >= 0 && unpacked <= Math.min(limit, MOST_BUFFER_BYTES))) {
    throw new RangeError(`a buffer claims to unpack to ${unpacked} bytes`)
  }
  if (data.compression === 'lz4') return decompressLz4Frame(packed, unpacked).buffer as ArrayBuffer
  const output = decompressZstd(packed, new Uint8Array(unpacked))
  if (output.length !== unpacked)
    throw new RangeError(`a buffer unpacks to ${output.length} of ${unpacked} bytes`)
  return output.slice().buffer as ArrayBuffer
}
