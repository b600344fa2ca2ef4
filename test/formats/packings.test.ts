import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, describe, expect, it } from 'vitest'
import { InputError } from '../../src/core/errors.ts'
import { readTrace } from '../../src/formats/index.ts'
import { packingOf } from '../../src/formats/packings.ts'
import { unzstdFrames } from '../../src/formats/unpack-zstd.ts'
import { run } from '../support/cli.ts'
import { contentOf, read, streamOf } from './support.ts'

/*
 * Files are packed by the tools that everyone packs with; where one is not installed its tests are left out, and say so.
 */
const folder = mkdtempSync(join(tmpdir(), 'cachesim-packings-'))
afterAll(() => rmSync(folder, { recursive: true }))

const has = (tool: string) => spawnSync(tool, ['--version'], { stdio: 'ignore' }).error === undefined
const note = (tool: string) => (has(tool) ? '' : ` (left out: ${tool} is not installed)`)

const pack = (tool: string, content: string | Uint8Array, ...options: string[]): Buffer =>
  execFileSync(tool, ['-c', ...options], { input: content, maxBuffer: 2 ** 28 })

const text = `key,size\n${Array.from({ length: 6000 }, (_, i) => `item-${(i * 7919) % 1013},${i}`).join('\n')}\n`
const plain = Buffer.from(text)

describe.each(['zstd', 'xz', 'bzip2'])('%s', (tool) => {
  describe.skipIf(!has(tool))(`as its tool packs${note(tool)}`, () => {
    it('is read whole, from a file of any name and from a pipe, in one member or several', async () => {
      const expected = contentOf(await read(text))
      const several = Buffer.concat([
        pack(tool, text.slice(0, 999)),
        pack(tool, ''),
        pack(tool, text.slice(999)),
      ])
      for (const packed of [pack(tool, text), several]) {
        const path = join(folder, 'trace.log')
        writeFileSync(path, packed)
        const fromFile = await readTrace(path)
        expect(contentOf(fromFile)).toEqual(expected)
        expect(fromFile.source?.compression).toBe(tool)
        expect(contentOf(await read(packed, {}, [1, 2, 5, 1000, 2000]))).toEqual(expected)
      }
    })

    it('that is cut short, anywhere, is an error', async () => {
      const packed = pack(tool, text)
      for (let length = 7; length < packed.length; length += Math.ceil(packed.length / 12)) {
        await expect(read(packed.subarray(0, length)), `${length} bytes`).rejects.toThrow(/^'-' is cut short/)
      }
    })

    it('that is damaged is an error, or nothing is lost by it', async () => {
      const packed = pack(tool, text)
      const expected = contentOf(await read(text))
      for (let at = 7; at < packed.length; at += Math.ceil(packed.length / 12)) {
        const damaged = Buffer.from(packed)
        damaged[at]! ^= 1 << (at % 8)
        const outcome = await read(damaged).catch((error) => error)
        if (outcome instanceof Error) expect(outcome).toBeInstanceOf(InputError)
        else expect(contentOf(outcome)).toEqual(expected)
      }
    })

    it('with something else after its end is an error', async () => {
      const packed = Buffer.concat([pack(tool, text), Buffer.from('and more')])
      await expect(read(packed)).rejects.toThrow(/^'-' is (cut short or )?damaged|cannot unpack/)
    })

    it('of nothing is said to be empty', () =>
      expect(read(pack(tool, ''))).rejects.toThrow(/'-' is empty once unpacked/))

    it('is read as far as is wanted, and its tool goes with the reader', async () => {
      const packed = pack(tool, `key\n${'some key\n'.repeat(2_000_000)}`)
      expect((await read(packed, { limit: 10 })).length).toBe(10)
    })
  })
})

describe.skipIf(!has('zstd'))(`zstd without its tool${note('zstd')}`, () => {
  async function unpack(packed: Uint8Array, cuts: readonly number[] = []): Promise<Buffer> {
    const parts: Uint8Array[] = []
    for await (const chunk of unzstdFrames('x.zst', streamOf(packed, cuts))) parts.push(Buffer.from(chunk))
    return Buffer.concat(parts)
  }
  const random = Buffer.from(
    fc.sample(fc.uint8Array({ minLength: 70_000, maxLength: 70_000 }), { numRuns: 1, seed: 1 })[0]!,
  )

  it.each([
    ['of any level', ['-1', '-9', '-19']],
    ['with and without checksum', ['--check', '--no-check']],
    ['with a long window', ['--long=27']],
  ])('unpacks frames %s', async (_, options) => {
    for (const option of options) {
      for (const content of [plain, random, Buffer.alloc(300_000, 7), Buffer.from('a')]) {
        expect((await unpack(pack('zstd', content, option))).equals(content), option).toBe(true)
      }
    }
  })

  it('unpacks several frames, and passes over those to be skipped, however they come', async () => {
    const skip = (length: number) =>
      Buffer.concat([Buffer.from([0x5a, 0x2a, 0x4d, 0x18, length, 0, 0, 0]), Buffer.alloc(length)])
    const frames = [
      skip(9),
      pack('zstd', plain.subarray(0, 1000)),
      skip(0),
      pack('zstd', ''),
      pack('zstd', plain.subarray(1000)),
      skip(200),
    ]
    const packed = Buffer.concat(frames)
    expect(packingOf(packed)?.name).toBe('zstd')
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(), { maxLength: 20 }), async (cuts) => {
        expect((await unpack(packed, cuts)).equals(plain)).toBe(true)
      }),
      { numRuns: 20 },
    )
  })

  it('notices every cut', async () => {
    const packed = Buffer.concat([pack('zstd', plain.subarray(0, 500)), pack('zstd', plain.subarray(500))])
    const whole = pack('zstd', plain.subarray(0, 500)).length
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: packed.length - 1 }), async (length) => {
        fc.pre(length !== whole)
        await expect(unpack(packed.subarray(0, length))).rejects.toThrow(
          /'x\.zst' is cut short: the zstd data ends in the middle/,
        )
      }),
      { numRuns: 60 },
    )
  })

  it('notices every flipped bit that changes the content', async () => {
    const packed = pack('zstd', plain)
    await fc.assert(
      fc.asyncProperty(fc.nat({ max: packed.length - 1 }), fc.nat({ max: 7 }), async (at, bit) => {
        const damaged = Buffer.from(packed)
        damaged[at]! ^= 1 << bit
        const outcome = await unpack(damaged).catch((error) => error)
        if (outcome instanceof Error) expect(outcome).toBeInstanceOf(InputError)
        else expect(outcome.equals(plain)).toBe(true)
      }),
      { numRuns: 150 },
    )
  })

  it('says what it cannot unpack', async () => {
    const magic = [0x28, 0xb5, 0x2f, 0xfd]
    await expect(unpack(Buffer.from([...magic, 0x01, 0x50, 7, 1, 0, 0]))).rejects.toThrow(
      /'x\.zst' was packed by zstd with a dictionary.*zstd -D/,
    )
    await expect(unpack(Buffer.from([...magic, 0x00, 0x90, 1, 0, 0]))).rejects.toThrow(
      /window of 256 MiB, and at most 128 MiB/,
    )
    await expect(unpack(Buffer.from([...magic, 0x08, 0x50, 1, 0, 0]))).rejects.toThrow(/damaged/)
    await expect(unpack(Buffer.from([...magic, 0x00, 0x50, 7, 0, 0]))).rejects.toThrow(
      /damaged.*a block of no known kind/,
    )
    await expect(unpack(Buffer.from('(\xb5/\xfd'.concat('more'), 'latin1'))).rejects.toThrow(InputError)
  })
})

describe('a machine without the tools', () => {
  const env = { PATH: folder }

  it.skipIf(!has('zstd'))(`reads zstd all the same${note('zstd')}`, async () => {
    const { stdout, stderr } = await run('convert - - --output-format csv --quiet', {
      env,
      input: pack('zstd', text),
    })
    expect(stderr).toBe('')
    expect(stdout).toBe(text)
  })

  it('says what is missing for the others', async () => {
    const heads = { xz: 'fd377a585a0000', bzip2: '425a6839314159265359' }
    for (const [tool, head] of Object.entries(heads)) {
      const { code, stderr } = await run('inspect --trace -', { env, input: Buffer.from(head, 'hex') })
      expect(code).toBe(2)
      expect(stderr).toMatch(
        new RegExp(
          `packed with ${tool}, and this machine has no ${tool} to unpack it: install that, or unpack the file`,
        ),
      )
    }
  })
})
