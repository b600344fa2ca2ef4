import { describe, expect, it } from 'vitest'
import { createTrace, Op, type Trace } from '../../src/core/trace.ts'
import { compare } from '../../src/experiments/compare.ts'
import { inspect } from '../../src/experiments/inspect.ts'
import type { WorkloadOptions } from '../../src/experiments/workload.ts'

const adviceOn = async (options: WorkloadOptions) => (await inspect(options)).simulated.verdict.join('\n')
const advice = (columns: Parameters<typeof createTrace>[0]) => adviceOn({ trace: createTrace(columns) })
const commandFor = async (options: WorkloadOptions) =>
  (await inspect(options)).simulated.compareCommand?.join(' ')

/** Reads of users, each with a request id in its key. */
function withRequestIds(rows: readonly string[]): Trace {
  const trace = createTrace({ keys: rows.map((user, at) => `${user}:${at}`) })
  return {
    ...trace,
    keyNames: { ...trace.keyNames!, partsOf: (key) => trace.keyNames!.nameOf(key).split(':') },
    source: {
      sampleRate: 1,
      files: ['log.csv'],
      format: 'csv',
      compression: 'none',
      rows: rows.length,
      filteredRows: 0,
      badRows: 0,
      badRowSamples: [],
      columns: { key: ['user', 'request_id'] },
      notes: [],
    },
  }
}

describe('the advice of an inspection', () => {
  it('says what no cache can pass, and how large an lru cache must be', async () => {
    expect(await advice({ keys: ['a', 'b', 'c', 'a', 'b', 'c', 'a', 'a', 'd'] })).toMatchInlineSnapshot(`
      "No cache can serve more than 55.6 % of the requests: the rest are first sights.
      An lru cache of 3 entries (75.0 % of the keys) reaches 90 % of the ceiling; half of all reuses take 3."
    `)
  })

  it('names a size that reaches what it says', async () => {
    const trace = createTrace({ keys: Array.from({ length: 2000 }, (_, at) => (at * at * 7) % 211) })
    const { lruSize, hitRateCeiling } = (await inspect({ trace })).simulated.inspection
    const rate = async (size: number) =>
      (await compare({ trace, size, policies: 'lru' })).simulated.runs[0]!.hitRate
    expect(await rate(lruSize!.entries)).toBeCloseTo(lruSize!.hitRate, 12)
    expect(await rate(lruSize!.entries)).toBeGreaterThanOrEqual(0.9 * hitRateCeiling)
    expect(await rate(lruSize!.entries - 1)).toBeLessThan(0.9 * hitRateCeiling)
  })

  it('says where nothing comes twice, where a write makes up for it, and where nothing is read', async () => {
    expect(await advice({ keys: ['a', 'b', 'c'] })).toMatchInlineSnapshot(
      `"No key comes twice: no cache of whole predictions can serve anything here."`,
    )
    expect(await advice({ keys: ['a', 'a', 'b'], ops: [Op.write, Op.read, Op.read] })).toMatchInlineSnapshot(`
      "No cache can serve more than 50.0 % of the requests: the rest are first sights.
      100.0 % of the 2 keys come only once: if that is more than you expect, the key may hold something that differs with every request, or the log is a sample of requests, which must be one of keys.
      33.3 % of the requests write or delete: what they touch is invalidated or replaced, so look at the misses by kind."
    `)
    expect(await advice({ keys: ['a', 'a'], ops: [Op.write, Op.delete] })).toMatchInlineSnapshot(
      `"There are no reads: only reads are hits or misses."`,
    )
  })

  it('names the column that makes every key unlike any other', async () => {
    const trace = withRequestIds(['u', 'v', 'u', 'u', 'v', 'w', 'u', 'v'])
    expect(await adviceOn({ trace })).toMatchInlineSnapshot(`
      "No key comes twice: no cache of whole predictions can serve anything here.
      The key contains request_id, of whose 8 values 100 % come only once; without it the ceiling would be 62.5 % instead of 0.0 %: leave it out of the key if the prediction does not depend on it."
    `)
  })

  it('goes by recency where popularity moves, and by counts where it does not', async () => {
    const moving = { workload: 'shifting', requests: 100_000 }
    expect(await adviceOn(moving)).toMatch(/What is popular moves on fast: .* 30 % .* prefer recency \(lru\)/)
    expect(await commandFor(moving)).toMatch(/--policies lru,fifo,lfu,optimal /)
    const drifting = { workload: 'shifting(turnover=0.001)', requests: 300_000 }
    expect(await adviceOn(drifting)).toMatch(/What is popular drifts: /)
    const stable = { workload: 'zipf', requests: 100_000 }
    expect(await adviceOn(stable)).toMatch(
      /with a skew of α = 0\.9\d: policies that count uses \(lfu\) can be trusted/,
    )
    const even = { workload: 'uniform', requests: 100_000, keys: 10_000 }
    expect(await adviceOn(even)).toMatch(/no key is much more popular than another: the size .* matters more/)
    expect(await commandFor(stable)).toMatch(/--policies lfu,lru,fifo,optimal /)
  })

  it('tells that lru gets nothing of a loop that does not fit, and lru does not', async () => {
    const loop = { workload: 'loop(workingSet=1)', keys: 500, requests: 20_000 }
    expect(await adviceOn(loop)).toMatch(
      /100\.0 % of the reuses have 499 other keys between them.* with fewer than 500 entries/,
    )
    expect(await commandFor(loop)).toMatch(/,random,optimal --size 500 /)
    const below = await compare({ ...loop, size: 499, policies: 'lru' })
    expect(below.simulated.runs[0]!.hits).toBe(0)
  })

  it('advises a TTL that keeps 95 % of the reuses, and keeps them', async () => {
    // Each key three times within five seconds, and never again.
    const keys = Array.from({ length: 6000 }, (_, at) => Math.floor(at / 6) * 2 + (at % 2))
    const trace = createTrace({ keys, times: keys.map((_, at) => at) })
    expect(await adviceOn({ trace })).toMatch(
      /95 % of the reuses come within 2 s of the last use: a TTL of 5 s, counted from the last use/,
    )
    const { runs } = (await compare({ trace, size: 2000, ttl: '5s', ttlMode: 'idle', policies: 'lru' }))
      .simulated
    expect(runs[0]!.hits).toBe(4000)
  })

  it('puts the TTL into the command, and none where it were as long as the trace', async () => {
    const bursts = { workload: 'flash-crowd', requests: 1000, rate: '1/h' }
    expect(await commandFor(bursts)).not.toContain('--ttl')
    const trace = createTrace({
      keys: Array.from({ length: 6000 }, (_, at) => Math.floor(at / 6) * 2 + (at % 2)),
      times: Array.from({ length: 6000 }, (_, at) => at),
    })
    const short = (await inspect({ trace })).simulated
    expect(short.compareCommand).toBeNull()
    expect(await commandFor({ workload: 'zipf(alpha=2)', requests: 20_000, keys: 100 })).toMatch(
      / --ttl \d+[smh] --ttl-mode idle$/,
    )
  })

  it('counts what coalescing would save, names sizes far apart, and writes', async () => {
    const text = await advice({
      keys: ['a', 'a', 'a', 'b', 'b', 'b'],
      times: [0, 1, 2, 3, 4, 5],
      costs: Array<number>(6).fill(2500),
      sizes: [10, 10, 10, 5000, 5000, 5000],
      ops: [Op.read, Op.read, Op.read, Op.read, Op.read, Op.write],
    })
    expect(text).toMatch(
      /3 requests \(60\.0 %\) arrive while their key is still being computed, up to 2 at a time: .* 3 of them beyond/,
    )
    expect(text).toMatch(/largest tenth are at least 500 times the smallest tenth.*--size 64MiB/)
    expect(text).toMatch(/16\.7 % of the requests write or delete/)
  })

  it('says nothing of what is not there', async () => {
    const text = await adviceOn({ workload: 'uniform', keys: 100, requests: 5000 })
    expect(text).not.toMatch(/once|TTL|loop|duplicate|bytes|write|coalesc/)
  })
})

describe('the command of an inspection', () => {
  it('repeats what the workload was told', async () => {
    expect(
      await commandFor({ workload: 'zipf(alpha=0.9)', requests: '2k', keys: 50, rate: '5/s', seed: 'x y' }),
    ).toMatch(
      /^cachesim compare --workload 'zipf\(alpha=0\.9\)' --requests 2k --keys 50 --rate 5\/s --seed 'x y' --policies /,
    )
    expect(await commandFor({ requests: 2000, keys: 50, seed: '-1' })).toMatch(
      /^cachesim compare --workload zipf --requests 2000 --keys 50 --seed=-1 --policies /,
    )
  })

  it('is none where there is nothing to compare, or no command could find the trace', async () => {
    expect(await commandFor({ workload: 'scan', requests: 100 })).toBeUndefined()
    expect(await commandFor({ trace: createTrace({ keys: ['a', 'a'] }) })).toBeUndefined()
  })
})
