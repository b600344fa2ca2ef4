import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { definePolicy } from '../../src/core/policy.ts'
import { createTrace, Op, type Trace } from '../../src/core/trace.ts'
import { Found } from '../../src/engine/loop.ts'
import { type NaiveSettings, naiveOrders, naiveOutcomes } from '../oracle/naive-cache.ts'
import { traceFrom } from '../support/random-traces.ts'
import { outcomesOf, startReplay } from '../support/replay.ts'

/** Small traces with few keys, so that everything collides; with or without writes and deletes. */
const traces = (withOps: boolean): fc.Arbitrary<Trace> =>
  fc
    .array(
      fc.record({
        key: fc.nat(8),
        gap: fc.constantFrom(0, 0, 0.5, 1, 3),
        size: fc.nat(6),
        ...(withOps && { op: fc.constantFrom(0, 0, 0, 0, 1, 2) }),
        ttl: fc.constantFrom(0.5, 1, 2, 2, 3.5, 8, 30, Infinity, Number.NaN, Number.NaN),
      }),
      { minLength: 1, maxLength: 120 },
    )
    .map(traceFrom)

const settings = fc.record({
  capacity: fc.integer({ min: 0, max: 12 }),
  bytes: fc.boolean(),
  ttl: fc.constantFrom(undefined, 1, 2, 5, 20),
  recorded: fc.boolean(),
  idle: fc.boolean(),
})
type Chosen = NaiveSettings & { readonly recorded: boolean; readonly idle: boolean }

const replaySettings = ({ capacity, bytes, ttl, recorded, idle }: Chosen) =>
  ({
    capacity,
    capacityUnit: bytes ? 'bytes' : 'entries',
    ttlSeconds: ttl,
    recordedTtls: recorded,
    ttlMode: idle ? 'idle' : 'write',
  }) as const

describe.each(['lru', 'fifo', 'lfu'])('%s', (policy) => {
  it('finds request for request what a naive cache finds, with writes, deletes, expiry and bytes', async () => {
    await fc.assert(
      fc.asyncProperty(traces(true), settings, async (trace, chosen) => {
        const outcomes = await outcomesOf(trace, policy, replaySettings(chosen))
        expect(outcomes).toEqual(naiveOutcomes(trace, naiveOrders[policy]!, chosen))
      }),
      { numRuns: 600 },
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
      fc.asyncProperty(traces(true), settings, async (trace, { ttl: maybe, ...others }) => {
        // It cannot do without a TTL, unless every one is recorded; those may all be endless.
        const chosen = { ...others, ttl: maybe ?? (others.recorded ? undefined : 4) }
        const outcomes = await outcomesOf(trace, 'ttl', replaySettings(chosen))
        expect(outcomes).toEqual(naiveOutcomes(trace, naiveOrders.ttl!, chosen))
      }),
      { numRuns: 600 },
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
      fc.asyncProperty(traces(true), settings, async (trace, { ttl = 3, ...others }) => {
        const { capacity } = others
        const replay = await startReplay(trace, policy, replaySettings({ ttl, ...others }))
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

describe('recorded TTLs', () => {
  const { NaN: unsaid } = Number
  const all = ['lru', 'fifo', 'lfu', 'random', 'ttl', 'optimal', 'optimal(bypass=false)']
  const recorded = { capacity: 3, recordedTtls: true } as const

  it.each(all)('%s: an entry lives as long as the write that made it says', async (policy) => {
    const trace = createTrace({
      keys: ['a', 'b', 'a', 'a', 'b', 'b'],
      times: [0, 0, 4.9, 5, 99.5, 100],
      ops: [Op.write, Op.write, 0, 0, 0, 0],
      ttls: [5, 100, unsaid, unsaid, unsaid, unsaid],
    })
    expect(await outcomesOf(trace, policy, recorded)).toEqual([
      'uncounted',
      'uncounted',
      'hit',
      'expired',
      'hit',
      'expired',
    ])
  })

  it('a read that fills says for itself, else what was said last of its key holds, else the cache’s own', async () => {
    const trace = createTrace({
      // a: written for 5, filled again at 6 for those 5. b: filled by a read for 2. c: nobody says.
      keys: ['a', 'a', 'a', 'a', 'b', 'b', 'c', 'c', 'c'],
      times: [0, 6, 10.9, 11, 11, 13, 13, 32, 33],
      ops: [Op.write, 0, 0, 0, 0, 0, 0, 0, 0],
      ttls: [5, unsaid, unsaid, unsaid, 2, unsaid, unsaid, unsaid, unsaid],
    })
    const outcomes = await outcomesOf(trace, 'lru', { ...recorded, ttlSeconds: 20 })
    expect(outcomes.slice(1, 4)).toEqual(['expired', 'hit', 'expired'])
    expect(outcomes.slice(4, 6)).toEqual(['compulsory', 'expired'])
    expect(outcomes.slice(6)).toEqual(['compulsory', 'hit', 'expired'])
    // Without one of the cache's own the entry that nobody gave a TTL stays.
    expect((await outcomesOf(trace, 'lru', recorded)).slice(6)).toEqual(['compulsory', 'hit', 'hit'])
  })

  it('a hit never changes the expiry in write mode, not even one that says a TTL', async () => {
    const trace = createTrace({ keys: [1, 1, 1, 1], times: [0, 4, 5, 14.9], ttls: [5, 10, unsaid, unsaid] })
    // At 5 the entry is filled again, and what was said of the key last is 10.
    expect(await outcomesOf(trace, 'lru', recorded)).toEqual(['compulsory', 'hit', 'expired', 'hit'])
  })

  it('a hit in idle mode renews the entry by what its own write said', async () => {
    const trace = createTrace({ keys: [1, 1, 1, 1], times: [0, 4, 8.9, 13.9], ttls: [5, 50, unsaid, unsaid] })
    expect(await outcomesOf(trace, 'lru', { ...recorded, ttlMode: 'idle' })).toEqual([
      'compulsory',
      'hit',
      'hit',
      'expired',
    ])
  })

  it('a write over a resident value gives it the new TTL, shorter or longer, endless or not', async () => {
    const outcomes = async (ttls: number[]) => {
      const trace = createTrace({
        keys: [1, 1, 1, 1],
        times: [0, 1, 4, 40],
        ops: [Op.write, Op.write, 0, 0],
        ttls: [...ttls, unsaid, unsaid],
      })
      return (await outcomesOf(trace, 'lru', recorded)).slice(2)
    }
    expect(await outcomes([100, 2])).toEqual(['expired', 'expired'])
    expect(await outcomes([2, 100])).toEqual(['hit', 'hit'])
    expect(await outcomes([2, Infinity])).toEqual(['hit', 'hit'])
    expect(await outcomes([Infinity, 10])).toEqual(['hit', 'expired'])
    expect(await outcomes([2, unsaid])).toEqual(['expired', 'expired'])
  })

  it('a delete says nothing', async () => {
    const trace = createTrace({
      keys: [1, 1, 1, 1],
      times: [0, 1, 2, 5],
      ops: [Op.write, Op.delete, 0, 0],
      ttls: [10, 1, unsaid, unsaid],
    })
    expect(await outcomesOf(trace, 'lru', recorded)).toEqual(['uncounted', 'uncounted', 'invalidated', 'hit'])
  })

  it('take expired entries away before live ones are evicted, whenever they were written', async () => {
    // Room for 3. At 6 only c has run out, which was written last and is the most recently used: it goes for d.
    const trace = createTrace({
      keys: ['a', 'b', 'c', 'd', 'a', 'b', 'c'],
      times: [0, 1, 2, 6, 6, 6, 6],
      ttls: [Infinity, 100, 3, 50, unsaid, unsaid, unsaid],
    })
    expect((await outcomesOf(trace, 'lru', recorded)).slice(4)).toEqual(['hit', 'hit', 'expired'])
  })

  it('policy ttl gives up what expires soonest, of equals the earlier written, what never does last', async () => {
    const trace = createTrace({
      // Room for 3: x never expires; p and q both do at 20, q written first. r and s find all places taken.
      keys: ['x', 'q', 'p', 'r', 's', 'x', 's', 'p', 'q'],
      times: [0, 1, 2, 3, 4, 5, 5, 5, 5],
      ttls: [Infinity, 19, 18, Infinity, 1000, unsaid, unsaid, unsaid, unsaid],
    })
    expect((await outcomesOf(trace, 'ttl', recorded)).slice(5)).toEqual([
      'hit',
      'hit',
      'capacity',
      'capacity',
    ])
  })

  it('policy ttl gives up what was written longest ago where nothing expires', async () => {
    const trace = createTrace({
      keys: ['a', 'b', 'a', 'c', 'd', 'a', 'b'],
      times: [0, 1, 2, 3, 4, 5, 6],
      ops: [Op.write, Op.write, Op.write, 0, 0, 0, 0],
      ttls: [Infinity, Infinity, Infinity, unsaid, unsaid, unsaid, unsaid],
    })
    // At 4 the oldest writing is that of b: a was written over at 2.
    expect((await outcomesOf(trace, 'ttl', recorded)).slice(5)).toEqual(['hit', 'capacity'])
  })

  it('that are all alike, or all unsaid, are a constant one', async () => {
    const policies = fc.constantFrom(...all)
    await fc.assert(
      fc.asyncProperty(traces(true), settings, policies, async (trace, { ttl = 3, ...others }, policy) => {
        const constant = await outcomesOf(trace, policy, replaySettings({ ...others, ttl, recorded: false }))
        for (const said of [ttl, unsaid]) {
          const alike = { ...trace, ttls: new Float32Array(trace.length).fill(said) }
          const own = replaySettings({ ...others, ttl: said === ttl ? undefined : ttl, recorded: true })
          expect(await outcomesOf(alike, policy, own)).toEqual(constant)
        }
      }),
      { numRuns: 200 },
    )
  })

  it('are not asked of a trace without them, or without times', async () => {
    const times = [0, 1]
    const without = [
      createTrace({ keys: [1, 2], times, name: 'mine' }),
      createTrace({ keys: [1, 2], ttls: [1, 1] }),
    ]
    await expect(startReplay(without[0]!, 'lru', recorded)).rejects.toThrow('recorded TTLs')
    await expect(startReplay(without[1]!, 'lru', recorded)).rejects.toThrow('a TTL needs times')
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
  expect(() => replay.advance()).toThrow(
    "policy 'broken' gave up key 2, which is not resident, at request 1 (counted from 0): evict must return",
  )
})

describe('a policy that declines keys', () => {
  /** Takes even keys only, and evicts the lowest. */
  const even = () => {
    const asked: string[] = []
    const residents = new Set<number>()
    const definition = definePolicy({
      name: 'even',
      summary: 'takes even keys',
      create: () => ({
        touch: () => {},
        insert: (key) => void residents.add(key),
        remove: (key) => void residents.delete(key),
        evict() {
          const victim = Math.min(...residents)
          residents.delete(victim)
          return victim
        },
        admit(key, at) {
          asked.push(`${key}@${at}`)
          return key % 2 === 0
        },
      }),
    })
    return { definition, asked }
  }

  it('is asked for each miss before room is made, and where there is room too', async () => {
    const { definition, asked } = even()
    const trace = createTrace({ keys: [0, 1, 2, 1, 0, 3, 4, 2, 0] })
    expect(await outcomesOf(trace, definition, { capacity: 2 })).toEqual([
      ...['compulsory', 'compulsory', 'compulsory', 'capacity', 'hit', 'compulsory', 'compulsory', 'hit'],
      'capacity',
    ])
    expect(asked).toEqual(['0@0', '1@1', '2@2', '1@3', '3@5', '4@6', '0@8'])
  })

  it('is not asked for what would not fit into the empty cache', async () => {
    const { definition, asked } = even()
    const trace = createTrace({ keys: [0, 1, 2], sizes: [4, 11, 10] })
    await outcomesOf(trace, definition, { capacity: 10, capacityUnit: 'bytes' })
    expect(asked).toEqual(['0@0', '2@2'])
  })
})
