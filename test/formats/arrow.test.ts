import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'

import {
  Binary,
  Bool,
  type DataType,
  DateDay,
  Decimal,
  Dictionary,
  DurationMillisecond,
  Field,
  Float16,
  Float64,
  Int8,
  Int16,
  Int32,
  Int64,
  LargeUtf8,
  List,
  RecordBatchReader,
  Struct,
  Table,
  TimestampMicrosecond,
  TimestampMillisecond,
  TimestampNanosecond,
  TimestampSecond,
  tableFromIPC,
  tableToIPC,
  Uint8,
  Uint16,
  Uint64,
  Utf8,
  vectorFromArray,
} from 'apache-arrow'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createTrace, type Trace } from '../../src/core/trace.ts'
import { textColumn } from '../../src/formats/arrow-write.ts'
import { formatForWriting, type ReadTraceOptions, readTrace } from '../../src/formats/index.ts'
import { comparisonOf, folderWith, succeed } from '../support/cli.ts'
import { contentOf, expectNoHarmOfDamage, fixture, namesOf, read } from './support.ts'

const write = (trace: Trace, format = 'arrow') =>
  Buffer.concat([...formatForWriting('-', format).write(trace)].map((chunk) => Buffer.from(chunk as string)))

const folder = folderWith()
const readFile = (bytes: Uint8Array, options: ReadTraceOptions = {}) => {
  const path = join(folder, 'trace.arrow')
  writeFileSync(path, bytes)
  return readTrace(path, options)
}

/** A file as the reference implementation writes it. */
const foreign = (
  columns: Record<string, readonly [readonly unknown[], DataType]>,
  kind: 'file' | 'stream' = 'file',
) =>
  tableToIPC(
    new Table(
      Object.fromEntries(
        Object.entries(columns).map(([name, [values, type]]) => [name, vectorFromArray(values, type)]),
      ),
    ),
    kind,
  )

const trace: Trace = {
  ...createTrace({
    keys: ['a', 'b', 'a', ''],
    times: [0, 0.1, 0.1, 1e7],
    sizes: [1, 0, 0xffff_ffff, 2],
    costs: [0.1, 2, 3, 0],
    ops: [0, 1, 2, 0],
  }),
  ttls: Float32Array.of(Number.NaN, 60, Infinity, 0.5),
  groups: Uint32Array.of(0, 0, 1, 2),
}

describe('an Arrow file that we write', () => {
  it('holds the columns under plain names and types, by the reference implementation', () => {
    const table = tableFromIPC(write(trace))
    expect(table.schema.fields.map(({ name, type }) => `${name}: ${type}`)).toEqual([
      ...['time: Float64', 'key: Dictionary<Int32, Utf8>', 'size: Uint32', 'cost_ms: Float32'],
      ...['op: Dictionary<Int8, Utf8>', 'ttl: Float32', 'group: Uint32'],
    ])
    expect(table.toArray().map((row) => ({ ...row.toJSON() }))).toEqual(
      [0, 1, 2, 3].map((i) => ({
        ...{ key: ['a', 'b', 'a', ''][i], time: trace.times![i], size: trace.sizes![i] },
        ...{ cost_ms: trace.costs![i], op: ['read', 'write', 'delete', 'read'][i] },
        ...{ ttl: trace.ttls![i], group: trace.groups![i] },
      })),
    )
  })

  it('is a stream between two magic words, and has as many batches as its footer says', () => {
    const long = createTrace({ keys: Array.from({ length: 2 ** 20 + 1 }, (_, i) => i % 3) })
    const bytes = write(long)
    const [file, stream] = [RecordBatchReader.from(bytes), RecordBatchReader.from(bytes.subarray(8))]
    expect([...file].map(({ numRows }) => numRows)).toEqual([2 ** 20, 1])
    expect([...stream].map(({ numRows }) => numRows)).toEqual([2 ** 20, 1])
  })

  it('is the same trace again, on shared memory', async () => {
    for (const again of [await readFile(write(trace)), await read(gzipSync(write(trace)), {}, [9])]) {
      expect(contentOf(again)).toEqual(contentOf(trace))
      expect(namesOf(again)).toEqual(['a', 'b', 'a', ''])
      for (const column of ['keys', 'times', 'sizes', 'costs', 'ops', 'ttls', 'groups'] as const)
        expect(again[column]!.buffer).toBeInstanceOf(SharedArrayBuffer)
      expect(again.source).toMatchObject({ format: 'arrow', rows: 4, badRows: 0, notes: [] })
      expect(again.source?.columns).toEqual({
        ...{ key: 'key', time: 'time', size: 'size', cost: 'cost_ms', op: 'op', ttl: 'ttl', group: 'group' },
      })
    }
  })

  it('gives the names of keys whatever they are, and ids where there are none', async () => {
    const keys = ['', '\0', 'é', '\u{1f408}', '\ud800', 'a|b', '\\xff', '\n"']
    const again = await readFile(write(createTrace({ keys })))
    expect(namesOf(again)).toEqual(keys.map((key) => (key === '\ud800' ? '\ufffd' : key)))
    const { keyNames: _, ...anonymous } = createTrace({ keys: [7, 8, 7] })
    const ids = await readFile(write(anonymous))
    expect(namesOf(ids)).toEqual(['0', '1', '0'])
    expect(namesOf(await readFile(write(anonymous), { limit: 2 }))).toEqual(['0', '1'])
    expect((await readFile(write(createTrace({ keys })), { keyNames: false })).keyNames).toBeUndefined()
  })

  it('may have its dictionary in parts', async () => {
    const names = ['one', 'two', 'three', 'four', 'five']
    const column = textColumn(names.length, (i) => names[i]!, 6)
    expect(column.data.length).toBeGreaterThan(1)
    expect([...column]).toEqual(names)
  })

  it('is the same trace as its CSV, whatever is asked of it', async () => {
    const anyTrace = fc
      .array(
        fc.record({
          key: fc.string({ unit: fc.constantFrom('a', 'b', ',', '"', 'é', '1'), maxLength: 2 }),
          gap: fc.double({ min: 0, max: 1000, noNaN: true }),
          size: fc.nat(0xffff_ffff),
          cost: fc.float({ noNaN: true, noDefaultInfinity: true, min: 0 }),
          op: fc.nat(2),
          ttl: fc.constantFrom(Number.NaN, 0.1, 60, Infinity),
        }),
        { minLength: 1, maxLength: 30 },
      )
      .chain((rows) =>
        fc
          .record({
            ...{ times: fc.boolean(), sizes: fc.boolean(), costs: fc.boolean(), ops: fc.boolean() },
            ttls: fc.boolean(),
          })
          .map((has): Trace => {
            const times: number[] = []
            for (const { gap } of rows) times.push(times.length === 0 ? 0 : times.at(-1)! + gap)
            const plain = createTrace({
              keys: rows.map((row) => row.key),
              ...(has.times && { times }),
              ...(has.sizes && { sizes: rows.map((row) => row.size) }),
              ...(has.costs && { costs: rows.map((row) => row.cost) }),
              ...(has.ops && { ops: rows.map((row) => row.op) }),
            })
            return has.ttls ? { ...plain, ttls: Float32Array.from(rows, (row) => row.ttl) } : plain
          }),
      )
    const anyOptions = fc.record(
      {
        skip: fc.nat(10),
        limit: fc.integer({ min: 1, max: 30 }),
        from: fc.nat(500),
        to: fc.integer({ min: 100, max: 5000 }),
        sample: fc.constantFrom('20%', '70%'),
        sort: fc.boolean(),
        keyHash: fc.boolean(),
        keyNames: fc.boolean(),
        key: fc.constantFrom(['key'], ['size', 'key'], ['op'], ['nothing']),
        where: fc.constantFrom(['key!=a'], ['size>100'], ['op=write']),
        valueSize: fc.constantFrom('=10', 'size'),
        cost: fc.constantFrom('=250', 'size', 'cost_ms'),
        costUnit: fc.constant('ms' as const),
        op: fc.constantFrom('=read', 'op'),
        timeUnit: fc.constantFrom('ms' as const, 's' as const),
        several: fc.boolean(),
      },
      { requiredKeys: [] },
    )
    await fc.assert(
      fc.asyncProperty(anyTrace, anyOptions, async (any, { several, ...options }) => {
        // What a key of several columns is held as is the format's affair, and decides which are in the sample.
        if (options.key && options.key.length > 1) delete options.sample
        const outcome = async (format: string) => {
          const path = join(folder, `any.${format}`)
          writeFileSync(path, write(any, format))
          try {
            const result = await readTrace(several ? [path, path] : path, { format, sort: true, ...options })
            const names = result.keyNames && namesOf(result)
            const { rows, filteredRows, badRows } = result.source!
            return { ...contentOf(result), names, rows, filteredRows, badRows }
          } catch (error) {
            return (error as Error).message.replaceAll(`.${format}`, '').replace(/ (line|row) \d+/, '')
          }
        }
        expect(await outcome('arrow')).toEqual(await outcome('csv'))
      }),
      { numRuns: 500 },
    )
  }, 120_000)

  it('is read row by row where the rows are no longer a trace, or the file lies', async () => {
    const altered = (change: (bytes: Buffer, at: number) => void, column: Uint8Array) => {
      const bytes = write(trace)
      change(bytes, bytes.lastIndexOf(column))
      return bytes
    }
    const keys = Buffer.from(trace.keys.buffer)
    // Ids that are not in order of first appearance, as after a filter that keeps the dictionary.
    const swapped = await readFile(altered((bytes, at) => bytes.writeUInt32LE(2, at), keys))
    expect(namesOf(swapped)).toEqual(['', 'b', 'a', ''])
    expect(Array.from(swapped.keys)).toEqual([0, 1, 2, 0])
    // An id that no name has.
    await expect(readFile(altered((bytes, at) => bytes.writeUInt32LE(99, at + 4), keys))).rejects.toThrow(
      /cannot be read as Arrow: index 99 of column 'key' is beyond its dictionary of 3/,
    )
    const times = Buffer.from(trace.times!.buffer)
    await expect(readFile(altered((bytes, at) => bytes.writeDoubleLE(-1, at + 8), times))).rejects.toThrow(
      /row 2: time runs backwards, from 0 to -1/,
    )
    const late = await readFile(altered((bytes, at) => bytes.writeDoubleLE(0.05, at), times))
    expect(late.times![0]).toBe(0)
    const costs = Buffer.from(trace.costs!.buffer)
    await expect(readFile(altered((bytes, at) => bytes.writeFloatLE(-1, at), costs))).rejects.toThrow(
      /row 1: cost '-1' of column 'cost_ms' is not a number of 0 or more/,
    )
  })

  it('comes out of convert, plain and packed, and gives the same numbers', async () => {
    const rows = Array.from({ length: 900 }, (_, i) => `${i},u${(i * 7) % 31},${i % 9}\n`)
    const cwd = folderWith({ 'log.csv': `ts,user,latency_ms\n${rows.join('')}` })
    const settings = '--policies lru --size 10 --miss-latency recorded'
    const wanted = await comparisonOf(`--trace log.csv --key user ${settings}`, { cwd })
    for (const file of ['log.arrow', 'log.arrow.gz', 'log.feather']) {
      await succeed(`convert log.csv ${file} --key user --quiet`, { cwd })
      const found = await comparisonOf(`--trace ${file} ${settings}`, { cwd })
      expect(found.simulated.runs).toEqual(wanted.simulated.runs)
      expect(found.simulated.workload.requests).toBe(900)
    }
  }, 60_000)

  it('turns any damage into a sound trace or one clear error', async () => {
    await expectNoHarmOfDamage(write(trace), { format: 'arrow' }, 2000)
  }, 120_000)
})

describe('an Arrow file from elsewhere', () => {
  const content = {
    ...{ length: 3, keyCount: 2, keys: [0, 1, 0], times: [0, 1, 2.5], sizes: [1, 2, 3] },
    ...{ costs: [1, 2, 3], ops: [0, 1, 2], ttls: undefined, groups: undefined },
  }
  const columns = {
    url: [['/a', '/b', '/a'], new Utf8()],
    timestamp: [[100, 101, 102.5], new Float64()],
    bytes: [[1, 2, 3], new Int32()],
    latency: [[1, 2, 3], new Int16()],
    operation: [['GET', 'SET', 'DEL'], new Dictionary(new Utf8(), new Uint8())],
  } as const

  it.each(['file', 'stream'] as const)('is read as a %s, told by its content', async (kind) => {
    const bytes = foreign(columns, kind)
    for (const found of [await readFile(bytes), await read(bytes, {}, [3, 9, 100])]) {
      expect(contentOf(found)).toEqual(content)
      expect(namesOf(found)).toEqual(['/a', '/b', '/a'])
      expect(found.source?.columns).toMatchObject({ key: 'url', time: 'timestamp', cost: 'latency' })
    }
  })

  it.each([
    ['utf8', ['a', null, 'b'], new Utf8(), ['a', 'b']],
    ['large utf8', ['a', 'long '.repeat(9)], new LargeUtf8(), ['a', 'long '.repeat(9)]],
    ['a dictionary', ['x', 'y', null, 'x'], new Dictionary(new Utf8(), new Int8()), ['x', 'y', 'x']],
    ['binary', [Uint8Array.of(0xff), Uint8Array.of(0x61)], new Binary(), ['\\xff', 'a']],
    ['int64', [-1n, 9007199254740993n], new Int64(), ['-1', '9007199254740993']],
    ['uint64', [2n ** 64n - 1n, 0n], new Uint64(), ['18446744073709551615', '0']],
    ['uint16', [65535, 1], new Uint16(), ['65535', '1']],
    ['bool', [true, false, null], new Bool(), ['true', 'false']],
    ['float16', [1.5, -2, 0.25], new Float16(), ['1.5', '-2', '0.25']],
    ['dates', [new Date('2024-02-29')], new DateDay(), ['2024-02-29']],
    ['timestamps in s', [1_700_000_000_000], new TimestampSecond('UTC' as never), ['2023-11-14T22:13:20Z']],
    ['timestamps in ms', [1_700_000_000_120], new TimestampMillisecond(), ['2023-11-14 22:13:20.12']],
    ['decimals', [Uint32Array.of(12345, 0, 0, 0)], new Decimal(2, 10, 128), ['123.45']],
  ] as const)('has keys of %s', async (_, values, type, names) => {
    const nulls = values.filter((value) => value === null).length
    const found = await readFile(foreign({ key: [values, type] }), { maxBadRows: nulls })
    expect(namesOf(found)).toEqual(names)
    expect(found.source?.badRows).toBe(nulls)
  })

  it('has times of any resolution', async () => {
    for (const [type, perSecond] of [
      [new TimestampMicrosecond(), 1e6],
      [new TimestampNanosecond('UTC' as never), 1e9],
    ] as const) {
      const start = BigInt(1_700_000_000) * BigInt(perSecond)
      const vector = vectorFromArray([0, 0], type)
      vector.data[0]!.values.set([start, start + 5000n])
      const keys = vectorFromArray(['a', 'b'], new Utf8())
      const bytes = tableToIPC(new Table({ key: keys, ts: vector }), 'file')
      const found = await readFile(bytes)
      expect(found.times![1]).toBeCloseTo(5000 / perSecond, 9)
    }
  })

  it('has columns inside structs, durations, and types that are named where they cannot be read', async () => {
    const type = new Struct([
      new Field('model', new Utf8(), true),
      new Field('took', new DurationMillisecond(), true),
      new Field('tags', new List(new Field('item', new Utf8(), true)), true),
    ])
    const rows = [
      { model: 'm', took: 5n, tags: ['x'] },
      { model: 'n', took: 1500n, tags: [] },
    ]
    const bytes = foreign({ request: [rows, type] })
    const found = await readFile(bytes, { key: ['request.model'], cost: 'request.took' })
    expect(namesOf(found)).toEqual(['m', 'n'])
    expect(Array.from(found.costs!)).toEqual([5, 1500])
    await expect(readFile(bytes, { key: ['request.tags'] })).rejects.toThrow(
      /--key: column 'request\.tags' of '.*' is of type list, which has no one value a row/,
    )
    await expect(readFile(bytes, { key: ['model'] })).rejects.toThrow(
      /no column 'model' .*columns: request\.model, request\.took, request\.tags/,
    )
  })

  // What polars 0.23 writes of 12,000 rows: texts as views, LZ4 blocks that refer to those before.
  it.each(['lz4', 'zstd'])(
    'is unpacked where polars packed it with %s',
    async (packing) => {
      const keys = Array.from({ length: 12_000 }, (_, i) => {
        if (i % 1000 === 0) return `a key of more than twelve bytes, number ${(i / 1000) % 5}`
        return i % 3 > 0 ? 'short' : 'other'
      })
      const found = await readFile(fixture(`polars-${packing}.arrow`))
      expect(namesOf(found)).toEqual(keys)
      expect(Array.from(found.sizes!)).toEqual(keys.map((_, i) => i % 7))
      await expectNoHarmOfDamage(fixture(`polars-${packing}.arrow`), { format: 'arrow' }, 50)
    },
    60_000,
  )

  it('may replace its dictionary from batch to batch', async () => {
    const type = new Dictionary(new Utf8(), new Int32(), 1)
    const batchOf = (keys: string) => new Table({ key: vectorFromArray([...keys], type) }).batches[0]!
    const bytes = tableToIPC(new Table(['ab', 'cb', 'bd'].map(batchOf)), 'stream')
    expect(namesOf(await readFile(bytes)).join('')).toBe('abcbbd')
  })

  it('turns any damage into a sound trace or one clear error', async () => {
    await expectNoHarmOfDamage(foreign(columns), { format: 'arrow' }, 1000)
    await expectNoHarmOfDamage(foreign(columns, 'stream'), { format: 'arrow' }, 1000)
  }, 120_000)

  it('is not believed where it claims more than it holds', async () => {
    const bytes = Buffer.from(foreign({ key: [[1, 2, 3], new Int32()] }))
    const threes = Buffer.from([3, 0, 0, 0, 0, 0, 0, 0])
    let claims = 0
    for (let at = bytes.indexOf(threes); at >= 0; at = bytes.indexOf(threes, at + 1)) {
      const lying = Buffer.from(bytes)
      lying.writeBigInt64LE(1n << 52n, at)
      const outcome = await readFile(lying).then(({ length }) => length, String)
      if (outcome !== 3) expect(outcome).toMatch(/cannot be read as Arrow: .*(claims|rows|does not fit)/)
      if (outcome !== 3) claims++
    }
    expect(claims).toBeGreaterThan(0)
  })

  it('says in one sentence what is wrong with a file', async () => {
    const bytes = Buffer.from(foreign(columns))
    await expect(readFile(bytes.subarray(0, 400))).rejects.toThrow(
      /cut short or damaged: an Arrow file ends with ARROW1/,
    )
    await expect(readFile(Buffer.from('key\na\n'), { format: 'arrow' })).rejects.toThrow(
      /is not an Arrow file or stream/,
    )
    await expect(readFile(foreign({ key: [[], new Utf8()] }))).rejects.toThrow(/has no requests/)
    const ofLists = foreign({ key: [[['a']], new List(new Field('item', new Utf8()))], n: [[1], new Int8()] })
    await expect(readFile(ofLists)).rejects.toThrow(/has no column known to be a key.*columns: key, n/)
  })
})
