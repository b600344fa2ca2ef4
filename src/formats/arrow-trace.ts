import type { RandomAccess, TraceColumns } from '../core/format.ts'
import { createColumn, type KeyNames } from '../core/trace.ts'
import { type FieldData, layOut, readBuffer } from './arrow-batches.ts'
import type { ArrowContents } from './arrow-messages.ts'
import { type ArrowField, TypeId } from './arrow-schema.ts'
import type { ColumnType } from './growable.ts'
import { OP_NAMES } from './ops.ts'
import { decodeText } from './text.ts'

/** Metadata of the schema by which a file says that its columns are a trace's, and the version of what that means. */
export const TRACE_METADATA = { key: 'cachesim.trace', value: '1' } as const

/** Read at once: large enough for the system, small enough for the processor's cache. */
const PIECE_BYTES = 1 << 22

type Numbers = Uint32Array | Float64Array | Float32Array | Uint8Array

/** One column on its way from the file into the trace. */
interface Mapping {
  readonly field: number
  readonly column: Numbers
  /** Looks at the values `from` up to `to`; false: they are not what a trace's are. */
  check(from: number, to: number): boolean
}

/**
 * A file that `convert` wrote is a trace already: the bytes of its columns are copied to where they belong, and looked
 * at once. Undefined for whatever is not exactly such a file, be it that another tool has changed the rows or is lying:
 * it is then read row by row.
 * @throws RangeError for damaged data
 */
export async function mapTrace(
  source: RandomAccess,
  { schema, batches }: ArrowContents,
): Promise<TraceColumns | undefined> {
  if (schema.metadata.get(TRACE_METADATA.key) !== TRACE_METADATA.value) return undefined
  const records = batches.flatMap(({ rows }) => (rows ? [rows] : []))
  const length = records.reduce((sum, { rows }) => sum + rows, 0)
  const laidOut = records.map((batch) => ({ rows: batch.rows, fields: layOut(schema.fields, batch) }))
  const isWhole = laidOut.every(({ rows, fields }) =>
    fields.every(({ field, length: values, nulls, compression, buffers }) => {
      const width = widthOf(field)
      return nulls === 0 && !compression && values === rows && width > 0 && buffers[1]!.bytes >= rows * width
    }),
  )
  if (length === 0 || !isWhole) return undefined
  const names = await namesOf(source, schema.fields, batches)
  const ops = schema.fields.find(({ name }) => name === 'op')
  if (!names || (ops && !(await areOps(source, ops, batches)))) return undefined
  const columns: Partial<Record<Role['role'], Numbers>> = {}
  const mappings: Mapping[] = []
  for (const [field, { name, typeId, bits, dictionary }] of schema.fields.entries()) {
    const known = ROLES[`${name} ${dictionary ? `index${dictionary.bits}` : `${typeId}/${bits}`}`]
    if (known === undefined || columns[known.role]) return undefined
    const mapping = { field, ...known.create(length) }
    columns[known.role] = mapping.column
    mappings.push(mapping)
  }
  let from = 0
  for (const { rows, fields } of laidOut) {
    // All columns at once: reading takes other threads, and one column is looked at while another comes.
    const first = from
    const isTrace = await Promise.all(
      mappings.map((mapping) => copy(source, fields[mapping.field]!, mapping, first, rows)),
    )
    if (isTrace.includes(false)) return undefined
    from += rows
  }
  const trace = columns as Omit<TraceColumns, 'length' | 'keyCount' | 'keyNames'>
  const keyCount = highest(trace.keys) + 1
  if (keyCount > names.count) return undefined
  return { ...trace, length, keyCount, keyNames: names }
}

/** Copies the values of one batch, the next piece being read while one is looked at. */
async function copy(
  source: RandomAccess,
  { buffers }: FieldData,
  { column, check }: Mapping,
  from: number,
  rows: number,
): Promise<boolean> {
  const { start } = buffers[1]!
  const bytes = rows * column.BYTES_PER_ELEMENT
  const target = new Uint8Array(column.buffer, from * column.BYTES_PER_ELEMENT, bytes)
  const read = async (at: number): Promise<number> => {
    const piece = target.subarray(at, at + PIECE_BYTES)
    await source.readInto(piece, start + at)
    return at + piece.length
  }
  let next = read(0)
  for (let at = 0; at < bytes; ) {
    const end = await next
    if (end < bytes) next = read(end)
    const first = from + at / column.BYTES_PER_ELEMENT
    at = end
    if (check(first, from + end / column.BYTES_PER_ELEMENT)) continue
    await next
    return false
  }
  return true
}

type Check<T extends Numbers> = (values: T, from: number, to: number) => boolean

interface Role {
  readonly role: 'keys' | 'times' | 'sizes' | 'costs' | 'ops' | 'ttls' | 'groups'
  /** A column of `length` values and what checks them, in order, from the first. */
  create(length: number): Pick<Mapping, 'column' | 'check'>
}

function role<T extends Numbers>(role: Role['role'], type: ColumnType<T>, createCheck: () => Check<T>): Role {
  return {
    role,
    create(length) {
      const column = createColumn(type, length)
      const check = createCheck()
      return { column, check: (from, to) => check(column, from, to) }
    },
  }
}

/** Which columns are a trace's, by name and type. */
const ROLES: Record<string, Role> = {
  'key index32': role('keys', Uint32Array, denseIds),
  [`key ${TypeId.int}/32`]: role('keys', Uint32Array, denseIds),
  [`time ${TypeId.float}/64`]: role('times', Float64Array, () => {
    let last = 0
    return (times, from, to) => {
      let before = last
      for (let i = from; i < to; i++) {
        const time = times[i]!
        if (!(time >= before)) return false
        before = time
      }
      last = before
      return times[0] === 0 && last < Infinity
    }
  }),
  [`size ${TypeId.int}/32`]: role('sizes', Uint32Array, () => () => true),
  [`cost_ms ${TypeId.float}/32`]: role('costs', Float32Array, () =>
    every((cost) => cost >= 0 && cost < Infinity),
  ),
  'op index8': role('ops', Uint8Array, () => every((op) => op < OP_NAMES.length)),
  // Not a number: the request does not say.
  [`ttl ${TypeId.float}/32`]: role('ttls', Float32Array, () => every((ttl) => !(ttl <= 0))),
  [`group ${TypeId.int}/32`]: role('groups', Uint32Array, () => {
    let last = 0
    return (groups, from, to) => {
      let before = last
      for (let i = from; i < to; i++) {
        const group = groups[i]!
        if (group !== before && group !== before + 1) return false
        before = group
      }
      last = before
      return groups[0] === 0
    }
  }),
}

/** Ids are dense and in order of first appearance if each is at most one above all before. */
function denseIds(): Check<Uint32Array> {
  let known = 0
  return (keys, from, to) => {
    let next = known
    for (let i = from; i < to; i++) {
      const key = keys[i]!
      if (key < next) continue
      if (key > next) return false
      next++
    }
    known = next
    return true
  }
}

function highest(keys: Uint32Array): number {
  let most = 0
  for (let i = 0; i < keys.length; i++) if (keys[i]! > most) most = keys[i]!
  return most
}

function every<T extends Numbers>(holds: (value: number) => boolean): Check<T> {
  return (values, from, to) => {
    for (let i = from; i < to; i++) if (!holds(values[i]!)) return false
    return true
  }
}

function widthOf({ typeId, bits, dictionary }: ArrowField): number {
  if (dictionary) return dictionary.bits / 8
  return typeId === TypeId.int || typeId === TypeId.float ? bits / 8 : 0
}

type Batches = ArrowContents['batches']

/** The names of keys: texts of the dictionary, or the ids themselves where there is none. Undefined: not as written. */
async function namesOf(
  source: RandomAccess,
  fields: readonly ArrowField[],
  batches: Batches,
): Promise<(KeyNames & { readonly count: number }) | undefined> {
  const key = fields.find(({ name }) => name === 'key')
  if (key === undefined) return undefined
  if (!key.dictionary) return { nameOf: String, count: Infinity }
  const parts = await textsOf(source, key, batches)
  if (parts === undefined) return undefined
  return {
    count: parts.reduce((sum, { offsets }) => sum + offsets.length - 1, 0),
    nameOf: (id) => {
      let index = id
      for (const { offsets, bytes } of parts) {
        if (index < offsets.length - 1) return decodeText(bytes, offsets[index], offsets[index + 1])
        index -= offsets.length - 1
      }
      throw new RangeError(`there is no key ${id}`)
    },
  }
}

async function areOps(source: RandomAccess, field: ArrowField, batches: Batches): Promise<boolean> {
  const parts = field.dictionary ? await textsOf(source, field, batches) : undefined
  if (parts?.length !== 1) return false
  const { offsets, bytes } = parts[0]!
  const names = Array.from({ length: offsets.length - 1 }, (_, i) =>
    decodeText(bytes, offsets[i], offsets[i + 1]),
  )
  return names.join() === OP_NAMES.join()
}

interface Texts {
  /** [texts + 1] */
  readonly offsets: Int32Array
  readonly bytes: Uint8Array
}

/** The texts of a dictionary, which may come in parts. Undefined where it is none of plain UTF-8. */
async function textsOf(
  source: RandomAccess,
  { dictionary, ...values }: ArrowField,
  batches: Batches,
): Promise<Texts[] | undefined> {
  const parts: Texts[] = []
  for (const each of batches) {
    if (each.dictionary?.id !== dictionary!.id) continue
    const { isDelta, batch } = each.dictionary
    if (values.typeId !== TypeId.utf8 || isDelta !== parts.length > 0) return undefined
    const [data] = layOut([values as ArrowField], batch)
    const { length, nulls } = data!
    const offsetBytes = await readBuffer(source, data!, 1)
    if (nulls > 0 || length === 0 || offsetBytes.byteLength < 4 * (length + 1)) return undefined
    const offsets = new Int32Array(offsetBytes, 0, length + 1)
    const bytes = new Uint8Array(await readBuffer(source, data!, 2))
    let last = 0
    for (const offset of offsets) {
      if (!(offset >= last && offset <= bytes.length)) return undefined
      last = offset
    }
    parts.push({ offsets, bytes })
  }
  return parts.length > 0 ? parts : undefined
}
