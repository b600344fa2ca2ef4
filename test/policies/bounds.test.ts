import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { freshMemory } from '../../src/core/memory.ts'
import { resolveParameters } from '../../src/core/parameters.ts'
import { NEVER, type PolicyContext } from '../../src/core/policy.ts'
import { createRandom } from '../../src/core/random.ts'
import { createTrace, Op, type Trace } from '../../src/core/trace.ts'
import { readTrace } from '../../src/formats/index.ts'
import { policies } from '../../src/policies/index.ts'
import { keyLists, traceOf } from '../support/against-model.ts'
import { hitsOf, outcomesOf, startReplay } from '../support/replay.ts'
import { sharedFolder, sharedNote, sharedPath } from '../support/shared.ts'

/** A dozen requests for a few values of several sizes, some written over or deleted. */
const small = fc
  .array(fc.record({ key: fc.nat(4), size: fc.nat(5), op: fc.constantFrom(0, 0, 0, 0, 1, 2) }), {
    minLength: 1,
    maxLength: 12,
    size: 'max',
  })
  .chain((list) => fc.boolean().map((fixed) => ({ list, fixed })))
  .map(({ list, fixed }) =>
    createTrace({
      keys: list.map(({ key }) => key),
      // Sizes that belong to the keys, or sizes that change.
      sizes: list.map(({ key, size }) => (fixed ? (3 * key + 1) % 7 : size)),
      ops: list.map(({ op }) => op),
    }),
  )

/**
 * The most hits any cache of so many bytes can have, by trying every choice: after each request any set of values may
 * be kept that fits. A hit leaves the value as it was written, as in the engine.
 */
function mostHits({ keys, sizes, ops, length }: Trace, capacity: number): number {
  const known = new Map<string, number>()
  const best = (at: number, held: ReadonlyMap<number, number>): number => {
    if (at === length) return 0
    const state = `${at}:${[...held].sort(([a], [b]) => a - b).join(';')}`
    const before = known.get(state)
    if (before !== undefined) return before
    const key = keys[at]!
    const op = ops?.[at] ?? Op.read
    const hit = op === Op.read && held.has(key)
    const next = new Map(held)
    if (op === Op.delete) next.delete(key)
    else if (!hit) next.set(key, sizes![at]!)
    const values = [...next]
    let most = 0
    for (let set = 0; set < 2 ** values.length; set++) {
      const kept = values.filter((_, value) => (set >> value) & 1)
      if (kept.reduce((total, [, size]) => total + size, 0) <= capacity)
        most = Math.max(most, best(at + 1, new Map(kept)))
    }
    known.set(state, most + (hit ? 1 : 0))
    return most + (hit ? 1 : 0)
  }
  return best(0, new Map())
}

describe('pfoo-l', () => {
  it('lends space from one time to another, worked by hand', async () => {
    // Room for 1. Both a and b cannot be held at once, but each hit takes 2 and there are 3: one can be had.
    const crossing = createTrace({ keys: ['a', 'b', 'a', 'b'] })
    expect(await hitsOf(crossing, 'pfoo-l', { capacity: 1 })).toBe(1)
    // Two hits on a side by side with two on b take 4 of the 5 there are. A cache of 1 has no more than two at a time.
    const twice = createTrace({ keys: ['a', 'b', 'c', 'a', 'b', 'd', 'd', 'd', 'd', 'd'] })
    expect(await hitsOf(twice, 'pfoo-l', { capacity: 1 })).toBe(5)
    expect(await hitsOf(twice, 'optimal', { capacity: 1 })).toBe(5)
    const dear = createTrace({ keys: ['a', 'b', 'c', 'a', 'b', 'd', 'd', 'd', 'd', 'd', 'e', 'f', 'g'] })
    expect(await hitsOf(dear, 'pfoo-l', { capacity: 1 })).toBe(6)
    expect(await hitsOf(dear, 'optimal', { capacity: 1 })).toBe(5)
  })

  it('takes small values before large ones that come back as soon', async () => {
    // Room for 4 bytes: 12 in all. a, of 4, takes 12; b, of 1, takes 3.
    const trace = createTrace({ keys: ['a', 'b', 'c', 'a', 'b'], sizes: [4, 1, 9, 4, 1] })
    const expected = ['compulsory', 'compulsory', 'compulsory', 'capacity', 'hit']
    expect(await outcomesOf(trace, 'pfoo-l', { capacity: 3, capacityUnit: 'bytes' })).toEqual(expected)
  })

  it('is beaten by no cache in bytes, whatever it keeps', async () => {
    await fc.assert(
      fc.asyncProperty(small, fc.integer({ min: 1, max: 12 }), async (trace, capacity) => {
        const bound = await hitsOf(trace, 'pfoo-l', { capacity, capacityUnit: 'bytes' })
        expect(bound).toBeGreaterThanOrEqual(mostHits(trace, capacity))
      }),
      { numRuns: 300 },
    )
  })

  it('is beaten by no cache in entries, and never loses by more room', async () => {
    await fc.assert(
      fc.asyncProperty(keyLists, fc.integer({ min: 1, max: 15 }), async (keys, capacity) => {
        const bound = await hitsOf(traceOf(keys), 'pfoo-l', { capacity })
        expect(bound).toBeGreaterThanOrEqual(await hitsOf(traceOf(keys), 'optimal', { capacity }))
        expect(await hitsOf(traceOf(keys), 'pfoo-l', { capacity: capacity + 1 })).toBeGreaterThanOrEqual(
          bound,
        )
      }),
    )
  })

  it.runIf(sharedFolder)(
    `is a few points above what is reached on a disk’s trace in bytes${sharedNote}`,
    async () => {
      const trace = await readTrace(sharedPath('traces/cloudPhysicsIO.oracleGeneral.bin'))
      for (const capacity of [1 << 20, 50e6, 500e6]) {
        const cache = { capacity, capacityUnit: 'bytes' } as const
        const bound = await hitsOf(trace, 'pfoo-l', cache)
        const reached = await hitsOf(trace, 'belady-size', cache)
        expect(reached).toBeLessThanOrEqual(bound)
        expect(reached).toBeGreaterThan(bound - 0.07 * trace.length)
        for (const policy of policies.all) {
          if (policy.bound || policy.needs.length > 0) continue
          expect({
            policy: policy.name,
            above: (await hitsOf(trace, policy.name, cache)) > bound,
          }).toMatchObject({
            above: false,
          })
        }
      }
    },
  )
})

describe('infinite', () => {
  it('misses only what it never saw, at any size, 0 included', async () => {
    await fc.assert(
      fc.asyncProperty(keyLists, fc.nat(20), async (keys, capacity) => {
        const misses = keys.length - (await hitsOf(traceOf(keys), 'infinite', { capacity }))
        expect(misses).toBe(new Set(keys).size)
      }),
    )
  })

  it('holds values larger than the cache, and is an lru that everything fits into', async () => {
    await fc.assert(
      fc.asyncProperty(small, fc.nat(20), async (trace, capacity) => {
        const everything = await outcomesOf(trace, 'lru', { capacity: 1000, capacityUnit: 'bytes' })
        expect(await outcomesOf(trace, 'infinite', { capacity, capacityUnit: 'bytes' })).toEqual(everything)
      }),
    )
  })

  it('lets entries expire', async () => {
    const trace = createTrace({ keys: ['a', 'a', 'a'], times: [0, 5, 20] })
    const expected = ['compulsory', 'hit', 'expired']
    expect(await outcomesOf(trace, 'infinite', { capacity: 1, ttlSeconds: 10 })).toEqual(expected)
  })

  it('evicts nothing', async () => {
    const replay = await startReplay(traceOf([1, 2, 3, 1]), 'infinite', { capacity: 1 })
    replay.advance()
    expect({ evictions: replay.evictions, occupied: replay.occupied }).toEqual({ evictions: 0, occupied: 3 })
  })
})

describe('belady-size', () => {
  it('gives up the most bytes for the longest time, worked by hand', async () => {
    // Room for 10. At c, of 4, a (5 bytes) comes back in 1 and b (2 bytes) in 2: b would hold 4 and a 5, so a goes, which
    // is used sooner. c itself, never used again, is declined where it may be.
    const trace = createTrace({ keys: ['a', 'b', 'c', 'a', 'b', 'c'], sizes: [5, 2, 4, 5, 2, 4] })
    const cache = { capacity: 10, capacityUnit: 'bytes' } as const
    const first = (await outcomesOf(trace, 'belady-size(bypass=false)', cache)).slice(3)
    expect(first[1]).toBe('hit')
    expect(first[0]).toBe('capacity')
    // c comes back in 3 and has 4 bytes: more than a. It stays out, and a and b hit.
    expect((await outcomesOf(trace, 'belady-size', cache)).slice(3)).toEqual(['hit', 'hit', 'capacity'])
  })

  it('is the best there is where its sample is all residents, values are of one size', async () => {
    // 16 residents at most and 4,096 draws: one that is not drawn is not to be expected.
    await fc.assert(
      fc.asyncProperty(keyLists, fc.integer({ min: 1, max: 16 }), async (keys, capacity) => {
        const best = await hitsOf(traceOf(keys), 'optimal', { capacity })
        expect(await hitsOf(traceOf(keys), 'belady-size(samples=4096)', { capacity })).toBe(best)
      }),
      { numRuns: 40 },
    )
  })

  it('is no bound: it may give up two hits for one', async () => {
    // Room for 4. c, of 4 bytes, comes back next; a and b, of 2 each, later: both go for it. Without c, both hit.
    const trace = createTrace({ keys: ['a', 'b', 'c', 'c', 'a', 'b'], sizes: [2, 2, 4, 4, 2, 2] })
    expect(await hitsOf(trace, 'belady-size', { capacity: 4, capacityUnit: 'bytes' })).toBe(1)
    expect(mostHits(trace, 4)).toBe(2)
  })

  it('names the victim it gives up, for as long as the request is the same', () => {
    const keys = Uint32Array.from([0, 1, 2, 3, 3, 2, 1, 0])
    const context = {
      capacity: 9,
      capacityUnit: 'bytes',
      maxEntries: 4,
      keyCount: 4,
      requests: keys.length,
      sizeOf: () => 1,
      expiresAt: () => Infinity,
      timeOf: () => 0,
      memory: freshMemory,
      random: createRandom(1, 'victims'),
      keys,
      nextUse: Uint32Array.from([7, 6, 5, 4, NEVER, NEVER, NEVER, NEVER]),
    } as unknown as PolicyContext
    const definition = policies.get('belady-size')
    const policy = definition.create(
      context,
      resolveParameters(definition.parameters, { samples: '1' }, 'it'),
    )
    for (let at = 0; at < 3; at++) policy.insert(at, at)
    // Each would be one draw of three.
    const victim = policy.victim!(3, 3)
    expect(Array.from({ length: 12 }, () => policy.victim!(3, 3))).toEqual(new Array(12).fill(victim))
    expect(policy.evict(3, 3)).toBe(victim)
    expect(policy.victim!(3, 3)).not.toBe(victim)
  })
})
