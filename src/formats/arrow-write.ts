import {
  batchType,
  Column,
  type DataType,
  dictionary,
  field,
  float32,
  float64,
  type IntType,
  int8,
  int32,
  Table,
  tableToIPC,
  uint32,
  utf8,
} from '@uwdata/flechette'
import type { Trace } from '../core/trace.ts'
import { TRACE_METADATA } from './arrow-trace.ts'
import { OP_NAMES } from './ops.ts'
import { distinctNames } from './write.ts'

/** Rows of a batch: a few megabytes a column. */
const BATCH_ROWS = 1 << 20
/** Bytes of names in one part of the dictionary, whose offsets have 32 bits. */
const PART_BYTES = 1 << 30

type Values = Uint32Array | Float64Array | Float32Array | Uint8Array

/**
 * The trace as an Arrow IPC file: time in seconds, key (a dictionary of names), size in bytes, cost_ms, op (a dictionary
 * of words), ttl in seconds, group; whichever there are. Metadata of the schema say that these are a trace's columns, so
 * that reading needs only to copy them. The values are not copied before they are written.
 */
export function* writeArrow(trace: Trace, note?: (text: string) => void): Generator<Uint8Array> {
  const { keys, times, sizes, costs, ops, ttls, groups } = trace
  const columns = [
    times && plain('time', times, float64()),
    trace.keyNames
      ? indexed(
          'key',
          keys,
          int32(),
          textColumn(trace.keyCount, distinctNames(trace, note, /\p{Surrogate}/gu)),
        )
      : plain('key', keys, uint32()),
    sizes && plain('size', sizes, uint32()),
    costs && plain('cost_ms', costs, float32()),
    ops &&
      indexed(
        'op',
        ops,
        int8(),
        textColumn(OP_NAMES.length, (index) => OP_NAMES[index]!),
      ),
    ttls && plain('ttl', ttls, float32()),
    groups && plain('group', groups, uint32()),
  ].filter((column) => column !== undefined)
  const fields = columns.map(({ name, column }) => field(name, column.type, false))
  const metadata = new Map([[TRACE_METADATA.key, TRACE_METADATA.value]])
  const table = new Table(
    { version: 4, endianness: 0, fields, metadata },
    columns.map(({ column }) => column),
  )
  const written: Uint8Array[] = []
  tableToIPC(table, {
    format: 'file',
    sink: {
      write: (bytes) => {
        written.push(bytes)
      },
      pad: (bytes) => {
        written.push(new Uint8Array(bytes))
      },
      finish: () => null,
    },
  })
  yield* written
}

function plain(name: string, values: Values, type: DataType): { name: string; column: Column<unknown> } {
  const batches = []
  for (let from = 0; from < values.length; from += BATCH_ROWS) {
    const part = values.subarray(from, from + BATCH_ROWS)
    batches.push(batchOf(type, part.length, part))
  }
  return { name, column: new Column(batches, type) }
}

/** @param texts what the values are indexes of */
function indexed(name: string, values: Values, indexType: IntType, texts: Column<string>) {
  // The library knows a dictionary by its type: the very object.
  const { column } = plain(name, values, dictionary(texts.type, indexType))
  for (const batch of column.data) Object.assign(batch, { dictionary: texts })
  return { name, column }
}

/** @param partBytes where another part of the dictionary begins */
export function textColumn(
  count: number,
  textOf: (index: number) => string,
  partBytes = PART_BYTES,
): Column<string> {
  const type = utf8()
  const parts = []
  for (let index = 0; index < count; ) {
    let bytes = Buffer.allocUnsafeSlow(1 << 16)
    const offsets = [0]
    let used = 0
    for (; index < count && used < partBytes; index++) {
      const text = textOf(index)
      if (used + 3 * text.length > bytes.length) {
        bytes = Buffer.concat([bytes.subarray(0, used)], 2 * (used + 3 * text.length))
      }
      used += bytes.write(text, used)
      offsets.push(used)
    }
    const batch = batchOf(type, offsets.length - 1, bytes.subarray(0, used), Int32Array.from(offsets))
    parts.push(batch)
  }
  return new Column(parts, type)
}

function batchOf(type: DataType, length: number, values: Uint8Array | Values, offsets?: Int32Array) {
  const Type = batchType(type)
  return new Type({
    ...{ length, nullCount: 0, type, validity: new Uint8Array(0), values },
    ...(offsets && { offsets }),
  })
}
