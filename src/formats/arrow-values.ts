import type { RandomAccess } from '../core/format.ts'
import { type FieldData, layOut, readBuffer } from './arrow-batches.ts'
import type { ArrowDictionary } from './arrow-messages.ts'
import { type ArrowField, type ArrowSchema, TypeId } from './arrow-schema.ts'
import type { NamedColumn, ValueAt } from './column-rows.ts'

/** A column of values, perhaps inside structs. */
export interface ArrowLeaf extends NamedColumn {
  /** Indexes of the field and of its children on the way. */
  readonly path: readonly number[]
}

/** The columns of a schema; those inside structs have dotted paths. */
export function leavesOf(
  fields: readonly ArrowField[],
  prefix = '',
  path: readonly number[] = [],
): ArrowLeaf[] {
  return fields.flatMap((field, index): ArrowLeaf[] => {
    const name = prefix + field.name
    const here = [...path, index]
    if (field.dictionary === undefined && field.typeId === TypeId.struct)
      return leavesOf(field.children, `${name}.`, here)
    return [{ name, type: field.type, path: here }]
  })
}

interface DictionaryPart {
  readonly length: number
  readonly at: ValueAt
}

/** Values of the columns of an Arrow file, batch by batch; dictionaries are kept as they come. */
export class ArrowValues {
  readonly #source: RandomAccess
  readonly #schema: ArrowSchema
  /** By id. */
  readonly #dictionaries = new Map<number, readonly DictionaryPart[]>()

  constructor(source: RandomAccess, schema: ArrowSchema) {
    this.#source = source
    this.#schema = schema
  }

  /** @throws RangeError for damaged data */
  async addDictionary({ id, isDelta, batch }: ArrowDictionary): Promise<void> {
    const field = findDictionary(this.#schema.fields, id)
    if (field === undefined) return
    const { dictionary: _, ...values } = field
    const [data] = layOut([values], batch)
    const part = { length: data!.length, at: await this.#valuesOf(data!) }
    this.#dictionaries.set(id, [...(isDelta ? (this.#dictionaries.get(id) ?? []) : []), part])
  }

  /**
   * The values of a column.
   * @param fields the batch, laid out
   * @throws RangeError for damaged data
   */
  async column(fields: readonly FieldData[], { path }: ArrowLeaf, rows: number): Promise<ValueAt> {
    let siblings = fields
    const validities: ((row: number) => boolean)[] = []
    for (const index of path.slice(0, -1)) {
      const struct = siblings[index]!
      const isThere = await this.#validity(struct)
      if (isThere) validities.push(isThere)
      siblings = struct.children
    }
    const data = siblings[path.at(-1)!]!
    if (data.length < rows)
      throw new RangeError(`column '${data.field.name}' has ${data.length} of ${rows} rows`)
    const at = await this.#valuesOf(data)
    if (validities.length === 0) return at
    return (row) => (validities.every((isThere) => isThere(row)) ? at(row) : null)
  }

  async #valuesOf(data: FieldData): Promise<ValueAt> {
    const isThere = await this.#validity(data)
    const at = data.field.dictionary ? await this.#indexed(data) : await this.#plain(data)
    return isThere ? (row) => (isThere(row) ? at(row) : null) : at
  }

  async #validity(data: FieldData): Promise<((row: number) => boolean) | undefined> {
    if (data.nulls === 0 || data.buffers.length === 0) return undefined
    const bits = new Uint8Array(await readBuffer(this.#source, data, 0))
    if (bits.length === 0) return undefined
    requireBytes(bits.byteLength, Math.ceil(data.length / 8), data)
    return (row) => ((bits[row >> 3]! >> (row & 7)) & 1) === 1
  }

  async #indexed(data: FieldData): Promise<ValueAt> {
    const { id, bits, signed } = data.field.dictionary!
    const parts = this.#dictionaries.get(id)
    if (parts === undefined) throw new RangeError(`there is no dictionary for column '${data.field.name}'`)
    const indexes = await this.#integers(data, bits, signed)
    const total = parts.reduce((sum, { length }) => sum + length, 0)
    for (let row = 0; row < data.length; row++) {
      const index = Number(indexes[row])
      // Of a null, nothing is said but that it is one.
      if (!(index >= 0 && index < total) && data.nulls === 0) {
        throw new RangeError(
          `index ${index} of column '${data.field.name}' is beyond its dictionary of ${total}`,
        )
      }
    }
    const [only] = parts
    if (only && parts.length === 1) return (row) => only.at(Number(indexes[row]))
    return (row) => {
      let index = Number(indexes[row])
      for (const { length, at } of parts) {
        if (index < length) return at(index)
        index -= length
      }
      return null
    }
  }

  async #plain(data: FieldData): Promise<ValueAt> {
    const { field, length } = data
    const { typeId, bits } = field
    switch (typeId) {
      case TypeId.int: {
        const values = await this.#integers(data, bits, field.signed)
        return (row) => values[row]
      }
      case TypeId.date:
      case TypeId.timestamp:
      case TypeId.duration: {
        const values = await this.#integers(data, bits, true)
        return (row) => values[row]
      }
      case TypeId.float: {
        if (bits === 16) {
          const halves = new Uint16Array(await this.#fixed(data, 2))
          return (row) => halfFloat(halves[row]!)
        }
        const buffer = await this.#fixed(data, bits / 8)
        const values = bits === 32 ? new Float32Array(buffer) : new Float64Array(buffer)
        return (row) => values[row]
      }
      case TypeId.bool: {
        const buffer = new Uint8Array(await readBuffer(this.#source, data, 1))
        requireBytes(buffer.length, Math.ceil(length / 8), data)
        return (row) => ((buffer[row >> 3]! >> (row & 7)) & 1) === 1
      }
      case TypeId.decimal:
        return this.#decimals(data)
      case TypeId.utf8:
      case TypeId.binary:
      case TypeId.largeUtf8:
      case TypeId.largeBinary:
        return this.#texts(data, typeId === TypeId.utf8 || typeId === TypeId.binary ? 4 : 8)
      case TypeId.utf8View:
      case TypeId.binaryView:
        return this.#views(data)
      case TypeId.fixedSizeBinary: {
        const { byteWidth } = field
        const bytes = Buffer.from(await readBuffer(this.#source, data, 1))
        requireBytes(bytes.length, length * byteWidth, data)
        return (row) => bytes.subarray(row * byteWidth, (row + 1) * byteWidth)
      }
      default:
        throw new RangeError(`column '${field.name}' is of a type that is not read`)
    }
  }

  /** The buffer of values of `width` bytes each, of just as many as there are. */
  async #fixed(data: FieldData, width: number): Promise<ArrayBuffer> {
    const buffer = await readBuffer(this.#source, data, 1)
    requireBytes(buffer.byteLength, data.length * width, data)
    const bytes = data.length * width
    return buffer.byteLength === bytes ? buffer : buffer.slice(0, bytes)
  }

  async #integers(data: FieldData, bits: number, signed: boolean): Promise<ArrayLike<number | bigint>> {
    const Type = INTEGERS[`${signed ? 'i' : 'u'}${bits}`]
    if (Type === undefined) throw new RangeError(`there are no integers of ${bits} bits`)
    return new Type(await this.#fixed(data, bits / 8))
  }

  async #decimals(data: FieldData): Promise<ValueAt> {
    const { bits } = data.field
    if (bits === 32 || bits === 64) {
      const values = await this.#integers(data, bits, true)
      return (row) => BigInt(values[row]!)
    }
    if (bits !== 128 && bits !== 256) throw new RangeError(`there are no decimals of ${bits} bits`)
    const words = new BigUint64Array(await this.#fixed(data, bits / 8))
    const perValue = bits / 64
    return (row) => {
      let value = 0n
      for (let word = perValue - 1; word >= 0; word--) value = (value << 64n) | words[row * perValue + word]!
      return BigInt.asIntN(bits, value)
    }
  }

  async #texts(data: FieldData, width: 4 | 8): Promise<ValueAt> {
    const buffer = await readBuffer(this.#source, data, 1)
    if (data.length === 0) return () => null
    requireBytes(buffer.byteLength, (data.length + 1) * width, data)
    const offsets = width === 4 ? new Int32Array(buffer) : new BigInt64Array(buffer)
    const bytes = Buffer.from(await readBuffer(this.#source, data, 2))
    for (let row = 0; row < data.length; row++) {
      if (!(offsets[row]! >= 0 && offsets[row]! <= offsets[row + 1]!))
        throw new RangeError(`the texts of column '${data.field.name}' do not follow each other`)
    }
    requireBytes(bytes.length, Number(offsets[data.length]), data)
    return (row) => bytes.subarray(Number(offsets[row]), Number(offsets[row + 1]))
  }

  /** Short texts stand in their view, of longer ones it says where they are. */
  async #views(data: FieldData): Promise<ValueAt> {
    const views = Buffer.from(await this.#fixed(data, 16))
    const parts: Buffer[] = []
    for (let index = 2; index < data.buffers.length; index++)
      parts.push(Buffer.from(await readBuffer(this.#source, data, index)))
    return (row) => {
      const at = 16 * row
      const length = views.readInt32LE(at)
      if (length >= 0 && length <= 12) return views.subarray(at + 4, at + 4 + length)
      const part = parts[views.readInt32LE(at + 8)]
      const start = views.readInt32LE(at + 12)
      if (part === undefined || length < 0 || start < 0 || start + length > part.length)
        throw new RangeError(`a text of column '${data.field.name}' lies outside its data`)
      return part.subarray(start, start + length)
    }
  }
}

const INTEGERS: Record<string, new (buffer: ArrayBuffer) => ArrayLike<number | bigint>> = {
  ...{ i8: Int8Array, i16: Int16Array, i32: Int32Array, i64: BigInt64Array },
  ...{ u8: Uint8Array, u16: Uint16Array, u32: Uint32Array, u64: BigUint64Array },
}

function findDictionary(fields: readonly ArrowField[], id: number): ArrowField | undefined {
  for (const field of fields) {
    if (field.dictionary?.id === id) return field
    const inside = findDictionary(field.children, id)
    if (inside) return inside
  }
  return undefined
}

function requireBytes(given: number, wanted: number, { field, length }: FieldData): void {
  if (given < wanted)
    throw new RangeError(`column '${field.name}' claims ${length} values and has bytes for fewer`)
}

function halfFloat(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1
  const exponent = (bits >> 10) & 31
  const fraction = bits & 0x3ff
  if (exponent === 31) return fraction ? Number.NaN : sign * Infinity
  return sign * (exponent === 0 ? fraction * 2 ** -24 : (1 + fraction / 1024) * 2 ** (exponent - 15))
}
