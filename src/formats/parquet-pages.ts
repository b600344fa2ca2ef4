import type { DecodedArray, PageHeader } from 'hyparquet'
import { parquetHeader } from 'hyparquet/src/column.js'
import { decompressPage, readDataPage, readDataPageV2 } from 'hyparquet/src/datapage.js'
import { readPlain } from 'hyparquet/src/plain.js'
import type { ValueAt } from './column-rows.ts'
import type { Value } from './column-values.ts'

/** What the library wants to know of a column in order to decode its pages. */
export type ColumnDecoder = Parameters<typeof readDataPageV2>[2]

/** More values than any writer puts in one page; a damaged header may claim any number. */
const MOST_PAGE_VALUES = 1 << 25
/** Bit-packed runs are padded to whole groups; some writers pad more. */
const PADDING = 512

/** The pages of one column in one row group, decoded one at a time. There must be no repeated values. */
export class PageReader {
  readonly #view: DataView
  readonly #decoder: ColumnDecoder
  /** The level at which a value is there; 0: none is ever null. */
  readonly #present: number
  readonly #convert: ((raw: never) => Value) | undefined
  #offset = 0
  #dictionary: DecodedArray | undefined
  #values: ArrayLike<Value> = []
  #used = 0

  constructor(
    chunk: ArrayBuffer,
    decoder: ColumnDecoder,
    present: number,
    convert: ((raw: never) => Value) | undefined,
  ) {
    this.#view = new DataView(chunk)
    this.#decoder = decoder
    this.#present = present
    this.#convert = convert
  }

  /** Rows at hand. */
  get left(): number {
    return this.#values.length - this.#used
  }

  /** The next `rows` of those at hand. */
  take(rows: number): ValueAt {
    const values = this.#values
    const from = this.#used
    this.#used += rows
    return (row) => values[from + row]
  }

  /**
   * Decodes the next page if no row is at hand.
   * @param most rows that the page may have
   * @throws Error where there is none, or it is damaged
   */
  refill(most: number): void {
    while (this.left === 0) {
      if (this.#offset >= this.#view.byteLength) throw new Error(`${most} rows are missing`)
      const reader = { view: this.#view, offset: this.#offset }
      const header = parquetHeader(reader)
      const size = header.compressed_page_size
      if (!(size >= 0 && reader.offset + size <= this.#view.byteLength)) {
        throw new Error(`a page of ${size} bytes does not fit in`)
      }
      const page = new Uint8Array(this.#view.buffer, reader.offset, size)
      this.#offset = reader.offset + size
      this.#used = 0
      this.#values = this.#decode(page, header, Math.min(most, MOST_PAGE_VALUES))
    }
  }

  #decode(page: Uint8Array, header: PageHeader, most: number): ArrayLike<Value> {
    const { type, element, codec, compressors } = this.#decoder
    const count = (claimed: number, limit = most): number => {
      if (!(claimed >= 0 && claimed <= limit)) throw new Error(`a page claims ${claimed} values`)
      return claimed
    }
    if (header.type === 'DICTIONARY_PAGE') {
      const values = count(header.dictionary_page_header?.num_values ?? -1, MOST_PAGE_VALUES)
      const bytes = decompressPage(page, header.uncompressed_page_size, codec, compressors)
      const plain = readPlain({ view: viewOf(bytes), offset: 0 }, type, values, element.type_length)
      this.#dictionary = this.#converted(plain)
      return []
    }
    if (header.data_page_header) {
      const { data_page_header } = header
      const values = count(data_page_header.num_values)
      const bytes = decompressPage(page, header.uncompressed_page_size, codec, compressors)
      const view = viewOf(bytes)
      const levels = this.#present > 0 ? 4 + view.getUint32(0, true) : 0
      if (levels > 0) checkRuns(view, 4, levels, bitWidth(this.#present), values)
      this.#checkValues(view, levels, data_page_header.encoding, values)
      const { definitionLevels, dataPage } = readDataPage(bytes, data_page_header, this.#decoder)
      return this.#withNulls(this.#resolved(dataPage, data_page_header.encoding), definitionLevels, values)
    }
    if (header.data_page_header_v2) {
      const { data_page_header_v2 } = header
      const { repetition_levels_byte_length, definition_levels_byte_length, encoding, num_nulls } =
        data_page_header_v2
      const values = count(data_page_header_v2.num_values)
      count(num_nulls, values)
      const levels = repetition_levels_byte_length + definition_levels_byte_length
      if (!(levels >= 0 && levels <= page.length)) throw new Error('the levels of a page do not fit in')
      if (this.#present > 0)
        checkRuns(viewOf(page), repetition_levels_byte_length, levels, bitWidth(this.#present), values)
      const packed = page.subarray(levels)
      const body =
        data_page_header_v2.is_compressed === false
          ? packed
          : decompressPage(packed, header.uncompressed_page_size - levels, codec, compressors)
      this.#checkValues(viewOf(body), 0, encoding, values)
      const plain = Buffer.concat([page.subarray(0, levels), body])
      const whole = new Uint8Array(new Uint8Array(plain).buffer)
      const { definitionLevels, dataPage } = readDataPageV2(whole, header, {
        ...this.#decoder,
        codec: 'UNCOMPRESSED',
      })
      return this.#withNulls(this.#resolved(dataPage, encoding), definitionLevels, values)
    }
    if (header.type === 'INDEX_PAGE') return []
    throw new Error(`page type ${header.type} is not known`)
  }

  /** Runs say how often they repeat: the library believes them. */
  #checkValues(view: DataView, start: number, encoding: string, values: number): void {
    if (encoding.endsWith('_DICTIONARY')) {
      if (start < view.byteLength) checkRuns(view, start + 1, view.byteLength, view.getUint8(start), values)
    } else if (encoding === 'RLE') {
      checkRuns(view, start + 4, view.byteLength, 1, values)
    }
  }

  /** Values of the dictionary where they are indexes of it. */
  #resolved(data: DecodedArray, encoding: string): ArrayLike<Value> {
    if (!encoding.endsWith('_DICTIONARY')) return this.#converted(data)
    const dictionary = this.#dictionary
    if (dictionary === undefined) throw new Error('there is no dictionary')
    const values = new Array<Value>(data.length)
    for (let i = 0; i < data.length; i++) {
      const index = data[i] as number
      if (!(index < dictionary.length)) {
        throw new Error(`index ${index} is beyond its dictionary of ${dictionary.length}`)
      }
      values[i] = dictionary[index] as Value
    }
    return values
  }

  #converted(data: DecodedArray): DecodedArray {
    const convert = this.#convert
    return convert ? Array.from(data as unknown as ArrayLike<never>, convert) : data
  }

  #withNulls(
    values: ArrayLike<Value>,
    levels: ArrayLike<number> | undefined,
    count: number,
  ): ArrayLike<Value> {
    let spread = values
    if (levels !== undefined && levels.length > 0) {
      const all = new Array<Value>(count)
      let next = 0
      for (let row = 0; row < count; row++) all[row] = levels[row] === this.#present ? values[next++] : null
      if (next > values.length) throw new Error(`a page has ${values.length} of ${next} values`)
      spread = all
    }
    if (spread.length !== count) throw new Error(`a page has ${spread.length} of ${count} values`)
    return spread
  }
}

/** @throws Error for runs of the RLE and bit-packing hybrid that repeat more than `count` times */
function checkRuns(view: DataView, start: number, end: number, width: number, count: number): void {
  if (!(width <= 32 && end <= view.byteLength)) throw new Error('the levels of a page do not fit in')
  let at = start
  let seen = 0
  while (seen < count && at < end) {
    let header = 0
    for (let shift = 0; ; shift += 7) {
      const byte = view.getUint8(at++)
      header += (byte & 0x7f) * 2 ** shift
      if (byte < 0x80) break
    }
    const isPacked = header % 2 === 1
    const run = isPacked ? 8 * ((header - 1) / 2) : header / 2
    if (run > count - seen + (isPacked ? PADDING : 0))
      throw new Error(`a run of ${run} values does not fit in`)
    at += isPacked ? (run / 8) * width : (width + 7) >> 3
    seen += run
  }
}

function bitWidth(value: number): number {
  return 32 - Math.clz32(value)
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}
