import { describe, expect, it } from 'vitest'
import type { Run, SweepResult } from '../../src/core/result.ts'
import { createTrace } from '../../src/core/trace.ts'
import { compare } from '../../src/experiments/compare.ts'
import { mergeSweeps } from '../../src/experiments/merge.ts'
import { type SweepOptions, sweep } from '../../src/experiments/sweep.ts'

const keys = Array.from({ length: 600 }, (_, at) => (at * at * 31) % 97)
const times = keys.map((_, at) => 10 * at)
const trace = createTrace({ keys, times })
const ttls = keys.map((_, at) => (at % 4 === 0 ? Number.NaN : [5, 300, 5000][at % 3]!))
const recorded = createTrace({ keys, times, ttls })
const options: SweepOptions = {
  trace,
  policies: 'lru,ttl,random,optimal',
  sizes: '5,20,40',
  ttls: 'none,30s,10m,2m',
  missLatency: 'lognormal:p50=10ms,p99=50ms',
}
const simulated = async (more: SweepOptions = {}) => (await sweep({ ...options, ...more })).simulated
const bytes = ({ simulated }: SweepResult) => JSON.stringify(simulated)
const saved = (result: SweepResult): SweepResult => JSON.parse(JSON.stringify(result))
const nameOf = ({
  policy,
  ttl,
  ttlSeconds,
}: Pick<Run, 'policy'> & { ttl?: string; ttlSeconds?: number | null }) => `${policy} ${ttl} ${ttlSeconds}`

describe('a sweep over TTLs', () => {
  it('has in every cell what a comparison with that TTL at that size gives', async () => {
    const { runs } = await simulated()
    let compared = 0
    for (const ttl of ['30s', '2m', '10m', 'none']) {
      for (const size of [5, 20, 40]) {
        const { policies, missLatency } = options
        const single = await compare({
          trace,
          policies,
          size: String(size),
          ttl,
          missLatency,
        } as SweepOptions)
        for (const run of single.simulated.runs) {
          // `ttl` takes ten minutes where there is no TTL, which is a row of the grid already.
          const same = runs.filter((other) => nameOf(other) === nameOf(run) && other.size === size)
          expect(same).toEqual([{ ...run, shareOfOptimal: expect.any(Number) }])
          if (run.policy !== 'ttl' || ttl !== 'none') expect(same[0]!.shareOfOptimal).toBe(run.shareOfOptimal)
          compared++
        }
      }
    }
    expect(compared).toBe(4 * 3 * 4)
    // One curve fewer: `ttl` without one.
    expect(runs).toHaveLength((4 * 4 - 1) * 3)
  })

  it('has in every cell with recorded TTLs what a comparison with them gives', async () => {
    const { runs } = await simulated({ trace: recorded, ttls: 'recorded,none,1m' })
    for (const ttl of ['recorded', 'none', '1m']) {
      const single = await compare({
        trace: recorded,
        policies: options.policies,
        size: 20,
        ttl,
        missLatency: options.missLatency,
      })
      for (const run of single.simulated.runs)
        expect(runs.filter((other) => nameOf(other) === nameOf(run) && other.size === 20)).toEqual([run])
    }
  })

  it('orders TTLs, the shortest first, and says which there were', async () => {
    const { settings, runs } = await simulated({
      trace: recorded,
      ttls: 'recorded,none,10m,90s',
      policies: 'lru',
    })
    const rows = [
      { ttl: 'constant', ttlSeconds: 90 },
      { ttl: 'constant', ttlSeconds: 600 },
      { ttl: 'none', ttlSeconds: null },
      { ttl: 'recorded', ttlSeconds: null },
    ]
    expect(settings.ttls).toEqual(rows)
    expect(settings.assumed).not.toContain('ttl')
    expect(runs.filter(({ size }) => size === 5)).toMatchObject(rows)
  })

  it('has a knee, a ceiling and comparisons for every curve, those of a sweep with that TTL alone', async () => {
    const grid = await simulated()
    const order = ['30s', '2m', '10m', 'none']
    for (const ttl of order) {
      const alone = (await sweep({ ...options, ttls: undefined, ttl })).simulated
      const of = <T extends { ttl?: string | undefined; ttlSeconds?: number | null | undefined }>(
        all: readonly T[],
      ) =>
        all
          .filter(({ ttlSeconds }) => ttlSeconds === alone.settings.ttlSeconds)
          .map(({ ttl: _, ttlSeconds: __, ...rest }) => rest)
      const isGrids = ({ policy }: { policy: string }) => ttl !== 'none' || policy !== 'ttl'
      expect(of(grid.knee)).toEqual(alone.knee.filter(isGrids))
      expect(of(grid.curves)).toEqual(alone.curves.filter(isGrids))
      if (ttl !== 'none') expect(of(grid.comparisons)).toEqual(alone.comparisons)
    }
  })

  it('takes the TTL in place of that of a recipe', async () => {
    const { settings } = (
      await sweep({
        workload: 'workloads/price-prediction.yaml',
        requests: 2000,
        ttls: '5m,none',
        sizes: '10,20',
        policies: 'lru',
      })
    ).simulated
    expect(settings.ttls).toHaveLength(2)
  })

  it('gives a policy that cannot do without a TTL its own once, and says so', async () => {
    const { runs, warnings } = await simulated({ ttls: '1m,none', sizes: '20' })
    expect(runs.filter(({ policy }) => policy === 'ttl').map(({ ttlSeconds }) => ttlSeconds)).toEqual([
      60, 600,
    ])
    expect(warnings).toContain('ttl cannot do without a TTL and took one of 10 min where there is none')
  })

  it('says why a policy has no row for what it cannot do without, where its own is one already', async () => {
    const { runs, warnings } = await simulated({ ttls: '10m,none', sizes: '20', policies: 'lru,ttl' })
    expect(runs.map(nameOf)).toEqual(['lru constant 600', 'lru none null', 'ttl constant 600'])
    const why =
      'ttl has no row for none: it cannot do without a TTL, and takes 10 min there, which is a row already'
    expect(warnings).toContain(why)
    // Whatever part of it was run.
    const part = await simulated({ ttls: '10m,none', sizes: '20', policies: 'lru,ttl', shard: '1/5' })
    expect(part.warnings).toContain(why)
  })

  it('says of TTLs as recorded too where a policy took its own, though another row has as much', async () => {
    const { warnings } = await simulated({ trace: recorded, ttls: 'recorded,10m', policies: 'lru,ttl' })
    expect(warnings).toContain('ttl cannot do without a TTL and took one of 10 min where there is none')
  })

  it.each([
    ['2 shards', 2],
    ['7 shards', 7],
  ])('is, byte for byte, its %s together', async (_, of) => {
    const whole = await sweep({ ...options, windows: 3 })
    const parts = []
    for (let part = 1; part <= of; part++) {
      const result = saved(await sweep({ ...options, windows: 3, shard: `${part}/${of}` }))
      parts.push({ name: `part-${part}.json`, result })
    }
    expect(bytes(mergeSweeps(parts))).toBe(bytes(whole))
    expect(bytes(await sweep({ ...options, windows: 3, resume: parts[0]!.result }))).toBe(bytes(whole))
  })

  it('is not resumed with other TTLs, and tells cells with different TTLs apart', async () => {
    const part = saved(await sweep({ ...options, shard: '1/2' }))
    await expect(sweep({ ...options, ttls: '30s,10m,2m', resume: part })).rejects.toThrow(
      '--resume is given a sweep of other TTLs: it must be a part of this one',
    )
    await expect(sweep({ ...options, ttls: undefined, resume: part })).rejects.toThrow('other TTLs')
    const { cells } = part.simulated
    // lru at 5 entries with 30 s, and with 10 min.
    const [first, other] = [cells!.find(({ at }) => at === 0)!, cells!.find(({ at }) => at === 6)!]
    ;[first.at, other.at] = [6, 0]
    await expect(sweep({ ...options, resume: part })).rejects.toThrow(
      '--resume has lru at 5 entries with a TTL of 30 s where lru at 5 entries with a TTL of 10 min should be',
    )
  })

  it.each<[string, SweepOptions, string]>([
    [
      '--ttl too',
      { ttl: '5m' },
      "--ttl '5m' and --ttls 'none,30s,10m,2m' exclude each other: name every TTL in --ttls",
    ],
    [
      'nothing',
      { ttls: '' },
      "--ttls '' has an empty value: write durations with a comma between two, such as 10s,10m,none",
    ],
    [
      'a gap',
      { ttls: '1m,,2m' },
      "--ttls '1m,,2m' has an empty value: write durations with a comma between two, such as 10s,10m,none",
    ],
    ['0', { ttls: '0s,1m' }, "--ttls '0s' lets nothing live: it must be above 0, 'recorded' or 'none'"],
    [
      'a word',
      { ttls: '1m,soon' },
      "--ttls 'soon' is not understood: write a duration such as 10m, 'recorded' or 'none'",
    ],
    [
      'no unit',
      { ttls: '60' },
      "--ttls '60' has no unit: write a number and one of ns, us, µs, ms, s, m, min, h, d, w, such as 250ms or 10m",
    ],
    ['less than nothing', { ttls: '-1m' }, "--ttls '-1m' is negative: it must be 0 or more"],
    ['one twice', { ttls: '1m,2m,1m' }, "--ttls '1m,2m,1m' names '1m' twice"],
    [
      'one under two names',
      { ttls: '1m,none,60s' },
      "--ttls '1m,none,60s' names one TTL twice: '1m' is '60s'",
    ],
    [
      'recorded ones that are not there',
      { ttls: '1m,recorded' },
      '--ttls recorded needs TTLs, which trace does not have: give one for all, such as 10m, or leave out --ttls',
    ],
    [
      'times that are not there',
      { trace: createTrace({ keys }), ttls: 'none,1m' },
      "--ttls needs times, which trace does not have: give createTrace() 'times', or leave out --ttls",
    ],
  ])('is refused with %s', async (_, more, message) => {
    await expect(simulated(more)).rejects.toThrow(message)
  })
})

describe('the verdict over TTLs and sizes', () => {
  /** Ten keys in turn, one a second, and at last thirty others: an lru cache of 10 serves what any cache can. */
  const keys = Array.from({ length: 1030 }, (_, at) => (at < 1000 ? at % 10 : at))
  const loop = createTrace({ keys, times: keys.map((_, at) => at) })

  it('says that the TTL matters where only it does', async () => {
    const { verdict } = await simulated({
      trace: loop,
      policies: 'lru',
      sizes: '10,20',
      ttls: '5s,15s,none',
    })
    // Of 10 keys, each written once and read again at 10 s; with 15 s it is written anew every 20 s.
    expect(verdict).toMatchInlineSnapshot(`
      [
        "This is lru alone.",
        "TTL matters more than size over these ranges: for lru, 5 s → no TTL is worth 96.1 points on average over the sizes, and 10 entries → 20 entries (2 times the size) 0.0 points on average over the TTLs.",
        "The step that brings most is 5 s → 15 s: 48.5 points.",
        "Its curves have no knee.",
      ]
    `)
  })

  it('says that the size matters where only it does', async () => {
    const { verdict } = await simulated({
      trace: loop,
      policies: 'lru',
      sizes: '5,10',
      ttls: '20m,none',
    })
    expect(verdict).toMatchInlineSnapshot(`
      [
        "This is lru alone.",
        "Size matters more than TTL over these ranges: for lru, 20 min → no TTL is worth 0.0 points on average over the sizes, and 5 entries → 10 entries (2 times the size) 96.1 points on average over the TTLs.",
        "Its curves have no knee.",
      ]
    `)
  })

  it('speaks of one size, of one TTL, and of recorded ones', async () => {
    expect(
      (await simulated({ policies: 'lru', sizes: '20', ttls: '30s,10m' })).verdict,
    ).toMatchInlineSnapshot(`
      [
        "This is lru alone.",
        "At 20 entries, for lru, 30 s → 10 min is worth 36.7 points.",
      ]
    `)
    expect((await simulated({ policies: 'lru,fifo', ttls: '30s' })).verdict).toMatchInlineSnapshot(`
      [
        "Over all sizes and TTLs lru serves most on average.",
        "Its curves have no knee.",
      ]
    `)
    const { verdict } = await simulated({ trace: recorded, policies: 'lru', ttls: 'none,recorded' })
    expect(verdict).toMatchInlineSnapshot(`
      [
        "This is lru alone.",
        "It serves 33.4 % of the requests with recorded TTLs, and 41.0 % without a TTL on average over the sizes.",
        "Its curves have no knee.",
      ]
    `)
  })

  it('says where nothing is served', async () => {
    const once = createTrace({ keys: [1, 2, 3, 4], times: [0, 1, 2, 3] })
    expect(
      (await simulated({ trace: once, policies: 'lru', sizes: '1,2', ttls: '1s,none' })).verdict,
    ).toEqual(['No size and no TTL serves anything here.'])
  })
})
