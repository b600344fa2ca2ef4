import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { lruCurveInSteps } from '../../src/analysis/lru-curve.ts'
import { canCurve } from '../../src/analysis/smallest-sizes.ts'
import { finish } from '../../src/analysis/steps.ts'
import { createRandom } from '../../src/core/random.ts'
import { createTrace, type Trace } from '../../src/core/trace.ts'
import { Found } from '../../src/engine/loop.ts'
import { readTrace } from '../../src/formats/index.ts'
import { fewKeys } from '../support/random-traces.ts'
import { startReplay } from '../support/replay.ts'
import { sharedFolder, sharedNote, sharedPath } from '../support/shared.ts'

type Unit = 'entries' | 'bytes'

/** Hits that the engine counts behind a warm-up. */
async function replayed(trace: Trace, unit: Unit, capacity: number, warmup = 0): Promise<number> {
  const replay = await startReplay(trace, 'lru', { capacity, capacityUnit: unit })
  replay.advance()
  return replay.outcomes.subarray(warmup).reduce((n, found) => n + Number(found === Found.resident), 0)
}

const curveOf = (trace: Trace, unit: Unit = 'entries', warmup = 0) =>
  finish(lruCurveInSteps(trace, unit, warmup))

async function expectAsReplayed(trace: Trace, unit: Unit, sizes: readonly number[], warmup = 0) {
  const curve = curveOf(trace, unit, warmup)
  const expected = []
  for (const size of sizes) expected.push({ size, hits: await replayed(trace, unit, size, warmup) })
  expect(sizes.map((size) => ({ size, hits: curve.hitsAt(size) }))).toEqual(expected)
}

const upTo = (limit: number) => Array.from({ length: limit + 1 }, (_, size) => size)

describe('the LRU curve', () => {
  it('is, in entries, what a replay of every size counts, with writes and deletes too', async () => {
    await fc.assert(
      fc.asyncProperty(fewKeys(5, true), (trace) =>
        expectAsReplayed(trace, 'entries', upTo(trace.keyCount + 1)),
      ),
      { numRuns: 150 },
    )
  })

  it('is, in bytes, what a replay counts of every size from that of the largest value up', async () => {
    await fc.assert(
      fc.asyncProperty(fewKeys(9, true), async (trace) => {
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
    // Hit, then missed, then hit again: no one staircase says that.
    const hits = await Promise.all([3, 5, 6, 8, 9].map((size) => replayed(trace, 'bytes', size)))
    expect(hits).toEqual([1, 1, 0, 0, 1])
    const curve = curveOf(trace, 'bytes')
    expect([6, 8, 9].map((size) => curve.hitsAt(size))).toEqual([0, 0, 1])
    expect(() => curve.hitsAt(5)).toThrow('a cache of 5 bytes: it begins at 6 B, the largest value')
  })

  it('leaves out the warm-up, which fills the caches', async () => {
    await fc.assert(
      fc.asyncProperty(fewKeys(4, true), fc.nat(150), async (trace, cut) => {
        const warmup = cut % (trace.length + 1)
        await expectAsReplayed(trace, 'entries', upTo(trace.keyCount + 1), warmup)
        const reads = Array.from(trace.keys, (_, at) => at >= warmup && (trace.ops?.[at] ?? 0) === 0)
        expect(curveOf(trace, 'entries', warmup).requests).toBe(reads.filter(Boolean).length)
      }),
      { numRuns: 100 },
    )
  })

  it('has a step where a cache hits more than any smaller one, and none elsewhere', async () => {
    await fc.assert(
      fc.asyncProperty(fewKeys(9, true), fc.constantFrom<Unit>('entries', 'bytes'), async (trace, unit) => {
        const { sizes, hits } = curveOf(trace, unit)
        const { exactFrom } = finish(canCurve(trace, { capacityUnit: unit }))
        expect(sizes[0]).toBe(exactFrom)
        for (let at = 1; at < sizes.length; at++) {
          expect(hits[at]).toBeGreaterThan(hits[at - 1]!)
          expect(await replayed(trace, unit, sizes[at]! - 1)).toBe(hits[at - 1])
        }
      }),
      { numRuns: 50 },
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
      await expectAsReplayed(trace, 'entries', [1, 3, 20, 100, 250, 299, 300], 33_333)
      await expectAsReplayed(trace, 'bytes', [50, 60, 100, 500, 1000, 2000, 4000, 1e6])
    }
  })

  it('takes any number for a size', () => {
    const curve = curveOf(createTrace({ keys: [1, 2, 1, 3, 2] }))
    expect(curve).toMatchObject({
      unit: 'entries',
      requests: 5,
      sizes: Float64Array.of(0, 2, 3),
      hits: Float64Array.of(0, 1, 2),
    })
    expect([0, 0.5, 2, 2.9, 3, 100, Infinity].map((size) => curve.hitsAt(size))).toEqual([
      0, 0, 1, 1, 2, 2, 2,
    ])
    expect(() => curve.hitsAt(-1)).toThrow('begins at 0')
    expect(() => curve.hitsAt(Number.NaN)).toThrow('begins at 0')
    for (const other of ['5', null, undefined, [5]])
      expect(() => curve.hitsAt(other as unknown as number)).toThrow(
        /^hitsAt\(\) is given .*: it takes a number of 0 or more$/,
      )
    expect(curveOf(createTrace({ keys: [] }))).toMatchObject({
      requests: 0,
      sizes: Float64Array.of(0),
      hits: Float64Array.of(0),
    })
  })

  it('comes in steps that add up to the trace', () => {
    const length = 100_000
    const keys = Uint32Array.from({ length }, (_, at) => (at * at) % 1009)
    for (const ops of [undefined, keys.map((key) => (key % 7 === 0 ? 2 : 0))]) {
      const counted = [...lruCurveInSteps(createTrace({ keys, ...(ops && { ops }) }), 'entries', 0)]
      expect(counted.reduce((sum, requests) => sum + requests, 0)).toBe(length)
      expect(counted.length).toBeGreaterThan(5)
    }
  })

  it.each([
    [{}, 'needs value sizes'],
    [{ sizes: [5, 9, 6] }, 'gives no curve over bytes: the value of 1 key changes its size'],
  ])('refuses bytes of %j', (columns, message) => {
    expect(() => curveOf(createTrace({ keys: [1, 2, 1], ...columns }), 'bytes')).toThrow(message)
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
    const warmup = Math.floor(trace.length / 3)
    await expectAsReplayed(trace, 'entries', logarithmic(1, trace.keyCount, 30), warmup)
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
