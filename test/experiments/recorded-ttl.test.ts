import { describe, expect, it } from 'vitest'
import { createRandom } from '../../src/core/random.ts'
import { resultSchema } from '../../src/core/result.ts'
import { createTrace, Op } from '../../src/core/trace.ts'
import { compare } from '../../src/experiments/compare.ts'
import { inspect } from '../../src/experiments/inspect.ts'
import { sweep } from '../../src/experiments/sweep.ts'
import { type NaiveSettings, naiveOrders, naiveOutcomes } from '../oracle/naive-cache.ts'

const REQUESTS = 900
const random = createRandom(1, 'recorded-ttl')
const pick = <T>(...values: readonly T[]): T => values[Math.floor(random() * values.length)]!
const requests = Array.from({ length: REQUESTS }, () => ({
  key: Math.floor(40 * random() ** 2),
  size: 1 + Math.floor(9 * random()),
  op: pick<number>(0, 0, 0, 0, 0, Op.write, Op.write, Op.delete),
  ttl: pick(3, 20, 20, 100, Infinity, Number.NaN, Number.NaN, Number.NaN),
}))
/** As a store's log has it: many reads, writes with TTLs of all kinds, some deletes. */
const trace = createTrace({
  keys: requests.map(({ key }) => key),
  times: requests.map((_, at) => at),
  sizes: requests.map(({ size }) => size),
  ops: requests.map(({ op }) => op),
  ttls: requests.map(({ ttl }) => ttl),
  name: 'store.log',
})
const base = { trace, missLatency: '10ms', policies: 'lru,lfu,fifo,ttl' }
const TTL_DEFAULT = 600

/** Hits of the naive cache at the requests that are counted. */
const naiveHits = (policy: string, settings: NaiveSettings, warmup = 0) =>
  naiveOutcomes(trace, naiveOrders[policy]!, settings)
    .slice(warmup)
    .filter((outcome) => outcome === 'hit').length

describe('a trace that records TTLs', () => {
  it.each([
    { size: 8, ttlMode: 'write' as const },
    { size: 8, ttlMode: 'idle' as const },
    { size: '40B', ttlMode: 'write' as const },
    { size: '40B', ttlMode: 'idle' as const },
  ])('is compared by them: %j', async ({ size, ttlMode }) => {
    const result = await compare({ ...base, size, ttlMode, warmup: '10%' })
    expect(resultSchema.parse(JSON.parse(JSON.stringify(result)))).toEqual(result)
    const { settings, runs } = result.simulated
    expect(settings).toMatchObject({ ttl: 'recorded', ttlSeconds: null })
    for (const run of runs) {
      const ttl = run.policy === 'ttl' ? TTL_DEFAULT : undefined
      expect(run).toMatchObject({ ttl: 'recorded', ttlSeconds: ttl ?? null })
      const cache = { capacity: Number.parseInt(`${size}`, 10), bytes: typeof size === 'string' }
      const naive = { ...cache, recorded: true, ttl, idle: ttlMode === 'idle' }
      expect(run.hits).toBe(naiveHits(run.policy, naive, REQUESTS / 10))
      expect(run.missKinds.expired).toBeGreaterThan(0)
    }
  })

  it('is swept by them, size by size as it is compared, up to a ceiling that they lower', async () => {
    const { runs, curves } = (await sweep({ ...base, sizes: '2,8,20' })).simulated
    for (const size of [2, 8, 20]) {
      const compared = (await compare({ ...base, size })).simulated.runs
      const swept = runs.filter((run) => run.size === size)
      expect(swept.map(({ hits }) => hits)).toEqual(compared.map(({ hits }) => hits))
    }
    const reads = requests.filter(({ op }) => op === Op.read).length
    for (const { policy, ceiling } of curves) {
      const ttl = policy === 'ttl' ? TTL_DEFAULT : undefined
      const endless = naiveHits(policy, { capacity: 1000, bytes: false, recorded: true, ttl })
      expect(ceiling).toBe(endless / reads)
      expect(endless).toBeLessThan(naiveHits(policy, { capacity: 1000, bytes: false }))
    }
  })

  it('is compared by another TTL, or none, where that is asked for', async () => {
    const { ttls: _, ...plain } = trace
    for (const ttl of ['20s', 'none']) {
      const own = (await compare({ ...base, size: 8, ttl })).simulated
      const without = (await compare({ ...base, trace: plain, size: 8, ttl })).simulated
      expect(own.runs).toEqual(without.runs)
      expect(own.settings.ttl).toBe(ttl === 'none' ? 'none' : 'constant')
    }
  })

  it('lets the policy ttl run without a TTL of its own where every entry has one', async () => {
    const told = { ...trace, ttls: trace.ttls!.map((ttl) => (Number.isNaN(ttl) ? Infinity : ttl)) }
    const { runs } = (await compare({ ...base, trace: told, size: 8 })).simulated
    expect(runs.map(({ ttl, ttlSeconds }) => [ttl, ttlSeconds])).toEqual(runs.map(() => ['recorded', null]))
  })

  it('is the same again, and says what columns it has', async () => {
    const options = { ...base, policies: 'lru,random,optimal', size: 8 }
    const [first, second] = [await compare(options), await compare(options)]
    expect(second.simulated).toEqual(first.simulated)
    expect(first.simulated.workload.columns).toEqual(['times', 'sizes', 'ops', 'ttls'])
    expect((await inspect({ trace })).simulated.workload.columns).toContain('ttls')
  })
})
