import { describe, expect, it } from 'vitest'
import { InputError } from '../../src/core/errors.ts'
import { type Run, resultSchema } from '../../src/core/result.ts'
import { createTrace, Op } from '../../src/core/trace.ts'
import { type CompareOptions, compare } from '../../src/experiments/compare.ts'
import { inspect } from '../../src/experiments/inspect.ts'
import { sweep } from '../../src/experiments/sweep.ts'

const ALL = 'lru,lfu,fifo,random,ttl,optimal,optimal(bypass=false)'

/** The runs of a comparison whose result must be what it says it is. */
async function runsOf(options: CompareOptions): Promise<readonly Run[]> {
  const result = await compare({ missLatency: '10ms', ...options })
  expect(resultSchema.parse(JSON.parse(JSON.stringify(result)))).toEqual(result)
  return result.simulated.runs
}

const hitsOf = async (options: CompareOptions) => (await runsOf(options)).map(({ hits }) => hits)
const every = (hits: number) => ALL.split(',').map(() => hits)
const timed = (keys: readonly (string | number)[], times: readonly number[] = [...keys.keys()]) =>
  createTrace({ keys, times })

describe('a workload', () => {
  it('of one request is one first sight', async () => {
    const runs = await runsOf({ trace: timed(['a']), size: 1, policies: ALL })
    for (const run of runs) {
      expect(run).toMatchObject({ requests: 1, hits: 0, interval: null, missKinds: { compulsory: 1 } })
      expect(run.latency).toMatchObject({ mean: 12, p50: 12, p95: 12, p99: 12 })
    }
    expect((await runsOf({ requests: 1, keys: 1, policies: ALL }))[0]!.requests).toBe(1)
    expect((await sweep({ trace: timed(['a']) })).simulated.verdict).toEqual([
      'Even a cache that never evicts serves nothing here.',
    ])
    expect((await inspect({ trace: timed(['a']) })).simulated.inspection).toMatchObject({
      meanRate: null,
      zipf: null,
    })
  })

  it('of one key hits from its second request on', async () => {
    expect(await hitsOf({ trace: timed(Array(50).fill('a')), size: 1, policies: ALL })).toEqual(every(49))
    expect(await hitsOf({ requests: 50, keys: 1, size: 1, policies: 'lru,lfu' })).toEqual([49, 49])
  })

  it('of keys that are all distinct never hits', async () => {
    const keys = Array.from({ length: 60 }, (_, at) => at)
    expect(await hitsOf({ trace: timed(keys), size: 7, policies: ALL })).toEqual(every(0))
  })

  it('whose requests all come at once has no life to run out', async () => {
    const keys = ['a', 'b', 'a', 'b', 'a']
    const trace = timed(keys, [0, 0, 0, 0, 0])
    expect(await hitsOf({ trace, size: 2, ttl: '1ns', policies: ALL })).toEqual(every(3))
    expect((await inspect({ trace })).simulated.inspection.meanRate).toBeNull()
  })

  it('may begin at any second', async () => {
    const keys = ['a', 'b', 'a', 'c', 'a', 'b']
    const late = timed(keys, [1e9, 1e9 + 1, 1e9 + 2, 1e9 + 9, 1e9 + 10, 1e9 + 11])
    const early = timed(keys, [0, 1, 2, 9, 10, 11])
    const options = { size: 2, ttl: '5s', policies: ALL }
    expect(await hitsOf({ trace: late, ...options })).toEqual(await hitsOf({ trace: early, ...options }))
  })

  it.each([
    { columns: { keys: ['a', 'b'], ops: [Op.write, Op.delete] }, message: 'mine has no reads to count' },
    { columns: { keys: [] }, message: 'mine has no requests' },
    { columns: { keys: [], times: [] }, message: 'mine has no requests' },
  ])('without anything to count is refused: $message', async ({ columns, message }) => {
    const trace = createTrace({ ...columns, name: 'mine' })
    const comparison = compare({ trace, size: 1 })
    await expect(comparison).rejects.toThrow(InputError)
    await expect(comparison).rejects.toThrow(message)
    await expect(sweep({ trace })).rejects.toThrow(message)
  })

  it('whose only reads lie in the warm-up is refused', async () => {
    const trace = createTrace({ keys: ['a', 'a', 'a'], ops: [Op.read, Op.read, Op.write] })
    await expect(compare({ trace, size: 1, warmup: '2' })).rejects.toThrow('has no reads to count')
  })

  it('may delete what nobody has read, and read what was only written', async () => {
    const trace = createTrace({
      keys: ['a', 'b', 'a', 'b', 'b', 'b'],
      ops: [Op.delete, Op.write, Op.read, Op.read, Op.delete, Op.read],
    })
    const [lru] = await runsOf({ trace, size: 2, policies: 'lru' })
    expect(lru).toMatchObject({
      requests: 3,
      hits: 1,
      missKinds: { compulsory: 1, invalidated: 1, capacity: 0 },
    })
  })
})

describe('a cache', () => {
  const keys = Array.from({ length: 90 }, (_, at) => (at * at) % 13)

  it('without room keeps nothing', async () => {
    expect(await hitsOf({ trace: timed(keys), size: 0, policies: ALL })).toEqual(every(0))
    expect(await hitsOf({ trace: timed(keys), size: '0%', ttl: '5s', policies: ALL })).toEqual(every(0))
    expect((await sweep({ trace: timed(keys), sizes: '0,5', policies: 'lru' })).simulated.runs[0]!.hits).toBe(
      0,
    )
  })

  it('with room beyond the keys misses each once', async () => {
    const trace = timed(keys)
    for (const size of ['100%', '900%', trace.keyCount, 1e15]) {
      expect(await hitsOf({ trace, size, policies: ALL })).toEqual(every(90 - trace.keyCount))
    }
  })

  it('of a percentage that comes to less than one entry has one', async () => {
    const [lru] = await runsOf({ trace: timed(keys), size: '0.001%', policies: 'lru' })
    expect(lru).toMatchObject({ size: 1, sizeUnit: 'entries' })
  })

  it('in bytes never takes a value larger than itself, nor gives anything up for it', async () => {
    const trace = createTrace({ keys: ['a', 'X', 'a', 'X', 'a'], sizes: [1, 100, 1, 100, 1] })
    const [lru] = await runsOf({ trace, size: '10B', policies: 'lru' })
    expect(lru).toMatchObject({ hits: 2, evictions: 0, byteHitRate: 2 / 203 })
    expect(await hitsOf({ trace, size: '99B', policies: 'lru,lfu,fifo,optimal' })).toEqual([2, 2, 2, 2])
  })

  it('in bytes has room for any number of values of none', async () => {
    const trace = createTrace({ keys: ['a', 'b', 'c', 'a', 'b', 'c'], sizes: [0, 0, 0, 0, 0, 0] })
    for (const size of ['0B', '1B']) {
      const runs = await runsOf({ trace, size, policies: 'lru,optimal' })
      expect(runs.map(({ hits, byteHitRate, sizeShare }) => ({ hits, byteHitRate, sizeShare }))).toEqual([
        { hits: 3, byteHitRate: null, sizeShare: 0 },
        { hits: 3, byteHitRate: null, sizeShare: 0 },
      ])
    }
    const swept = await sweep({ trace, sizes: '0B,1B', policies: 'lru' })
    expect(resultSchema.parse(JSON.parse(JSON.stringify(swept)))).toEqual(swept)
  })

  it('fills during the warm-up, which counts nothing: no hit, no miss, no eviction', async () => {
    // Room for one: b drives out a and c drives out b while it warms up; then c hits, and a drives it out.
    const [run] = await runsOf({
      trace: timed(['a', 'b', 'c', 'c', 'a']),
      size: 1,
      policies: 'lru',
      warmup: '3',
    })
    expect(run).toMatchObject({
      requests: 2,
      hits: 1,
      evictions: 1,
      missKinds: { compulsory: 0, capacity: 1 },
      latency: { mean: 7, meanWithout: 10 },
    })
  })

  it('with a tiny TTL serves nothing, with a huge one as if there were none', async () => {
    const options = { trace: timed(keys), size: 5, policies: 'lru,lfu,fifo,optimal' }
    expect(await hitsOf({ ...options, ttl: '1ns' })).toEqual([0, 0, 0, 0])
    for (const ttlMode of ['write', 'idle'] as const) {
      expect(await hitsOf({ ...options, ttl: '10000w', ttlMode })).toEqual(await hitsOf(options))
    }
  })
})

describe('latency and money', () => {
  const trace = timed(Array.from({ length: 40 }, (_, at) => at % 4))

  it('of a lookup slower than the model are lost at any hit rate', async () => {
    const { runs, warnings, verdict } = (
      await compare({ trace, size: 4, policies: 'lru', hitLatency: '50ms', missLatency: '10ms' })
    ).simulated
    expect(runs[0]!.breakEvenHitRate).toBe(5)
    // 36 hits at 50, 4 misses at 60.
    expect(runs[0]!.latency).toMatchObject({ mean: 51, meanWithout: 10 })
    expect(runs[0]!.latency.reduction).toBeCloseTo(-4.1, 12)
    expect(verdict[1]).toMatch(/^Not worth it for latency/)
    expect(warnings[0]).toMatch('makes the mean latency worse')
  })

  it('of a model that takes no time and costs nothing are 0', async () => {
    const [run] = await runsOf({
      trace,
      size: 4,
      policies: 'lru',
      hitLatency: '0ms',
      missLatency: '0ms',
      missCost: '0',
    })
    expect(run).toMatchObject({
      breakEvenHitRate: null,
      costHitRate: null,
      latency: { mean: 0, reduction: 0 },
      model: { secondsSaved: 0 },
      money: { spent: 0, spentWithout: 0, saved: 0 },
    })
  })

  it('may vary for hits and for storing, too', async () => {
    const options = { trace, size: 4, policies: 'lru', missLatency: '10ms' }
    const [run] = await runsOf({
      ...options,
      hitLatency: 'lognormal:p50=1ms,p99=20ms',
      storeLatency: 'lognormal:p50=1ms,p99=2ms',
    })
    const { p50, p95, p99 } = run!.latency
    expect(p50 < p95 && p95 <= p99).toBe(true)
    // A tenth of the requests are misses: their 10 ms are beyond the median, and below the last.
    expect(p50).toBeLessThan(10)
    expect(p99).toBeGreaterThan(10)
  })

  it('of fewer requests than there are batches have an interval of fewer batches', async () => {
    const [run] = await runsOf({
      trace: timed(Array.from({ length: 20 }, (_, at) => at % 2)),
      size: 2,
      policies: 'lru',
    })
    expect(run!.interval).toMatchObject({ samples: 20 })
  })
})

describe('options that contradict the workload are refused', () => {
  const trace = createTrace({ keys: [1, 2, 1], name: 'mine' })

  it.each<[CompareOptions, RegExp]>([
    [{ trace, workload: 'zipf' }, /--workload 'zipf' and --trace exclude each other/],
    [{ trace, alpha: 1 }, /--alpha is for synthetic workloads/],
    [{ trace, requests: 5 }, /--requests is for synthetic workloads/],
    [{ trace, key: ['user'] }, /--key is for a trace in a file, not for one in memory/],
    [{ trace, valueSize: 'bytes' }, /--value-size is for a trace in a file/],
    [{ workload: 'zipf', timeUnit: 's' }, /--time-unit is for recorded traces/],
    [{ workload: 'zipf', alpha: -1 }, /--alpha '-1' must be a number of 0 or more/],
    [{ workload: 'zipf', alpha: '' }, /--alpha '' must be/],
    [{ workload: 'uniform', alpha: 1 }, /unknown setting of generator 'uniform' 'alpha'/],
    [{ workload: 'zipf', keys: 0 }, /--keys must be at least 1/],
    [{ workload: 'zipf', requests: '1.5' }, /--requests '1.5' is not a whole number/],
    [{ workload: 'zipf', rate: '0/s' }, /--rate '0\/s' must be above 0/],
    [{ workload: 'zpif' }, /unknown workload 'zpif'; did you mean 'zipf'/],
    [{ trace, size: '1MiB' }, /a size in bytes \(1 MiB\) needs value sizes/],
    [{ trace, size: -1 }, /--size '-1' is not a cache size/],
    [{ trace, size: Number.NaN }, /--size 'NaN' is not a cache size/],
    [{ trace, hitLatency: 'lognormal:p50=1ns,p51=1000w' }, /--hit-latency 'lognormal.*spreads too far/],
    [{ trace, ttl: '5s' }, /--ttl needs times, which mine does not have/],
    [{ trace, missLatency: 'recorded' }, /--miss-latency recorded needs costs, which mine does not have/],
  ])('%#', async (options, message) => {
    const comparison = compare(options)
    await expect(comparison).rejects.toThrow(InputError)
    await expect(comparison).rejects.toThrow(message)
  })
})
