import { describe, expect, it } from 'vitest'
import { createRandom } from '../../../src/core/random.ts'
import { createTrace, type Trace } from '../../../src/core/trace.ts'
import { seconds, service, simulated, tier } from '../../support/service.ts'
import { sharedFolder, sharedLines, sharedNote } from '../../support/shared.ts'

const rounded = (values: ArrayLike<number>) => Array.from(values, (value) => Number(value.toFixed(9)))

/** One key, asked for by a Poisson process. */
function oneKey(requests: number, rate: number, seed: string): Trace {
  const random = createRandom(seed, 'one key')
  let now = 0
  const times = Array.from({ length: requests }, () => {
    now -= Math.log(1 - random.double()) / rate
    return now
  })
  return createTrace({ keys: times.map(() => 0), times })
}

describe('expiry in time', () => {
  const requests = 200_000
  const rate = 2
  const ttlSeconds = 1.5
  const x = rate * ttlSeconds

  it.each([
    // Between two misses lie 1 + Poisson(λT) requests: mean 1 + λT, variance λT.
    {
      name: 'from the write: λT / (1 + λT)',
      renewOnHit: false,
      rate: x / (1 + x),
      variance: x / (1 + x) ** 3,
    },
    // Geometric: each request is a hit by itself.
    {
      name: 'from the last use: 1 − e^(−λT)',
      renewOnHit: true,
      rate: 1 - Math.exp(-x),
      variance: Math.exp(-x) * (1 - Math.exp(-x)),
    },
  ])('hits as the formula says, $name', ({ renewOnHit, rate: expected, variance }) => {
    const settings = service({ tiers: [tier('lru', 10, { ttlSeconds, renewOnHit })] })
    const { meters } = simulated(oneKey(requests, rate, 'ttl'), settings)
    const deviation = Math.sqrt(variance / requests)
    expect(Math.abs(meters.hits[0]! / requests - expected)).toBeLessThan(4 * deviation)
    expect(deviation).toBeLessThan(0.002)
  })

  it('and with a computation of D seconds that others wait for: a cycle lasts D + T + 1/λ', () => {
    const compute = 0.4
    const settings = service({
      tiers: [tier('lru', 10, { ttlSeconds })],
      model: { latency: seconds(compute) },
      onMiss: { protection: 'single-flight' },
    })
    const { meters } = simulated(oneKey(requests, rate, 'delayed'), settings)
    const cycle = 1 + rate * (compute + ttlSeconds)
    // Requests of a cycle are 1 + Poisson(λ(D + T)).
    const deviation = Math.sqrt((cycle - 1) / cycle ** 3 / requests)
    expect(Math.abs(meters.computed / requests - 1 / cycle)).toBeLessThan(4 * deviation)
    expect(Math.abs(meters.delayedHits / requests - (rate * compute) / cycle)).toBeLessThan(0.005)
    expect(Math.abs(meters.hits[0]! / requests - (rate * ttlSeconds) / cycle)).toBeLessThan(0.005)
  })

  it('serves an entry before its expiry, not at it', () => {
    const trace = createTrace({ keys: [0, 0, 0], times: [0, 4.5, 5] })
    const { meters } = simulated(trace, service({ tiers: [tier('lru', 1, { ttlSeconds: 5 })] }))
    expect({ hits: meters.hits[0], calls: meters.calls }).toEqual({ hits: 1, calls: 2 })
  })
})

describe('early refresh', () => {
  it.each([
    { beta: 1, gap: 2 },
    { beta: 1, gap: 10 },
    { beta: 2, gap: 10 },
    { beta: 0.5, gap: 5 },
  ])('comes with probability e^(−gap/(βδ)): β $beta, $gap s before the expiry', ({ beta, gap }) => {
    const delta = 8
    const ttlSeconds = 100
    const keys = 20_000
    // Each key is computed from 0 to 8, expires at 108 and is asked for once more.
    const trace = createTrace({
      keys: Array.from({ length: 2 * keys }, (_, at) => at % keys),
      times: Array.from({ length: 2 * keys }, (_, at) => (at < keys ? 0 : delta + ttlSeconds - gap)),
    })
    const settings = service({
      tiers: [tier('lru', keys, { ttlSeconds })],
      model: { latency: seconds(delta) },
      onMiss: { earlyRefresh: beta },
    })
    const { meters } = simulated(trace, settings)
    const probability = Math.exp(-gap / (beta * delta))
    const deviation = Math.sqrt((probability * (1 - probability)) / keys)
    expect(meters.hits[0]).toBe(keys)
    expect(Math.abs(meters.earlyRefreshes / keys - probability)).toBeLessThan(4 * deviation)
    expect(meters.calls).toBe(keys + meters.earlyRefreshes)
  })
})

describe('a stampede', () => {
  const arrivals = 12
  const burst = createTrace({
    keys: Array(arrivals).fill(0),
    times: Array.from({ length: arrivals }, (_, at) => at / 10),
  })
  const run = (protection: 'none' | 'single-flight' | 'lock', instances: number, leaseSeconds = 60) =>
    simulated(
      burst,
      service({
        instances,
        tiers: [tier('lru', 10)],
        model: { latency: seconds(20) },
        onMiss: { protection, leaseSeconds },
      }),
    )

  it.each([
    { protection: 'none' as const, instances: 1, calls: arrivals },
    { protection: 'none' as const, instances: 3, calls: arrivals },
    { protection: 'single-flight' as const, instances: 1, calls: 1 },
    { protection: 'single-flight' as const, instances: 3, calls: 3 },
    { protection: 'single-flight' as const, instances: 40, calls: arrivals },
    { protection: 'lock' as const, instances: 3, calls: 1 },
  ])(
    'of 12 makes $calls calls with $protection over $instances instances',
    ({ protection, instances, calls }) => {
      const { meters } = run(protection, instances)
      expect(meters.calls).toBe(calls)
      expect(meters.duplicateCalls).toBe(calls - 1)
      expect(meters.delayedHits).toBe(arrivals - calls)
      if (calls < arrivals)
        expect(rounded(meters.latencies).slice(-1)).toEqual([
          protection === 'lock' ? 18.9 : instances === 3 ? 19.1 : 18.9,
        ])
    },
  )

  it('computes anew whenever a lease runs out', () => {
    // The lock is taken at 0, 5, 10 and 15, by those who wait; the first computation ends at 20.
    const { meters } = run('lock', 3, 5)
    expect(meters.calls).toBe(4)
    expect(meters.takeovers).toBe(3)
    expect(meters.answers).toBe(arrivals)
  })
})

describe('two tiers', () => {
  // Worked by hand. Private caches of one entry (1 ms), a shared one of two (10 ms); a call takes 100 ms.
  const two = (over = {}) =>
    service({
      instances: 2,
      tiers: [
        tier('lru', 1, { shared: false, lookup: seconds(0.001) }),
        tier('lru', 2, { lookup: seconds(0.01), ...over }),
      ],
      model: { latency: seconds(0.1) },
    })
  const trace = createTrace({
    keys: ['a', 'a', 'b', 'b', 'a', 'c', 'b', 'a'],
    times: [0, 1, 2, 3, 4, 5, 6, 7],
  })

  it('keeps copies in both', () => {
    const { meters, tiers } = simulated(trace, two())
    // Round-robin: a c' … 0: a b a b, 1: a b c a.
    // 0 a miss (0.111), 1 a from shared (0.011), 0 b miss, 1 b from shared, 0 a from shared, 1 c miss: shared gives up b,
    // 0 b miss: shared gives up a, 1 a miss: shared gives up c.
    expect(rounded(meters.latencies)).toEqual([0.111, 0.011, 0.111, 0.011, 0.011, 0.111, 0.111, 0.111])
    expect([...meters.hits]).toEqual([0, 3])
    expect(tiers[1]!.stores[0]!.evictions).toBe(3)
  })

  it('keeps an entry in one of them where the farther is exclusive', () => {
    const { meters } = simulated(trace, two({ exclusive: true }))
    // 0 a: miss, private to 0. 1 a: miss, private to 1. 0 b: miss, a moves to shared. 1 b: miss, a moves (is there already).
    // 0 a: from shared, which loses it; b moves there. 1 c: miss; b moves there (is there already). 0 b: from shared; a
    // moves there. 1 a: from shared.
    expect(rounded(meters.latencies)).toEqual([0.111, 0.111, 0.111, 0.111, 0.011, 0.111, 0.011, 0.011])
  })

  it('goes on without a tier that is down', () => {
    const events = [{ kind: 'restart-tier', tier: 1, at: 0.5, seconds: 1 }] as const
    const { meters, tiers } = simulated(trace, { ...two(), events })
    // At 1 the shared tier is down: no lookup there, no copy either. At 3 it has b.
    expect(rounded(meters.latencies).slice(0, 4)).toEqual([0.111, 0.101, 0.111, 0.011])
    expect(tiers[1]!.skipped).toBe(1)
  })

  it('a persistent tier keeps what it has over a restart', () => {
    const events = [{ kind: 'restart-tier', tier: 1, at: 0.5, seconds: 0.1 }] as const
    const lost = simulated(trace, { ...two(), events })
    const kept = simulated(trace, { ...two({ persistent: true }), events })
    expect(rounded(lost.meters.latencies)[1]).toBe(0.111)
    expect(rounded(kept.meters.latencies)[1]).toBe(0.011)
  })
})

describe('delayed hits', () => {
  /**
   * Atre et al. 2020 ("Caching with delayed hits", SIGCOMM), as the authors' simulator has it: a request a cycle; a miss
   * takes Z, those who come meanwhile the rest of it; the entry comes in when the fetch ends, as the most recently used.
   */
  function latenciesOf(keys: readonly string[], z: number, capacity: number): number[] {
    const cache: string[] = []
    const pending = new Map<string, number>()
    return keys.map((key, clock) => {
      for (const [done, ends] of pending) {
        if (ends > clock) continue
        pending.delete(done)
        if (cache.length === capacity) cache.shift()
        cache.push(done)
      }
      if (cache.includes(key)) {
        cache.splice(cache.indexOf(key), 1)
        cache.push(key)
        return 0
      }
      if (!pending.has(key)) pending.set(key, clock + z)
      return pending.get(key)! - clock
    })
  }
  const simulate = (keys: readonly string[], z: number, capacity: number) =>
    simulated(
      createTrace({ keys, times: keys.map((_, at) => at) }),
      service({
        tiers: [tier('lru', capacity)],
        model: { latency: seconds(z) },
        onMiss: { protection: 'single-flight' },
      }),
    )

  it('wait for the rest of the fetch', () => {
    // Z = 4: a misses at 0, waits 3 and 2 more at 1 and 2, is there at 4.
    const { meters } = simulate(['a', 'a', 'a', 'b', 'a', 'a', 'b', 'b'], 4, 2)
    expect([...meters.latencies]).toEqual([4, 3, 2, 4, 0, 0, 1, 0])
    expect(meters.delayedHits).toBe(3)
  })

  it.runIf(sharedFolder)(`are those of the authors’ own trace${sharedNote}`, () => {
    const keys = sharedLines('traces/delayed-hits-trace.csv').map((line) => line.split(';')[1]!)
    expect(keys.length).toBe(5000)
    for (const z of [1, 5, 50, 500]) {
      for (const capacity of [10, 64, 400]) {
        const { meters } = simulate(keys, z, capacity)
        expect([...meters.latencies], `Z ${z}, ${capacity} entries`).toEqual(latenciesOf(keys, z, capacity))
      }
    }
  })
})
