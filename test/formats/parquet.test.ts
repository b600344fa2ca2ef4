import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { brotliCompressSync, gzipSync } from 'node:zlib'
import { parquetWriteBuffer } from 'hyparquet-writer'
import { describe, expect, it } from 'vitest'
import { type ReadTraceOptions, readTrace } from '../../src/formats/index.ts'
import { leafOf } from '../../src/formats/parquet-types.ts'
import { folderWith } from '../support/cli.ts'
import { contentOf, expectNoHarmOfDamage, fixture, namesOf, read } from './support.ts'

type Written = Parameters<typeof parquetWriteBuffer>[0]

/** A file as another program writes it. */
const parquet = (columns: Written['columnData'], options: Omit<Written, 'columnData'> = {}) =>
  new Uint8Array(parquetWriteBuffer({ columnData: columns, ...options }))

const readFile = (bytes: Uint8Array, options: ReadTraceOptions = {}, name = 'trace.parquet') => {
  const path = join(folderWith({}), name)
  writeFileSync(path, bytes)
  return readTrace(path, options)
}

const columns: Written['columnData'] = [
  { name: 'url', data: ['/a', '/b', '/a', '/c'], type: 'STRING' },
  { name: 'timestamp', data: [100, 101, 101, 105], type: 'INT32' },
  { name: 'bytes', data: [10n, 20n, 30n, 4294967295n], type: 'INT64' },
  { name: 'latency_ms', data: [1.5, 2, 3, 0.1], type: 'DOUBLE' },
  { name: 'op', data: ['get', 'SET', 'get', 'del'], type: 'STRING' },
  { name: 'ttl', data: [60, null, 0, 1.5], type: 'FLOAT' },
  { name: 'ok', data: [true, true, false, true], type: 'BOOLEAN' },
]
const content = {
  length: 4,
  keyCount: 3,
  keys: [0, 1, 0, 2],
  times: [0, 1, 1, 5],
  sizes: [10, 20, 30, 4294967295],
  costs: [1.5, 2, 3, Math.fround(0.1)],
  ops: [0, 1, 0, 2],
  ttls: [60, Number.NaN, Number.NaN, 1.5],
  groups: undefined,
}

describe('parquet', () => {
  it('finds the columns by their names and says so', async () => {
    const trace = await readFile(parquet(columns))
    expect(contentOf(trace)).toEqual(content)
    expect(namesOf(trace)).toEqual(['/a', '/b', '/a', '/c'])
    expect(trace.source?.format).toBe('parquet')
    expect(trace.source?.columns).toEqual({
      ...{ key: 'url', time: 'timestamp', size: 'bytes', cost: 'latency_ms', op: 'op', ttl: 'ttl' },
    })
    expect(trace.source?.notes.join('\n')).toMatch(/'url' is taken as the key/)
  })

  it('is recognised by its content, from a file, a pipe and packed', async () => {
    const bytes = parquet(columns)
    expect(contentOf(await readFile(bytes, {}, 'data.bin'))).toEqual(content)
    expect(contentOf(await read(bytes, {}, [5, 70]))).toEqual(content)
    expect(contentOf(await read(gzipSync(bytes)))).toEqual(content)
  })

  it('reads row groups of any size and pages of any encoding as one trace', async () => {
    const rows = 1000
    const keys = Array.from({ length: rows }, (_, i) => `key ${(i * 7919) % 101}`)
    const times = Array.from({ length: rows }, (_, i) => 1_700_000_000_000n + BigInt(i * i))
    const sizes = Array.from({ length: rows }, (_, i) => (i * i) % 5000)
    for (const rowGroupSize of [1, 7, 999, 5000]) {
      for (const encodings of [
        ['PLAIN', 'PLAIN', 'PLAIN'],
        ['DELTA_BYTE_ARRAY', 'DELTA_BINARY_PACKED', 'DELTA_BINARY_PACKED'],
        ['DELTA_LENGTH_BYTE_ARRAY', 'BYTE_STREAM_SPLIT', 'BYTE_STREAM_SPLIT'],
        ['RLE_DICTIONARY', 'RLE_DICTIONARY', 'RLE_DICTIONARY'],
      ] as const) {
        const bytes = parquet(
          [
            { name: 'key', data: keys, type: 'STRING', encoding: encodings[0] },
            { name: 'time', data: times, type: 'INT64', encoding: encodings[1], nullable: false },
            { name: 'size', data: sizes, type: 'INT32', encoding: encodings[2] },
          ],
          { rowGroupSize, pageSize: 1000 },
        )
        const trace = await readFile(bytes)
        expect(namesOf(trace), `${rowGroupSize} ${encodings}`).toEqual(keys)
        expect(Array.from(trace.sizes!)).toEqual(sizes)
        expect(Array.from(trace.times!)).toEqual(keys.map((_, i) => (i * i) / 1000))
      }
    }
  })

  it.each([
    ['GZIP', (bytes: Uint8Array) => gzipSync(bytes)],
    ['BROTLI', (bytes: Uint8Array) => brotliCompressSync(bytes)],
  ] as const)('reads pages packed with %s', async (codec, pack) => {
    const compressors = { [codec]: (bytes: Uint8Array) => new Uint8Array(pack(bytes)) }
    const bytes = parquet(columns, { codec, compressors })
    expect(contentOf(await readFile(bytes))).toEqual(content)
  })

  // What DuckDB 1.x writes of 20 rows, pages of version 2 and 1.
  it.each(['brotli', 'lz4_raw'])('reads what DuckDB packed with %s, and all its types', async (codec) => {
    const read = (options: ReadTraceOptions) => readFile(fixture(`duckdb-${codec}.parquet`), options)
    const rows = Array.from({ length: 20 }, (_, i) => i)
    const trace = await read({})
    expect(namesOf(trace)).toEqual(rows.map((i) => `user ${i % 3}`))
    expect(Array.from(trace.times!)).toEqual(rows.map((i) => (i * 1500) / 1e6))
    expect(Array.from(trace.costs!)).toEqual(rows.map((i) => i * 1001))
    expect(namesOf(await read({ key: ['u'], limit: 1 }))).toEqual(['00112233-4455-6677-8899-aabbccddeeff'])
    expect(namesOf(await read({ key: ['neg'], limit: 2 }))).toEqual(['0', '-1'])
    expect(namesOf(await read({ key: ['ts'], limit: 2 }))[1]).toBe('2024-01-01T00:00:00.0015Z')
    expect((await read({ key: ['req.m'] })).keyCount).toBe(2)
    const big = await read({ key: ['big'], maxBadRows: 5 })
    expect(namesOf(big).slice(0, 2)).toEqual(['18446744073709551614', '18446744073709551613'])
    expect(big.source?.badRows).toBe(5)
  })

  it('reads what polars packed with zstd', async () => {
    const trace = await readFile(fixture('polars-zstd.parquet'))
    expect(trace.length).toBe(12_000)
    expect(namesOf(trace).slice(999, 1002)).toEqual([
      'other',
      'a key of more than twelve bytes, number 1',
      'short',
    ])
  })

  it('reads the 96-bit timestamps of old, and decimals as bytes', () => {
    // 1 ns after midnight of 1970-01-02, Julian day 2440589.
    const old = leafOf({ name: 't', type: 'INT96' })
    expect(old.convert!(((2_440_589n << 64n) | 1n) as never)).toBe(86_400_000_000_001n)
    const decimal = { name: 'd', type: 'BYTE_ARRAY', converted_type: 'DECIMAL', scale: 2 } as const
    expect(leafOf(decimal).convert!(Uint8Array.of(0xff, 0x38) as never)).toBe(-200n)
  })

  it('is not believed where a run claims to repeat more often than there are rows', async () => {
    const data = Array.from({ length: 1000 }, (_, i) => (i < 500 ? 'a' : 'b'))
    const bytes = Buffer.from(
      parquet([{ name: 'key', data, type: 'STRING', encoding: 'RLE_DICTIONARY' }], { codec: 'UNCOMPRESSED' }),
    )
    // 500 times, as a number of 7 bits a byte, becomes 8191 times.
    const at = bytes.indexOf(Buffer.from([0xe8, 0x07]))
    expect(at).toBeGreaterThan(0)
    bytes.set([0xfe, 0x7f], at)
    await expect(readFile(bytes)).rejects.toThrow(
      /row group 1, column 'key': a run of 8191 values does not fit in/,
    )
  })

  it('keeps every digit of 64-bit keys and of decimals', async () => {
    const bytes = parquet(
      [
        { name: 'id', data: [9007199254740993n, 9007199254740992n, -1n] },
        // The writer scales what it is given.
        { name: 'price', data: [1234567.89, -0.05, 1], nullable: false },
      ],
      {
        schema: [
          { name: 'root', num_children: 2 },
          { name: 'id', type: 'INT64', repetition_type: 'OPTIONAL' },
          {
            ...{ name: 'price', type: 'INT32', repetition_type: 'REQUIRED' },
            ...{ converted_type: 'DECIMAL', scale: 2, precision: 9 },
          },
        ],
      },
    )
    expect(namesOf(await readFile(bytes))).toEqual(['9007199254740993', '9007199254740992', '-1'])
    expect(namesOf(await readFile(bytes, { key: ['price'] }))).toEqual(['1234567.89', '-0.05', '1'])
  })

  it.each([
    ['TIMESTAMP_MILLIS', 'INT64', { converted_type: 'TIMESTAMP_MILLIS' }, 1_700_000_000_123n, 1n, 0.001],
    ['TIMESTAMP_MICROS', 'INT64', { converted_type: 'TIMESTAMP_MICROS' }, 1_700_000_000_123_456n, 1n, 1e-6],
    [
      'nanoseconds',
      'INT64',
      { logical_type: { type: 'TIMESTAMP', isAdjustedToUTC: false, unit: 'NANOS' } },
      1_700_000_000_123_456_000n,
      1000n,
      1e-6,
    ],
  ] as const)('takes a column of %s as dates', async (_, type, logical, first, step, seconds) => {
    const time = { name: 'ts', type, repetition_type: 'REQUIRED', ...logical } as const
    const raw = parquet(
      [
        { name: 'key', data: ['a', 'b'], nullable: false },
        { name: 'ts', data: [first, first + step], nullable: false },
      ],
      {
        schema: [
          { name: 'root', num_children: 2 },
          { name: 'key', type: 'BYTE_ARRAY', converted_type: 'UTF8', repetition_type: 'REQUIRED' },
          time as never,
        ],
        statistics: false,
      },
    )
    const trace = await readFile(raw)
    expect(trace.times![1]).toBeCloseTo(seconds, 12)
    const key = await readFile(raw, { key: ['ts'] })
    expect(namesOf(key)[0]).toMatch(/^2023-11-14[T ]22:13:20\.123/)
  })

  it('reads only the rows and columns it is asked for', async () => {
    const trace = await readFile(parquet(columns), { where: ['ok=true'], key: ['op', 'url'], skip: 1 })
    expect(namesOf(trace)).toEqual(['SET|/b', 'del|/c'])
    expect(trace.source?.filteredRows).toBe(1)
    // The chunk of a column that is not wanted may be anything.
    const others = columns.map((column) => (column.name === 'op' ? { ...column, name: 'verb' } : column))
    const bytes = Buffer.from(parquet(others, { codec: 'UNCOMPRESSED' }))
    bytes.fill(0xff, bytes.indexOf('SET') - 8, bytes.indexOf('SET') + 3)
    expect(contentOf(await readFile(bytes))).toEqual({ ...content, ops: undefined })
    await expect(readFile(bytes, { where: ['verb=SET'] })).rejects.toThrow(/row group 1, column 'verb'/)
  })

  it('stops where enough has been read', async () => {
    const bytes = parquet(columns, { rowGroupSize: 1 })
    const trace = await readFile(bytes, { limit: 2 })
    expect(trace.length).toBe(2)
    expect(trace.source?.rows).toBe(2)
  })

  it('counts rows whose values are null or out of range, by row', async () => {
    const bytes = parquet([
      { name: 'key', data: ['a', null, 'b', 'c'], type: 'STRING' },
      { name: 'size', data: [1, 2, null, -1], type: 'INT32' },
    ])
    await expect(readFile(bytes)).rejects.toThrow(/'.*trace\.parquet' row 2: there is no key: 'key' is null/)
    const trace = await readFile(bytes, { maxBadRows: 3 })
    expect(namesOf(trace)).toEqual(['a'])
    expect(trace.source?.badRowSamples).toEqual([
      { line: 2, reason: "there is no key: 'key' is null" },
      { line: 3, reason: expect.stringMatching(/^size null of column 'size' is not a whole number/) },
      { line: 4, reason: expect.stringMatching(/^size '-1' of column 'size' is not a whole number/) },
    ])
  })

  it('reads columns inside structs by their paths, and names what cannot be read', async () => {
    const bytes = parquet(
      [
        { name: 'request', data: [{ model: 'm', user: 1 }, null, { model: 'm', user: 2 }] },
        { name: 'tags', data: [['x'], [], ['y', 'z']] },
      ],
      {
        schema: [
          { name: 'root', num_children: 2 },
          { name: 'request', num_children: 2, repetition_type: 'OPTIONAL' },
          { name: 'model', type: 'BYTE_ARRAY', converted_type: 'UTF8', repetition_type: 'OPTIONAL' },
          { name: 'user', type: 'INT32', repetition_type: 'REQUIRED' },
          { name: 'tags', num_children: 1, converted_type: 'LIST', repetition_type: 'OPTIONAL' },
          { name: 'list', num_children: 1, repetition_type: 'REPEATED' },
          { name: 'element', type: 'BYTE_ARRAY', converted_type: 'UTF8', repetition_type: 'OPTIONAL' },
        ],
      },
    )
    const trace = await readFile(bytes, { key: ['request.model', 'request.user'], maxBadRows: 1 })
    expect(namesOf(trace)).toEqual(['m|1', 'm|2'])
    expect(trace.source?.badRowSamples[0]?.line).toBe(2)
    await expect(readFile(bytes, { key: ['tags'] })).rejects.toThrow(
      /--key: column 'tags' of '.*' is of type list, which has no one value a row/,
    )
    await expect(readFile(bytes, { key: ['request.modle'] })).rejects.toThrow(
      /no column 'request\.modle' in .*did you mean 'request\.model'\? \(columns: request\.model, request\.user, tags\)/,
    )
  })

  it('says in one sentence what is wrong with a file', async () => {
    const bytes = parquet(columns)
    await expect(readFile(bytes.subarray(0, 200))).rejects.toThrow(/cut short or damaged.*ends with PAR1/)
    await expect(readFile(bytes.subarray(0, 6))).rejects.toThrow(/cut short/)
    await expect(readFile(Buffer.from('key,size\na,1\n'), { format: 'parquet' })).rejects.toThrow(
      /is not a Parquet file: it does not begin with PAR1/,
    )
    await expect(readFile(Buffer.from('PAREabcdefghPARE'))).rejects.toThrow(/is an encrypted Parquet file/)
    const footer = Buffer.from(bytes)
    footer.writeUInt32LE(0xffff_fff0, bytes.length - 8)
    await expect(readFile(footer)).rejects.toThrow(/cannot be read as Parquet: the footer/)
    await expect(readFile(parquet([{ name: 'key', data: [], type: 'STRING' }]))).rejects.toThrow(
      /has no requests/,
    )
  })

  it('turns any damage into a sound trace or one clear error', async () => {
    for (const codec of ['UNCOMPRESSED', 'SNAPPY'] as const) {
      const valid = parquet(columns, { codec, rowGroupSize: 3 })
      await expectNoHarmOfDamage(valid, { format: 'parquet' }, 600)
    }
  }, 120_000)
})
