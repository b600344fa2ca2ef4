import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { lruCurve } from '../../src/analysis/lru-curve.ts'
import { canCurve } from '../../src/analysis/smallest-sizes.ts'
import { finish } from '../../src/analysis/steps.ts'
import { createRandom } from '../../src/core/random.ts'
import { createTrace, type Trace } from '../../src/core/trace.ts'
import { Found } from '../../src/engine/loop.ts'
import { readTrace } from '../../src/formats/index.ts'
import { startReplay } from '../support/replay.ts'
import { sharedFolder, sharedNote, sharedPath } from '../support/shared.ts'

type Unit = 'entries' | 'bytes'

/** Hits that the engine counts, in each part. */
async function replayed(trace: Trace, unit: Unit, capacity: number, boundaries = [0, trace.length]) {
  const replay = await startReplay(trace, 'lru', { capacity, capacityUnit: unit })
  replay.advance()
  return boundaries
    .slice(1)
    .map((to, part) =>
      replay.outcomes
        .subarray(boundaries[part]!, to)
        .reduce((n, found) => n + Number(found === Found.resident), 0),
    )
}

async function expectAsReplayed(trace: Trace, unit: Unit, sizes: readonly number[], boundaries?: number[]) {
  const curve = finish(lruCurve(trace, { capacityUnit: unit, sizes, boundaries }))
  const expected = []
  for (const size of sizes) expected.push({ size, hits: await replayed(trace, unit, size, boundaries) })
  expect(sizes.map((size, at) => ({ size, hits: curve.parts.map((part) => part.hits[at]) }))).toEqual(
    expected,
  )
}

const upTo = (limit: number) => Array.from({ length: limit + 1 }, (_, size) => size)

/** Reads, with writes and deletes among them where `ops` says; every key keeps its size. */
const traces = (largest: number) =>
  fc
    .record({
      requests: fc.array(
        fc.record({
          key: fc.oneof(fc.nat(4), fc.nat(14)),
          op: fc.constantFrom(0, 0, 0, 0, 1, 2, 2),
        }),
        { maxLength: 150, size: 'max' },
      ),
      sizes: fc.array(fc.nat(largest), { minLength: 15, maxLength: 15 }),
      ops: fc.boolean(),
    })
    .map(({ requests, sizes, ops }) =>
      createTrace({
        keys: requests.map(({ key }) => key),
        // A delete may say anything.
        sizes: requests.map(({ key, op }) => (ops && op === 2 ? 77 : sizes[key]!)),
        ...(ops && { ops: requests.map(({ op }) => op) }),
      }),
    )

describe('the LRU curve', () => {
  it('is, in entries, what a replay of every size counts, with writes and deletes too', async () => {
    await fc.assert(
      fc.asyncProperty(traces(5), (trace) => expectAsReplayed(trace, 'entries', upTo(trace.keyCount + 1))),
      { numRuns: 150 },
    )
  })

  it('is, in bytes, what a replay counts of every size from that of the largest value up', async () => {
    await fc.assert(
      fc.asyncProperty(traces(9), async (trace) => {
        const { exactFrom } = finish(canCurve(trace, { capacityUnit: 'bytes' }))
        const sizes = upTo(60).filter((size) => size >= exactFrom!)
        await expectAsReplayed(trace, 'bytes', sizes)
      }),
      { numRuns: 150 },
    )
  })

  it('is not exact in bytes below that: a value too large to come in moves nothing', async () => {
    const trace = createTrace({ keys: ['a', 'b', 'a'], sizes: [3, 6, 3] })
    expect(finish(canCurve(trace, { capacityUnit: 'bytes' }))).toEqual({ exactFrom: 6 })
    // Hit, then missed, then hit again: no one stack says that.
    const hits = await Promise.all([3, 5, 6, 8, 9].map((size) => replayed(trace, 'bytes', size)))
    expect(hits).toEqual([[1], [1], [0], [0], [1]])
    const sizes = [3, 5, 6, 8, 9]
    expect(Array.from(finish(lruCurve(trace, { capacityUnit: 'bytes', sizes })).parts[0]!.hits)).toEqual([
      0, 0, 0, 0, 1,
    ])
  })

  it('counts part by part, and leaves out what comes before the first and after the last', async () => {
    await fc.assert(
      fc.asyncProperty(
        traces(4).filter(({ length }) => length > 1),
        fc.array(fc.nat(150), { minLength: 2, maxLength: 6 }),
        async (trace, cuts) => {
          const boundaries = cuts.map((cut) => cut % (trace.length + 1)).sort((a, b) => a - b)
          await expectAsReplayed(trace, 'entries', [1, 2, 3, 7, 20], boundaries)
          const { parts } = finish(lruCurve(trace, { boundaries }))
          expect(parts.map(({ requests }) => requests)).toEqual(
            boundaries.slice(1).map((to, part) => {
              const ops = trace.ops?.subarray(boundaries[part]!, to)
              return ops?.filter((op) => op === 0).length ?? to - boundaries[part]!
            }),
          )
        },
      ),
      { numRuns: 100 },
    )
  })

  it('stays right over many compactions, with holes in all places', async () => {
    const random = createRandom(3, 'curve')
    const length = 60_000
    const keys = Array.from({ length }, () => Math.floor(300 * random() ** 2))
    const ofKey = Array.from({ length: 300 }, () => 1 + Math.floor(50 * random() ** 3))
    for (const [deletes, writes] of [
      [0, 0],
      [0.01, 0.1],
      [0.3, 0],
      [0.7, 0.1],
    ] as const) {
      const trace = createTrace({
        keys,
        sizes: keys.map((key) => ofKey[key]!),
        ops: keys.map(() => (random() < deletes ? 2 : random() < writes ? 1 : 0)),
      })
      await expectAsReplayed(trace, 'entries', [1, 3, 20, 100, 250, 299, 300], [0, 20_000, 33_333, length])
      await expectAsReplayed(trace, 'bytes', [50, 60, 100, 500, 1000, 2000, 4000, 1e6])
    }
  })

  it('gives every size where none is named, and any number for a size', () => {
    const trace = createTrace({ keys: [1, 2, 1, 3, 2] })
    const all = finish(lruCurve(trace))
    expect(Array.from(all.sizes)).toEqual([0, 1, 2, 3])
    expect(Array.from(all.parts[0]!.hits)).toEqual([0, 0, 1, 2])
    const some = finish(lruCurve(trace, { sizes: [0.5, 2.9, 3, 100, Infinity] }))
    expect(Array.from(some.parts[0]!.hits)).toEqual([0, 1, 2, 2, 2])
    expect(finish(lruCurve(createTrace({ keys: [] })))).toEqual({
      sizes: Float64Array.of(0),
      parts: [{ requests: 0, hits: Float64Array.of(0) }],
    })
  })

  it('comes in steps that add up to the trace', () => {
    const length = 100_000
    const keys = Uint32Array.from({ length }, (_, at) => (at * at) % 1009)
    for (const ops of [undefined, keys.map((key) => (key % 7 === 0 ? 2 : 0))]) {
      const counted = [...lruCurve(createTrace({ keys, ...(ops && { ops }) }))]
      expect(counted.reduce((sum, requests) => sum + requests, 0)).toBe(length)
      expect(counted.length).toBeGreaterThan(5)
    }
  })

  it.each([
    [{ sizes: [1, 1] }, 'must ascend'],
    [{ sizes: [-1] }, 'between 0 and Infinity'],
    [{ sizes: [Number.NaN] }, 'between 0 and Infinity'],
    [{ boundaries: [0, 4] }, 'between 0 and 3'],
    [{ boundaries: [2, 1] }, 'must ascend'],
    [{ boundaries: [2] }, 'where the last one ends'],
    [{ capacityUnit: 'bytes' as const }, 'needs a list of sizes'],
    [{ capacityUnit: 'bytes' as const, sizes: [1] }, 'needs value sizes'],
  ])('refuses %j', (options, message) => {
    expect(() => finish(lruCurve(createTrace({ keys: [1, 2, 3] }), options))).toThrow(message)
  })
})

describe('whether a curve can take the place of replays', () => {
  const plain = createTrace({ name: 'plain', keys: [1, 2, 1] })
  const sized = createTrace({ keys: [1, 2, 1, 2], sizes: [5, 9, 5, 3], ops: [0, 0, 1, 2] })
  it('depends on expiry, and in bytes on sizes that stay', () => {
    const ask = (trace: Trace, settings: Parameters<typeof canCurve>[1]) => finish(canCurve(trace, settings))
    expect(ask(plain, { capacityUnit: 'entries' })).toEqual({ exactFrom: 0 })
    expect(ask(plain, { capacityUnit: 'bytes' })).toEqual({ reason: 'plain has no sizes' })
    expect(ask(plain, { capacityUnit: 'entries', ttlSeconds: 1 }).reason).toMatch(/entries expire/)
    expect(ask(plain, { capacityUnit: 'entries', recordedTtls: true }).reason).toMatch(/entries expire/)
    expect(ask(sized, { capacityUnit: 'bytes' })).toEqual({ exactFrom: 9 })
    const changed = createTrace({ keys: [1, 2, 1, 2, 1], sizes: [5, 9, 6, 9, 7] })
    expect(ask(changed, { capacityUnit: 'bytes' }).reason).toMatch(/^the value of 1 key changes its size/)
  })
})

describe('the LRU curve of recorded traces', () => {
  const logarithmic = (from: number, to: number, count: number) => [
    ...new Set(upTo(count - 1).map((at) => Math.round(from * (to / from) ** (at / (count - 1))))),
  ]

  it.runIf(sharedFolder).each([
    ['cloudPhysicsIO.vscsi.gz', {}],
    ['cache2k-web12.txt.gz', {}],
    ['lirs-2_pools.trace.gz', {}],
  ])(`is that of replays of %s${sharedNote}`, async (name, options) => {
    const trace = await readTrace(sharedPath(`traces/${name}`), options)
    await expectAsReplayed(trace, 'entries', logarithmic(1, trace.keyCount, 30), [
      100,
      Math.floor(trace.length / 2),
      trace.length,
    ])
  })

  it.runIf(sharedFolder)(
    `is that of replays in bytes, where no key changes its size${sharedNote}`,
    async () => {
      // Keyed by id and size: the same id with another size is another object.
      const trace = await readTrace(sharedPath('traces/adaptsize.trace.gz'), {
        key: ['2', '3'],
        valueSize: '3',
      })
      const { exactFrom } = finish(canCurve(trace, { capacityUnit: 'bytes' }))
      expect(exactFrom).toBeGreaterThan(0)
      await expectAsReplayed(trace, 'bytes', logarithmic(exactFrom!, 1000 * exactFrom!, 25))
    },
  )
})
