import { describe, expect, it } from 'vitest'
import { createTrace } from '../../src/core/trace.ts'
import { compare } from '../../src/experiments/compare.ts'
import { type SweepOptions, sweep } from '../../src/experiments/sweep.ts'

const keys = Array.from({ length: 400 }, (_, at) => (at * at * 31) % 29)
// Two and a half minutes between requests: in the ten that ttl assumes, few keys come again.
const trace = createTrace({ keys, times: keys.map((_, at) => 150 * at), sizes: keys.map((key) => 10 + key) })
const options = { trace, missLatency: '10ms' }

describe('the ceiling of a curve', () => {
  const ceilings = async (more: Parameters<typeof sweep>[0]) =>
    (await sweep({ ...options, ...more })).simulated.curves.map(({ ceiling }) => ceiling)
  const endless = async (policy: string, ttl = 'none') =>
    (await compare({ ...options, policies: policy, size: 1000, ttl })).simulated.runs[0]!.hitRate

  it('is the hit rate of a cache that never evicts, with the TTL its policy has', async () => {
    const [lru, ttl, fifo] = await ceilings({ sizes: '1,2,3', policies: 'lru,ttl,fifo' })
    expect(lru).toBe(await endless('lru'))
    expect(fifo).toBe(lru)
    expect(ttl).toBe(await endless('ttl'))
    expect(ttl).toBeLessThan(lru!)
  })

  it('is one for all where the TTL is one for all', async () => {
    const expected = await endless('lru', '20m')
    expect(await ceilings({ sizes: '1,2', policies: 'ttl,lru', ttl: '20m' })).toEqual([expected, expected])
  })

  it('is the same in bytes as in entries', async () => {
    expect(await ceilings({ sizes: '10B,50B', policies: 'lru,ttl' })).toEqual(
      await ceilings({ sizes: '1,2', policies: 'lru,ttl' }),
    )
  })

  it('does not evict in any of several seeds, whichever has the most keys', async () => {
    const zipf = { workload: 'zipf(alpha=0.7)', keys: 3000, requests: 3000, missLatency: '10ms', repeat: 4 }
    const [curve] = (await sweep({ ...zipf, sizes: '10,20', policies: 'lru' })).simulated.curves
    const [run] = (await compare({ ...zipf, size: 3000, policies: 'lru' })).simulated.runs
    expect(curve!.ceiling).toBe(run!.hitRate)
  })
})

describe('a sweep', () => {
  it('goes by default up to the working set, and says that this was assumed', async () => {
    const { runs, settings, knee } = (await sweep({ ...options, policies: 'lru' })).simulated
    expect(runs.at(-1)).toMatchObject({ size: trace.keyCount, sizeShare: 1 })
    expect(settings.assumed).toContain('sizes')
    expect(knee[0]).toMatchObject({ from: 1, to: trace.keyCount, sensitivity: 1 })
  })

  it('holds every policy against the bound at its size, and the best real one against each other', async () => {
    const { runs, comparisons } = (
      await sweep({ ...options, sizes: '3,9', policies: 'lru,fifo,lfu,optimal' })
    ).simulated
    expect(comparisons).toHaveLength(4)
    for (const size of [3, 9]) {
      const at = runs.filter((run) => run.size === size)
      const bound = at.find(({ policy }) => policy === 'optimal')!
      for (const run of at) expect(run.shareOfOptimal).toBeCloseTo(run.hitRate / bound.hitRate, 12)
      const best = Math.max(...at.filter((run) => !run.bound).map(({ hitRate }) => hitRate))
      for (const { better } of comparisons.filter((pair) => pair.size === size)) {
        expect(at.find(({ policy }) => policy === better)!.hitRate).toBe(best)
      }
    }
  })

  it('takes the sensitivity of the knee and the gain that is still worth it', async () => {
    const { knee, curves } = (
      await sweep({ ...options, sizes: '1..29:10', policies: 'lru', sensitivity: '3', minGain: 0.5 })
    ).simulated
    expect(knee[0]!.sensitivity).toBe(3)
    expect(curves[0]!.worthwhile.minimumGain).toBe(0.5)
  })

  it.each([
    [{ sensitivity: -1 }, "--sensitivity '-1' must be a number of 0 or more"],
    [{ sensitivity: '' }, "--sensitivity ''"],
    [{ minGain: 'x' }, "--min-gain 'x' must be"],
    [{ minGain: Infinity }, "--min-gain 'Infinity'"],
    [{ sizes: '0..9:3' }, 'starts at 0'],
    [{ sizes: '1,1KiB' }, 'mixes entries and bytes'],
  ])('refuses %j', async (more, message) => {
    await expect(sweep({ ...options, ...more })).rejects.toThrow(message)
  })
})

it.each<[string, SweepOptions, string]>([
  ['sizes', { sizes: '10,much' }, "--sizes 'much' is not a cache size"],
  ['sizes of two units', { sizes: '10,1kB' }, "--sizes '10,1kB' mixes entries and bytes"],
  ['no size', { sizes: [] }, 'names no size'],
  ['threads', { threads: 0 }, "--threads '0' must be a whole number"],
  ['a TTL', { ttl: 'soon' }, "--ttl 'soon' is not understood"],
  ['a latency', { hitLatency: 'short' }, "--hit-latency 'short'"],
  ['a price', { missCost: 'cheap' }, "--miss-cost 'cheap'"],
  ['a warm-up', { warmup: 'long' }, "--warmup 'long'"],
  ['repetitions', { repeat: 0 }, "--repeat '0' must be a whole number"],
])('a slip in %s is told before the trace is opened', async (_, slip, says) => {
  await expect(sweep({ trace: 'absent.csv', ...slip })).rejects.toThrow(says)
  await expect(sweep({ trace: 'absent.csv', sample: '10%', ...slip })).rejects.toThrow(/--(?!trace)/)
})

it('a result that cannot be gone on with is refused before the trace is opened', async () => {
  const small = { requests: 100, keys: 10, policies: 'lru', sizes: '1,5' }
  for (const [more, says] of [
    [{}, '--resume is given a sweep that is complete: nothing of it is left to do'],
    [{ sample: '50%' }, '--resume is given estimates, of which there is nothing to go on with'],
  ] as const) {
    const resume = await sweep({ ...small, ...more })
    await expect(sweep({ trace: 'absent.csv', resume })).rejects.toThrow(says)
  }
})
