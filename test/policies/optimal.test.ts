import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createTrace } from '../../src/core/trace.ts'
import { bestPossibleHits } from '../oracle/best-possible.ts'
import { naiveOrders, naiveOutcomes } from '../oracle/naive-cache.ts'
import { hitsOf, outcomesOf } from '../support/replay.ts'

const keys = fc.array(fc.nat(5), { minLength: 1, maxLength: 13 })
const capacities = fc.integer({ min: 1, max: 4 })

describe('optimal', () => {
  it('gives up the key that is used last, worked by hand', async () => {
    // Room for 2. At c, a comes back next and b never: b goes. At d, c never comes back, d neither: a stays and hits.
    const trace = createTrace({ keys: ['a', 'b', 'c', 'a', 'd', 'a'] })
    const expected = ['compulsory', 'compulsory', 'compulsory', 'hit', 'compulsory', 'hit']
    expect(await outcomesOf(trace, 'optimal(bypass=false)', { capacity: 2 })).toEqual(expected)
  })

  it('declines a key that is used later than all residents', async () => {
    // Room for 1. Taking b in would cost the hit on a; MIN as published has no choice.
    const trace = createTrace({ keys: ['a', 'b', 'a', 'b'] })
    expect(await hitsOf(trace, 'optimal', { capacity: 1 })).toBe(1)
    expect(await hitsOf(trace, 'optimal(bypass=false)', { capacity: 1 })).toBe(0)
  })

  it.each([true, false])('reaches what trying every choice reaches (bypass=%s)', async (bypass) => {
    await fc.assert(
      fc.asyncProperty(keys, capacities, async (list, capacity) => {
        const hits = await hitsOf(createTrace({ keys: list }), `optimal(bypass=${bypass})`, { capacity })
        expect(hits).toBe(bestPossibleHits(list, capacity, bypass))
      }),
      { numRuns: 300 },
    )
  })

  it('reaches what trying every choice reaches with a TTL that a use renews', async () => {
    await fc.assert(
      fc.asyncProperty(
        keys,
        capacities,
        fc.array(fc.nat(4), { minLength: 13, maxLength: 13 }),
        async (list, capacity, gaps) => {
          let now = 0
          const times = list.map((_, at) => (now += gaps[at]!))
          const trace = createTrace({ keys: list, times })
          const hits = await hitsOf(trace, 'optimal', { capacity, ttlSeconds: 5, ttlMode: 'idle' })
          expect(hits).toBe(
            bestPossibleHits(list, capacity, true, (from, to) => times[to]! - times[from]! < 5),
          )
        },
      ),
      { numRuns: 300 },
    )
  })

  it('without bypass hits where a naive MIN hits', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.nat(12), { minLength: 1, maxLength: 200 }),
        fc.integer({ min: 1, max: 8 }),
        async (list, capacity) => {
          const trace = createTrace({ keys: list })
          const naive = naiveOutcomes(trace, naiveOrders['optimal(bypass=false)']!, {
            capacity,
            bytes: false,
          })
          expect(await outcomesOf(trace, 'optimal(bypass=false)', { capacity })).toEqual(naive)
        },
      ),
    )
  })

  it.each(['lru', 'lfu', 'fifo', 'random'])('is beaten by %s on no trace', async (policy) => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.nat(20), { minLength: 1, maxLength: 300 }),
        fc.integer({ min: 1, max: 15 }),
        async (list, capacity) => {
          const trace = createTrace({ keys: list })
          const [best, published, other] = await Promise.all([
            hitsOf(trace, 'optimal', { capacity }),
            hitsOf(trace, 'optimal(bypass=false)', { capacity }),
            hitsOf(trace, policy, { capacity }),
          ])
          expect(published).toBeLessThanOrEqual(best)
          expect(other).toBeLessThanOrEqual(published)
        },
      ),
      { numRuns: 60 },
    )
  })
})
