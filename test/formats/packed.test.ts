/*
 * Packed files, made by the tools that users have: zstd, pzstd, xz and bzip2 of the system.
 */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { afterAll, describe, expect, it } from 'vitest'
import { InputError } from '../../src/core/errors.ts'
import { openInput } from '../../src/formats/open.ts'
import { namesOf, read, streamOf } from './support.ts'

const folder = mkdtempSync(join(tmpdir(), 'cachesim-packed-'))
afterAll(() => rmSync(folder, { recursive: true }))

function pack(command: string, content: string | Uint8Array): Buffer {
  const [tool = '', ...flags] = command.split(' ')
  const maxBuffer = 1 << 28
  return execFileSync(tool, flags, { input: content, maxBuffer, stdio: ['pipe', 'pipe', 'pipe'] })
}

/** What a packed stream holds, read in pieces that end at the given places. */
async function unpack(packed: Uint8Array, cuts: readonly number[] = []): Promise<Buffer> {
  const input = await openInput('-', streamOf(packed, cuts))
  try {
    return Buffer.from(await input.whole())
  } finally {
    await input.close()
  }
}

/** Not so regular that flipped bits would leave the content as it is. */
const text = `key,size\n${Array.from({ length: 20_000 }, (_, i) => `item-${(i * i * 31) % 7919},${(i * 7919) % 99_991}`).join('\n')}\n`
const bytes = Buffer.from(text)
const half = text.indexOf('\n', text.length / 2) + 1
const halves = [text.slice(0, half), text.slice(half)] as const

/** A frame that decoders skip: RFC 8878, 3.1.2. */
function skippable(nibble: number, content: Uint8Array): Buffer {
  const header = Buffer.alloc(8)
  header.writeUInt32LE(0x184d2a50 + nibble)
  header.writeUInt32LE(content.length, 4)
  return Buffer.concat([header, content])
}

/** Each with the fewest bytes of it that are no longer taken for text, and those after which a file is recognised. */
const packings = [
  { name: 'gzip', command: 'gzip -c', least: 2, signature: 3, runs: 200 },
  { name: 'zstd', command: 'zstd -qc', least: 2, signature: 4, runs: 500 },
  { name: 'xz', command: 'xz -0 -c', least: 2, signature: 6, runs: 25 },
  { name: 'bzip2', command: 'bzip2 -c', least: 4, signature: 10, runs: 25 },
] as const

describe.each(packings)('$name', ({ name, command, least, signature, runs }) => {
  const packed = pack(command, text)

  it('is told by its first bytes, from a file and from standard input', async () => {
    const path = join(folder, `plain-name-${name}`)
    writeFileSync(path, packed)
    const input = await openInput(path)
    expect(input.compression).toBe(name)
    expect(bytes.equals(await input.whole())).toBe(true)
    await input.close()
    const trace = await read(packed)
    expect(trace.source).toMatchObject({ format: 'csv', compression: name, rows: 20_000 })
    expect(namesOf(trace)).toEqual(namesOf(await read(text)))
  })

  it('is one text where several stand one after the other, however the stream is cut', async () => {
    const several = Buffer.concat([
      pack(command, ''),
      pack(command, halves[0]),
      pack(command, ''),
      pack(command, halves[1]),
      pack(command, ''),
    ])
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(), { maxLength: 5 }), async (cuts) => {
        expect(bytes.equals(await unpack(several, cuts))).toBe(true)
      }),
      { numRuns: Math.min(runs, 50) },
    )
  })

  it('is an error wherever it is cut', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: least, max: packed.length - 1 }), async (length) => {
        await expect(unpack(packed.subarray(0, length))).rejects.toThrow(InputError)
      }),
      { numRuns: runs },
    )
    await expect(unpack(packed.subarray(0, least))).rejects.toThrow(InputError)
    await expect(unpack(packed.subarray(0, packed.length - 1))).rejects.toThrow(
      `'-' is cut short: the ${name} data ends in the middle`,
    )
  })

  it('gives the right bytes or an error whichever bit is wrong', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: signature, max: packed.length - 1 }), fc.nat(7), async (at, bit) => {
        const wrong = Buffer.from(packed)
        wrong[at]! ^= 1 << bit
        const result = await unpack(wrong).catch((error: unknown) => error)
        if (!(result instanceof InputError)) expect(bytes.equals(result as Buffer)).toBe(true)
      }),
      { numRuns: runs },
    )
  })

  it('is an error where something else follows', async () => {
    await expect(unpack(Buffer.concat([packed, Buffer.from('more')]))).rejects.toThrow(
      /'-' (is damaged|is cut short|cannot be unpacked)/,
    )
  })

  it('is an error where there is nothing in it', async () => {
    await expect(unpack(pack(command, ''))).rejects.toThrow("'-' is empty once unpacked")
  })

  it('tells how much of the packed file has been read', async () => {
    const large = pack(command, text.repeat(20))
    const path = join(folder, `progress-${name}`)
    writeFileSync(path, large)
    const input = await openInput(path)
    let before = 0
    for await (const _ of input.chunks()) {
      const { done, total } = input.progress()
      expect(total).toBe(large.length)
      expect(done).toBeGreaterThanOrEqual(before)
      before = done
    }
    expect(input.progress()).toEqual({ done: large.length, total: large.length })
    await input.close()
    const stream = await openInput('-', streamOf(large))
    await stream.whole()
    expect(stream.progress()).toEqual({ done: large.length, total: null })
    expect(stream.file).toBeUndefined()
    await stream.close()
  })

  it('is let go of early without waiting for what does not come', async () => {
    const large = pack(command, text.repeat(20))
    const stream = new Readable({ read() {} })
    stream.push(large)
    const input = await openInput('-', stream)
    for await (const chunk of input.chunks()) {
      expect(chunk.length).toBeGreaterThan(0)
      break
    }
    await input.close()
    expect(stream.destroyed).toBe(true)
  })
})

describe('gzip', () => {
  it('is never read in part where zeros and then something else follow, however the stream is cut', async () => {
    const [first, second] = [gzipSync(halves[0]), gzipSync(halves[1])]
    const zeros = Buffer.alloc(700)
    const lengths = fc.array(fc.integer({ min: first.length - 2, max: first.length + 800 }), { maxLength: 4 })
    await fc.assert(
      fc.asyncProperty(
        lengths,
        fc.constantFrom('a member', 'text', 'a byte of a member'),
        async (cuts, what) => {
          const rest = {
            'a member': second,
            text: Buffer.from('x'),
            'a byte of a member': Buffer.from([0x1f]),
          }[what]
          await expect(unpack(Buffer.concat([first, zeros, rest]), cuts)).rejects.toThrow(/is damaged/)
          expect((await unpack(Buffer.concat([first, second, zeros]), cuts)).toString()).toBe(text)
        },
      ),
    )
  })
})

describe('zstd', () => {
  it.each([
    ['of level 19', 'zstd -q -19 -c'],
    ['of the fastest level', 'zstd -q --fast=5 -c'],
    ['with a window of 128 MiB', 'zstd -q --long=27 -c'],
    ['without checksums', 'zstd -q --no-check -c'],
    ['of several threads', 'zstd -q -T2 -B1MiB -c'],
  ])('%s is undone', async (_, command) => {
    const large = Buffer.from(text.repeat(8))
    expect(large.equals(await unpack(pack(command, large), [1, 5, 1000]))).toBe(true)
  })

  it('of pzstd, which puts a skippable frame before each other frame, is undone', async () => {
    const large = Buffer.from(text.repeat(8))
    const path = join(folder, 'large.csv')
    writeFileSync(path, large)
    execFileSync('pzstd', ['-q', '-f', '-p', '2', '-1', path, '-o', `${path}.zst`])
    const input = await openInput(`${path}.zst`)
    expect(input.compression).toBe('zstd')
    expect(large.equals(await input.whole())).toBe(true)
    await input.close()
  })

  it('passes over skippable frames wherever they stand, and says so where one is cut', async () => {
    const note = Buffer.from('a note '.repeat(50_000))
    const file = Buffer.concat([
      skippable(0, note),
      pack('zstd -qc', halves[0]),
      ...[skippable(15, Buffer.alloc(0)), skippable(7, note)],
      ...[pack('zstd -qc', halves[1]), skippable(3, note)],
    ])
    for (const cuts of [[], [1, 4, 8, 9], [350_000, 350_010]]) {
      expect(bytes.equals(await unpack(file, cuts))).toBe(true)
    }
    await expect(unpack(file.subarray(0, -1))).rejects.toThrow(/cut short/)
  })

  it('is undone whatever its length, to the byte', async () => {
    // Around the sizes of a block, and of the buffers of a stream.
    for (const length of [1, 131_071, 131_072, 131_073, 262_144, 393_216]) {
      const content = Buffer.from(Array.from({ length }, (_, i) => (i * i * 31) >> 3))
      expect(content.equals(await unpack(pack('zstd -qc', content)))).toBe(true)
      const stored = pack('zstd -qc --fast=100', content)
      expect(content.equals(await unpack(Buffer.concat([stored, stored]).subarray(stored.length)))).toBe(true)
    }
  })

  it('says that the checksum is wrong where only it tells', async () => {
    const packed = pack('zstd -qc', text)
    packed[packed.length - 2]! ^= 4
    await expect(unpack(packed)).rejects.toThrow(
      "'-' is damaged: the zstd data cannot be unpacked (the checksum is wrong)",
    )
  })

  it('says what to do about a window of more than 128 MiB', async () => {
    await expect(unpack(pack('zstd -q --ultra --long=28 -c', text))).rejects.toThrow(
      /'-' needs more than 128 MiB.*zstd -d --long=31/,
    )
  })

  it('says what to do about a dictionary', async () => {
    const [samples, dictionary] = [join(folder, 'samples'), join(folder, 'dictionary')]
    writeFileSync(samples, text)
    execFileSync('zstd', ['-q', '-f', '--train', '-B1024', samples, '-o', dictionary], { stdio: 'pipe' })
    await expect(unpack(pack(`zstd -q -D ${dictionary} -c`, text))).rejects.toThrow(
      /packed with a zstd dictionary.*zstd -d -D DICTIONARY/,
    )
    // A dictionary without a number leaves no word of it in the file.
    await expect(unpack(pack(`zstd -q -D ${samples} -c`, text.slice(0, 5000)))).rejects.toThrow(/is damaged/)
  })

  it('reads several files at the same time', async () => {
    const contents = [text, ...halves].map((each) => each.repeat(6))
    const read = contents.map((content) => unpack(pack('zstd -q --long=24 -c', content), [7, 70_000]))
    expect((await Promise.all(read)).map(String)).toEqual(contents)
  })

  it('is sound after another file was damaged', async () => {
    const packed = pack('zstd -qc', text)
    for (let at = 8; at < packed.length; at += 997) {
      const wrong = Buffer.from(packed)
      wrong[at]! ^= 0xff
      await expect(unpack(wrong)).rejects.toThrow(InputError)
    }
    expect(bytes.equals(await unpack(packed))).toBe(true)
  })
})
