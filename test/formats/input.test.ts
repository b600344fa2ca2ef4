import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { afterAll, describe, expect, it } from 'vitest'
import { InputError } from '../../src/core/errors.ts'
import type { TraceInput } from '../../src/core/format.ts'
import { openInput } from '../../src/formats/open.ts'
import { streamOf } from './support.ts'

const folder = mkdtempSync(join(tmpdir(), 'cachesim-input-'))
afterAll(() => rmSync(folder, { recursive: true }))

function file(name: string, content: Uint8Array): string {
  const path = join(folder, name)
  writeFileSync(path, content)
  return path
}

async function withInput<T>(path: string, use: (input: TraceInput) => Promise<T>, content?: Uint8Array) {
  const input = await openInput(path, content && streamOf(content))
  try {
    return await use(input)
  } finally {
    await input.close()
  }
}

const bytes = Buffer.from(Array.from({ length: 300_000 }, (_, i) => (i * i * 31) >> 5))

describe('the head of an input', () => {
  it.each([1, 65_535, 65_536, 65_537, 300_000])('of %i bytes says whether it is all', async (length) => {
    const content = bytes.subarray(0, length)
    const check = async ({ head, isWhole }: TraceInput) => {
      expect(isWhole).toBe(length <= 65_536)
      expect(Buffer.compare(head, content.subarray(0, 65_536))).toBe(0)
    }
    await withInput(file('plain', content), check)
    await withInput(file('packed', gzipSync(content)), check)
    await withInput('-', check, content)
  })

  it('comes again with the rest', async () => {
    await withInput(file('plain', bytes), async (input) => {
      expect(bytes.equals(await input.whole())).toBe(true)
    })
    await withInput('-', async (input) => expect(bytes.equals(await input.whole())).toBe(true), bytes)
  })
})

describe('an input in one piece', () => {
  it('is refused above the limit, and taken at it', async () => {
    const path = file('packed', gzipSync(bytes))
    await withInput(path, async (input) => {
      expect((await input.whole(bytes.length)).length).toBe(bytes.length)
    })
    await withInput(path, async (input) => {
      const reading = input.whole(bytes.length - 1)
      await expect(reading).rejects.toThrow(/'.*packed' has more than .* GiB, too much .* not packed/)
      await expect(reading).rejects.toThrow(InputError)
    })
  })
})

describe('random access', () => {
  it('gives what ArrayBuffer.slice would give, in any order', async () => {
    const place = fc.integer({ min: -bytes.length - 9, max: bytes.length + 9 })
    const whole = new Uint8Array(bytes).buffer
    await withInput(file('random', bytes), async ({ file: random }) => {
      expect(random?.byteLength).toBe(bytes.length)
      await fc.assert(
        fc.asyncProperty(place, fc.option(place, { nil: undefined }), async (start, end) => {
          const slice = await random!.slice(start, end)
          expect(slice).toBeInstanceOf(ArrayBuffer)
          expect(Buffer.compare(Buffer.from(slice), Buffer.from(whole.slice(start, end)))).toBe(0)
        }),
      )
      const parts = await Promise.all(
        [1000, 10, 200_000].map((start) => random!.slice(start, start + 50_000)),
      )
      expect(parts.map((part) => part.byteLength)).toEqual([50_000, 50_000, 50_000])
      expect(Buffer.from(parts[2]!).equals(bytes.subarray(200_000, 250_000))).toBe(true)
    })
  })

  it('leaves the chunks as they are, and counts', async () => {
    await withInput(file('both', bytes), async (input) => {
      await input.file!.slice(-4)
      expect(bytes.equals(await input.whole())).toBe(true)
      await input.file!.slice(0)
      expect(input.progress()).toEqual({ done: bytes.length, total: bytes.length })
    })
  })

  it('says so where the file has become shorter', async () => {
    const path = file('shrinking', bytes)
    await withInput(path, async ({ file: random }) => {
      truncateSync(path, 1000)
      expect((await random!.slice(0, 1000)).byteLength).toBe(1000)
      const reading = random!.slice(500, 2000)
      await expect(reading).rejects.toThrow(/shrinking' has become shorter.*300000 bytes at first, 1000 now/)
      await expect(reading).rejects.toThrow(InputError)
    })
  })

  it('is there for no packed file, and for nothing that has no size', async () => {
    await withInput(file('packed', gzipSync(bytes)), async (input) => expect(input.file).toBeUndefined())
    await withInput('-', async (input) => expect(input.file).toBeUndefined(), bytes)
  })

  it.runIf(process.platform === 'linux')('is not there for files that say they are empty', async () => {
    await withInput('/proc/self/status', async (input) => {
      expect(input.file).toBeUndefined()
      expect(input.progress().total).toBeNull()
      expect(Buffer.from(await input.whole()).toString()).toContain('Name:')
    })
  })
})
