import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { InputError } from '../../src/core/errors.ts'
import { createTrace } from '../../src/core/trace.ts'
import { formats, type ReadTraceOptions, readTrace } from '../../src/formats/index.ts'
import { contentOf, namesOf, read } from './support.ts'

interface Row {
  readonly time: number
  readonly key: string
  readonly size: number
}

const textOf = (rows: readonly Row[]) =>
  `time,key,size\n${rows.map(({ time, key, size }) => `${time},${key},${size}\n`).join('')}`

/** The rows as a trace, made without any reader. Times count from the first. */
const traceOf = (rows: readonly Row[]) =>
  createTrace({
    keys: rows.map(({ key }) => key),
    times: rows.map(({ time }) => time - rows[0]!.time),
    sizes: rows.map(({ size }) => size),
  })

/** Files of these texts in a folder of their own. */
function filesOf(texts: readonly string[], name = (at: number) => `part.${at}.csv`): string[] {
  const folder = mkdtempSync(join(tmpdir(), 'cachesim-test-'))
  return texts.map((text, at) => {
    const path = join(folder, name(at))
    writeFileSync(path, text)
    return path
  })
}

const rowsInOrder = fc
  .array(
    fc.record({
      time: fc.nat({ max: 40 }),
      key: fc.constantFrom('a', 'b', 'c', 'a key of more than a few letters', '12345678901'),
      size: fc.nat({ max: 99 }),
    }),
    { minLength: 1, maxLength: 40 },
  )
  .map((rows) => rows.sort((a, b) => a.time - b.time))

describe('which requests of a log', () => {
  it('are those that slices of a list have, for any bounds', async () => {
    const bound = fc.option(fc.nat({ max: 45 }), { nil: undefined })
    await fc.assert(
      fc.asyncProperty(rowsInOrder, bound, bound, bound, bound, async (rows, from, to, skip, limit) => {
        fc.pre(from === undefined || to === undefined || from < to)
        fc.pre(limit !== 0)
        const expected = rows
          .filter(({ time }) => time >= (from ?? 0) && time < (to ?? Infinity))
          .slice(skip ?? 0)
          .slice(0, limit)
        const given = { from, to, skip, limit }
        const options = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined))
        const reading = read(textOf(rows), options)
        if (expected.length === 0) await expect(reading).rejects.toThrow(InputError)
        else expect(contentOf(await reading)).toEqual(contentOf(traceOf(expected)))
      }),
    )
  })

  it('are found by a date, or a duration after the first, whatever the unit', async () => {
    const start = Date.UTC(2024, 10, 15, 16) / 1000
    const rows = Array.from({ length: 60 }, (_, minute) => ({
      time: start + 60 * minute,
      key: `k${minute % 7}`,
      size: 1,
    }))
    const wanted = contentOf(traceOf(rows.slice(10, 20)))
    const text = textOf(rows)
    const inMilliseconds = textOf(rows.map((row) => ({ ...row, time: row.time * 1000 })))
    const ticks = (seconds: number) => `${BigInt(seconds + 11_644_473_600) * 10_000_000n}`
    const inTicks = text.replace(/^\d+/gm, (seconds) => ticks(Number(seconds)))
    const asDates = text.replace(/^\d+/gm, (seconds) => new Date(Number(seconds) * 1000).toISOString())
    for (const log of [text, inMilliseconds, inTicks, asDates]) {
      expect(contentOf(await read(log, { from: '10m', to: '20min' }))).toEqual(wanted)
      expect(contentOf(await read(log, { from: '2024-11-15T16:10:00Z', to: '2024-11-15 16:20:00' }))).toEqual(
        wanted,
      )
    }
    expect(contentOf(await read(text, { from: start + 600, to: `${start + 1200}` }))).toEqual(wanted)
  })

  it('beyond the last one wanted are not looked at', async () => {
    const text = `${textOf([
      { time: 1, key: 'a', size: 1 },
      { time: 2, key: 'b', size: 1 },
    ])}nonsense\n`
    expect((await read(text, { limit: 2 })).length).toBe(2)
    expect((await read(text, { to: 2 })).length).toBe(1)
    await expect(read(text, { limit: 3 })).rejects.toThrow(/line 4/)
  })

  it('are counted when they are left out', async () => {
    const rows = Array.from({ length: 10 }, (_, time) => ({ time, key: 'k', size: 1 }))
    const { source } = await read(textOf(rows), { from: 2, skip: 3, limit: 4 })
    expect(source?.notes.join('\n')).toMatch(
      /2 requests before --from 2 .*\n.*first 3 requests .*\n.*up to 4 requests/,
    )
  })

  it.each<[string, ReadTraceOptions, RegExp]>([
    ['a share above all', { sample: '101%' }, /--sample '101%'.*up to 100%/],
    ['no share', { sample: 'some' }, /--sample 'some'/],
    ['a negative share', { sample: -0.5 }, /--sample '-0.5'/],
    ['nothing at most', { limit: 0 }, /--limit must be at least 1/],
    ['a count that is none', { skip: 'x' }, /--skip 'x'/],
    ['bounds the wrong way round', { from: 5, to: 5 }, /--from '5' is not before --to '5'/],
    ['a date where there are none', { from: '2024-11-15' }, /is a date, and the times of the trace are none/],
    ['no time', { to: 'tomorrow' }, /--to 'tomorrow' is no time: give a date, a number/],
    ['bounds around nothing', { from: 100 }, /none lies within --from 100/],
    ['more passed over than there are', { skip: 9 }, /--skip 9 passes over all 2/],
  ])('refuse %s', async (_, options, message) => {
    const rows = [
      { time: 0, key: 'a', size: 1 },
      { time: 1, key: 'b', size: 1 },
    ]
    await expect(read(textOf(rows), options)).rejects.toThrow(message)
  })

  it('need times where times bound them', async () => {
    await expect(read('a\nb\n', { format: 'lines', from: '1m' })).rejects.toThrow(
      /--from needs times, which '-' does not have/,
    )
  })
})

describe('a sample of the keys', () => {
  const rows = Array.from({ length: 60_000 }, (_, at) => ({
    time: at,
    key: `item/${(at * 7919) % 20_011}`,
    size: 1,
  }))
  const numbers = rows.map((row) => ({ ...row, key: row.key.slice(5) }))

  it.each([
    ['words', rows],
    ['numbers', numbers],
  ])('of %s keeps about that many, each with all its requests', async (_, all) => {
    const whole = new Map<string, number>()
    for (const { key } of all) whole.set(key, (whole.get(key) ?? 0) + 1)
    const trace = await read(textOf(all), { sample: '10%' })
    // Six standard deviations of a binomial count.
    expect(Math.abs(trace.keyCount - 2001)).toBeLessThan(6 * Math.sqrt(20_011 * 0.1 * 0.9))
    const kept = new Map<string, number>()
    for (const key of namesOf(trace)) kept.set(key, (kept.get(key) ?? 0) + 1)
    for (const [key, requests] of kept) expect(requests).toBe(whole.get(key))
    expect(trace.source?.sampleRate).toBe(0.1)
    expect(trace.source?.notes.join()).toMatch(/sample of 10 % of the keys/)
  })

  it('is the same keys every time, and a larger one holds a smaller one', async () => {
    const [one, again, larger] = await Promise.all(
      ['2%', 0.02, '20%'].map(async (sample) => new Set(namesOf(await read(textOf(rows), { sample })))),
    )
    expect(again).toEqual(one)
    for (const key of one!) expect(larger!.has(key)).toBe(true)
  })

  it('says so where it takes none', async () => {
    await expect(read(textOf(rows.slice(0, 3)), { sample: 1e-9 })).rejects.toThrow(
      /none of its keys is in the sample/,
    )
  })
})

describe('several files', () => {
  it('are what one file of all their rows is, wherever it is cut', async () => {
    await fc.assert(
      fc.asyncProperty(rowsInOrder, fc.array(fc.nat({ max: 40 }), { maxLength: 3 }), async (rows, cuts) => {
        const places = [0, ...cuts.map((cut) => cut % rows.length).sort((a, b) => a - b), rows.length]
        const parts = places
          .slice(1)
          .map((place, at) => rows.slice(places[at], place))
          .filter((part) => part.length > 0)
        const trace = await readTrace(filesOf(parts.map(textOf)))
        expect(contentOf(trace)).toEqual(contentOf(traceOf(rows)))
        expect(trace.source?.rows).toBe(rows.length)
        expect(trace.source?.files).toHaveLength(parts.length)
      }),
      { numRuns: 40 },
    )
  })

  const part = (time: number, key: string) => textOf([{ time, key, size: 1 }])

  it('that match a pattern come in order of their numbers', async () => {
    const [first] = filesOf(Array.from({ length: 11 }, (_, at) => part(at, `k${at}`)))
    const trace = await readTrace(first!.replace('part.0', 'part.*'))
    expect(namesOf(trace)).toEqual(Array.from({ length: 11 }, (_, at) => `k${at}`))
  })

  it('out of order are sorted where that is asked for, else the file and line are named', async () => {
    const files = filesOf([part(5, 'late'), part(2, 'early')])
    await expect(readTrace(files)).rejects.toThrow(/part\.1\.csv' line 2: time runs backwards, from 5 to 2/)
    const trace = await readTrace(files, { sort: true })
    expect(namesOf(trace)).toEqual(['early', 'late'])
    expect(Array.from(trace.times!)).toEqual([0, 3])
  })

  it('name the one with the bad row', async () => {
    const files = filesOf([part(1, 'a'), 'time,key,size\n2,b,none\n'])
    await expect(readTrace(files)).rejects.toThrow(/part\.1\.csv' line 2: size 'none'/)
  })

  it('of another format are refused, and it is said which', async () => {
    const mixed = filesOf([part(1, 'a'), '{"key":"b"}\n'])
    await expect(readTrace(mixed)).rejects.toThrow(
      /part\.1\.csv' looks like jsonl and '.*part\.0\.csv' like csv: one trace has one format/,
    )
    const marked = filesOf(['1\n2\n', '1\n*\n2\n'], (at) => `part.${at}.trace`)
    await expect(readTrace(marked)).rejects.toThrow(/looks like lirs and/)
    expect((await readTrace(marked, { format: 'lirs' })).length).toBe(4)
  })

  it('that are no one trace are refused, and it is said why', async () => {
    const unlike = filesOf([part(1, 'a'), 'time,key\n2,b\n'])
    await expect(readTrace(unlike)).rejects.toThrow(
      /cannot be one trace: they have keys, times and keys, times, sizes/,
    )
    const units = filesOf([part(1_700_000_000, 'a'), part(1_700_000_000_000, 'b')])
    await expect(readTrace(units)).rejects.toThrow(/has times in ms and .* in s: one trace has one clock/)
    await expect(readTrace([])).rejects.toThrow(/no trace to read/)
    await expect(readTrace(['nothing-here-*.csv'])).rejects.toThrow(/'nothing-here-\*\.csv' matches no file/)
  })

  it('are read as far as the limit asks', async () => {
    const [first] = filesOf([part(1, 'a')])
    expect((await readTrace([first!, 'not there'], { limit: 1 })).length).toBe(1)
  })
})

describe('columns that are the same for every request', () => {
  it('are given as =VALUE, in the units of the column, over what the file has', async () => {
    const text = 'time,key,size,op\n0,a,5,read\n1,b,6,read\n'
    const trace = await read(text, {
      valueSize: '=7',
      cost: '=2',
      costUnit: 's',
      op: '=write',
      ttlColumn: '=60',
    })
    expect(contentOf(trace)).toMatchObject({ sizes: [7, 7], costs: [2000, 2000], ops: [1, 1] })
    expect(Array.from(trace.ttls!)).toEqual([60, 60])
  })

  it.each<[ReadTraceOptions, RegExp]>([
    [{ valueSize: '=-1' }, /--value-size '=-1' is not a whole number of bytes/],
    [{ cost: '=' }, /--cost '=' is not a number/],
    [{ op: '=look' }, /--op '=look' is not a word for/],
    [{ ttlColumn: '=0' }, /--ttl-column '=0'/],
    [{ time: '=1' }, /--time '=1' cannot be a constant/],
    [{ key: ['=x'] }, /--key '=x' cannot be a constant/],
  ])('refuse %j', (options, message) => expect(read('key\na\n', options)).rejects.toThrow(message))
})

describe('a TTL column', () => {
  it('is seconds, nothing and 0 where nothing is said', async () => {
    const trace = await read('key,ttl\na,60\nb,0\nc,\nd,0.5\n', {})
    expect(Array.from(trace.ttls!)).toEqual([60, Number.NaN, Number.NaN, 0.5])
    expect(Array.from((await read('key,ttl_ms\na,60\n')).ttls!)).toEqual([Math.fround(0.06)])
  })

  it('may stand in JSON', async () => {
    const trace = await read('{"key":"a","ttl":60}\n{"key":"b"}\n{"key":"c","ttl":null}\n')
    expect(Array.from(trace.ttls!)).toEqual([60, Number.NaN, Number.NaN])
  })

  it.each(['csv', 'tsv', 'jsonl'])('is written to %s and read back', async (name) => {
    const ttls = [60, Infinity, Number.NaN, Math.fround(0.1), 1e-9]
    const trace = createTrace({ keys: ['a', 'b', 'a', 'c', 'b'], ttls })
    const text = [...formats.get(name).write!(trace)].join('')
    expect(contentOf(await read(text)).ttls).toEqual(ttls.map(Math.fround))
  })

  it('refuses what is no time to live', () =>
    expect(read('key,ttl\na,-1\n')).rejects.toThrow(
      /line 2: TTL '-1' of column 'ttl' is not a number of 0 or more/,
    ))
})

describe('keys without names', () => {
  const keys = Array.from({ length: 5000 }, (_, at) => `${'/a/path/'.repeat(at % 3)}${(at * 7919) % 1013}`)
  const text = `key\n${keys.join('\n')}\n`

  it('have the same ids', async () => {
    const nameless = await read(text, { keyNames: false })
    expect(nameless.keyNames).toBeUndefined()
    expect(contentOf(nameless)).toEqual(contentOf(createTrace({ keys })))
  })

  it('of several columns have the same hash in every format', async () => {
    const rows = Array.from({ length: 50 }, (_, at) => ({ user: `u${at % 7}`, model: 'é'.repeat(at % 3) }))
    const csv = `user,model\n${rows.map(({ user, model }) => `${user},${model}\n`).join('')}`
    const json = rows.map((row) => `${JSON.stringify(row)}\n`).join('')
    const options = { key: ['user', 'model'], keyHash: true }
    expect(namesOf(await read(csv, options))).toEqual(namesOf(await read(json, options)))
    const sample = { key: ['user', 'model'], sample: '50%' }
    expect(namesOf(await read(csv, sample))).toEqual(namesOf(await read(json, sample)))
  })

  it('or as hashes of 128 bits have them too, and do not tell what they were', async () => {
    const hashed = await read(text, { keyHash: true })
    expect(contentOf(hashed)).toEqual(contentOf(createTrace({ keys })))
    // printf '%s' '0' | sha256sum | cut -c1-32
    expect(hashed.keyNames!.nameOf(0)).toBe('5feceb66ffc86f38d952786c6d696c79')
  })
})
