import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { contentOf, expectNoHarmOfDamage, namesOf, read } from './support.ts'

interface Command {
  readonly command: number
  readonly block: bigint
  readonly size: number
  readonly time: bigint
  readonly response: bigint
}

/** Records field by field, in the order of libCacheSim's structs. */
function vscsiFile(version: number, commands: readonly Command[]): Buffer {
  const records = commands.map(({ command, block, size, time, response }, i) => {
    const record = Buffer.alloc(version === 1 ? 32 : 40)
    let at = 0
    const u16 = (value: number) => (at = record.writeUInt16LE(value, at))
    const u32 = (value: number) => (at = record.writeUInt32LE(value, at))
    const u64 = (value: bigint) => (at = record.writeBigUInt64LE(value, at))
    if (version === 2) {
      u16(command)
      u16(version << 8)
    }
    u32(i)
    u32(size)
    u32(1)
    if (version === 1) {
      u16(command)
      u16(version << 8)
    }
    u64(block)
    u64(time)
    if (version === 2) u64(response)
    return record
  })
  return Buffer.concat(records)
}

const COMMANDS: Command[] = [
  { command: 0x28, block: 5n, size: 512, time: 5_633_898_000_000n, response: 700n },
  { command: 0x2a, block: 2n ** 63n, size: 4096, time: 5_633_898_000_250n, response: 1500n },
  { command: 0x35, block: 0n, size: 0, time: 5_633_898_000_300n, response: 1n },
  { command: 0x88, block: 5n, size: 1024, time: 5_633_899_500_000n, response: 2n ** 33n },
]

describe.each([1, 2])('vscsi, version %d', (version) => {
  const file = vscsiFile(version, COMMANDS)

  it('has a request for each command, as libCacheSim replays it: first block, bytes, microseconds', async () => {
    const trace = await read(file)
    expect(trace.source).toMatchObject({ format: 'vscsi', rows: 4, badRows: 0 })
    expect(namesOf(trace)).toEqual(['5', '9223372036854775808', '0', '5'])
    expect(contentOf(trace)).toMatchObject({
      sizes: [512, 4096, 0, 1024],
      times: [0, 0.000_25, 0.0003, 1.5],
      ops: undefined,
      costs: undefined,
    })
    expect(trace.source!.notes.join()).toMatch(/reads and writes of blocks count alike; --op cmd/)
  })

  it('tells reads and writes apart with --op cmd, and passes over what is neither, counted', async () => {
    const trace = await read(file, { op: 'CMD' })
    expect(Array.from(trace.ops!)).toEqual([0, 1, 0])
    expect(trace.source).toMatchObject({ rows: 3, columns: { op: 'cmd' } })
    expect(trace.source!.notes.join()).toMatch(/1 record is a command.*neither read nor write.*passed over/)
  })

  it('reads what a naive writer wrote, however the stream is cut', async () => {
    const anyCommand = fc.record({
      command: fc.constantFrom(0x28, 0x2a, 0x08, 0x8a),
      block: fc.oneof(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), fc.bigInt({ min: 0n, max: 3n })),
      size: fc.integer({ min: 0, max: 0xffff_ffff }),
      time: fc.bigInt({ min: 0n, max: 2n ** 52n }),
      response: fc.bigInt({ min: 0n, max: 2n ** 52n }),
    })
    await fc.assert(
      fc.asyncProperty(
        fc.array(anyCommand, { minLength: 1 }),
        fc.array(fc.nat(), { maxLength: 5 }),
        async (all, cuts) => {
          const sorted = all.toSorted((a, b) => Number(a.time - b.time))
          const trace = await read(vscsiFile(version, sorted), {}, cuts)
          expect(trace.source!.format).toBe('vscsi')
          expect(namesOf(trace)).toEqual(sorted.map(({ block }) => String(block)))
          expect(Array.from(trace.sizes!)).toEqual(sorted.map(({ size }) => size))
          expect(Array.from(trace.times!)).toEqual(
            sorted.map(({ time }) => Number(time - sorted[0]!.time) / 1e6),
          )
        },
      ),
    )
  })

  it('names the record that is cut short, of another version, or of an impossible time', async () => {
    const cut = file.subarray(0, -3)
    await expect(read(cut)).rejects.toThrow(
      /record 4: the file ends within it: (29 of its 32|37 of its 40) bytes/,
    )
    const mixed = Buffer.from(file)
    mixed.fill(9, file.length - (version === 1 ? 32 : 40))
    await expect(read(mixed, { format: 'vscsi' })).rejects.toThrow(
      `record 4: it is of version 9, and the file of ${version}`,
    )
    const late = vscsiFile(version, [...COMMANDS, { ...COMMANDS[0]!, time: 2n ** 63n }])
    await expect(read(late, { format: 'vscsi' })).rejects.toThrow(/record 5: its time is above/)
    expect((await read(late, { format: 'vscsi', maxBadRows: 1 })).source).toMatchObject({
      rows: 5,
      badRows: 1,
    })
  })

  it('turns any damage into a sound trace or one clear error', () =>
    expectNoHarmOfDamage(file, { format: 'vscsi', op: 'cmd' }, 200))
})

describe('vscsi', () => {
  it('has response times as costs in version 2, where they are asked for', async () => {
    const file = vscsiFile(2, COMMANDS)
    const { costs, source } = await read(file, { cost: 'rt' })
    expect(Array.from(costs!)).toEqual([0.7, 1.5, 0.001, 2 ** 33 / 1000].map(Math.fround))
    expect(source!.notes.join()).toMatch(/taken as microseconds/)
    expect((await read(file, { cost: 'rt', costUnit: 'ns' })).costs![1]).toBe(Math.fround(0.0015))
    await expect(read(vscsiFile(1, COMMANDS), { cost: 'rt' })).rejects.toThrow(
      /--cost: there is no column 'rt'/,
    )
  })

  it('refuses other columns, and content that is something else', async () => {
    const file = vscsiFile(1, COMMANDS)
    await expect(read(file, { op: 'len' })).rejects.toThrow(/--op 'len' must be 'cmd'/)
    await expect(read(file, { key: ['lbn'] })).rejects.toThrow(/--key names columns/)
    await expect(read('a,b\n1,2\n'.repeat(20), { format: 'vscsi' })).rejects.toThrow(
      /record 1: it is no record of vscsi/,
    )
    await expect(read('short', { format: 'vscsi' })).rejects.toThrow(/record 1: it is no record of vscsi/)
  })
})

const SPC = '0,20941264,8192,W,0.551706\n0,20939840,8192,r,0.554041\n1,20941264,4096,R,1.5\n'

describe('spc', () => {
  it('keys by unit and address, with bytes and seconds', async () => {
    const trace = await read(SPC)
    expect(trace.source!.format).toBe('spc')
    expect(namesOf(trace)).toEqual(['0|20941264', '0|20939840', '1|20941264'])
    expect(Array.from(trace.sizes!)).toEqual([8192, 8192, 4096])
    expect(trace.times!.at(-1)).toBeCloseTo(0.948294, 9)
    expect(trace.ops).toBeUndefined()
    expect(trace.source!.notes.join()).toMatch(/count alike; --op opcode/)
  })

  it('tells writes apart, filters, and keys otherwise, by the names of its columns', async () => {
    expect(Array.from((await read(SPC, { op: 'opcode' })).ops!)).toEqual([1, 0, 0])
    expect((await read(SPC, { where: ['opcode!=W'] })).length).toBe(2)
    expect(namesOf(await read(SPC, { key: ['lba'] }))).toEqual(['20941264', '20939840', '20941264'])
  })

  it('allows blanks around fields and fields of the recorder’s own, as the specification does', async () => {
    const trace = await read(SPC.replaceAll(',', ' , ').replaceAll('\n', ', x, y\r\n'))
    expect(trace.source!.format).toBe('spc')
    expect(contentOf(trace)).toEqual(contentOf(await read(SPC)))
    expect(namesOf(trace)).toEqual(namesOf(await read(SPC)))
  })

  it.each([
    ['0,12,8192,R', /line 4: 4 cells where this format has 5/],
    ['x,12,8192,R,2', /line 4: asu 'x' is not a whole number/],
    ['0,,8192,R,2', /line 4: lba '' is not a whole number/],
    ['0,1,-5,R,2', /line 4: size '-5'/],
    ['0,1,5,R,soon', /line 4: time 'soon'/],
    ['0,1,5,R,1.2', /line 4: time runs backwards/],
  ])('names the line of %s', async (line, message) => {
    await expect(read(`${SPC}${line}\n`, { format: 'spc' })).rejects.toThrow(message)
  })

  it('names an opcode that is none, where it matters', async () => {
    await expect(read(`${SPC}0,1,5,X,2\n`, { format: 'spc', op: 'opcode' })).rejects.toThrow(
      /line 4: operation 'X'/,
    )
  })

  it('turns any damage into a sound trace or one clear error', () =>
    expectNoHarmOfDamage(SPC, { format: 'spc', op: 'opcode' }, 200))
})

const MSR = [
  '128166372003061629,usr,0,Read,7014609920,24576,41286',
  '128166372016382155,usr,1,Write,7014609920,4096,1300000',
  '128166372026382245,usr,0,Read,7014609920,4096,5',
  '',
].join('\n')

describe('msr-cambridge', () => {
  it('keys by host, disk and offset; response times are the costs', async () => {
    const trace = await read(MSR)
    expect(trace.source!.format).toBe('msr-cambridge')
    expect(namesOf(trace)).toEqual(['usr|0|7014609920', 'usr|1|7014609920', 'usr|0|7014609920'])
    expect(Array.from(trace.sizes!)).toEqual([24576, 4096, 4096])
    expect(Array.from(trace.costs!)).toEqual([4.1286, 130, 0.0005].map(Math.fround))
    expect(trace.source!.notes.join()).toMatch(/count alike; --op type/)
    expect(Array.from((await read(MSR, { op: 'type' })).ops!)).toEqual([0, 1, 0])
  })

  it('keeps times to less than half a microsecond, though no double holds their ticks', async () => {
    const ticks = fc.bigInt({ min: 127_000_000_000_000_000n, max: 138_000_000_000_000_000n })
    await fc.assert(
      fc.asyncProperty(ticks, fc.bigInt({ min: 0n, max: 10n ** 13n }), async (first, gap) => {
        const text = [first, first + gap].map((tick) => `${tick},h,0,Read,1,1,1\n`).join('')
        const trace = await read(text)
        expect(Math.abs(trace.times![1]! - Number(gap) / 1e7)).toBeLessThan(0.5e-6)
      }),
    )
  })

  it('knows that its times are dates', async () => {
    // 128166372003061629 ticks of 100 ns after 1601 are 2007-02-22 17:00:00.3061629 UTC.
    expect((await read(MSR, { from: '2007-02-22T17:00:01Z' })).length).toBe(2)
    expect((await read(MSR, { to: '2007-02-22T17:00:00.3062Z' })).length).toBe(1)
    await expect(read(MSR.split('\n').toReversed().join('\n').trim())).rejects.toThrow(
      /line 2: time runs backwards, from 2007-02-22T17:00:02.638Z to 2007-02-22T17:00:01.638Z/,
    )
  })

  it.each([
    ['1281663720030616,usr,0,Read,1,1,1', /line 4: timestamp '1281663720030616' is not a time in ticks/],
    ['12816637200306162x,usr,0,Read,1,1,1', /line 4: timestamp/],
    ['128166372026382245,usr,a,Read,1,1,1', /line 4: disknumber 'a' is not a whole number/],
    ['128166372026382245,usr,0,Read,,1,1', /line 4: offset '' is not a whole number/],
    ['128166372026382245,usr,0,Read,1,1', /line 4: 6 cells where this format has 7/],
    ['128166372026382245,usr,0,Read,1,4294967296,1', /line 4: size '4294967296'/],
    ['128166372026382245,usr,0,Read,1,1,-1', /line 4: cost '-1' of column 'responsetime'/],
  ])('names the line of %s', async (line, message) => {
    await expect(read(`${MSR}${line}\n`, { format: 'msr-cambridge' })).rejects.toThrow(message)
  })

  it('turns any damage into a sound trace or one clear error', () =>
    expectNoHarmOfDamage(MSR, { format: 'msr-cambridge', op: 'type' }, 200))
})
