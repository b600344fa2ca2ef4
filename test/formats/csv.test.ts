import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { InputError } from '../../src/core/errors.ts'
import { contentOf, expectNoHarmOfDamage, namesOf, read } from './support.ts'

describe('csv', () => {
  it('finds the columns by the names in the header and says so', async () => {
    const trace = await read(
      'Timestamp,URL,Bytes,latency_ms,op\n100,/a,10,1.5,get\n101.5,/b,20,2,SET\n103,/a,10,3,del\n',
    )
    expect(namesOf(trace)).toEqual(['/a', '/b', '/a'])
    expect(contentOf(trace)).toEqual({
      length: 3,
      keyCount: 2,
      keys: [0, 1, 0],
      times: [0, 1.5, 3],
      sizes: [10, 20, 10],
      costs: [1.5, 2, 3],
      ops: [0, 1, 2],
    })
    expect(trace.source?.columns).toEqual({
      key: 'URL',
      time: 'Timestamp',
      size: 'Bytes',
      cost: 'latency_ms',
      op: 'op',
    })
    expect(trace.source?.notes.join('\n')).toMatch(/'URL' is taken as the key/)
    expect(trace.source?.notes.join('\n')).toMatch(/times look like seconds/)
  })

  it('puts its columns on shared memory, at 12 bytes a request for keys and times', async () => {
    const trace = await read('time,key\n1,a\n2,b\n')
    expect(trace.keys.buffer).toBeInstanceOf(SharedArrayBuffer)
    expect(trace.times!.buffer).toBeInstanceOf(SharedArrayBuffer)
    expect(trace.keys.buffer.byteLength + trace.times!.buffer.byteLength).toBe(24)
  })

  it.each([
    ['CRLF', 'key,size\r\na,1\r\nb,2\r\n'],
    ['no newline at the end', 'key,size\na,1\nb,2'],
    ['CRLF and none at the end', 'key,size\r\na,1\r\nb,2'],
    ['a byte order mark', '\ufeffkey,size\na,1\nb,2\n'],
    ['empty lines at the end', 'key,size\na,1\nb,2\n\n\r\n\n'],
    ['quotes around everything', '"key","size"\n"a","1"\n"b","2"\n'],
    ['blanks around numbers and names', 'key, size\na, 1\nb,\t2 \n'],
    ['semicolons', 'key;size\na;1\nb;2\n'],
    ['bars', 'key|size\na|1\nb|2\n'],
    ['tabs', 'key\tsize\na\t1\nb\t2\n'],
  ])('reads a file with %s', async (_, text) => {
    const trace = await read(text)
    expect(namesOf(trace)).toEqual(['a', 'b'])
    expect(Array.from(trace.sizes!)).toEqual([1, 2])
  })

  it('reads quoted cells with delimiters, doubled quotes and line breaks, and counts lines on', async () => {
    const text = 'key,size\n"a, ""b""\r\nc",1\n"""",2\n"",3\n"x""y",oops\n'
    const trace = await read(text, { maxBadRows: 1 })
    expect(namesOf(trace)).toEqual(['a, "b"\r\nc', '"', ''])
    expect(trace.source?.badRowSamples[0]?.line).toBe(6)
  })

  it('leaves a quote inside an unquoted cell as it is', async () => {
    expect(namesOf(await read('key,size\na"b"c,1\n'))).toEqual(['a"b"c'])
  })

  it('keeps UTF-8 keys, and keys that differ only in bytes that are not UTF-8', async () => {
    const bytes = Buffer.concat([
      Buffer.from('key,size\nnaïve 🐈,1\n'),
      Buffer.from([0xff, 0x2c, 0x31, 10, 0xfe, 0x2c, 0x31, 10]),
    ])
    const trace = await read(bytes)
    expect(trace.keyCount).toBe(3)
    expect(namesOf(trace)).toEqual(['naïve 🐈', '\\xff', '\\xfe'])
  })

  it('takes columns by number where there is no header', async () => {
    const trace = await read('1;x\n2;y\n4;x\n', { key: ['2'], time: '1' })
    expect(namesOf(trace)).toEqual(['x', 'y', 'x'])
    expect(Array.from(trace.times!)).toEqual([0, 1, 3])
  })

  it('shows the first row of a table that does not say which column is the key', async () => {
    await expect(read('1700000000,77,512\n1700000001,78,512\n')).rejects.toThrow(
      /no header.*--key 2 --time 1.*1: '1700000000', 2: '77', 3: '512'/,
    )
  })

  it('composes a key of several columns that different cells never share', async () => {
    const trace = await read('k1,k2,time\nx|,y,1\nx,|y,2\nx|,y,3\n\\,z,4\n', { key: ['k1', 'k2'] })
    expect(Array.from(trace.keys)).toEqual([0, 1, 0, 2])
    expect(namesOf(trace)).toEqual(['x\\||y', 'x|\\|y', 'x\\||y', '\\\\|z'])
    expect(trace.source?.columns.key).toEqual(['k1', 'k2'])
  })

  it('does not take a column for operations whose words it does not know, and says so', async () => {
    const trace = await read('time,op,key\n1,2a,x\n')
    expect(trace.ops).toBeUndefined()
    expect(trace.source?.notes.join('\n')).toMatch(/'op' is not taken.*'2a'/)
  })

  it('takes the unit of a cost from the name of its column, unless told', async () => {
    const text = 'key,exec_time_seconds\na,1.5\n'
    expect((await read(text)).costs![0]).toBe(1500)
    expect((await read(text, { cost: 'exec_time_seconds', costUnit: 'min' })).costs![0]).toBe(90_000)
    expect((await read('key,cost\na,7\n')).costs![0]).toBe(7)
  })

  it.each<[string, string, RegExp]>([
    ['a cell too few', 'key,size\na\n', /line 2: 1 cell where the header has 2/],
    ['a cell too many', 'key,size\na,1,2\n', /line 2: 3 cells where the header has 2/],
    ['an empty time', 'key,time\na,\n', /line 2: column 'time' has no time/],
    [
      'a time that is no number',
      'key,time\na,1\nb,soon\n',
      /line 3: time 'soon' of column 'time' is neither a number nor a date/,
    ],
    [
      'a date among numbers',
      'key,time\na,1\nb,2024-01-01\n',
      /line 3: time '2024-01-01' .*is not a number as the rows before/,
    ],
    ['an infinite time', 'key,time\na,1e999\n', /line 2: time '1e999'/],
    ['a negative size', 'key,size\na,-1\n', /line 2: size '-1' of column 'size' is not a whole number/],
    ['a size beyond 32 bits', 'key,size\na,4294967296\n', /size '4294967296'/],
    ['a broken size', 'key,size\na,1.5\n', /size '1.5'/],
    ['an empty size', 'key,size\na,\n', /size ''/],
    ['a cost that is no number', 'key,cost\na,-\n', /cost '-' of column 'cost' is not a number of 0 or more/],
    ['a negative cost', 'key,cost\na,-0.5\n', /cost '-0.5'/],
    ['an unknown operation', 'key,op\na,get\na,frobnicate\n', /line 3: operation 'frobnicate'/],
    ['text after a quote', 'key,size\n"a"b,1\n', /line 2: cell 1 has text after its closing quote/],
    ['an empty line', 'key,size\na,1\n\nb,1\n', /line 3: the line is empty/],
  ])('names the line of %s, and counts it where bad rows are allowed', async (_, text, message) => {
    await expect(read(text, { format: 'csv' })).rejects.toThrow(message)
    await expect(read(text, { format: 'csv' })).rejects.toThrow(InputError)
    const more = `${text}${text
      .split('\n')[0]!
      .replace('key', 'good')
      .replace(/,.*/, `,${text.includes('op') ? 'get' : 1}`)}\n`
    const trace = await read(more, { format: 'csv', maxBadRows: 1 })
    expect(trace.source?.badRows).toBe(1)
    expect(trace.source?.badRowSamples).toHaveLength(1)
    expect(namesOf(trace)).toContain('good')
  })

  it('stops at the first bad row beyond the limit', async () => {
    const text = 'key,size\na,x\nb,1\nc,y\nd,z\n'
    await expect(read(text, { maxBadRows: 2 })).rejects.toThrow(
      /line 2: size 'x'.*more than --max-bad-rows 2/,
    )
    expect((await read(text, { maxBadRows: 3 })).length).toBe(1)
  })

  it.each<[string, string, Parameters<typeof read>[1], RegExp]>([
    [
      'a missing column',
      'key,size\na,1\n',
      { cost: 'szie' },
      /--cost: there is no column 'szie'.*did you mean 'size'.*columns: key, size/,
    ],
    ['a column number too high', 'key,size\na,1\n', { time: '3' }, /--time: there is no column '3'/],
    ['an ambiguous column', 'a,a,b\n1,2,3\n', { key: ['a'] }, /--key 'a' is ambiguous: columns 1 and 2/],
    [
      'a quote never closed',
      'key,size\na,1\n"b,2\nc,3\n',
      { maxBadRows: 9 },
      /line 3: a quote is opened here and never closed/,
    ],
    ['a NUL byte', 'key,size\na\0b,1\n', { maxBadRows: 9 }, /line 2: a NUL byte/],
    ['a header alone', 'key,size\n', {}, /no requests: there are no rows/],
    ['nothing but bad rows', 'key,size\na,x\n', { maxBadRows: 9 }, /no requests.*line 2: size 'x'/],
    [
      'a filter that leaves nothing',
      'key,size\na,1\nb,1\n',
      { where: ['size=2'] },
      /--where size=2 does not hold for any of its 2 rows/,
    ],
    [
      'a filter on a missing column',
      'key,size\na,1\n',
      { where: ['sise=2'] },
      /--where: there is no column 'sise'.*'size'/,
    ],
    ['a filter without operator', 'key,size\na,1\n', { where: ['size'] }, /--where 'size' is not understood/],
    ['no column known as key', 'foo,time\na,1\n', {}, /no column known to be a key.*columns: foo, time/],
  ])('says clearly what is wrong with %s', async (_, text, options, message) => {
    await expect(read(text, options)).rejects.toThrow(message)
    await expect(read(text, options)).rejects.toThrow(InputError)
  })

  it('names UTF-16 text for what it is', async () => {
    await expect(read(Buffer.from('\ufeffkey,size\na,1\n', 'utf16le'))).rejects.toThrow(/UTF-16/)
  })

  it('gives up on a line of more than 16 MiB', async () => {
    const chunk = Buffer.alloc(1 << 20, 'x')
    const { Readable } = await import('node:stream')
    const { readTrace } = await import('../../src/formats/index.ts')
    function* endless() {
      yield Buffer.from('key,size\n')
      for (let i = 0; i < 100; i++) yield chunk
    }
    await expect(readTrace('-', { stdin: Readable.from(endless()) })).rejects.toThrow(
      /line 2: longer than 16 MiB/,
    )
    expect((await read(`key,size\n${'x'.repeat(5 << 20)},1\n`)).length).toBe(1)
  })

  it('checks filters before anything else, so that rows filtered out may be broken', async () => {
    const trace = await read('key,status,cost\na,ok,5\nb,failed,\nc,ok,7\n', { where: ['status=ok'] })
    expect(namesOf(trace)).toEqual(['a', 'c'])
    expect(Array.from(trace.keys)).toEqual([0, 1])
    expect(trace.source).toMatchObject({ rows: 3, filteredRows: 1, badRows: 0 })
  })

  it('gives ids in order of first appearance although bad and filtered rows lie between', async () => {
    const trace = await read('key,size\nskip,0\nbad,x\na,1\nbad,1\n', { maxBadRows: 1, where: ['key!=skip'] })
    expect(Array.from(trace.keys)).toEqual([0, 1])
    expect(namesOf(trace)).toEqual(['a', 'bad'])
  })

  it('leaves the names of keys away where they are not wanted', async () => {
    expect((await read('key\na\n', { keyNames: false })).keyNames).toBeUndefined()
  })

  it('reports progress in bytes and rows', async () => {
    const seen: [number, number][] = []
    const text = `key,size\n${'abc,1\n'.repeat(1000)}`
    await read(text, { onProgress: ({ bytes, rows }) => seen.push([bytes, rows]) }, [3000])
    expect(seen.at(-1)).toEqual([text.length, 1000])
  })
})

/** What a table of texts is to a writer that quotes where it must, or at random where it need not. */
const cellText = fc.string({
  unit: fc.constantFrom('a', 'b', ',', '"', '\n', '\r', 'é', ' ', '1', '|'),
  maxLength: 6,
})
const table = fc.array(
  fc.record({ key: cellText, other: cellText, size: fc.nat({ max: 0xffff_ffff }), quoted: fc.boolean() }),
  {
    minLength: 1,
    maxLength: 30,
  },
)
const naiveCell = (text: string, quoted: boolean) =>
  quoted || /["\r\n,]/.test(text) || text === '' ? `"${text.replaceAll('"', '""')}"` : text

describe('csv, any table', () => {
  it('reads what a naive writer wrote, cell for cell, however the stream is cut', async () => {
    await fc.assert(
      fc.asyncProperty(
        table,
        fc.constantFrom('\n', '\r\n'),
        fc.array(fc.nat(), { maxLength: 8 }),
        async (rows, end, cuts) => {
          const text = [
            'other,key,size',
            ...rows.map(
              (row) => `${naiveCell(row.other, row.quoted)},${naiveCell(row.key, row.quoted)},${row.size}`,
            ),
          ].join(end)
          const trace = await read(text, { format: 'csv', key: ['key'] }, cuts)
          expect(namesOf(trace)).toEqual(rows.map((row) => row.key))
          expect(Array.from(trace.sizes!)).toEqual(rows.map((row) => row.size))
          expect(trace.keyCount).toBe(new Set(rows.map((row) => row.key)).size)
        },
      ),
      { numRuns: 300 },
    )
  })

  it('reads unquoted text as splitting at newlines and commas does', async () => {
    const plain = fc.string({
      unit: fc.constantFrom('a', 'b', 'c', '0', '7', '.', '-'),
      minLength: 1,
      maxLength: 12,
    })
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(plain, plain), { minLength: 1, maxLength: 50 }), async (rows) => {
        const text = `key,x\n${rows.map((row) => row.join(',')).join('\n')}\n`
        const expected = text
          .split('\n')
          .slice(1, -1)
          .map((line) => line.split(',')[0])
        expect(namesOf(await read(text))).toEqual(expected)
      }),
    )
  })

  it('turns any damage into a sound trace or one clear error, the same however the stream is cut', () =>
    expectNoHarmOfDamage(
      'time,key,size,op\n1.5,"a ""q""",10,get\n2.5,b,20,set\n3,"c\nd",30,del\n4e0,é,1,get\n',
      { format: 'csv' },
      1000,
    ))
})
