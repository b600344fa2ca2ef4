import { Readable } from 'node:stream'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readTrace } from '../../src/formats/index.ts'
import { contentOf, expectNoHarmOfDamage, namesOf, read } from './support.ts'

const ARC = '1 1 0 0\n5 3 0 1\n6 1 0 2\n'

describe('arc', () => {
  it('makes a request of each block that a line stands for', async () => {
    const trace = await read(ARC)
    expect(trace.source).toMatchObject({ format: 'arc', rows: 3 })
    expect(namesOf(trace)).toEqual(['1', '5', '6', '7', '6'])
    expect(trace.source!.notes.join()).toMatch(/3 lines stand for 5 requests, one for each block/)
    expect(trace.times).toBeUndefined()
  })

  it('expands as a naive loop does, however the stream is cut', async () => {
    const line = fc.record({
      start: fc.oneof(fc.nat(9), fc.integer({ min: 2 ** 32 - 3, max: 2 ** 52 })),
      count: fc.integer({ min: 1, max: 9 }),
    })
    const blank = fc.constantFrom(' ', '  ', '\t', ' \t ')
    await fc.assert(
      fc.asyncProperty(
        fc.array(line, { minLength: 2 }),
        blank,
        fc.array(fc.nat(), { maxLength: 4 }),
        async (all, between, cuts) => {
          const text = all.map(({ start, count }, i) => `${[start, count, 0, i].join(between)}\n`).join('')
          const expected = all.flatMap(({ start, count }) =>
            Array.from({ length: count }, (_, i) => String(start + i)),
          )
          const trace = await read(text, {}, cuts)
          expect(trace.source!.format).toBe('arc')
          expect(namesOf(trace)).toEqual(expected)
        },
      ),
    )
  })

  it('stops in the middle of a line where enough has been read', async () => {
    expect(namesOf(await read(ARC, { limit: 3 }))).toEqual(['1', '5', '6'])
    expect((await read(ARC, { limit: 3 })).source!.rows).toBe(2)
  })

  it.each([
    [`7 ${2 ** 40} 0 3`, /line 4: count '1099511627776' is not a whole number from 1 to 1,048,576/],
    ['7 0 0 3', /line 4: count '0'/],
    ['7 1.5 0 3', /line 4: count '1.5'/],
    ['-7 1 0 3', /line 4: start '-7'/],
    ['9223372036854775807 1 0 3', /line 4: start '9223372036854775807'/],
    ['a 1 0 3', /line 4: start 'a'/],
    ['7 1 0', /line 4: 3 numbers where format 'arc' has 4: start, count, ignored, request/],
    ['7 1 0 3 4', /line 4: 5 numbers/],
    ['\n7 1 0 3', /line 4: the line is empty/],
  ])('names the line of %s', async (line, message) => {
    await expect(read(`${ARC}${line}\n`, { format: 'arc' })).rejects.toThrow(message)
    expect((await read(`${ARC}${line}\n`, { format: 'arc', maxBadRows: 1 })).source!.badRows).toBe(1)
  })

  it('refuses columns and binary data', async () => {
    await expect(read(ARC, { time: 'request' })).rejects.toThrow(/--time names columns, and format 'arc'/)
    await expect(read('1 1 0 0\n\0', { format: 'arc' })).rejects.toThrow(/line 2: a NUL byte/)
  })

  it('turns any damage into a sound trace or one clear error', () =>
    expectNoHarmOfDamage('1 1 0 0\n5 3 0 1\n6 1 0 2\n', { format: 'arc' }, 200, { rowsAreRequests: false }))
})

const LIRS = '1\n22\n*\n1\r\n 3 \n*\n'

describe('lirs', () => {
  it('passes over marks and counts them', async () => {
    const trace = await read(LIRS)
    expect(trace.source).toMatchObject({ format: 'lirs', rows: 4, badRows: 0, columns: { key: 'block' } })
    expect(namesOf(trace)).toEqual(['1', '22', '1', '3'])
    expect(trace.source!.notes.join()).toMatch(/2 lines are marks \(\*\), passed over/)
  })

  it('knows marks that come late in the first 64 KiB, and the reader of lines says where they come later', async () => {
    const late = `${'12345\n'.repeat(9000)}*\n7\n`
    expect((await read(late)).source!.format).toBe('lirs')
    const later = await read(`${'12345\n'.repeat(12_000)}*\n7\n`)
    expect(later.source!.format).toBe('lines')
    expect(later.source!.notes.join()).toMatch(/key '\*' is requested 1 times.*--format lirs/)
  })

  it.each([
    ['x', /line 7: block 'x' is not a whole number/],
    ['-4', /line 7: block '-4'/],
    ['1 2', /line 7: block '1 2'/],
    ['**', /line 7: block '\*\*'/],
  ])('names the line of %s', async (line, message) => {
    await expect(read(`${LIRS}${line}\n`, { format: 'lirs' })).rejects.toThrow(message)
  })

  it('has no column but the block', async () => {
    await expect(read(LIRS, { time: 'ts' })).rejects.toThrow(
      /--time: there is no column 'ts'.*columns: block/,
    )
    await expect(read('*\n*\n', { format: 'lirs' })).rejects.toThrow(/no requests/)
  })

  it('gives up on a line of more than 16 MiB', async () => {
    function* endless() {
      yield Buffer.from('1\n*\n')
      for (let i = 0; i < 100; i++) yield Buffer.alloc(1 << 20, '7')
    }
    await expect(readTrace('-', { format: 'lirs', stdin: Readable.from(endless()) })).rejects.toThrow(
      /line 3: longer than/,
    )
  })

  it('turns any damage into a sound trace or one clear error', () =>
    expectNoHarmOfDamage(LIRS, { format: 'lirs' }, 200))
})

describe('csv with blanks', () => {
  const table = '0 17 68\n1  5\t7454 \n 2 17 68\n'

  it('takes runs of blanks for one delimiter where all cells are numbers', async () => {
    const trace = await read(table, { key: ['2'], valueSize: '3', time: '1' })
    expect(trace.source!.format).toBe('csv')
    expect(namesOf(trace)).toEqual(['17', '5', '17'])
    expect(contentOf(trace)).toMatchObject({ sizes: [68, 7454, 68], times: [0, 1, 2] })
    await expect(read(table)).rejects.toThrow(
      /3 columns and no header.*--key 2 --time 1.*1: '0', 2: '17', 3: '68'/,
    )
  })

  it('reads a header of names that are known', async () => {
    const trace = await read('time id size\n0 17 68\n1 5 7454\n')
    expect(namesOf(trace)).toEqual(['17', '5'])
    expect(trace.source!.columns).toEqual({ key: 'id', time: 'time', size: 'size' })
  })

  it('is what splitting at blanks gives, for many columns', async () => {
    const width = fc.integer({ min: 2, max: 70 })
    await fc.assert(
      fc.asyncProperty(
        width,
        fc.nat(69),
        fc.array(fc.nat(), { maxLength: 3 }),
        async (columns, column, cuts) => {
          const rows = [0, 1, 2].map((row) => Array.from({ length: columns }, (_, i) => row * 1000 + i))
          const text = rows.map((row) => `${row.join('  ')}\n`).join('')
          const key = column % columns
          const trace = await read(text, { key: [String(key + 1)] }, cuts)
          expect(namesOf(trace)).toEqual(rows.map((row) => String(row[key])))
        },
      ),
    )
  })

  it.each([
    ['words', 'get a\nget b\n'],
    ['lines of different lengths', '1 2\n1 2 3\n'],
    ['one line', '1 2\n'],
    ['numbers alone', '1\n2\n'],
  ])('leaves %s alone: each line is a key', async (_, text) => {
    expect((await read(text)).source!.format).toBe('lines')
  })

  it('names the line that has another number of cells', async () => {
    const far = `${'1 2 3\n'.repeat(200)}1 2\n`
    await expect(read(far, { key: ['2'] })).rejects.toThrow(/line 201: 2 cells where/)
  })

  it('turns any damage into a sound trace or one clear error', () =>
    expectNoHarmOfDamage(table, { format: 'csv', key: ['2'] }, 200))
})
