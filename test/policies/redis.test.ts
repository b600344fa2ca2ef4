import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { KeyPool } from '../../src/core/key-pool.ts'
import { freshMemory } from '../../src/core/memory.ts'
import { definePolicy, type EvictionPolicy, type PolicyContext } from '../../src/core/policy.ts'
import { createRandom, type Random } from '../../src/core/random.ts'
import { createTrace, Op } from '../../src/core/trace.ts'
import { policies } from '../../src/policies/index.ts'
import { expectAsModel } from '../support/against-model.ts'
import { traceFrom } from '../support/random-traces.ts'
import { hitsOf, outcomesOf } from '../support/replay.ts'

/** `a@0 b@1.5 …`: keys and seconds. */
function timed(requests: string) {
  const pairs = requests.split(' ').map((request) => request.split('@'))
  return createTrace({ keys: pairs.map(([key]) => key!), times: pairs.map(([, time]) => Number(time)) })
}

async function hitsAt(requests: string, policy: string, capacity: number): Promise<string> {
  const trace = timed(requests)
  const outcomes = await outcomesOf(trace, policy, { capacity })
  return outcomes.map((outcome) => (outcome === 'hit' ? '+' : '-')).join('')
}

/** Zipf-like requests: key k about as often as 1/(k + 1). */
function skewed(requests: number, keys: number): number[] {
  const random = createRandom('1', 'skewed')
  return Array.from({ length: requests }, () => Math.floor((keys + 1) ** random() - 1))
}

/** Redis' pool as a sorted array. Its keys are drawn from the same stream as the policy's, in the same order. */
abstract class Model implements EvictionPolicy {
  protected readonly random: Random
  protected readonly context: PolicyContext
  private readonly samples: number
  private readonly members: KeyPool
  private readonly present = new Set<number>()
  private candidates: { key: number; score: number }[] = []

  constructor(context: PolicyContext, text: string, samples: number) {
    this.context = context
    this.samples = samples
    this.random = createRandom('1', text)
    this.members = new KeyPool(freshMemory, context.keyCount, context.maxEntries, this.random)
  }

  abstract scoreOf(key: number, now: number): number
  abstract use(key: number, now: number): void
  abstract create(key: number, now: number): void
  /** Whether a key can be drawn. */
  counts(_key: number): boolean {
    return true
  }

  touch(key: number, at: number): void {
    this.use(key, this.context.timeOf(at))
    if (this.counts(key) === this.present.has(key)) return
    if (this.counts(key)) this.join(key)
    else this.remove(key)
  }

  insert(key: number, at: number): void {
    this.create(key, this.context.timeOf(at))
    if (this.counts(key)) this.join(key)
  }

  remove(key: number): void {
    if (this.present.delete(key)) this.members.remove(key)
  }

  evict(incoming: number, at: number): number {
    if (this.present.size === 0) return incoming
    for (;;) {
      const drawn = new Set<number>()
      while (drawn.size < Math.min(this.samples, this.present.size)) drawn.add(this.members.draw())
      for (const key of drawn) {
        const candidate = { key, score: this.scoreOf(key, this.context.timeOf(at)) }
        this.candidates = [candidate, ...this.candidates].sort((a, b) => a.score - b.score).slice(-16)
      }
      while (this.candidates.length > 0) {
        const { key } = this.candidates.pop()!
        if (!this.present.delete(key)) continue
        this.members.replace(key)
        return key
      }
    }
  }

  private join(key: number): void {
    this.present.add(key)
    this.members.add(key)
  }
}

class LruModel extends Model {
  private readonly usedAt = new Map<number, number>()

  use(key: number, now: number): void {
    this.usedAt.set(key, Math.floor(now))
  }
  create(key: number, now: number): void {
    this.use(key, now)
  }
  scoreOf(key: number, now: number): number {
    return Math.floor(now) - this.usedAt.get(key)!
  }
}

class LfuModel extends Model {
  private readonly tallies = new Map<number, { count: number; minute: number }>()

  use(key: number, now: number): void {
    let count = 255 - this.scoreOf(key, now)
    if (count < 255) {
      const chance = 1 / (Math.max(0, count - 5) * 10 + 1)
      if (this.random() < chance) count++
    }
    this.tallies.set(key, { count, minute: Math.floor(now / 60) })
  }
  create(key: number, now: number): void {
    this.tallies.set(key, { count: 5, minute: Math.floor(now / 60) })
  }
  scoreOf(key: number, now: number): number {
    const { count, minute } = this.tallies.get(key)!
    return 255 - Math.max(0, count - (Math.floor(now / 60) - minute))
  }
}

class TtlModel extends Model {
  use(): void {}
  create(): void {}
  override counts(key: number): boolean {
    return this.context.expiresAt(key) !== Infinity
  }
  scoreOf(key: number): number {
    return -this.context.expiresAt(key)
  }
}

describe('redis-lru', () => {
  it('gives up the longest idle, worked by hand', async () => {
    // All are drawn each time. At d, a was idle for 3 s, b for 1 s, c for 1 s. At a, c for 3 s, b for 2 s.
    expect(await hitsAt('a@0 b@1 c@2 b@2 d@3 b@3 a@5 b@5 c@5', 'redis-lru(samples=9)', 3)).toBe('---+-+-+-')
  })

  it('gives up a candidate that was used since it was drawn', async () => {
    // At d, b stays behind as a candidate that was idle for 2 s. It is used, but at e, when all others were idle for
    // 1 s, it goes; lru would give up d.
    const requests = 'a@0 b@1 c@2 d@3 b@3.5 c@3.5 e@4 d@4 c@4 b@4'
    expect(await hitsAt(requests, 'redis-lru(samples=9)', 3)).toBe('----++-++-')
    expect(await hitsAt(requests, 'lru', 3)).toBe('----++--+-')
  })

  it('has a clock of 24 bits that begins anew', async () => {
    // At b, 2^24 + 3 s, the clock shows 3: z seems idle for 3 s, and a, at 2^24 − 6 s, was for 8.
    const requests = `z@0 a@${2 ** 24 - 6} b@${2 ** 24 + 3} z@${2 ** 24 + 3} a@${2 ** 24 + 4}`
    expect(await hitsAt(requests, 'redis-lru(samples=9)', 2)).toBe('---+-')
  })

  it('does what a sorted array does', async () => {
    for (const samples of [1, 3, 5]) {
      const text = `redis-lru(samples=${samples})`
      await expectAsModel(text, (context) => new LruModel(context, text, samples), 150)
    }
  })

  it('counts time in requests where the trace has none', async () => {
    const keys = skewed(5000, 300)
    const times = keys.map((_, at) => at / 20)
    const policy = 'redis-lru(requestsPerSecond=20)'
    expect(await outcomesOf(createTrace({ keys }), policy, { capacity: 30 })).toEqual(
      await outcomesOf(createTrace({ keys, times }), policy, { capacity: 30 }),
    )
  })

  it('is fifo where nothing is used twice and all are drawn', async () => {
    const keys = [...Array(300).keys()]
    const last = keys.slice(-40)
    const trace = createTrace({ keys: [...keys, ...last], times: [...keys, ...last.map(() => 300)] })
    const outcomes = await outcomesOf(trace, 'redis-lru(samples=64)', { capacity: 40 })
    expect(outcomes.slice(300)).toEqual(last.map(() => 'hit'))
  })

  it('comes nearer to lru the more keys are drawn, and is random where the clock stands still', async () => {
    const trace = createTrace({ keys: skewed(200_000, 5000) })
    const rate = async (policy: string) => (await hitsOf(trace, policy, { capacity: 500 })) / 2000
    const lru = await rate('lru')
    const random = await rate('random')
    const [one, five, many] = await Promise.all(
      [1, 5, 64].map((samples) => rate(`redis-lru(samples=${samples},resolution=1)`)),
    )
    expect(lru - random).toBeGreaterThan(1)
    expect(one!).toBeLessThan(five!)
    expect(five!).toBeGreaterThan(random)
    expect(lru - five!).toBeLessThan((lru - random) / 3)
    expect(Math.abs(lru - many!)).toBeLessThan(0.2)
    expect(Math.abs((await rate('redis-lru(resolution=1000000)')) - random)).toBeLessThan(0.5)
  })
})

describe('redis-lfu', () => {
  it('gives up the lowest count, which fades by one a minute, worked by hand', async () => {
    // With a factor of 0 every use counts. At c, a has 5 and three uses, b 5 and one: b goes.
    const policy = 'redis-lfu(samples=9,logFactor=0)'
    expect(await hitsAt('a@0 a@0 a@0 a@0 b@0 b@0 c@0 a@0 b@0', policy, 2)).toBe('-+++-+-+-')
    // Four minutes later a is at 4, and b comes in with 5: a goes, and with it its count.
    expect(await hitsAt('a@0 a@0 a@0 a@0 b@240 c@241 b@241 a@241', policy, 2)).toBe('-+++--+-')
    // Half as fast, or not at all, and a stays.
    for (const decayMinutes of [2, 0]) {
      const slow = `redis-lfu(samples=9,logFactor=0,decayMinutes=${decayMinutes})`
      expect(await hitsAt('a@0 a@0 a@0 a@0 b@240 c@241 a@241', slow, 2)).toBe('-+++--+')
    }
  })

  it('does not fade below 0, nor within the minute', async () => {
    const policy = 'redis-lfu(samples=9,logFactor=0)'
    // From 0:59 to 1:00 is a minute, from 1:00 to 1:59 none.
    expect(await hitsAt('a@59 b@60 c@60 b@60 a@60', policy, 2)).toBe('---+-')
    expect(await hitsAt('a@60 a@61 b@119 c@119 a@119', policy, 2)).toBe('-+--+')
    // After hours both are at 0; a use lifts a to 1.
    expect(await hitsAt('a@0 b@0 a@36000 c@36000 a@36001', policy, 2)).toBe('--+-+')
  })

  it('does what a sorted array does', async () => {
    for (const samples of [1, 5]) {
      const text = `redis-lfu(samples=${samples})`
      await expectAsModel(text, (context) => new LfuModel(context, text, samples), 150)
    }
  })
})

describe('redis-random', () => {
  it('is random', async () => {
    const trace = createTrace({ keys: skewed(3000, 300) })
    const renamed = { ...policies.get('redis-random'), name: 'random' }
    expect(await outcomesOf(trace, renamed, { capacity: 30 })).toEqual(
      await outcomesOf(trace, 'random', { capacity: 30 }),
    )
  })
})

describe('redis-volatile-ttl', () => {
  const all = 'redis-volatile-ttl(samples=9)'
  const cache = { capacity: 3, recordedTtls: true }

  it('gives up the soonest to expire, and none that does not, worked by hand', async () => {
    // a stays for ever. d drives out c, which expires at 30, e drives out b; then nothing expires, and f stays out.
    const keys = [...'abcdefadef']
    const ttls = [Infinity, 60, 30, Infinity, Infinity, Infinity, ...new Array(4).fill(Infinity)]
    const outcomes = await outcomesOf(createTrace({ keys, ttls, times: keys.map(() => 0) }), all, cache)
    expect(
      outcomes
        .map((outcome) => outcome === 'hit')
        .map(Number)
        .join(''),
    ).toBe('0000001110')
  })

  it('follows writes that set an expiry or take it away', async () => {
    // b is written without, a with an expiry: a goes at d, though b was to.
    const keys = [...'abcabdba']
    const ttls = [Infinity, 60, Infinity, 60, Infinity, Infinity, Infinity, Infinity]
    const ops = [0, 0, 0, 1, 1, 0, 0, 0]
    const times = keys.map(() => 0)
    const outcomes = await outcomesOf(createTrace({ keys, ttls, ops, times }), all, cache)
    expect(outcomes.slice(5)).toEqual(['compulsory', 'hit', 'capacity'])
  })

  it('does what a sorted array does', async () => {
    const request = fc.record({
      key: fc.nat(11),
      gap: fc.constantFrom(0, 0, 0, 1, 5),
      ttl: fc.constantFrom(2, 9, 20, 60, 61, Infinity, Number.NaN),
      op: fc.constantFrom(Op.read, Op.read, Op.read, Op.write, Op.delete),
    })
    let evictions = 0
    let refusals = 0
    await fc.assert(
      fc.asyncProperty(
        fc.array(request, { minLength: 1, maxLength: 150, size: 'max' }),
        fc.integer({ min: 1, max: 8 }),
        async (list, capacity) => {
          const trace = traceFrom(list)
          const text = 'redis-volatile-ttl(samples=3)'
          const model = definePolicy({
            name: 'model',
            summary: 'a model',
            create(context) {
              const own = new TtlModel(context, text, 3)
              const evict = (incoming: number, at: number) => {
                const victim = own.evict(incoming, at)
                if (victim === incoming) refusals++
                else evictions++
                return victim
              }
              return {
                touch: (key, at) => own.touch(key, at),
                insert: (key, at) => own.insert(key, at),
                remove: (key) => own.remove(key),
                evict,
              }
            },
          })
          const settings = { capacity, recordedTtls: true }
          expect(await outcomesOf(trace, text, settings)).toEqual(await outcomesOf(trace, model, settings))
        },
      ),
      { numRuns: 200 },
    )
    expect(evictions).toBeGreaterThan(500)
    expect(refusals).toBeGreaterThan(50)
  })
})
