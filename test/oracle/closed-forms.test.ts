import { describe, expect, it } from 'vitest'
import { fifoHitRate, lruHitRate, staticOptimalHitRate, ttlHitRate } from '../../src/analysis/theory.ts'
import type { Run } from '../../src/core/result.ts'
import { type CompareOptions, compare } from '../../src/experiments/compare.ts'
import { sweep } from '../../src/experiments/sweep.ts'

/*
 * The whole chain, from options to results, against closed forms of the steady state. A run's own 95 % interval gives
 * the standard error (a quarter of its width, nearly); four of those are allowed, and what the approximation itself is
 * known to be off by.
 */
const CHE = 0.002

const steady = { policies: 'lru', warmup: '40%', missLatency: '1ms', seed: 11 }
const popularity = (keys: number, alpha: number) =>
  Array.from({ length: keys }, (_, rank) => (rank + 1) ** -alpha)

const runsOf = async (options: CompareOptions): Promise<readonly Run[]> =>
  (await compare({ ...steady, ...options })).simulated.runs

function expectNear(run: Run, truth: number, approximation = 0): void {
  const standardError = (run.interval!.high - run.interval!.low) / 4
  expect(Math.abs(run.hitRate - truth), `${run.policy} ${run.hitRate} against ${truth}`).toBeLessThan(
    4 * standardError + approximation,
  )
  // A tolerance so wide that anything passes would show nothing.
  expect(standardError).toBeLessThan(0.004)
}

describe.each([
  { alpha: 0.6, size: 100 },
  { alpha: 0.6, size: 800 },
  { alpha: 1, size: 20 },
  { alpha: 1, size: 300 },
  { alpha: 1.3, size: 50 },
])('zipf $alpha over 2,000 keys, room for $size', ({ alpha, size }) => {
  it('serves what the closed forms say: Che for lru, Σ q·qT/(1+qT) for fifo and random, the hottest keys for lfu', async () => {
    const law = popularity(2000, alpha)
    const [lru, fifo, random, lfu] = await runsOf({
      workload: `zipf(alpha=${alpha})`,
      keys: 2000,
      requests: 200_000,
      size,
      policies: 'lru,fifo,random,lfu',
    })
    expectNear(lru!, lruHitRate(law, size), CHE)
    expectNear(fifo!, fifoHitRate(law, size), CHE)
    expectNear(random!, fifoHitRate(law, size), CHE)
    // Counts are forgotten with the key, so some places are always lost to newcomers.
    const best = staticOptimalHitRate(law, size)
    expect(lfu!.hitRate).toBeLessThan(best + (lfu!.interval!.high - lfu!.interval!.low))
    expect(lfu!.hitRate).toBeGreaterThan(lruHitRate(law, size))
  })
})

describe('uniform popularity', () => {
  it.each([50, 500, 900])(
    'serves the share of the keys that fit, whatever the policy (room for %d of 1,000)',
    async (size) => {
      const runs = await runsOf({
        workload: 'uniform',
        keys: 1000,
        requests: 100_000,
        size,
        policies: 'lru,lfu,fifo,random',
      })
      for (const run of runs) expectNear(run, size / 1000)
    },
  )
})

describe('a time to live in a cache that never evicts, under Poisson arrivals', () => {
  it.each([
    { mode: 'write' as const, ttl: 2 },
    { mode: 'write' as const, ttl: 60 },
    { mode: 'idle' as const, ttl: 2 },
    { mode: 'idle' as const, ttl: 30 },
  ])(
    'serves λT/(1+λT) from the write and 1−e^(−λT) from the last use ($mode, $ttl s)',
    async ({ mode, ttl }) => {
      const law = popularity(400, 0.9)
      const runs = await runsOf({
        workload: 'zipf(alpha=0.9)',
        keys: 400,
        requests: 150_000,
        rate: '50/s',
        size: 400,
        ttl: `${ttl}s`,
        ttlMode: mode,
        policies: 'lru,fifo,ttl,lfu',
      })
      for (const run of runs) {
        expectNear(run, ttlHitRate(law, 50, ttl, mode))
        // Without eviction a policy has nothing to choose.
        expect(run.hits).toBe(runs[0]!.hits)
        expect(run.missKinds.capacity).toBe(0)
      }
    },
  )
})

describe('a loop', () => {
  it('longer than the cache gives lru and fifo nothing, and the bound all that fits but one place', async () => {
    const keys = 1000
    const rounds = 50
    const { runs } = (
      await sweep({
        ...steady,
        workload: 'loop(workingSet=1)',
        keys,
        requests: keys * rounds,
        warmup: `${keys}`,
        sizes: '1,500,999,1000',
        policies: 'lru,fifo,optimal,optimal(bypass=false)',
      })
    ).simulated
    const rate = (policy: string, size: number) =>
      runs.find((run) => run.policy === policy && run.size === size)!.hitRate
    for (const policy of ['lru', 'fifo']) {
      expect([1, 500, 999, 1000].map((size) => rate(policy, size))).toEqual([0, 0, 0, 1])
    }
    for (const size of [1, 500, 999]) {
      // With bypass it keeps its content and serves it every round; MIN must let each newcomer in.
      expect(rate('optimal', size)).toBeCloseTo(size / keys, 2)
      expect(Math.abs(rate('optimal(bypass=false)', size) - (size - 1) / (keys - 1))).toBeLessThan(0.02)
    }
  })
})

describe('lfu', () => {
  it('comes ever closer to the static optimum the longer it runs', async () => {
    const law = popularity(1000, 1)
    const best = staticOptimalHitRate(law, 100)
    const missing = []
    for (const requests of [5000, 50_000, 500_000]) {
      const [lfu] = await runsOf({
        workload: 'zipf',
        keys: 1000,
        requests,
        size: 100,
        policies: 'lfu',
        warmup: '50%',
      })
      missing.push(best - lfu!.hitRate)
    }
    expect(missing[1]).toBeLessThan(missing[0]!)
    expect(missing[2]).toBeLessThan(missing[1]!)
    expect(missing[2]).toBeGreaterThan(0)
    expect(missing[2]).toBeLessThan(0.04)
  })
})
