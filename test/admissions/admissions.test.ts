import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { BloomFilter } from '../../src/core/bloom-filter.ts'
import { FrequencySketch } from '../../src/core/frequency-sketch.ts'
import { freshMemory } from '../../src/core/memory.ts'
import type { EvictionPolicy, PolicyContext } from '../../src/core/policy.ts'
import { createRandom } from '../../src/core/random.ts'
import { createTrace } from '../../src/core/trace.ts'
import { createKeyStream } from '../../src/generators/plan.ts'
import { expectAsModel, hitsIn, type Item, keyLists, take, traceOf } from '../support/against-model.ts'
import { hitsOf, outcomesOf, startReplay } from '../support/replay.ts'

describe('worked by hand', () => {
  it('tinylfu keeps out what was asked for no more often than the victim', async () => {
    // c has one request against two of a, then two, which is no more; with the third it takes the place of a, the least
    // recently used, and stays.
    expect(await hitsIn('a a b b c c c c', 'lru+tinylfu', 2)).toBe('a- a+ b- b+ c- c- c- c+')
    expect(await hitsIn('a a b b c c a', 'lru+tinylfu', 2)).toBe('a- a+ b- b+ c- c- a+')
    // While there is room, all come in at once.
    expect(await hitsIn('a a b b c c', 'lru+tinylfu', 3)).toBe('a- a+ b- b+ c- c+')
  })

  it('doorkeeper lets a key in at its second request, and remembers the first for ten requests an entry', async () => {
    expect(await hitsIn('a a a b a b b', 'lru+doorkeeper', 2)).toBe('a- a- a+ b- a+ b- b+')
    // Room for one, so a period of 3 requests: at the fourth, a is forgotten.
    expect(await hitsIn('a b c a a a', 'lru+doorkeeper(3)', 1)).toBe('a- b- c- a- a- a+')
    expect(await hitsIn('a b a a', 'lru+doorkeeper(period=3)', 1)).toBe('a- b- a- a+')
  })

  it('doorkeeper counts its period in bytes where the cache is of bytes', async () => {
    // 3 × 10 bytes: the second request of a is the fourth of 8 bytes, for which there is none left.
    const trace = (keys: string[]) => createTrace({ keys, sizes: keys.map(() => 8) })
    const cache = { capacity: 10, capacityUnit: 'bytes' } as const
    const hits = (keys: string) => hitsOf(trace(keys.split(' ')), 'lru+doorkeeper(3)', cache)
    expect(await hits('a b a a')).toBe(1)
    expect(await hits('a b c a a')).toBe(0)
  })

  it('max-size lets in values of its size and no larger', async () => {
    const trace = createTrace({ keys: ['a', 'a', 'b', 'b'], sizes: [1024, 1024, 1025, 1025] })
    for (const cache of [{ capacity: 5 }, { capacity: 5000, capacityUnit: 'bytes' }] as const)
      expect(await outcomesOf(trace, 'lru+max-size(1KiB)', cache)).toEqual([
        'compulsory',
        'hit',
        'compulsory',
        'capacity',
      ])
  })

  it('min-cost lets in predictions that took as long or longer', async () => {
    const outcomes = async (least: string, ...costs: number[]) =>
      outcomesOf(createTrace({ keys: costs.map(() => 'a'), costs }), `lru+min-cost(${least})`, {
        capacity: 1,
      })
    expect(await outcomes('200ms', 199, 200, 1)).toEqual(['compulsory', 'capacity', 'hit'])
    expect(await outcomes('1.5s', 1499, 1500, 1)).toEqual(['compulsory', 'capacity', 'hit'])
    // In single precision, as costs are, 0.7 is a little less.
    expect(await outcomes('0.7ms', 0.7, 0.7)).toEqual(['compulsory', 'hit'])
    expect(await outcomes('700us', 0.7, 0.7)).toEqual(['compulsory', 'hit'])
  })

  it('probability 0 lets nothing in', async () => {
    expect(await hitsIn('a a a a', 'lru+probability(0)', 3)).toBe('a- a- a- a-')
  })

  it('a chain lets in what all of it let in', async () => {
    // a is too large, b comes in at its second request.
    const trace = createTrace({ keys: [...'aaabbb'], sizes: [9, 9, 9, 2, 2, 2] })
    const expected = ['compulsory', 'capacity', 'capacity', 'compulsory', 'capacity', 'hit']
    for (const chain of ['doorkeeper+max-size(4B)', 'max-size(4B)+doorkeeper'])
      expect(await outcomesOf(trace, `lru+${chain}`, { capacity: 5 })).toEqual(expected)
  })

  it('victims in bytes are weighed one by one, and those that lost are gone', async () => {
    // a once, b three times, 5 bytes each in 10; c, of 10 bytes, is asked for twice: at its second request a loses to
    // it, b does not, so that c stays out and a place is free.
    const keys = [...'abbbccab']
    const trace = createTrace({ keys, sizes: keys.map((key) => (key === 'c' ? 10 : 5)) })
    const found = await outcomesOf(trace, 'lru+tinylfu', { capacity: 10, capacityUnit: 'bytes' })
    expect(found.slice(4)).toEqual(['compulsory', 'capacity', 'capacity', 'hit'])
  })
})

/** LRU behind a filter, of arrays and exact counts. */
class Model implements EvictionPolicy {
  /** Least recently used first. */
  private readonly items: Item[] = []
  private readonly context: PolicyContext
  private readonly filter: (
    context: PolicyContext,
    residents: () => number,
  ) => {
    request?(key: number): void
    admit?(key: number): boolean
    prefers?(incoming: number, victim: number): boolean
  }
  private readonly own: ReturnType<Model['filter']>

  constructor(context: PolicyContext, filter: Model['filter']) {
    this.context = context
    this.filter = filter
    this.own = this.filter(context, () => this.items.length)
  }

  touch(key: number): void {
    this.own.request?.(key)
    this.remove(key)
    this.insert(key)
  }

  admit(key: number): boolean {
    this.own.request?.(key)
    return this.own.admit?.(key) ?? true
  }

  insert(key: number): void {
    this.items.push({ key, size: this.context.sizeOf(key) })
  }

  evict(incoming: number): number {
    const [{ key }] = this.items as [Item]
    if (this.own.prefers?.(incoming, key) === false) return incoming
    this.remove(key)
    return key
  }

  remove(key: number): void {
    take(this.items, key)
  }
}

describe('before lru, does what arrays and exact counts do', () => {
  const ids = [...Array(16).keys()]

  it('the ids of these tests are told apart by filter and sketch', () => {
    for (const id of ids) {
      const filter = new BloomFilter(freshMemory, 1)
      const sketch = new FrequencySketch(freshMemory, 1, false)
      sketch.sampleSize = Infinity
      for (const other of ids) {
        if (other === id) continue
        filter.add(other)
        sketch.add(other)
      }
      expect(filter.add(id)).toBe(true)
      expect(sketch.estimate(id)).toBe(0)
    }
  })

  it.each([1, 2.5, 10])('doorkeeper(%d)', async (period) => {
    await expectAsModel(
      `lru+doorkeeper(${period})`,
      (context) =>
        new Model(context, ({ capacity, capacityUnit, sizeOf }) => {
          let seen = new Set<number>()
          let requested = 0
          let before = false
          return {
            request(key) {
              const weight = capacityUnit === 'bytes' ? Math.max(1, sizeOf(key)) : 1
              if (requested + weight > period * capacity) {
                seen = new Set()
                requested = 0
              }
              requested += weight
              before = seen.has(key)
              seen.add(key)
            },
            admit: () => before,
          }
        }),
      200,
    )
  })

  it.each([true, false])('tinylfu(doorkeeper=%s)', async (doorkeeper) => {
    await expectAsModel(
      `lru+tinylfu(${doorkeeper})`,
      (context) =>
        new Model(context, ({ capacityUnit, maxEntries }, residents) => {
          let most = capacityUnit === 'bytes' ? 1 : maxEntries
          let requests = 0
          const door = new Set<number>()
          const counts = new Map<number, number>()
          const count = (key: number) => counts.get(key) ?? 0
          const estimate = (key: number) => count(key) + (door.has(key) ? 1 : 0)
          return {
            request(key) {
              if (capacityUnit === 'bytes') most = Math.max(most, residents())
              if (doorkeeper && !door.has(key)) door.add(key)
              else counts.set(key, Math.min(15, count(key) + 1))
              if (++requests < 10 * most) return
              requests = Math.floor(requests / 2)
              door.clear()
              for (const [one, times] of counts) counts.set(one, Math.floor(times / 2))
            },
            prefers: (incoming, victim) => estimate(incoming) > estimate(victim),
          }
        }),
    )
  })

  it('max-size', async () => {
    // Sizes of the model's own: it is not told those that it did not ask for.
    await fc.assert(
      fc.asyncProperty(keyLists, fc.integer({ min: 1, max: 9 }), async (keys, capacity) => {
        const sizes = keys.map((key) => key % 7)
        const small = keys.filter((key) => key % 7 <= 3)
        const hits = await hitsOf(createTrace({ keys, sizes }), 'lru+max-size(3B)', { capacity })
        expect(hits).toBe(await hitsOf(traceOf(small), 'lru', { capacity }))
      }),
    )
  })

  it('probability(1), which is lru', async () => {
    await fc.assert(
      fc.asyncProperty(keyLists, fc.integer({ min: 1, max: 25 }), async (keys, capacity) => {
        const outcomes = (policy: string) => outcomesOf(traceOf(keys), policy, { capacity })
        expect(await outcomes('lru+probability(1)')).toEqual(await outcomes('lru'))
      }),
    )
  })
})

describe('in the long run', () => {
  const zipf = (alpha: number, keys: number, requests: number) => {
    const plan = { generator: 'zipf', keys, parameters: { alpha } }
    const stream = createKeyStream(plan, { requests, random: createRandom(5, 'zipf') })
    const drawn = new Uint32Array(requests)
    stream.fill(drawn)
    return createTrace({ keys: [...drawn] })
  }

  it.each([0.05, 0.5, 0.9])('probability(%d) lets in that share of the misses', async (p) => {
    const misses = 40_000
    const trace = createTrace({ keys: [...Array(misses).keys()] })
    const replay = await startReplay(trace, `fifo+probability(${p})`, { capacity: misses })
    replay.advance()
    // Binomial: five standard deviations either side.
    const spread = 5 * Math.sqrt(misses * p * (1 - p))
    expect(Math.abs(replay.occupied - p * misses)).toBeLessThan(spread)
    expect(replay.occupied).not.toBe(p * misses)
  })

  it('doorkeeper keeps one-hit wonders out, all but those its filter takes for another', async () => {
    const keys = [...Array(200_000).keys()]
    const admitted = async (capacity: number) => {
      const replay = await startReplay(createTrace({ keys }), 'lru+doorkeeper', { capacity })
      replay.advance()
      return replay.occupied + replay.evictions
    }
    // A filter of ten times a large cache is nearly empty to the end; one of 10,240 keys is filled again and again.
    expect(await admitted(1_000_000)).toBeLessThan(0.02 * keys.length)
    expect(await admitted(1024)).toBeLessThan(0.02 * keys.length)
    const few = createTrace({ keys: keys.slice(0, 1000) })
    const replay = await startReplay(few, 'lru+doorkeeper', { capacity: 1000 })
    replay.advance()
    expect(replay.occupied).toBe(0)
  })

  it('max-size holds no value above its limit', async () => {
    const random = createRandom(1, 'sizes')
    const keys = [...Array(20_000).keys()].map(() => Math.floor(3000 * random() ** 3))
    const sizes = keys.map((key) => 1 + ((key * 7919) % 1000))
    const trace = createTrace({ keys, sizes })
    for (const cache of [{ capacity: 100 }, { capacity: 50_000, capacityUnit: 'bytes' }] as const) {
      const outcomes = await outcomesOf(trace, 's3-fifo+max-size(400B)', cache)
      const hits = outcomes.flatMap((outcome, at) => (outcome === 'hit' ? [sizes[at]!] : []))
      expect(Math.max(...hits)).toBeLessThanOrEqual(400)
      expect(hits.length).toBeGreaterThan(1000)
    }
  })

  it('tinylfu helps lru, fifo and random on Zipf, as the paper shows, within what is possible', async () => {
    // Einziger et al., section 5: on constant Zipf distributions all gain, and come near the most popular keys.
    const trace = zipf(0.9, 50_000, 400_000)
    const capacity = 500
    const rate = async (policy: string) => (await hitsOf(trace, policy, { capacity })) / trace.length
    const weights = Array.from({ length: 50_000 }, (_, rank) => (rank + 1) ** -0.9)
    const all = weights.reduce((total, weight) => total + weight)
    const ideal = weights.slice(0, capacity).reduce((total, weight) => total + weight) / all
    for (const policy of ['lru', 'fifo', 'random']) {
      const [alone, filtered] = [await rate(policy), await rate(`${policy}+tinylfu`)]
      expect(filtered - alone).toBeGreaterThan(0.02)
      expect(filtered).toBeLessThan(ideal)
      // A twentieth of the requests is what it takes to know the keys at all.
      if (policy === 'lru') expect((filtered - alone) / (ideal - alone)).toBeGreaterThan(0.25)
    }
    expect(await rate('sieve+tinylfu')).toBeGreaterThan(0.9 * ideal)
  })

  it('a scan passes behind tinylfu and doorkeeper without harm', async () => {
    // Ten hot keys, and a scan of thousands: lru loses them each time.
    const round = (at: number) => [
      ...Array.from({ length: 100 }, (_, i) => i % 10),
      ...Array.from({ length: 50 }, (_, i) => 100 + 50 * at + i),
    ]
    const trace = createTrace({ keys: Array.from({ length: 60 }, (_, at) => round(at)).flat() })
    const hits = (policy: string) => hitsOf(trace, policy, { capacity: 10 })
    expect(await hits('lru')).toBe(60 * 90)
    expect(await hits('lru+tinylfu')).toBeGreaterThan(60 * 99)
    expect(await hits('lru+doorkeeper')).toBeGreaterThan(60 * 98)
  })
})
