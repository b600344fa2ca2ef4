import { describe, expect, it } from 'vitest'
import { lruHitRate } from '../../src/analysis/theory.ts'
import { resultSchema } from '../../src/core/result.ts'
import { createTrace } from '../../src/core/trace.ts'
import { compare } from '../../src/experiments/compare.ts'
import { render } from '../../src/experiments/render.ts'

const zipf = { workload: 'zipf', keys: 300, requests: 4000, size: 30, warmup: '1000' }

describe('--repeat', () => {
  it('is the mean of its seeds in every figure, and lists them', async () => {
    const all = { ...zipf, seed: 7, policies: 'lru,random', missLatency: 'lognormal:p50=50ms,p99=900ms' }
    const { runs: pooled, settings } = (await compare({ ...all, repeat: 3 })).simulated
    expect(settings.seeds).toEqual(['7', '7.1', '7.2'])
    const single = await Promise.all(
      ['7', '7.1', '7.2'].map(async (seed) => (await compare({ ...all, seed })).simulated.runs),
    )
    for (const [at, run] of pooled.entries()) {
      const parts = single.map((runs) => runs[at]!)
      const mean = (of: (run: (typeof parts)[0]) => number) =>
        parts.reduce((total, part) => total + of(part), 0) / 3
      expect(run.requests).toBe(3000)
      expect(run.hits).toBe(mean(({ hits }) => hits))
      expect(run.evictions).toBe(mean(({ evictions }) => evictions))
      expect(run.missKinds.capacity).toBe(mean(({ missKinds }) => missKinds.capacity))
      expect(run.hits + run.misses).toBeCloseTo(run.requests, 9)
      expect(run.hitRate).toBe(run.hits / run.requests)
      expect(run.model.seconds).toBeCloseTo(
        mean(({ model }) => model.seconds),
        9,
      )
      expect(run.money.saved).toBeCloseTo(0.002 * run.hits, 9)
      expect(run.latency.mean).toBeCloseTo(
        mean(({ latency }) => latency.mean),
        9,
      )
      expect(run.latency.p99).toBeCloseTo(
        mean(({ latency }) => latency.p99),
        9,
      )
      // What stands side by side agrees.
      expect(run.latency.reduction).toBeCloseTo(1 - run.latency.mean / run.latency.meanWithout, 12)
      expect(run.model.secondsSaved).toBeCloseTo(run.model.secondsWithout - run.model.seconds, 9)
      expect(run.interval).toMatchObject({ method: 'repeats', samples: 3 })
      expect(run.interval!.low).toBeLessThan(run.hitRate)
      expect(run.interval!.high).toBeGreaterThan(run.hitRate)
    }
  })

  it('says what one run is, and that figures are means, in the header and the sentence', async () => {
    const result = await compare({ ...zipf, seed: 7, policies: 'lru', repeat: 3 })
    const text = render(result, 'markdown')
    expect(text).toContain('- **traffic**: 4,000 requests with each of 3 seeds')
    expect(text).toContain('- **seeds**: 7, 7.1, 7.2 · all figures are means over 3 seeds')
    expect(text).toContain('of the \\$6.00 that 3,000 predictions cost')
    const many = await compare({ ...zipf, requests: 2000, policies: 'lru', repeat: 12 })
    expect(render(many, 'markdown')).toContain('- **seeds**: 1, 1.1, 1.2, …, 1.11 ·')
    expect(resultSchema.safeParse(many).success).toBe(true)
  })

  it('of a recipe with costs weighs what is saved by what it all takes', async () => {
    const { runs } = (
      await compare({ workload: 'price-prediction', requests: 2000, policies: 'lru', size: 500, repeat: 3 })
    ).simulated
    const { costHitRate, model } = runs[0]!
    expect(costHitRate).toBeCloseTo(model.secondsSaved / model.secondsWithout, 12)
  })

  it('once is no repeat: the interval comes from parts of the run', async () => {
    const [once] = (await compare({ ...zipf, policies: 'lru', repeat: 1 })).simulated.runs
    expect(once!.interval).toMatchObject({ method: 'batch-means', samples: 32 })
  })

  it('covers the true hit rate in about 95 of 100 intervals', async () => {
    // The truth is a closed form, and Che's approximation of it is good to a few tenths of a point.
    const popularity = Array.from({ length: 300 }, (_, rank) => 1 / (rank + 1))
    const truth = lruHitRate(popularity, 30)
    let covered = 0
    for (let seed = 0; seed < 60; seed++) {
      const { runs } = (
        await compare({ ...zipf, requests: 3000, seed: `${seed}`, repeat: 5, policies: 'lru' })
      ).simulated
      const { low, high } = runs[0]!.interval!
      if (low - 0.002 <= truth && truth <= high + 0.002) covered++
    }
    // 57 ± 1.7: four standard deviations below, and not all of them.
    expect(covered).toBeGreaterThanOrEqual(50)
  })

  it('needs a workload that can be drawn again', async () => {
    const trace = createTrace({ keys: [1, 2, 1] })
    await expect(compare({ trace, size: 1, repeat: 2 })).rejects.toThrow(
      '--repeat 2 needs a synthetic workload',
    )
  })
})

describe('ties', () => {
  it('policies that are equal in distribution tie in about 95 of 100 runs', async () => {
    // Two random evictions with streams of their own: the text tells them apart, the chances do not.
    let ties = 0
    const runs = 60
    for (let seed = 0; seed < runs; seed++) {
      const { comparisons } = (await compare({ ...zipf, requests: 7000, seed, policies: 'random,random()' }))
        .simulated
      if (comparisons[0]!.tie) ties++
    }
    expect(ties).toBeGreaterThanOrEqual(50)
  })

  it('policies that agree on every request tie, and neither is better', async () => {
    // On a scan nobody hits anything.
    const { comparisons } = (
      await compare({ workload: 'scan', keys: 2000, requests: 2000, size: 100, policies: 'lru,fifo,lfu' })
    ).simulated
    expect(comparisons).toHaveLength(3)
    for (const { tie, difference, low, high } of comparisons) {
      expect({ tie, difference, low, high }).toEqual({ tie: true, difference: 0, low: 0, high: 0 })
    }
  })

  it.each([1, 2, 3])('lru and lfu on zipf do not tie (seed %d)', async (seed) => {
    const { comparisons } = (await compare({ ...zipf, requests: 20_000, seed, policies: 'lru,lfu' }))
      .simulated
    expect(comparisons).toMatchObject([{ better: 'lfu', worse: 'lru', tie: false }])
    expect(comparisons[0]!.low).toBeGreaterThan(0)
  })

  it('of two policies the difference is that of their hit rates', async () => {
    const { runs, comparisons } = (await compare({ ...zipf, policies: 'lru,lfu,fifo' })).simulated
    const rate = (policy: string) => runs.find((run) => run.policy === policy)!.hitRate
    expect(comparisons).toHaveLength(3)
    for (const { better, worse, difference, low, high, tie } of comparisons) {
      expect(difference).toBeCloseTo(rate(better) - rate(worse), 12)
      expect(difference).toBeGreaterThanOrEqual(0)
      expect(tie).toBe(low <= 0 && high >= 0)
    }
  })
})
