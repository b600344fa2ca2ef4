import { LRUCache } from 'lru-cache'
import { describe, expect, it } from 'vitest'
import { definePolicy, type EvictionPolicy } from '../../src/core/policy.ts'
import { createTrace } from '../../src/core/trace.ts'
import { type BenchOptions, bench } from '../../src/experiments/bench.ts'
import fifo from '../../src/policies/fifo.ts'
import { policies } from '../../src/policies/index.ts'
import { hitsOf } from '../support/replay.ts'

/** Threads are for the compiled binary: these tests run from the sources. */
const small: BenchOptions = { requests: 5000, keys: 300, sizes: '3,30', rounds: 1, alone: false }

/** Evicts the newest key, until it has been created `good` times; then the oldest. */
function turncoat(good: number) {
  let created = 0
  return definePolicy({
    name: 'turncoat',
    summary: 'changes its mind',
    create: (): EvictionPolicy => {
      const keys: number[] = []
      const honest = ++created <= good
      return {
        touch() {},
        insert: (key) => void keys.push(key),
        evict: () => (honest ? keys.pop()! : keys.shift()!),
        remove() {},
      }
    },
  })
}

describe('a benchmark', () => {
  it('has every policy at every size, with the hits of a replay, and a speed for each', async () => {
    const keys = Array.from({ length: 3000 }, (_, at) => (at * at * 7919) % 211)
    const trace = createTrace({ keys })
    const { simulated, measured } = await bench({
      trace,
      policies: 'lru,sieve,optimal',
      sizes: [5, 50],
      alone: false,
    })
    const found = simulated.runs.map(({ policy, size, hits }) => [policy, size, hits])
    const expected = []
    for (const capacity of [5, 50]) {
      for (const policy of ['lru', 'sieve', 'optimal'])
        expected.push([policy, capacity, await hitsOf(trace, policy, { capacity })])
    }
    expect(found).toEqual(expected)
    const ours = measured!.speeds.filter(({ kind }) => kind === 'policy')
    expect(ours.map(({ name, size, hits }) => [name, size, hits])).toEqual(expected)
    for (const { requestsPerSecond, nanosecondsPerRequest: spread, timesBaseline } of measured!.speeds) {
      expect(requestsPerSecond * spread.median).toBeCloseTo(1e9, -2)
      expect(spread.min).toBeGreaterThan(0)
      expect(spread.min).toBeLessThanOrEqual(spread.median)
      expect(spread.max).toBeGreaterThanOrEqual(spread.median)
      expect(timesBaseline!.median).toBeGreaterThan(0)
    }
  })

  it('has the packages beside them, with hits of their own and the baseline at 1', async () => {
    const keys = Array.from({ length: 4000 }, (_, at) => Math.floor(200 ** ((at * 0.618_034) % 1)))
    const trace = createTrace({ keys })
    const { measured } = await bench({ trace, sizes: '20', policies: 'fifo', rounds: 1, alone: false })
    const packages = measured!.speeds.filter(({ kind }) => kind === 'package')
    expect(packages.map(({ name }) => name)).toEqual([
      'lru-cache',
      'mnemonist LRUCache',
      'mnemonist LRUMap',
      'tiny-lru',
      'quick-lru',
    ])
    const cache = new LRUCache<number, number>({ max: 20 })
    let hits = 0
    for (const key of keys) {
      if (cache.has(key)) hits++
      cache.set(key, 1)
    }
    for (const one of packages.slice(0, 4)) expect(one.hits).toBe(hits)
    expect(packages.at(-1)!.hits).toBeGreaterThan(hits)
    expect(packages.at(-1)!.note).toContain('twice its size')
    expect(packages[0]!.timesBaseline).toEqual({ median: 1, min: 1, max: 1 })
    for (const { version } of packages) expect(version).toMatch(/^\d+\.\d+\.\d+/)
  })

  it('takes every policy there is, making up what the trace lacks and saying so', async () => {
    const { simulated, measured } = await bench({ ...small, policies: 'all' })
    const [first] = simulated.runs
    expect(simulated.runs.filter(({ size }) => size === first!.size).map(({ policy }) => policy)).toEqual(
      policies.names,
    )
    expect(simulated.warnings.join('\n')).toMatch(/no costs, which [^:]*greedy-dual[^:]* cannot do without/)
    expect(measured!.speeds.every(({ requestsPerSecond }) => requestsPerSecond > 0)).toBe(true)
  })

  it('measures the default workload where none is named, as large as it is told', async () => {
    const { simulated } = await bench({ ...small, policies: 'lru' })
    expect(simulated.workload).toMatchObject({ name: 'zipf', requests: 5000 })
  })

  it('leaves the packages out where the trace has more than reads, and says so', async () => {
    const trace = createTrace({ keys: ['a', 'b', 'a', 'b'], ops: [1, 0, 2, 0] })
    const { simulated, measured } = await bench({
      trace,
      policies: 'lru',
      sizes: '2',
      rounds: 1,
      alone: false,
    })
    expect(simulated.runs[0]).toMatchObject({ requests: 2, hits: 1, misses: 1 })
    expect(measured!.speeds.map(({ name }) => name)).toEqual(['lru'])
    expect(measured!.warnings.join('\n')).toContain('caches of npm are left out')
  })

  it('says of runs that took no time to speak of that they say little', async () => {
    const { measured } = await bench({ ...small, requests: 50, policies: 'lru' })
    // Not all of them on a busy machine, where the clock runs on while another program does.
    expect(measured!.warnings.join('\n')).toMatch(/\d+ of 12 speeds come from runs of less than 20 ms/)
  })

  it('is heard between two runs where it is to stop', async () => {
    const abort = new AbortController()
    const labels: string[] = []
    const running = bench({
      ...small,
      rounds: 1000,
      signal: abort.signal,
      onProgress: ({ label }) => {
        labels.push(label)
        if (label.includes('round 2')) abort.abort(new Error('enough'))
      },
    })
    await expect(running).rejects.toThrow('enough')
    expect(labels.at(-1)).toContain('round 2 of 1000')
  })
})

describe('counts that differ end a benchmark', () => {
  it.each([
    [1, /at 3 entries in 5,000 requests turncoat in round 1 of 2 has [\d,]+ hits, but turncoat has/],
    [3, /turncoat in round 2 of 2 has [\d,]+ hits, but turncoat has/],
  ])('of a policy, in its run after %i', async (good, message) => {
    const options = {
      ...small,
      sizes: '3',
      rounds: 2,
      policies: ['lru', turncoat(good + (good > 1 ? -1 : 0))],
    }
    await expect(bench(options)).rejects.toThrow(message)
  })

  it('of a policy that is called lru and is none', async () => {
    const lru = { ...fifo, name: 'lru' }
    await expect(bench({ ...small, policies: [lru] })).rejects.toThrow(
      /counts differ, so that speeds mean nothing: .* lru has [\d,]+ hits, but npm's lru-cache has [\d,]+ hits$/,
    )
  })

  it('and one that is no fifo', async () => {
    const impostor = { ...turncoat(Infinity), name: 'fifo' }
    await expect(bench({ ...small, policies: [impostor] })).rejects.toThrow('a naive fifo has')
  })
})
