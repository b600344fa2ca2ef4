import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { definePolicy } from '../../src/core/policy.ts'
import { createTrace, Op, type Trace } from '../../src/core/trace.ts'
import { Found } from '../../src/engine/loop.ts'
import { naiveOrders, naiveOutcomes } from '../oracle/naive-cache.ts'
import { outcomesOf, startReplay } from '../support/replay.ts'

/** Small traces with few keys, so that everything collides; with or without writes, deletes and sizes. */
const traces = (withOps: boolean): fc.Arbitrary<Trace> =>
  fc
    .array(
      fc.record({
        key: fc.nat(8),
        gap: fc.constantFrom(0, 0, 0.5, 1, 3),
        size: fc.nat(6),
        op: withOps ? fc.constantFrom(0, 0, 0, 0, 1, 2) : fc.constant(0),
      }),
      { minLength: 1, maxLength: 120 },
    )
    .map((requests) => {
      let now = 0
      return createTrace({
        keys: requests.map(({ key }) => key),
        times: requests.map(({ gap }) => (now += gap)),
        sizes: requests.map(({ size }) => size),
        ...(withOps && { ops: requests.map(({ op }) => op) }),
      })
    })

const settings = fc.record({
  capacity: fc.integer({ min: 0, max: 12 }),
  bytes: fc.boolean(),
  ttl: fc.constantFrom(undefined, 1, 2, 5, 20),
  idle: fc.boolean(),
})

describe.each(['lru', 'fifo', 'lfu'])('%s', (policy) => {
  it('finds request for request what a naive cache finds, with writes, deletes, expiry and bytes', async () => {
    await fc.assert(
      fc.asyncProperty(traces(true), settings, async (trace, { capacity, bytes, ttl, idle }) => {
        const outcomes = await outcomesOf(trace, policy, {
          capacity,
          capacityUnit: bytes ? 'bytes' : 'entries',
          ttlSeconds: ttl,
          ttlMode: idle ? 'idle' : 'write',
        })
        expect(outcomes).toEqual(naiveOutcomes(trace, naiveOrders[policy]!, { capacity, bytes, ttl, idle }))
      }),
      { numRuns: 400 },
    )
  })

  it('finds the same on plain reads, which have a loop of their own', async () => {
    await fc.assert(
      fc.asyncProperty(traces(false), fc.integer({ min: 1, max: 10 }), async (trace, capacity) => {
        const outcomes = await outcomesOf(trace, policy, { capacity })
        expect(outcomes).toEqual(naiveOutcomes(trace, naiveOrders[policy]!, { capacity, bytes: false }))
      }),
      { numRuns: 200 },
    )
  })
})

describe('ttl', () => {
  it('finds request for request what a naive cache finds', async () => {
    await fc.assert(
      fc.asyncProperty(traces(true), settings, async (trace, { capacity, bytes, ttl = 4, idle }) => {
        const outcomes = await outcomesOf(trace, 'ttl', {
          capacity,
          capacityUnit: bytes ? 'bytes' : 'entries',
          ttlSeconds: ttl,
          ttlMode: idle ? 'idle' : 'write',
        })
        expect(outcomes).toEqual(naiveOutcomes(trace, naiveOrders.ttl!, { capacity, bytes, ttl, idle }))
      }),
      { numRuns: 300 },
    )
  })
})

describe('every policy', () => {
  const all = ['lru', 'fifo', 'lfu', 'random', 'ttl', 'optimal', 'optimal(bypass=false)']

  it.each(all)('%s: a cache as large as the key set misses each key once', async (policy) => {
    const trace = createTrace({ keys: [3, 1, 3, 2, 1, 1, 2, 3], times: [0, 1, 2, 3, 4, 5, 6, 7] })
    const outcomes = await outcomesOf(trace, policy, { capacity: 3, ttlSeconds: 100 })
    expect(outcomes).toEqual(['compulsory', 'compulsory', 'hit', 'compulsory', 'hit', 'hit', 'hit', 'hit'])
  })

  it.each(all)('%s: never holds more than its capacity, and no hit comes from nowhere', async (policy) => {
    await fc.assert(
      fc.asyncProperty(traces(true), settings, async (trace, { capacity, bytes, ttl = 3, idle }) => {
        const replay = await startReplay(trace, policy, {
          capacity,
          capacityUnit: bytes ? 'bytes' : 'entries',
          ttlSeconds: ttl,
          ttlMode: idle ? 'idle' : 'write',
        })
        const requested = new Set<number>()
        trace.keys.forEach((key, at) => {
          replay.advance(1)
          expect(replay.occupied).toBeLessThanOrEqual(capacity)
          const found = replay.outcomes[at]
          if (found === Found.resident) expect(requested).toContain(key)
          if (found === Found.absent) expect(requested).not.toContain(key)
          if (trace.ops?.[at] !== Op.delete) requested.add(key)
        })
        expect(replay.done).toBe(true)
      }),
      { numRuns: 200 },
    )
  })

  it.each(all)('%s: serves a value until just before its TTL, counted from the write', async (policy) => {
    const trace = createTrace({ keys: [1, 1, 1, 1], times: [0, 9.999, 10, 19.999] })
    expect(await outcomesOf(trace, policy, { capacity: 2, ttlSeconds: 10 })).toEqual([
      'compulsory',
      'hit',
      'expired',
      'hit',
    ])
  })

  it.each(all)('%s: a use renews an idle TTL', async (policy) => {
    const trace = createTrace({ keys: [1, 1, 1, 1], times: [0, 9, 18, 28] })
    const settings = { capacity: 2, ttlSeconds: 10, ttlMode: 'idle' } as const
    expect(await outcomesOf(trace, policy, settings)).toEqual(['compulsory', 'hit', 'hit', 'expired'])
  })
})

it('takes expired entries away before it evicts a live one', async () => {
  // At second 6 the value of 1 has expired; 2 is older in use than 3, yet both stay.
  const trace = createTrace({ keys: [1, 2, 3, 4, 2, 3], times: [0, 3, 4, 6, 7, 8] })
  expect(await outcomesOf(trace, 'lru', { capacity: 3, ttlSeconds: 5 })).toEqual([
    'compulsory',
    'compulsory',
    'compulsory',
    'compulsory',
    'hit',
    'hit',
  ])
})

it('names the policy and the request where a victim is not resident', async () => {
  const broken = definePolicy({
    name: 'broken',
    summary: 'gives up a key that was never there',
    create: () => ({ touch() {}, insert() {}, evict: () => 2, remove() {} }),
  })
  const trace = createTrace({ keys: [0, 1, 2] })
  const replay = await startReplay(trace, broken, { capacity: 1 })
  expect(() => replay.advance()).toThrow("policy 'broken' evicted key 2, which is not resident, at request 1")
})
