import { InputError } from '../core/errors.ts'
import type { RandomAccess } from '../core/format.ts'
import { type ArrowSchema, readSchema } from './arrow-schema.ts'
import { FlatTable, safeInt64 } from './flatbuffer.ts'

/** What a file begins with, before the messages that a stream consists of. */
export const ARROW_MAGIC = 'ARROW1'
/** A message's first four bytes, since version 0.15 of the format. */
const CONTINUATION = 0xffff_ffff
const [SCHEMA, DICTIONARY_BATCH, RECORD_BATCH] = [1, 2, 3]
/** Far more than names and types of columns take. */
const MOST_METADATA_BYTES = 1 << 26

/** The layout of one batch: what there is of each field, and where its buffers lie. */
export interface ArrowBatch {
  readonly rows: number
  readonly nodes: readonly { readonly length: number; readonly nulls: number }[]
  /** Places in the file. */
  readonly buffers: readonly { readonly start: number; readonly bytes: number }[]
  /** How many data buffers each column of views has. */
  readonly variadic: readonly number[]
  readonly compression?: 'lz4' | 'zstd'
}

export interface ArrowDictionary {
  readonly id: number
  /** Its values come after those there are, instead of them. */
  readonly isDelta: boolean
  readonly batch: ArrowBatch
}

/** What an Arrow file or stream says it contains; of the values nothing has been read. */
export interface ArrowContents {
  readonly schema: ArrowSchema
  /** Batches of rows and of dictionaries, in order. */
  readonly batches: readonly (
    | { readonly rows: ArrowBatch; readonly dictionary?: undefined }
    | { readonly dictionary: ArrowDictionary; readonly rows?: undefined }
  )[]
}

/**
 * Reads the headers of all messages (Arrow columnar format, "Serialization and Interprocess Communication"). A file is a
 * stream between two magic words, and ends with the schema, which may not stand at its beginning, and a list of its
 * messages; that list is passed over, since hopping from message to message costs as little.
 * @throws InputError for anything damaged or cut short
 */
export async function readContents(name: string, source: RandomAccess): Promise<ArrowContents> {
  const head = Buffer.from(await source.slice(0, 8))
  const isFile = head.toString('latin1', 0, 6) === ARROW_MAGIC
  const footer = isFile ? await readFooter(name, source) : undefined
  const end = footer?.start ?? source.byteLength
  let schema = footer?.schema
  const batches: ArrowContents['batches'][number][] = []
  // A file says where its batches are, and what else it holds is its own affair; a stream is read from message to message.
  const places = footer?.places
  let at = places ? (places[0] ?? end) : 0
  let message = 0
  const fail = (what: string): never => {
    throw new InputError(`'${name}' cannot be read as Arrow: message ${message + 1} at byte ${at} ${what}`)
  }
  for (; at + 8 <= end; message++) {
    const prefix = new DataView(await source.slice(at, at + 8))
    const first = prefix.getUint32(0, true)
    const length = first === CONTINUATION ? prefix.getUint32(4, true) : first
    if (length === 0) break
    const start = at + (first === CONTINUATION ? 8 : 4)
    if (length > MOST_METADATA_BYTES || start + length > end) fail('does not fit in the file')
    const view = new DataView(await source.slice(start, start + length))
    try {
      const root = FlatTable.root(view)
      const type = root.uint8(1)
      const header = root.table(2)
      const body = start + length
      const bodyBytes = root.int64(3)
      if (!(bodyBytes >= 0 && body + bodyBytes <= end)) fail('is cut short')
      if (header && type === SCHEMA) schema ??= readSchema(header)
      else if (header && type === RECORD_BATCH) batches.push({ rows: readBatch(header, body, bodyBytes) })
      else if (header && type === DICTIONARY_BATCH) {
        const data = header.table(1)
        if (data === undefined) return fail('has no data')
        const isDelta = header.uint8(2) === 1
        const dictionary = { id: header.int64(0), isDelta, batch: readBatch(data, body, bodyBytes) }
        batches.push({ dictionary })
      } else if (schema === undefined) fail('is not where a file begins')
      at = places ? (places[message + 1] ?? end) : body + bodyBytes
    } catch (error) {
      if (error instanceof InputError) throw error
      fail(`is damaged (${(error as Error).message})`)
    }
  }
  if (schema === undefined) return fail('should be the schema, and there is none')
  if (schema.isBigEndian)
    throw new InputError(`'${name}' has numbers in big-endian order, which is not read here`)
  return { schema, batches }
}

/** The schema at the end of a file, where its messages stand, in order, and where they end. */
async function readFooter(
  name: string,
  source: RandomAccess,
): Promise<{ readonly schema: ArrowSchema; readonly places: readonly number[]; readonly start: number }> {
  const tail = Buffer.from(await source.slice(Math.max(0, source.byteLength - 10)))
  if (source.byteLength < 18 || tail.toString('latin1', 4) !== ARROW_MAGIC) {
    throw new InputError(`'${name}' is cut short or damaged: an Arrow file ends with ${ARROW_MAGIC}`)
  }
  const length = tail.readUInt32LE(0)
  const end = source.byteLength - 10
  try {
    if (length > Math.min(MOST_METADATA_BYTES, end - 8)) throw new RangeError('it does not fit in the file')
    const footer = FlatTable.root(new DataView(await source.slice(end - length, end)))
    const schema = footer.table(1)
    if (schema === undefined) throw new RangeError('it has no schema')
    // Dictionaries first, wherever they stand, then batches of rows: a place of 64 bits, then two lengths.
    const places = [2, 3].flatMap((field) =>
      footer.vector(field, 24, (view, at) => count(safeInt64(view, at))),
    )
    return { schema: readSchema(schema), places, start: end - length }
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
    throw new InputError(`'${name}' cannot be read as Arrow: the footer is damaged (${error.message})`)
  }
}

function readBatch(header: FlatTable, body: number, bodyBytes: number): ArrowBatch {
  const compression = header.table(3)
  const codec = (['lz4', 'zstd'] as const)[compression?.uint8(0) ?? 0]
  if (compression && (codec === undefined || compression.uint8(1) !== 0)) {
    throw new RangeError('its compression is not known')
  }
  return {
    rows: count(header.int64(0)),
    nodes: header.vector(1, 16, (view, at) => ({
      length: count(safeInt64(view, at)),
      nulls: count(safeInt64(view, at + 8)),
    })),
    buffers: header.vector(2, 16, (view, at) => {
      const start = count(safeInt64(view, at))
      const bytes = count(safeInt64(view, at + 8))
      if (start + bytes > bodyBytes) throw new RangeError('a buffer does not fit in')
      return { start: body + start, bytes }
    }),
    variadic: header.vector(4, 8, (view, at) => count(safeInt64(view, at))),
    ...(compression && codec && { compression: codec }),
  }
}

function count(value: number): number {
  if (value < 0) throw new RangeError(`${value} is no length`)
  return value
}
