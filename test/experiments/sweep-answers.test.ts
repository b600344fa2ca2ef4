import { describe, expect, it } from 'vitest'
import type { Run, SweepResult } from '../../src/core/result.ts'
import { createTrace } from '../../src/core/trace.ts'
import { mergeSweeps } from '../../src/experiments/merge.ts'
import { type SweepOptions, sweep } from '../../src/experiments/sweep.ts'
import { parseResult } from '../../src/reports/result-schema.ts'

const swept = async (options: SweepOptions) =>
  (await sweep({ missLatency: '10ms', threads: 1, ...options })).simulated

/**
 * Two loops in turn, of 20 and of 400 keys, each gone round often: mru keeps part of whatever does not fit and is best
 * below, lru is best once the small loop fits and better than mru there for good.
 */
const loops = createTrace({
  keys: Array.from({ length: 40_000 }, (_, at) =>
    Math.floor(at / 10) % 2 === 0 ? (at >> 1) % 20 : 100 + ((at * 7) % 400),
  ),
})
const zipf = { workload: 'zipf', keys: 2000, requests: 40_000 }
const sizes = '0.5%..100%:14'

function rates(runs: readonly Run[], policy: string) {
  return runs.filter((run) => run.policy === policy).map(({ hitRate }) => hitRate)
}

describe('the envelope of a sweep', () => {
  it('is the highest hit rate of the candidates at each size, and whose it is', async () => {
    const policies = 'lru,lfu,mru,fifo,optimal,infinite'
    const { runs, envelope } = await swept({ trace: loops, sizes, policies })
    const real = runs.filter(({ bound }) => !bound)
    for (const { size, policy, hitRate } of envelope!.points) {
      const here = real.filter((run) => run.size === size)
      expect(hitRate).toBe(Math.max(...here.map((run) => run.hitRate)))
      expect(here.find((run) => run.policy === policy)!.hitRate).toBe(hitRate)
    }
    expect(envelope!.points.map(({ size }) => size)).toEqual([...new Set(runs.map(({ size }) => size))])
    // As good as the best candidate reaches each share of the ceiling.
    expect(envelope!.reaches[0]!.size).toBe(
      envelope!.points.find(({ hitRate }) => hitRate >= 0.9 * envelope!.ceiling)!.size,
    )
  })

  it('has the answers of its policy where that is best throughout', async () => {
    const policies = 'fifo,lfu'
    const { runs, envelope, best, knee, curves } = await swept({ ...zipf, sizes: '2%..60%:10', policies })
    expect(rates(runs, 'lfu').every((rate, at) => rate > rates(runs, 'fifo')[at]!)).toBe(true)
    const { policy: _, ...point } = knee[1]!
    const { policy: __, ...answers } = curves[1]!
    expect(envelope).toEqual({ points: envelope!.points, knee: point, ...answers })
    expect(best).toEqual([{ from: runs[0]!.size, to: runs.at(-1)!.size, policy: 'lfu', ties: [] }])
  })

  it('is none of one candidate, beside whatever bounds, nor of a part', async () => {
    for (const policies of ['lru', 'lru,optimal', 'optimal,infinite']) {
      const simulated = await swept({ ...zipf, sizes, policies })
      expect(simulated).not.toHaveProperty('envelope')
      expect(simulated).not.toHaveProperty('best')
    }
    const part = await swept({ ...zipf, sizes, policies: 'lru,lfu,fifo', shard: '1/2' })
    expect(part).not.toHaveProperty('envelope')
  })

  it('keeps to a policy where others are as good', async () => {
    const { envelope } = await swept({ ...zipf, sizes, policies: 'lru,lru-k(k=1),infinite' })
    expect(new Set(envelope!.points.map(({ policy }) => policy))).toEqual(new Set(['lru']))
  })
})

describe('which policy is best where', () => {
  it('goes over from one curve to the other between the sizes where they cross', async () => {
    const { runs, best } = await swept({
      trace: loops,
      sizes: '1,5,10,15,25,30,50',
      policies: 'lru,mru',
    })
    expect(best!.map(({ policy }) => policy)).toEqual(['mru', 'lru'])
    const at = runs
      .filter(({ policy }) => policy === 'lru')
      .map(({ size, hitRate }, index) => ({ size, lead: hitRate - rates(runs, 'mru')[index]! }))
    const after = at.findIndex(({ lead }) => lead > 0)
    const [a, b] = [at[after - 1]!, at[after]!]
    expect(best![0]!.to).toBe(Math.round(a.size * (b.size / a.size) ** (a.lead / (a.lead - b.lead))))
    expect(best![0]).toMatchObject({ from: 1, to: best![1]!.from })
    expect(best![1]!.to).toBe(50)
  })

  it.each(['1', '2', '3', '4', '5', '6'])(
    'is one where all differences are noise, with seed %s',
    async (seed) => {
      // Of independent requests fifo and random serve as many (Gelenbe 1973).
      const policies = 'random,fifo,mru,redis-random'
      const { best } = await swept({ ...zipf, seed, warmup: '25%', sizes: '1%..50%:12', policies })
      expect(best).toHaveLength(1)
      expect([best![0]!.policy, ...best![0]!.ties].sort()).toEqual(['fifo', 'random', 'redis-random'])
    },
  )

  it('is told of few seeds too', async () => {
    const { best } = await swept({
      ...zipf,
      requests: 5000,
      repeat: 3,
      sizes: '5%..40%:6',
      policies: 'fifo,lfu',
    })
    expect(best).toMatchObject([{ policy: 'lfu', ties: [] }])
  })
})

describe('what a sweep says in sentences', () => {
  it('names the sizes where curves cross, and what the policy that leads on average loses', async () => {
    const { verdict } = await swept({ trace: loops, sizes: '1,5,10,15,25,30,50', policies: 'lru,mru' })
    expect(verdict[0]).toBe(
      'Over all sizes lru serves most on average, never more than 8.6 points below the best: up to 27 entries mru is best, from there on lru.',
    )
  })

  it('doubts a knee that depends on which part of the run is looked at', async () => {
    // Long stretches of a small loop or a large one, about as many of each.
    const stretch = [0, 1, 1, 0, 0, 1, 0, 1, 1, 1, 0, 0, 1, 0, 0, 1]
    const keys = stretch.flatMap((large) =>
      Array.from({ length: 4000 }, (_, at) => (large ? at % 300 : at % 20)),
    )
    // And as many keys again that never come back.
    const trace = createTrace({ keys: [...keys, ...Array.from({ length: 300 }, (_, at) => 1000 + at)] })
    const { verdict, knee } = await swept({ trace, sizes: '10,20,50,100,200,300,400,600', policies: 'lru' })
    expect(knee[0]!.range!.uncertain).toBe(true)
    expect(verdict[1]).toBe(
      'Its knee is uncertain: it is at 300 entries here (99.1 % of the requests), and between 20 and 300 entries in 95 % of the curves resampled from this run.',
    )
  })

  it('names a few of many that are as good', async () => {
    const policies = 'lru,lfu,fifo,random,clock,slru,2q,arc,car,lirs'
    const { verdict } = await swept({ ...zipf, sizes: '100%', policies })
    expect(verdict[0]).toMatch(/^lru is best at every size, and (\S+, ){4}\S+ and 4 more are as good\.$/)
  })
})

describe('the range of a knee', () => {
  it('is the same whatever other policies there are, threads, or parts', async () => {
    const alone = (await swept({ ...zipf, sizes, policies: 'lfu' })).knee[0]!
    expect(alone.range).toMatchObject({ level: 0.95, samples: 200 })
    const options = { ...zipf, sizes, policies: 'lru,lfu', missLatency: '10ms' }
    const among = await sweep({ ...options, threads: 2 })
    expect(among.simulated.knee[1]).toEqual(alone)
    const parts = await Promise.all(
      ['1/2', '2/2'].map(async (shard) => {
        const text = JSON.stringify(await sweep({ ...options, shard }))
        return { name: shard, result: parseResult(text, shard) as SweepResult }
      }),
    )
    expect(mergeSweeps(parts).simulated).toEqual(among.simulated)
  })

  it('holds the knee, and is drawn anew for another seed', async () => {
    const rangeOf = async (seed: string) => (await swept({ ...zipf, seed, sizes, policies: 'lru' })).knee[0]!
    const { size, range } = await rangeOf('1')
    expect(range!.low).toBeLessThanOrEqual(size!)
    expect(range!.high).toBeGreaterThanOrEqual(size!)
  })

  it('is not known of few requests', async () => {
    const trace = createTrace({ keys: [1, 2, 1, 2] })
    expect((await swept({ trace, sizes: '1,2', policies: 'lru' })).knee[0]!.range).toBeNull()
  })
})
