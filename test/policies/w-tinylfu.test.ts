import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { FrequencySketch } from '../../src/core/frequency-sketch.ts'
import { freshMemory } from '../../src/core/memory.ts'
import type { EvictionPolicy, PolicyContext } from '../../src/core/policy.ts'
import { createRandom } from '../../src/core/random.ts'
import { createTrace } from '../../src/core/trace.ts'
import { readTrace } from '../../src/formats/index.ts'
import { expectAsModel, hitsIn, type Item, sizeOfAll, take } from '../support/against-model.ts'
import { hitsOf, outcomesOf } from '../support/replay.ts'
import { sharedFolder, sharedNote, sharedPath } from '../support/shared.ts'

it('lets into main only what was asked for more often than its victim, worked by hand', async () => {
  // Room for 4, of which one is the window and two protected. At e, d falls out of the window and is weighed against a,
  // the victim of probation: one request each, so d goes. The same befalls e at d. At f, d was asked for twice in all
  // and a once: a goes. So b, c and d are in main and f is in the window.
  const requests = 'a b c d e d f d b c f a'
  expect(await hitsIn(requests, 'w-tinylfu(window=0.25)', 4)).toBe('a- b- c- d- e- d- f- d+ b+ c+ f+ a-')
})

it('keeps a small hot set against a scan of keys that are asked for once', async () => {
  const hot = Array.from({ length: 30 }, (_, at) => `h${at % 6}`).join(' ')
  const scan = Array.from({ length: 60 }, (_, at) => `s${at}`).join(' ')
  const after = (text: string) => text.split(' ').slice(-6).join(' ')
  const requests = `${hot} ${scan} h0 h1 h2 h3 h4 h5`
  expect(after(await hitsIn(requests, 'w-tinylfu', 10))).toBe('h0+ h1+ h2+ h3+ h4+ h5+')
  expect(after(await hitsIn(requests, 'lru', 10))).toBe('h0- h1- h2- h3- h4- h5-')
})

it('lets a value pass by that is larger than the window, and leaves the window as it is', async () => {
  // Room for 100 bytes, of which 20 are the window's: w lies there, x, asked for twice, in main. y, of 30, is weighed
  // against x and stays out; w is not.
  const trace = createTrace({ keys: ['x', 'x', 'w', 'y', 'w'], sizes: [80, 80, 10, 30, 10] })
  const cache = { capacity: 100, capacityUnit: 'bytes' } as const
  const outcomes = await outcomesOf(trace, 'w-tinylfu(window=0.2)', cache)
  expect(outcomes).toEqual(['compulsory', 'hit', 'compulsory', 'compulsory', 'hit'])
})

it('declines at once a value that is too large for the window and not asked for more than its victim', async () => {
  // Room for 100 bytes, the window has 1: each value is weighed as it comes. Of b and a, both asked for once, a stays.
  const trace = createTrace({ keys: ['a', 'b', 'a', 'b', 'b', 'a'], sizes: [60, 60, 60, 60, 60, 60] })
  // b is asked for a third time at the fifth request, a twice so far: b comes in, and a, three to three, stays out.
  expect(await hitsOf(trace, 'w-tinylfu', { capacity: 100, capacityUnit: 'bytes' })).toBe(1)
  expect(await hitsOf(trace, 'lru', { capacity: 100, capacityUnit: 'bytes' })).toBe(1)
})

interface Settings {
  readonly window: number
  readonly protected: number
  readonly doorkeeper: boolean
  readonly adaptive: boolean
}

/** Arrays, the most recently used first; the sketch is the real one, which has tests of its own. */
class Model implements EvictionPolicy {
  private readonly context: PolicyContext
  private readonly sketch: FrequencySketch
  private window: Item[] = []
  private probation: Item[] = []
  private protected: Item[] = []
  private windowShare: number
  private protectedShare: number
  private most: number
  private counted = -1
  private candidates: number[] = []
  private readonly adaptive: boolean
  private full = false
  private sample: boolean[] = []
  private hitRate = 0
  private step: number

  constructor(context: PolicyContext, settings: Settings) {
    this.context = context
    const main = Math.floor(context.capacity * (1 - settings.window))
    this.windowShare = context.capacity - main
    this.protectedShare = Math.floor(main * settings.protected)
    this.most = context.capacityUnit === 'bytes' ? 1 : context.maxEntries
    this.sketch = new FrequencySketch(freshMemory, this.most, settings.doorkeeper)
    this.adaptive = settings.adaptive
    this.step = -context.capacity / 16
  }

  touch(key: number, at: number): void {
    this.count(key, at, true)
    const item = { key, size: this.context.sizeOf(key) }
    if (take(this.window, key)) this.window.unshift(item)
    else if (take(this.protected, key) || (take(this.probation, key) && item.size <= this.protectedShare)) {
      this.protected.unshift(item)
    } else this.probation.unshift(item)
    this.settle()
  }

  insert(key: number, at: number): void {
    this.count(key, at, false)
    const size = this.context.sizeOf(key)
    this.spill(size)
    const target = size > this.windowShare ? this.probation : this.window
    target.unshift({ key, size })
    this.most = Math.max(this.most, this.window.length + this.probation.length + this.protected.length)
    this.sketch.ensureEntries(this.most)
    expect(sizeOfAll(this.window)).toBeLessThanOrEqual(this.windowShare)
    expect(sizeOfAll(this.protected)).toBeLessThanOrEqual(this.protectedShare)
  }

  evict(incoming: number, at: number): number {
    this.full = this.adaptive
    if (this.counted !== at) {
      this.count(incoming, at, false)
      const size = this.context.sizeOf(incoming)
      this.candidates = [...this.spill(size), ...(size > this.windowShare ? [incoming] : [])]
    }
    const from = [this.probation, this.protected, this.window].find((list) => list.length > 0)!
    const victim = from.at(-1)!.key
    const candidate = this.candidates.shift() ?? Number.NaN
    const stays = this.sketch.estimate(candidate) > this.sketch.estimate(victim)
    const leaves = Number.isNaN(candidate) || (stays && candidate !== victim) ? victim : candidate
    this.remove(leaves)
    return leaves
  }

  remove(key: number): void {
    for (const list of [this.window, this.probation, this.protected]) take(list, key)
  }

  private spill(size: number): number[] {
    const spilt: number[] = []
    const comesIn = size > this.windowShare ? 0 : size
    while (sizeOfAll(this.window) + comesIn > this.windowShare && this.window.length > 0) {
      const item = this.window.pop()!
      this.probation.unshift(item)
      spilt.push(item.key)
    }
    return spilt
  }

  private settle(): void {
    while (sizeOfAll(this.protected) > this.protectedShare) this.probation.unshift(this.protected.pop()!)
  }

  private count(key: number, at: number, hit: boolean): void {
    if (this.counted === at) return
    this.counted = at
    this.candidates = []
    this.sketch.add(key)
    if (!this.full) return
    this.sample.push(hit)
    if (this.sample.length < this.sketch.sampleSize) return
    const hitRate = this.sample.filter(Boolean).length / this.sample.length
    if (hitRate < this.hitRate) this.step = -this.step
    const share = Math.floor(Math.abs(this.step))
    if (this.step > 0) {
      const moved = Math.min(share, this.protectedShare)
      this.protectedShare -= moved
      this.windowShare += moved
      this.settle()
      for (let left = moved; ; ) {
        const from = this.probation.length > 0 ? this.probation : this.protected
        left -= from.at(-1)?.size ?? Infinity
        if (left < 0) break
        this.window.unshift(from.pop()!)
      }
    } else {
      const moved = Math.min(share, Math.max(0, this.windowShare - 1))
      this.windowShare -= moved
      this.protectedShare += moved
      this.spill(0)
    }
    const restarts = Math.abs(hitRate - this.hitRate) >= 0.05
    this.step = restarts ? (Math.sign(this.step) * this.context.capacity) / 16 : this.step * 0.98
    this.hitRate = hitRate
    this.sample = []
  }
}

it.each([
  { window: 0.01, protected: 0.8, doorkeeper: true, adaptive: false },
  { window: 0.4, protected: 0.5, doorkeeper: false, adaptive: false },
  { window: 0, protected: 0.8, doorkeeper: false, adaptive: false },
  { window: 1, protected: 0.8, doorkeeper: true, adaptive: false },
  { window: 0.3, protected: 1, doorkeeper: true, adaptive: true },
])('does what arrays do, with %o', async (settings) => {
  const text = Object.entries(settings).map(([name, value]) => `${name}=${value}`)
  await expectAsModel(`w-tinylfu(${text})`, (context) => new Model(context, settings))
})

it('widens its window where recency is all that counts, if told to', async () => {
  // Half of all requests repeat one made 20 to 80 requests ago, and no key is asked for often: a window of one in a
  // hundred loses most repeats, which LRU hits.
  const random = createRandom(1, 'recent')
  const keys: number[] = []
  for (let at = 0; at < 120_000; at++) {
    keys.push(at > 100 && random() < 0.5 ? keys[at - 20 - Math.floor(60 * random())]! : at)
  }
  const trace = createTrace({ keys })
  const hits = (policy: string) => hitsOf(trace, policy, { capacity: 100 })
  const [fixed, adaptive, lru] = await Promise.all(['w-tinylfu', 'w-tinylfu(adaptive=true)', 'lru'].map(hits))
  expect(fixed).toBeLessThan(0.5 * lru!)
  expect(adaptive).toBeGreaterThan(0.7 * lru!)
})

describe('in bytes', () => {
  const requests = fc.array(fc.nat(12), {
    minLength: 1,
    maxLength: 150,
    size: 'max',
  })

  // What others were asked for fades as the sketch ages: twice in as many requests as there are 20 for an entry.
  it.each(['w-tinylfu', 'w-tinylfu(adaptive=true,doorkeeper=false)', 'w-tinylfu(window=0.5)', 's3-fifo'])(
    '%s does not for ever decline what fits',
    async (policy) => {
      let declined = 0
      await fc.assert(
        fc.asyncProperty(requests, fc.integer({ min: 5, max: 60 }), async (list, capacity) => {
          const wanted = new Array(600).fill({ key: 99, size: capacity })
          const all = [...list.map((key) => ({ key, size: 1 + ((key * 7) % 30) })), ...wanted]
          const trace = createTrace({ keys: all.map(({ key }) => key), sizes: all.map((item) => item.size) })
          const outcomes = await outcomesOf(trace, policy, { capacity, capacityUnit: 'bytes' })
          expect(outcomes.at(-1)).toBe('hit')
          if (outcomes[list.length + 1] !== 'hit') declined++
        }),
      )
      // But at first W-TinyLFU does decline it, and S3-FIFO does not.
      if (policy === 's3-fifo') expect(declined).toBe(0)
      else expect(declined).toBeGreaterThan(0)
    },
  )

  it.runIf(sharedFolder)(`both hit more than lru on a disk’s trace, at every size${sharedNote}`, async () => {
    const trace = await readTrace(sharedPath('traces/cloudPhysicsIO.oracleGeneral.bin'))
    for (const mebibytes of [1, 2, 5, 10, 50, 100, 200, 500, 1000]) {
      const hits = (policy: string) =>
        hitsOf(trace, policy, { capacity: mebibytes * 2 ** 20, capacityUnit: 'bytes' })
      const lru = await hits('lru')
      for (const policy of ['w-tinylfu', 'w-tinylfu(adaptive=true)', 's3-fifo'])
        expect({ policy, mebibytes, more: (await hits(policy)) > lru }).toMatchObject({ more: true })
    }
  })
})

it.runIf(sharedFolder)(
  `with a window that adapts, comes near what a port of Caffeine reports on the ARC paper’s OLTP trace${sharedNote}`,
  async () => {
    const trace = await readTrace(sharedPath('traces/arc-oltp.lis.gz'))
    // BitFaster.Caching, ConcurrentLfu with hill climbing: github.com/bitfaster/BitFaster.Caching, pull requests 191 and
    // 196. Ours has 0.1 to 0.5 points less, 1.1 at the smallest size and 0.8 at the largest.
    for (const [capacity, percent] of [
      [250, 24.88],
      [500, 33.73],
      [750, 37.46],
      [1000, 40.01],
      [1250, 42.28],
      [1500, 43.8],
      [1750, 45.06],
      [2000, 46.09],
    ] as const) {
      const hits = await hitsOf(trace, 'w-tinylfu(adaptive=true,doorkeeper=false)', { capacity })
      const apart = Math.abs((100 * hits) / trace.length - percent)
      expect({ capacity, apart, near: apart < 1.1 }).toMatchObject({ near: true })
    }
  },
)
