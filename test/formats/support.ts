import { readFileSync } from 'node:fs'
import type { Readable } from 'node:stream'
import { Readable as NodeReadable } from 'node:stream'
import fc from 'fast-check'
import { expect } from 'vitest'
import { InputError } from '../../src/core/errors.ts'
import type { Trace } from '../../src/core/trace.ts'
import { type ReadTraceOptions, readTrace } from '../../src/formats/index.ts'

type Options = Omit<ReadTraceOptions, 'stdin'>

/** Reads text or bytes as if they came on standard input, in one chunk or cut at the given places. */
export function read(
  content: string | Uint8Array,
  options: Options = {},
  cuts: readonly number[] = [],
): Promise<Trace> {
  return readTrace('-', { ...options, stdin: streamOf(content, cuts) })
}

export function streamOf(content: string | Uint8Array, cuts: readonly number[] = []): Readable {
  const bytes = Buffer.from(content as string)
  const places = [0, ...cuts.map((cut) => cut % (bytes.length + 1)).sort((a, b) => a - b), bytes.length]
  const chunks = places.slice(1).map((place, i) => bytes.subarray(places[i], place))
  return NodeReadable.from(chunks)
}

/** A file that another program wrote, kept as text. */
export function fixture(name: string): Buffer {
  return Buffer.from(readFileSync(new URL(`fixtures/${name}.base64`, import.meta.url), 'latin1'), 'base64')
}

/** The names of the requested keys, in order. */
export function namesOf(trace: Trace): string[] {
  return Array.from(trace.keys, (key) => trace.keyNames!.nameOf(key))
}

/** Everything a simulation sees of a trace, as plain arrays. */
export function contentOf(trace: Trace): Record<string, unknown> {
  const { length, keyCount, keys, times, sizes, costs, ops, ttls, groups } = trace
  const plain = (column: ArrayLike<number> | undefined) => column && Array.from(column)
  return {
    ...{ length, keyCount, keys: plain(keys), times: plain(times), sizes: plain(sizes) },
    ...{ costs: plain(costs), ops: plain(ops), ttls: plain(ttls), groups: plain(groups) },
  }
}

type Damage = (bytes: Buffer) => Buffer

/** Bytes that one damage takes out, puts in or doubles, at most. */
const LONGEST = 12
const someBytes = fc.uint8Array({ minLength: 1, maxLength: LONGEST })
const someLength = fc.integer({ min: 1, max: LONGEST })

/** What can happen to a file; places are any numbers, and wrap around its length. */
const damage: fc.Arbitrary<Damage> = fc.oneof(
  fc.tuple(fc.nat(), fc.nat({ max: 7 })).map(([at, bit]) => change(at, (byte) => byte ^ (1 << bit))),
  fc.tuple(fc.nat(), fc.nat({ max: 255 })).map(([at, other]) => change(at, () => other)),
  fc.tuple(fc.nat(), someBytes).map(([at, strange]) => splice(at, 0, () => strange)),
  fc.tuple(fc.nat(), someLength).map(([at, lost]) => splice(at, lost)),
  fc.tuple(fc.nat(), fc.nat(), someLength).map(([at, from, length]) => {
    const copied = (bytes: Buffer) => bytes.subarray(from % bytes.length).subarray(0, length)
    return splice(at, 0, copied)
  }),
  fc.nat().map((at) => splice(at, Infinity)),
)

function change(place: number, of: (byte: number) => number): Damage {
  return (bytes) => splice(place, 1, () => [of(bytes[place % bytes.length]!)])(bytes)
}

function splice(
  place: number,
  removed: number,
  inserted: (bytes: Buffer) => Iterable<number> = () => [],
): Damage {
  return (bytes) => {
    if (bytes.length === 0) return bytes
    const at = place % bytes.length
    return Buffer.from([...bytes.subarray(0, at), ...inserted(bytes), ...bytes.subarray(at + removed)])
  }
}

/**
 * Damages a valid file at random, many times. Whatever comes of it is a trace in which every row is accounted for, or
 * one sentence that names the input; the same however the stream is cut; and soon.
 * @param valid a small file that uses much of what the format allows
 * @param options `format` and the columns, so that damage does not turn the file into one of another format
 * @param rowsAreRequests false for a format whose rows may each be several requests
 */
export async function expectNoHarmOfDamage(
  valid: string | Uint8Array,
  options: Options & { readonly format: string },
  runs = 500,
  { rowsAreRequests = true } = {},
): Promise<void> {
  const base = Buffer.from(valid as string)
  expectSound(await read(base, options), 0, rowsAreRequests)
  const damages = fc.array(damage, { minLength: 1, maxLength: 5 })
  const cuts = fc.array(fc.nat(), { maxLength: 5 })
  await fc.assert(
    fc.asyncProperty(damages, cuts, fc.nat({ max: 3 }), async (changes, places, maxBadRows) => {
      const bytes = changes.reduce<Buffer>((before, damaged) => damaged(before), base)
      const outcome = async (at: readonly number[]) => {
        try {
          const trace = await read(bytes, { ...options, maxBadRows }, at)
          expectSound(trace, maxBadRows, rowsAreRequests)
          return { ...contentOf(trace), names: namesOf(trace), source: trace.source }
        } catch (error) {
          if (!(error instanceof InputError)) throw error
          expect(error.message).toMatch(/'-'|standard input/)
          return error.message
        }
      }
      expect(await outcome(places)).toEqual(await outcome([]))
    }),
    { numRuns: runs, timeout: 5000 },
  )
}

/** A trace as the engine takes it, and an account of how it was read that adds up. */
function expectSound(trace: Trace, maxBadRows: number, rowsAreRequests: boolean): void {
  const { length, keyCount, keys, times, sizes, costs, ops, keyNames, source } = trace
  expect(length).toBeGreaterThan(0)
  for (const column of [keys, times, sizes, costs, ops]) expect(column?.length ?? length).toBe(length)
  const inOrderOfAppearance = [...new Set(keys)]
  expect(inOrderOfAppearance).toEqual(Array.from({ length: keyCount }, (_, id) => id))
  for (const key of inOrderOfAppearance) expect(keyNames!.nameOf(key)).toBeTypeOf('string')
  if (times) {
    expect(times[0]).toBe(0)
    for (let i = 1; i < length; i++) expect(times[i]).toBeGreaterThanOrEqual(times[i - 1]!)
    expect(times[length - 1]).toBeLessThan(Infinity)
  }
  for (const cost of costs ?? []) expect(cost >= 0 && cost < Infinity, `cost ${cost}`).toBe(true)
  for (const op of ops ?? []) expect([0, 1, 2]).toContain(op)
  const { rows, filteredRows, badRows, badRowSamples } = source!
  if (rowsAreRequests) expect(length + filteredRows + badRows).toBe(rows)
  expect(badRows).toBeLessThanOrEqual(maxBadRows)
  expect(badRowSamples.length > 0).toBe(badRows > 0)
}
