import { describe, expect, it } from 'vitest'
import { createTrace, type Trace } from '../../src/core/trace.ts'
import { type CompareOptions, compare } from '../../src/experiments/compare.ts'
import { sweep } from '../../src/experiments/sweep.ts'

const keys = Array.from({ length: 200 }, (_, at) => (at * at) % 23)
const times = keys.map((_, at) => at)
const sizes = keys.map(() => 100)
const timed = createTrace({ keys, times, sizes })
const quiet = { trace: timed, size: 5, policies: 'lru,lfu,optimal', missLatency: '100ms' }

const warned = async (options: CompareOptions) => (await compare(options)).simulated.warnings

it('an ordinary run has no warnings', async () => {
  expect(await warned(quiet)).toEqual([])
  expect(await warned({ ...quiet, policies: undefined, ttl: '30s', ttlMode: 'idle' })).toEqual([])
  expect(
    (await sweep({ trace: timed, sizes: '1,5,10', policies: 'lru,optimal', missLatency: '100ms' })).simulated
      .warnings,
  ).toEqual([])
})

describe('a warning', () => {
  it.each<[string, Partial<CompareOptions>, string[]]>([
    [
      'of a cache that makes it worse',
      { hitLatency: '99ms', policies: 'lru,optimal' },
      ['a cache with lru makes the mean latency worse than no cache (break-even hit rate 99.0 %)'],
    ],
    [
      'of a model that takes no time',
      { missLatency: '0ms', policies: 'lru,lfu' },
      ['a cache with lru, lfu makes the mean latency worse than no cache'],
    ],
    [
      'of no room',
      { size: 0, hitLatency: '0ms', policies: 'lru' },
      ['a cache of size 0 keeps nothing: every request is a miss'],
    ],
    [
      'of room for all',
      { size: 12 },
      ['a cache of 12 entries holds every key there is: nothing is ever evicted'],
    ],
    [
      'of room for all their bytes',
      { size: '5KiB' },
      [
        'a cache of 5 KiB holds every key there is: nothing is ever evicted',
        'in bytes, optimal is a strong heuristic and not a proven bound: pfoo-l is one',
      ],
    ],
    [
      'of a TTL that was assumed',
      { policies: 'lru,ttl' },
      ['ttl cannot do without a TTL and took one of 10 min: --ttl sets another'],
    ],
    [
      'of a TTL longer than the run',
      { ttl: '1h', ttlMode: 'idle' },
      ['the TTL of 60 min is longer than the workload (3.32 min): nothing expires'],
    ],
    [
      'of a bound that is none, in bytes',
      { size: '500B' },
      ['in bytes, optimal is a strong heuristic and not a proven bound: pfoo-l is one'],
    ],
    [
      'of a proven bound that is none with a TTL',
      { size: '500B', ttl: '30s', ttlMode: 'idle', policies: 'lru,pfoo-l' },
      [
        'pfoo-l does not know of TTLs: with one it is not a proven bound',
        'in bytes, optimal is a strong heuristic and not a proven bound',
      ],
    ],
    [
      'of a bound that is none, with a TTL from the write',
      { ttl: '30s' },
      ['with a TTL from the write, optimal is a strong heuristic and not a proven bound'],
    ],
  ])('%s', async (_, options, warnings) => {
    expect(await warned({ ...quiet, ...options })).toEqual(warnings)
  })

  it('of a trace without times, where nobody chose the policies', async () => {
    const trace = createTrace({ keys })
    expect(await warned({ ...quiet, trace, policies: undefined })).toEqual([
      "the trace has no times, so ttl is left out: give createTrace() 'times'",
    ])
    expect(await warned({ ...quiet, trace })).toEqual([])
  })

  describe('of recorded TTLs', () => {
    const { NaN: unsaid } = Number
    const ttls = (of: (at: number) => number) => ({
      ...timed,
      ttls: Float32Array.from(keys, (_, at) => of(at)),
    })
    const heuristic = 'with TTLs as recorded, optimal is a strong heuristic and not a proven bound'

    it('that the bound is none, whether a hit renews them or not', async () => {
      const trace = ttls(() => 30)
      expect(await warned({ ...quiet, trace })).toEqual([heuristic])
      expect(await warned({ ...quiet, trace, ttlMode: 'idle' })).toEqual([heuristic])
    })

    it('what the policy ttl makes of entries without one, if there are any', async () => {
      const policies = 'lru,ttl'
      const taken =
        'ttl took a TTL of 10 min for entries that the trace gives none, which with other policies never expire'
      expect(await warned({ ...quiet, trace: ttls((at) => (at === 23 ? unsaid : 30)), policies })).toEqual([
        heuristic,
      ])
      expect(await warned({ ...quiet, trace: ttls((at) => (at === 0 ? unsaid : 30)), policies })).toEqual([
        taken,
        heuristic,
      ])
      expect(await warned({ ...quiet, trace: ttls(() => 30), policies, ttl: 'none' })).toEqual([
        'ttl cannot do without a TTL and took one of 10 min: --ttl sets another',
      ])
    })

    it('that none runs out', async () => {
      const none = 'no TTL of the trace is within its length (3.32 min): none of them runs out'
      expect(await warned({ ...quiet, trace: ttls((at) => [200, Infinity, unsaid][at % 3]!) })).toEqual([
        none,
        heuristic,
      ])
      expect(await warned({ ...quiet, trace: ttls((at) => [199, Infinity, unsaid][at % 3]!) })).toEqual([
        heuristic,
      ])
    })

    it('that there are no times to judge them by, unless they were not asked for', async () => {
      const trace = createTrace({ keys, ttls: keys.map(() => 30) })
      expect(await warned({ ...quiet, trace })).toEqual([
        "the trace has TTLs but no times, so nothing expires: give createTrace() 'times'",
      ])
      expect(await warned({ ...quiet, trace, ttl: 'none' })).toEqual([])
    })
  })

  describe('of servers with a clock', () => {
    const plain = createTrace({ keys })
    const policies = 'lru,memcached(hotPercent=30),redis-lru+tinylfu,redis-lfu(samples=3)'
    const took = (names: string, example: string) =>
      `so ${names} took 1,000 requests a second for the clock of the server: write ${example}(requestsPerSecond=50) where there are 50`

    it('that there is nothing to tell the time by', async () => {
      const names = 'memcached(hotPercent=30), redis-lru+tinylfu, redis-lfu(samples=3)'
      const said = took(names, 'memcached')
      expect(await warned({ ...quiet, trace: plain, policies })).toEqual([`the trace has no times, ${said}`])
      const still = createTrace({ keys, times: keys.map(() => 7) })
      expect(await warned({ ...quiet, trace: still, policies })).toEqual([
        `all requests have the same time, ${said}`,
      ])
      const swept = await sweep({ trace: plain, policies, sizes: '1,5,10' })
      expect(swept.simulated.warnings).toContain(`the trace has no times, ${said}`)
    })

    it('but not where there are times, or the rate was given', async () => {
      expect(await warned({ ...quiet, policies })).toEqual([])
      const given = 'redis-lru(requestsPerSecond=1000)'
      expect(await warned({ ...quiet, trace: plain, policies: given })).toEqual([])
      expect(await warned({ ...quiet, trace: plain, policies: `${given},redis-lfu` })).toEqual([
        `the trace has no times, ${took('redis-lfu', 'redis-lfu')}`,
      ])
    })
  })

  it('of a run too short for intervals', async () => {
    const trace = createTrace({ keys: [1, 1, 2, 1] })
    expect(await warned({ ...quiet, trace, size: 1 })).toEqual([
      'the run is too short (4 requests) for confidence intervals and ties',
    ])
  })

  it('of a sample says what a size stands for', async () => {
    const source: NonNullable<Trace['source']> = {
      files: ['x.csv'],
      sampleRate: 0.01,
      format: 'csv',
      compression: 'none',
      rows: 200,
      filteredRows: 0,
      badRows: 0,
      badRowSamples: [],
      columns: {},
      notes: [],
    }
    const [warning] = await warned({ ...quiet, trace: { ...timed, source }, size: 3 })
    expect(warning).toMatch(
      /sample of 1 % of the keys: a cache of 3 entries here stands for one of 300 entries/,
    )
  })

  it('of unreadable rows names the first', async () => {
    const source: NonNullable<Trace['source']> = {
      files: ['x.csv'],
      sampleRate: 1,
      format: 'csv',
      compression: 'none',
      rows: 202,
      filteredRows: 0,
      badRows: 2,
      badRowSamples: [{ line: 7, reason: 'no key' }],
      columns: {},
      notes: [],
    }
    expect(await warned({ ...quiet, trace: { ...timed, source } })).toEqual([
      '2 of 202 rows could not be read; the first, line 7: no key',
    ])
  })
})

describe('a sweep warns', () => {
  const warnings = async (options: Parameters<typeof sweep>[0]) =>
    (await sweep({ policies: 'lru', missLatency: '100ms', ...options })).simulated.warnings

  it('of sizes that fall together', async () => {
    expect(await warnings({ trace: timed, sizes: '1..3:4' })).toEqual([
      '1 of the sizes came to the same number of entries as another and was left out',
    ])
  })

  it('of sizes beyond the keys, but not of one that holds just them all', async () => {
    expect(await warnings({ trace: timed, sizes: '1,100%' })).toEqual([])
    expect(await warnings({ trace: timed, sizes: '1,12,40' })).toEqual([
      '1 size beyond the 12 distinct keys was cut to as many: a larger cache evicts nothing',
    ])
  })

  it('of sizes beyond the bytes of all values, but not of one that holds just them all', async () => {
    expect(await warnings({ trace: timed, sizes: '500B,1200B' })).toEqual([])
    expect(await warnings({ trace: timed, sizes: '500B,1200B,2kB,3kB' })).toEqual([
      '2 sizes beyond the 1.17 KiB that all values take at their largest were cut to as much: a larger cache evicts nothing',
    ])
  })

  it('of the sizes up to which a cache does harm', async () => {
    expect(await warnings({ trace: timed, sizes: '0,1,12', hitLatency: '50ms' })).toEqual([
      'a cache with lru at sizes up to 1 entry makes the mean latency worse than no cache (break-even hit rate 50.0 %)',
      'a cache of size 0 keeps nothing: every request is a miss',
    ])
    expect(await warnings({ trace: timed, sizes: '100B,1200B', hitLatency: '50ms' })).toEqual([
      'a cache with lru at sizes up to 100 B makes the mean latency worse than no cache (break-even hit rate 50.0 %)',
    ])
  })

  it('not that nothing is evicted where values were larger before', async () => {
    const trace = createTrace({ keys: ['a', 'b', 'c', 'a', 'b', 'c'], sizes: [4, 4, 4, 1, 1, 1] })
    const nothing = 'nothing is ever evicted'
    expect((await warnings({ trace, sizes: '1B,5B,6B' })).join()).not.toMatch(nothing)
    // Estimates have no runs that would know.
    expect((await warnings({ trace, sizes: '1B,5B,6B', sample: '100%' })).join()).not.toMatch(nothing)
  })

  it('once only that nothing is evicted, where sizes were cut', async () => {
    // Never more than 5 bytes at a time, though 8 would be needed for both at their largest.
    const trace = createTrace({
      keys: ['a', 'b', 'a', 'b', 'a'],
      sizes: [4, 1, 1, 4, 1],
      ops: [0, 0, 1, 1, 0],
    })
    const cut =
      '1 size beyond the 8 B that all values take at their largest was cut to as much: a larger cache evicts nothing'
    const nothing = 'a cache of 6 B holds every key there is: nothing is ever evicted'
    const said = async (sizes: string) =>
      (await warnings({ trace, sizes })).filter((warning) => /evict/.test(warning))
    expect(await said('1B,20B')).toEqual([cut])
    expect(await said('1B,6B,20B')).toEqual([cut, nothing])
  })

  it('not that everything is missed where values of no bytes fit into none', async () => {
    const trace = createTrace({ keys: [1, 1, 1], sizes: [0, 0, 0] })
    const { runs, warnings: given } = (await sweep({ trace, sizes: '0B,1B', policies: 'lru' })).simulated
    expect(runs.map(({ hits }) => hits)).toEqual([2, 2])
    expect(given.join()).not.toMatch('keeps nothing')
  })
})
