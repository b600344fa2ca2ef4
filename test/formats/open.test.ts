import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { InputError } from '../../src/core/errors.ts'
import { formatForWriting, formats, readTrace } from '../../src/formats/index.ts'
import { expectNoHarmOfDamage, namesOf, read, streamOf } from './support.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cachesim-formats-'))
})
afterAll(() => rm(folder, { recursive: true }))

async function file(name: string, content: string | Uint8Array): Promise<string> {
  const path = join(folder, name)
  await writeFile(path, content)
  return path
}

const text = `key,size\n${Array.from({ length: 5000 }, (_, i) => `item-${i % 97},${i}`).join('\n')}\n`

describe('opening a trace', () => {
  it('reads the same from a file, a gzip, several gzip members and standard input', async () => {
    const members = Buffer.concat([gzipSync(text.slice(0, 777)), gzipSync(text.slice(777))])
    const traces = [
      await readTrace(await file('a.csv', text)),
      await readTrace(await file('a.csv.gz', gzipSync(text))),
      await readTrace(await file('members.csv.gz', members)),
      await read(gzipSync(text)),
      await read(members, {}, [1, 2, 100, 1000]),
    ]
    for (const trace of traces) {
      expect(trace.length).toBe(5000)
      expect(Array.from(trace.sizes!)).toEqual(Array.from(traces[0]!.sizes!))
      expect(namesOf(trace)).toEqual(namesOf(traces[0]!))
    }
    expect(traces.map((trace) => trace.source?.compression)).toEqual(['none', 'gzip', 'gzip', 'gzip', 'gzip'])
  })

  it('reads gzip whatever the name says, and plain text although the name says gzip', async () => {
    expect((await readTrace(await file('b.csv', gzipSync(text)))).source?.compression).toBe('gzip')
    expect((await readTrace(await file('c.csv.gz', text))).source?.compression).toBe('none')
  })

  it('takes text chunks from a stream that was given an encoding', async () => {
    const stdin = Readable.from(['key,si', 'ze\nä,1\n'])
    expect(namesOf(await readTrace('-', { stdin }))).toEqual(['ä'])
  })

  it('reads the file that is named although there is standard input too', async () => {
    const path = join(folder, 'named.txt')
    await writeFile(path, 'a\nb\n')
    expect(namesOf(await readTrace(path, { stdin: Readable.from(['c\n']) }))).toEqual(['a', 'b'])
  })

  it('says so wherever a gzip is cut, and never takes the part for the whole', async () => {
    const whole = gzipSync(text)
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 3, max: whole.length - 1 }), async (length) => {
        await expect(read(whole.subarray(0, length))).rejects.toThrow(/'-' is cut short/)
      }),
      { numRuns: 50 },
    )
  })

  it.each([
    ['tsv', 'key\tsize\na\t1\nb\t2\na\t2\n'],
    ['lines', 'a\nb c\na\n"x"\né\n'],
    ['csv', gzipSync('key,size\na,1\nb,2\na,2\n')],
  ])('turns any damage into a sound trace or one clear error: %s', (format, valid) =>
    expectNoHarmOfDamage(valid, { format }),
  )

  it('takes zeros after a gzip for padding, and anything else for damage', async () => {
    const whole = gzipSync(text)
    expect((await read(Buffer.concat([whole, Buffer.alloc(512)]))).length).toBe(5000)
    await expect(read(Buffer.concat([whole, Buffer.from('more')]))).rejects.toThrow(/is damaged/)
  })

  it('says so where a gzip is damaged', async () => {
    const damaged = gzipSync(text)
    damaged[damaged.length - 6]! ^= 0xff
    await expect(read(damaged)).rejects.toThrow(/is damaged: the gzip data/)
    await expect(read(damaged)).rejects.toThrow(InputError)
  })

  it.each<[string, () => Promise<string>, RegExp]>([
    [
      'a file that is not there',
      async () => join(folder, 'nope.csv'),
      /cannot read '.*nope.csv': there is no such file/,
    ],
    ['a directory', async () => folder, /is a folder/],
    ['an empty file', () => file('empty.csv', ''), /'.*empty.csv' is empty/],
    ['an empty gzip', () => file('empty.gz', gzipSync('')), /is empty once unpacked/],
    ['a zip', () => file('a.zip', 'PK\x03\x04rest'), /packed with zip.*unzip -p FILE/],
    ['an impossible path', async () => 'a\0b', /cannot read/],
    ['a file below a file', async () => join(await file('plain', 'x'), 'y'), /there is no such file/],
  ])('says clearly what is wrong with %s', async (_, path, message) => {
    const given = await path()
    await expect(readTrace(given)).rejects.toThrow(message)
    await expect(readTrace(given)).rejects.toThrow(InputError)
  })

  it.runIf(process.getuid?.() !== 0)(
    'says that a file may not be read (left out where root may read all)',
    async () => {
      const path = await file('secret.csv', text)
      await chmod(path, 0)
      await expect(readTrace(path)).rejects.toThrow(/permission is denied/)
    },
  )

  it("needs a stream for '-'", async () => {
    await expect(readTrace('-')).rejects.toThrow(/standard input/)
  })

  it('lets go of the stream when a row is bad', async () => {
    const stdin = streamOf(`key,size\na,x\n${'b,1\n'.repeat(100_000)}`, [20, 200_000])
    await expect(readTrace('-', { stdin })).rejects.toThrow(/line 2/)
    expect(stdin.destroyed).toBe(true)
  })
})

describe('which format it is', () => {
  it.each<[string, string, string]>([
    ['csv', 'x.txt', 'key,size\na,1\n'],
    ['csv', 'single.csv', 'name\nx\ny\n'],
    ['csv', 'single.csv.zst', 'name\nx\ny\n'],
    ['csv', '-', 'key\nx\n1\n'],
    ['tsv', 'x.dat', 'key\tsize\na\t1\n'],
    ['jsonl', 'x.dat', '{"key":"a"}\n'],
    ['jsonl', 'y.dat', '\ufeff { "key": "a" }\n'],
    ['lines', 'x.dat', 'a\nb\na\n'],
    ['lines', 'y.txt', 'one, two\nthree\n'],
  ])('is %s for %s', async (format, name, content) => {
    const trace = name === '-' ? await read(content) : await readTrace(await file(name, content))
    expect(trace.source?.format).toBe(format)
  })

  it('is what the user says', async () => {
    const trace = await read('key,size\na,1\n', { format: 'lines' })
    expect(namesOf(trace)).toEqual(['key,size', 'a,1'])
    await expect(read('a\n', { format: 'cvs' })).rejects.toThrow(/unknown format 'cvs'; did you mean 'csv'/)
  })

  it('is told by the ending when writing', () => {
    expect(formatForWriting('out.TSV.gz').name).toBe('tsv')
    for (const ending of ['gz', 'zst', 'xz', 'BZ2']) {
      expect(formatForWriting(`out.jsonl.${ending}`).name).toBe('jsonl')
    }
    expect(formatForWriting('out', 'jsonl').name).toBe('jsonl')
    expect(() => formatForWriting('out.xyz')).toThrow(/ending of 'out.xyz' belongs to no format/)
    expect(() => formatForWriting('out.parquet')).toThrow(/format 'parquet' can only be read/)
    expect(formats.names).toContain('lines')
  })
})
