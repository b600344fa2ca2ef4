import {
  type ColumnMetaData,
  type FileMetaData,
  parquetMetadataAsync,
  parquetSchema,
  type SchemaElement,
  type SchemaTree,
} from 'hyparquet'
import { DEFAULT_PARSERS } from 'hyparquet/src/convert.js'
import { getMaxDefinitionLevel, getSchemaPath } from 'hyparquet/src/schema.js'
import { compressors } from 'hyparquet-compressors'
import { InputError } from '../core/errors.ts'
import type { RandomAccess } from '../core/format.ts'
import type { NamedColumn, ValueAt } from './column-rows.ts'
import type { Value } from './column-values.ts'
import { type ColumnDecoder, PageReader } from './parquet-pages.ts'
import { leafOf } from './parquet-types.ts'

/** A leaf of the schema. */
interface Leaf extends NamedColumn {
  readonly schemaPath: SchemaTree[]
  readonly element: SchemaElement
  /** Makes a value of one that is stored; absent: it is one. */
  readonly convert?: ((raw: never) => Value) | undefined
}

/** Some rows, with the values of the columns that were asked for. */
export interface RowBlock {
  readonly rows: number
  readonly columns: readonly ValueAt[]
}

/**
 * A Parquet file, of which one row group at a time is read, and of that the chunks of the columns wanted, page by page.
 * The library decodes footer and pages; it is asked for the values as they are stored, because what it would make of
 * them (dates of milliseconds, decimals as doubles, texts that may not be UTF-8) has lost something.
 */
export class ParquetFile {
  readonly columns: readonly Leaf[]
  readonly #name: string
  readonly #file: RandomAccess
  readonly #metadata: FileMetaData

  /** @throws InputError for a footer that is missing or damaged */
  static async open(name: string, file: RandomAccess): Promise<ParquetFile> {
    if (file.byteLength < 12) throw new InputError(`'${name}' is cut short: a Parquet file ends with PAR1`)
    const end = Buffer.from(await file.slice(file.byteLength - 4)).toString('latin1')
    if (end === 'PARE') throw new InputError(`'${name}' is an encrypted Parquet file`)
    if (end !== 'PAR1')
      throw new InputError(`'${name}' is cut short or damaged: a Parquet file ends with PAR1`)
    return decoding(name, 'the footer', async () => {
      const metadata = await parquetMetadataAsync({ ...file, slice: bounded(file) }, { geoparquet: false })
      return new ParquetFile(name, file, metadata)
    })
  }

  private constructor(name: string, file: RandomAccess, metadata: FileMetaData) {
    this.#name = name
    this.#file = file
    this.#metadata = metadata
    const leaves = leavesOf(parquetSchema(metadata)).map((path): Leaf => {
      const schemaPath = getSchemaPath(metadata.schema, path)
      const { element } = schemaPath.at(-1)!
      // The first step of the schema's path is its root.
      const repeated = schemaPath.findIndex((step) => step.element.repetition_type === 'REPEATED')
      if (repeated > 0) {
        const list = path.slice(0, Math.max(1, repeated - 1)).join('.')
        return { name: list, type: { kind: 'other', name: 'list' }, schemaPath, element }
      }
      return { name: path.join('.'), ...leafOf(element), schemaPath, element }
    })
    // A map has two leaves, a list of structs many: they are one column that cannot be read.
    this.columns = leaves.filter(
      ({ name }, index) => leaves.findIndex((leaf) => leaf.name === name) === index,
    )
  }

  /** Row groups. */
  get groups(): number {
    return this.#metadata.row_groups.length
  }

  /** The first value of a column; undefined where there are no rows. */
  async first(column: number): Promise<Value> {
    for (let group = 0; group < this.groups; group++) {
      for await (const { columns } of this.blocks(group, [column])) return columns[column]!(0) ?? null
    }
    return undefined
  }

  /**
   * The rows of a group, in order; a block is as long as the shortest page at hand.
   * @throws InputError for anything damaged, or encoded in a way that is not known
   */
  async *blocks(group: number, wanted: readonly number[]): AsyncGenerator<RowBlock> {
    const where = `row group ${group + 1}`
    const { num_rows } = this.#metadata.row_groups[group]!
    const readers: PageReader[] = []
    for (const column of wanted) {
      readers[column] = await decoding(this.#name, `${where}, column '${this.columns[column]!.name}'`, () =>
        this.#openColumn(group, column),
      )
    }
    let left = Number(num_rows)
    while (left > 0) {
      let rows = left
      const columns: ValueAt[] = []
      for (const column of wanted) {
        const reader = readers[column]!
        const place = `${where}, column '${this.columns[column]!.name}'`
        await decoding(this.#name, place, async () => reader.refill(left))
        rows = Math.min(rows, reader.left)
      }
      for (const column of wanted) columns[column] = readers[column]!.take(rows)
      left -= rows
      yield { rows, columns }
    }
  }

  async #openColumn(group: number, column: number): Promise<PageReader> {
    const { schemaPath, element, convert, name } = this.columns[column]!
    const chunk = this.#metadata.row_groups[group]!.columns.find(
      ({ meta_data }) => meta_data?.path_in_schema.join('.') === name,
    )
    const meta = chunk?.meta_data
    if (!meta) throw new Error('the group has no chunk of it')
    if (chunk.file_path) throw new Error(`its data lie in another file, '${chunk.file_path}'`)
    const decoder: ColumnDecoder = {
      ...{ pathInSchema: meta.path_in_schema, schemaPath, element, type: meta.type, codec: meta.codec },
      ...{ compressors, parsers: DEFAULT_PARSERS },
    }
    const { start, end } = rangeOf(meta)
    const bytes = await bounded(this.#file)(start, end)
    return new PageReader(bytes, decoder, getMaxDefinitionLevel(schemaPath), convert)
  }
}

function rangeOf(meta: ColumnMetaData): { readonly start: number; readonly end: number } {
  const { dictionary_page_offset, data_page_offset, total_compressed_size } = meta
  const start = Number(dictionary_page_offset || data_page_offset)
  return { start, end: start + Number(total_compressed_size) }
}

/** Reads like the file, but never beyond its end. */
function bounded(file: RandomAccess): RandomAccess['slice'] {
  return async (start, end = file.byteLength) => {
    if (!(start >= 0 && start <= end && end <= file.byteLength)) {
      throw new RangeError(`bytes ${start} to ${end} are not within the ${file.byteLength} of the file`)
    }
    return file.slice(start, end)
  }
}

function leavesOf(tree: SchemaTree): string[][] {
  return tree.children.length === 0 && tree.path.length > 0 ? [tree.path] : tree.children.flatMap(leavesOf)
}

/** Whatever goes wrong where the library decodes is the file's fault. */
async function decoding<T>(name: string, place: string, decode: () => Promise<T>): Promise<T> {
  try {
    return await decode()
  } catch (error) {
    if (error instanceof InputError) throw error
    const what = error instanceof Error ? error.message.replace(/^parquet /, '') : String(error)
    throw new InputError(`'${name}' cannot be read as Parquet: ${place}: ${what}`)
  }
}
