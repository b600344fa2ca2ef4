import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createTrace, type Trace } from '../../src/core/trace.ts'
import { formatForWriting, readTrace } from '../../src/formats/index.ts'
import { sharedFolder, sharedNote, sharedPath } from '../support/shared.ts'
import { contentOf, expectNoHarmOfDamage, namesOf, read } from './support.ts'

interface Row {
  readonly time: number
  readonly id: bigint
  readonly size: number
}

/** As libCacheSim's traceConv writes it: next accesses are numbers of requests counted from 1. */
function naiveFile(rows: readonly Row[]): Buffer {
  const records = rows.map(({ time, id, size }, i) => {
    const next = rows.findIndex((row, j) => j > i && row.id === id)
    const record = Buffer.alloc(24)
    record.writeUInt32LE(time, 0)
    record.writeBigUInt64LE(id, 4)
    record.writeUInt32LE(size, 12)
    record.writeBigInt64LE(next < 0 ? -1n : BigInt(next + 1), 16)
    return record
  })
  return Buffer.concat(records)
}

function written(trace: Trace): { readonly bytes: Buffer; readonly notes: string[] } {
  const notes: string[] = []
  const chunks = [...formatForWriting('x.oracleGeneral').write(trace, (note) => notes.push(note))]
  return { bytes: Buffer.concat(chunks.map((chunk) => Buffer.from(chunk as Uint8Array))), notes }
}

const rows = fc
  .array(
    fc.record({
      gap: fc.integer({ min: 0, max: 1000 }),
      id: fc.oneof(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), fc.bigInt({ min: 0n, max: 5n })),
      size: fc.integer({ min: 0, max: 0x7fff_ffff }),
    }),
    { minLength: 1, maxLength: 40 },
  )
  .map((gaps) => {
    let time = 0
    return gaps.map(({ gap, id, size }): Row => {
      time += gap
      return { time, id, size }
    })
  })

const FEW = naiveFile([
  { time: 10, id: 7n, size: 100 },
  { time: 10, id: 2n ** 64n - 1n, size: 200 },
  { time: 12, id: 7n, size: 100 },
  { time: 15, id: 9_007_199_254_740_993n, size: 300 },
])

describe('oracle-general', () => {
  it('reads ids of 64 bits, sizes, and times in seconds', async () => {
    const trace = await read(FEW)
    expect(trace.source).toMatchObject({ format: 'oracle-general', rows: 4, badRows: 0, notes: [] })
    expect(namesOf(trace)).toEqual(['7', '18446744073709551615', '7', '9007199254740993'])
    expect(contentOf(trace)).toMatchObject({ times: [0, 0, 2, 5], sizes: [100, 200, 100, 300] })
    expect(trace.ops).toBeUndefined()
    expect((await read(FEW, { timeUnit: 'ms' })).times!.at(-1)).toBe(0.005)
  })

  it('reads and recognises what a naive writer wrote, however the stream is cut, and writes it back', async () => {
    await fc.assert(
      fc.asyncProperty(rows, fc.array(fc.nat(), { maxLength: 6 }), async (all, cuts) => {
        const file = naiveFile(all)
        const trace = await read(file, {}, cuts)
        expect(trace.source!.format).toBe('oracle-general')
        expect(namesOf(trace)).toEqual(all.map(({ id }) => String(id)))
        expect(Array.from(trace.sizes!)).toEqual(all.map(({ size }) => size))
        expect(Array.from(trace.times!)).toEqual(all.map(({ time }) => time - all[0]!.time))
        const fromZero = naiveFile(all.map((row) => ({ ...row, time: row.time - all[0]!.time })))
        expect(written(trace)).toEqual({ bytes: fromZero, notes: [] })
      }),
    )
  })

  it('reads and writes more records than are handed on at once', async () => {
    const record = naiveFile([{ time: 3, id: 1n, size: 1 }])
    const count = 20_000
    const trace = await read(Buffer.concat(Array<Buffer>(count).fill(record)), {}, [
      1,
      24 * 8192 + 5,
      24 * 8192 + 6,
    ])
    expect([trace.length, trace.keyCount]).toEqual([count, 1])
    const { bytes } = written(trace)
    expect(bytes.length).toBe(24 * count)
    expect(bytes.readBigInt64LE(24 * 9000 + 16)).toBe(9002n)
    expect(bytes.readBigInt64LE(24 * (count - 1) + 16)).toBe(-1n)
  })

  it('takes next accesses counted from 0, and 2^63 − 1 for none, as some writers have them', async () => {
    const file = Buffer.from(FEW)
    file.writeBigInt64LE(2n, 16)
    file.writeBigInt64LE(2n ** 63n - 1n, 40)
    expect((await read(file)).source!.format).toBe('oracle-general')
  })

  it('counts requests of size 0, which libCacheSim does not replay, and says so', async () => {
    const trace = await read(naiveFile([{ time: 0, id: 1n, size: 0 }]), { format: 'oracle-general' })
    expect(trace.length).toBe(1)
    expect(trace.source!.notes.join()).toMatch(/1 record has a size of 0.*libCacheSim passes over/)
  })

  it('stops where enough has been read, and samples whole keys', async () => {
    const trace = await read(FEW, { limit: 2 })
    expect([trace.length, trace.source!.rows]).toEqual([2, 2])
    expect(namesOf(await read(FEW, { skip: 3 }))).toEqual(['9007199254740993'])
  })

  it('names keys by their ids also where text keys would be hashed', async () => {
    expect(namesOf(await read(FEW, { keyHash: true }))).toEqual(namesOf(await read(FEW)))
  })

  it.each<[string, Uint8Array, RegExp]>([
    ['a record cut short', FEW.subarray(0, 90), /record 4: the file ends within it: 18 of its 24 bytes/],
    ['less than a record', FEW.subarray(0, 7), /record 1: the file ends within it: 7 of its 24 bytes/],
    [
      'time that runs backwards',
      Buffer.concat([FEW, FEW.subarray(0, 24)]),
      /record 5: time runs backwards, from 15 to 10/,
    ],
    ['text', Buffer.from('1700000000,abcdefgh,100\n'.repeat(3)), /record 1: its next access, .*no record/],
    ['a gap of zeros in text', Buffer.from(`${'\0'.repeat(23)}a`), /record 1: its next access/],
  ])('names the record of %s', async (_, file, message) => {
    await expect(read(file, { format: 'oracle-general' })).rejects.toThrow(message)
  })

  it('counts a record cut short where bad rows are allowed', async () => {
    const trace = await read(FEW.subarray(0, 90), { format: 'oracle-general', maxBadRows: 1 })
    expect(trace.source).toMatchObject({ rows: 4, badRows: 1 })
  })

  it('refuses columns, which it has none of to choose from', async () => {
    await expect(read(FEW, { key: ['id'] })).rejects.toThrow(
      /--key names columns, and format 'oracle-general'/,
    )
    await expect(read(FEW, { where: ['a=1'] })).rejects.toThrow(/--where names columns/)
    await expect(read(FEW, { timeUnit: 'iso' })).rejects.toThrow(
      /times of format 'oracle-general' are numbers/,
    )
    expect((await read(FEW, { cost: '=250' })).costs![0]).toBe(250)
  })

  it('turns any damage into a sound trace or one clear error, the same however the stream is cut', () =>
    expectNoHarmOfDamage(FEW, { format: 'oracle-general' }))
})

describe('a trace written as oracle-general', () => {
  it('has ids in order of appearance where names are no numbers, times in whole seconds, and says so', async () => {
    const trace = createTrace({ keys: ['b', 'a', 'b'], times: [0, 1.9, 2], sizes: [1, 2, 3] })
    const { bytes, notes } = written(trace)
    expect(namesOf(await read(bytes))).toEqual(['0', '1', '0'])
    expect(Array.from((await read(bytes)).times!)).toEqual([0, 1, 2])
    expect(notes.join('\n')).toMatch(/not all keys are numbers.*\n.*rounded down to whole seconds/)
  })

  it.each([
    ['a number with a zero before it', ['1', '01']],
    ['a number of more than 64 bits', ['18446744073709551616', '1']],
    ['a negative number', ['-1', '1']],
    ['the same name twice', [1, '1']],
  ])('does not take %s for an id', (_, keys) => {
    expect(written(createTrace({ keys })).notes.join()).toMatch(/not all keys are numbers/)
  })

  it('has second 0 and size 1 where there is neither, and says so', async () => {
    const { bytes, notes } = written(createTrace({ keys: ['5', '6', '5'] }))
    const zero = { time: 0, size: 1 }
    expect(bytes).toEqual(naiveFile([5n, 6n, 5n].map((id) => ({ ...zero, id }))))
    expect(notes).toHaveLength(2)
  })

  it('is refused where it has more than the format holds, naming formats that hold it', () => {
    const keys = ['1', '2']
    expect(() => written(createTrace({ keys, costs: [1, 2] }))).toThrow(
      /holds no costs.*write csv, tsv, jsonl or arrow/,
    )
    expect(() => written(createTrace({ keys, ops: [0, 1] }))).toThrow(/holds no ops/)
    expect(() => written(createTrace({ keys, times: [0, 2 ** 32] }))).toThrow(/counts up to 2\^32 seconds/)
    expect(written(createTrace({ keys, ops: [0, 0] })).bytes.length).toBe(48)
  })

  it.runIf(sharedFolder)(
    `is libCacheSim’s own, byte for byte but for the first time${sharedNote}`,
    async () => {
      const path = sharedPath('traces/cloudPhysicsIO.oracleGeneral.bin')
      const original = readFileSync(path)
      const { bytes } = written(await readTrace(path))
      const first = original.readUInt32LE(0)
      for (let at = 0; at < bytes.length; at += 24) bytes.writeUInt32LE(bytes.readUInt32LE(at) + first, at)
      expect(bytes.equals(original)).toBe(true)
    },
  )
})
