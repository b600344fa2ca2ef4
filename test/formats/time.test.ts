import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { TimeColumn } from '../../src/formats/time.ts'
import { contentOf, namesOf, read } from './support.ts'

const timesOf = async (...cells: string[]) => {
  const trace = await read(`time,key\n${cells.map((cell) => `${cell},x\n`).join('')}`)
  return { times: Array.from(trace.times!), notes: trace.source!.notes.join('\n') }
}

describe('times', () => {
  it.each([
    ['seconds', '1700000000', '1700000001.5'],
    ['milliseconds', '1700000000000', '1700000001500'],
    ['microseconds', '1700000000000000', '1700000001500000'],
    ['nanoseconds', '1700000000000000000', '1700000001500000000'],
    ['seconds', '0', '1.5'],
  ])('are told to be %s by their magnitude, and it is said', async (unit, first, second) => {
    const { times, notes } = await timesOf(first, second)
    expect(times).toEqual([0, 1.5])
    expect(notes).toContain(`times look like ${unit}`)
  })

  it('are in the unit that the user or the name of the column says', async () => {
    const text = (name: string) => `${name},key\n1700000000,x\n1700000500,x\n`
    expect((await read(text('ts'), { timeUnit: 'ms' })).times![1]).toBe(0.5)
    expect((await read(text('ts_ms'))).times![1]).toBe(0.5)
    expect((await read(text('time (us)'))).times![1]).toBe(0.0005)
  })

  it.each([
    ['2024-11-15 16:57:50', '2024-11-15 16:57:51', 1],
    ['2024-11-15 16:57:50', '2024-11-16 16:57:50', 86_400],
    ['2024-11-15 16:57:50.25', '2024-11-15 16:57:50.5', 0.25],
    ['2024-02-28 23:59:59', '2024-03-01T00:00:00', 86_401],
    ['2024-11-15', '2024-11-15 00:00', 0],
    ['2024-11-15T16:57:50Z', '2024-11-15T17:57:51+01:00', 1],
    ['2024-11-15T16:57:50.123456Z', '2024-11-15 16:57:50.623456 UTC', 0.5],
    ['2024-11-15T16:57:50-0330', '2024-11-15T20:28:50Z', 60],
    ['2016-12-31T23:59:60Z', '2017-01-01T00:00:00Z', 0],
    ['2024/11/15 10:00:00', '2024/11/15 10:00:01', 1],
  ])('from %s to %s are %d s', async (first, second, seconds) => {
    expect((await timesOf(first, second)).times).toEqual([0, seconds])
  })

  it('agree with Date for any instant', async () => {
    const date = fc.date({ min: new Date('1970-01-01'), max: new Date('2199-12-31'), noInvalidDate: true })
    fc.assert(
      fc.property(
        date,
        fc.constantFrom(
          (text: string) => text,
          (text: string) => text.slice(0, -1).replace('T', ' '),
        ),
        (at, form) => {
          const bytes = Buffer.from(form(at.toISOString()))
          expect(new TimeColumn().parse(bytes, 0, bytes.length)).toBe(at.getTime() * 1000)
        },
      ),
    )
  })

  it.each([
    '2024-13-01',
    '2024-02-30',
    '2023-02-29 10:00:00',
    '2024-01-01 24:00:00',
    '2024-01-01 10:60:00',
    '2024-01-01 10:00:61',
    '24-01-01',
    '2024-01-01 1:00',
    '2024-11-15016:57:50',
    '2024-01-01 10:00:00.',
    '2024-01-01 10:00:00.1x',
    'Infinity',
    '0x10',
    '1e22',
    '--1',
    '1.2.3',
  ])('are not %s', async (text) => {
    const bytes = Buffer.from(text)
    expect(new TimeColumn().parse(bytes, 0, bytes.length)).toBeNaN()
  })

  it('are of one kind throughout', async () => {
    await expect(timesOf('2024-11-15 16:57:50', '2024-11-15 16:57:50Z')).rejects.toThrow(
      /line 3: .* is not a local date as the rows/,
    )
    await expect(timesOf('2024-11-15 16:57:50Z', '5')).rejects.toThrow(
      /line 3: .* is not a date with an offset/,
    )
  })

  it('that run backwards are an error with the line, both values and the way out', async () => {
    await expect(timesOf('5', '7', '6.5')).rejects.toThrow(
      /line 4: time runs backwards, from 7 to 6.5; --sort/,
    )
    await expect(timesOf('2024-11-15 16:57:50', '2024-11-15 16:57:49')).rejects.toThrow(
      /from 2024-11-15 16:57:50.000 to 2024-11-15 16:57:49.000/,
    )
  })

  it('that span centuries are doubted', async () => {
    expect((await timesOf('0', '9e10')).notes).toMatch(/spans 2852 years: is the unit of the times right/)
  })

  it('are sorted on demand: stable, all columns along, keys numbered anew', async () => {
    const row = fc.record({
      time: fc.nat(20),
      key: fc.constantFrom('a', 'b', 'c', 'd'),
      size: fc.nat(99),
      cost: fc.nat(9),
    })
    await fc.assert(
      fc.asyncProperty(fc.array(row, { minLength: 1, maxLength: 100 }), async (rows) => {
        const text = (list: typeof rows) =>
          `time,key,size,cost,op\n${list.map((r) => `${r.time},${r.key},${r.size},${r.cost},${r.size % 2 ? 'get' : 'set'}\n`).join('')}`
        const sorted = await read(text(rows), { sort: true })
        const expected = await read(text(rows.toSorted((a, b) => a.time - b.time)))
        expect(contentOf(sorted)).toEqual(contentOf(expected))
        expect(namesOf(sorted)).toEqual(namesOf(expected))
      }),
    )
  })
})
