import { describe, expect, it } from 'vitest'
import { InputError } from '../../src/core/errors.ts'
import { resultSchema, type SimulateResult } from '../../src/core/result.ts'
import { createTrace } from '../../src/core/trace.ts'
import { render } from '../../src/experiments/render.ts'
import { parseScenario } from '../../src/experiments/scenario.ts'
import { retime } from '../../src/experiments/service-arrivals.ts'
import { checkMemory, threadsInMemory } from '../../src/experiments/service-memory.ts'
import { simulate } from '../../src/experiments/simulate.ts'
import { findDisagreements } from '../../src/reports/consistency.ts'
import { folderWith } from '../support/cli.ts'

const scenario = (text: string) => `${folderWith({ 'mine.yaml': text })}/mine.yaml`

const small = `
workload: { recipe: zipf, requests: 3000, keys: 200, rate: 50/s }
model: { latency: "lognormal:p50=200ms,p99=1s", workers: 24 }
tiers: [{ capacity: 40, ttl: 20s, lookup: 2ms }]
onMiss: single-flight
`

describe('simulate()', () => {
  it('gives a result of the schema, whose parts add up, the same for the same seed', async () => {
    const one = await simulate({ scenario: scenario(small) })
    expect(resultSchema.parse(one)).toEqual(one)
    expect(findDisagreements(one)).toEqual([])
    expect(one.simulated.warnings).toEqual([])
    const { measured: _, ...first } = one
    const { measured: __, ...second } = await simulate({ scenario: scenario(small) })
    expect(second).toEqual(first)
    const { with: run, without } = one.simulated.variants[0]!
    expect(run.requests).toBe(3000)
    expect(without!.model.calls).toBe(3000)
    expect(run.money).toBeCloseTo(0.002 * run.model.calls, 12)
  })

  it('puts requests and model draws of a seed into every variant alike', async () => {
    const { simulated } = await simulate({
      scenario: scenario(small),
      vary: ['tiers.0.policy=lru,lfu,s3-fifo', 'onMiss=none,single-flight'],
      repeat: 2,
    })
    expect(simulated.variants).toHaveLength(6)
    // Without caches nothing of what varies matters.
    for (const { without } of simulated.variants) expect(without).toEqual(simulated.variants[0]!.without)
    expect(simulated.service.seeds).toEqual(['1', '1.1'])
    expect(Object.keys(simulated.variants[0]!.intervals!)).toContain('latencyMean')
  })

  it('is the mean of its seeds', async () => {
    const both = await simulate({ scenario: scenario(small), repeat: 2 })
    const singles = await Promise.all(
      ['1', '1.1'].map((seed) => simulate({ scenario: scenario(small), seed })),
    )
    const calls = singles.map(({ simulated }) => simulated.variants[0]!.with.model.calls)
    const { with: run, intervals } = both.simulated.variants[0]!
    expect(run.model.calls).toBe((calls[0]! + calls[1]!) / 2)
    // Two values: Student's t of one degree of freedom is 12.706.
    const half = 12.7062047364 * (Math.abs(calls[0]! - calls[1]!) / 2)
    expect(intervals!.modelCalls!.high - run.model.calls).toBeCloseTo(half, 6)
  })

  it('says that the model cannot keep up rather than give a mean that says nothing', async () => {
    const text =
      'workload: { recipe: uniform, requests: 5000, rate: 100/s }\nmodel: { latency: 1s, workers: 4 }\ntiers: []'
    const { simulated } = await simulate({ scenario: scenario(text) })
    const { with: run } = simulated.variants[0]!
    // 5,000 s of work in 50 s of 4 workers.
    expect(run.overloaded).toBe(true)
    expect(run.model.offeredLoad).toBeCloseTo(25, 0)
    expect(run.model.utilisation).toBeGreaterThan(0.98)
    expect(simulated.verdict[0]).toMatch(
      /^The model cannot keep up, alone: its calls would take 25 times its workers' time/,
    )
  })

  it('and refuses no request where the queue is bounded, but the calls that find it full', async () => {
    const text =
      'workload: { recipe: uniform, requests: 5000, rate: 100/s }\nmodel: { latency: 1s, workers: 4, queue: { limit: 10 } }\ntiers: []'
    const { simulated } = await simulate({ scenario: scenario(text) })
    const { with: run } = simulated.variants[0]!
    expect(run.overloaded).toBe(true)
    expect(run.failures).toBe(run.failuresBy.queueFull)
    expect(run.model.peakQueue).toBe(10)
    expect(run.answers + run.failures).toBe(5000)
    // The tenth that waits is taken when the third of four workers has ended for the third time: after 3 s at most.
    expect(run.latency!.max).toBeLessThanOrEqual(4000.001)
  })

  it('warns of a TTL below what a computation takes', async () => {
    const text =
      'workload: { recipe: zipf, requests: 500, rate: 10/s }\nmodel: { latency: 30s, workers: unlimited }\ntiers: [{ ttl: 5s }]'
    const { warnings } = (await simulate({ scenario: scenario(text) })).simulated
    expect(warnings).toEqual([
      'the TTL of shared (5 s) is below what a computation takes (30 s on average): entries are gone sooner than they were made',
    ])
  })

  it('plays a recorded trace, as fast as the scenario says', async () => {
    const rows = Array.from({ length: 101 }, (_, at) => `${at * 2},${at % 10},250`)
    const folder = folderWith({
      'requests.csv': `ts,prompt,ms\n${rows.join('\n')}\n`,
      'mine.yaml':
        'workload: { trace: requests.csv, key: prompt, time: ts, cost: ms, rate: 5/s }\ntiers: [{ capacity: 10, lookup: 0ms }]',
    })
    const { workload, variants, service } = (await simulate({ scenario: `${folder}/mine.yaml` })).simulated
    expect(workload.kind).toBe('recorded')
    expect(service.modelLatency).toBe('recorded')
    const { series, with: run } = variants[0]!
    expect(series.with.endSeconds.at(-1)).toBeCloseTo(20, 9)
    expect({ calls: run.model.calls, max: run.latency!.max, p50: run.latency!.p50 }).toEqual({
      calls: 10,
      max: 250,
      p50: 0,
    })
  })

  it.each([
    ['workload: { trace: requests.csv, key: prompt }', 'has no times, and a service is simulated over time'],
    [
      'workload: { trace: requests.csv, key: prompt, time: ts }\ntiers: [{ capacity: 1MiB }]',
      "'capacity' of tier 'shared' is in bytes, which needs value sizes",
    ],
    [
      'workload: { trace: requests.csv, key: prompt, time: ts }\nmodel: { latency: recorded }',
      "the model's latency is 'recorded', which needs costs",
    ],
    [
      'workload: { trace: requests.csv, key: prompt, time: ts }\ntiers: [{ ttl: recorded }]',
      'takes TTLs as recorded, which',
    ],
    ['workload: zipf\ntiers: [{ policy: ttl }]', "policy 'ttl' of tier 'shared' needs a TTL"],
    [
      'workload: { trace: requests.csv, key: prompt, time: ts }\nevents: [{ at: 1s, kind: model-update, prefix: z }]',
      "no key begins with the prefix 'z'",
    ],
    [
      'workload: { trace: requests.csv, key: prompt, time: ts }\nwarmUp: { keys: 1, every: 10us }',
      "a warm-up every 10 µs is more than 10,000 of them in the 2 s that requests come: make 'every' longer",
    ],
    ['workload: nothing-known', "unknown workload 'nothing-known'"],
  ])('refuses what the trace does not have: %j', async (text, message) => {
    const times = text.includes('time: ts')
    const folder = folderWith({
      'requests.csv': times ? 'ts,prompt\n0,a\n1,b\n2,a\n' : 'prompt\na\nb\n',
      'mine.yaml': text,
    })
    const error = await simulate({ scenario: `${folder}/mine.yaml` }).catch((caught: unknown) => caught)
    expect(error).toBeInstanceOf(InputError)
    expect((error as Error).message).toContain(message)
  })
})

it('asks for no more memory than there is', () => {
  const parsed = parseScenario(
    'workload: zipf\ninstances: 100\ntiers: [{ scope: instance }, {}]',
    'mine.yaml',
  )
  // 101 caches of a million keys.
  expect(() => checkMemory(parsed, 1e6, 4 * 2 ** 30)).not.toThrow()
  expect(() => checkMemory(parsed, 1e6, 2 ** 30)).toThrow(
    new InputError(
      '101 caches over 1,000,000 keys need 2.26 GiB of memory, and 1 GiB are free: take fewer instances or keys',
    ),
  )
  const expiring = parseScenario('workload: zipf\ntiers: [{ ttl: 1m }]', 'mine.yaml')
  // 45 bytes a key.
  expect(() => checkMemory(expiring, 1e6, 45e6)).not.toThrow()
  expect(() => checkMemory(expiring, 1e6, 45e6 - 1)).toThrow(InputError)
  // As many at once as there is room for, and one in any case.
  expect(threadsInMemory([{ scenario: expiring, keys: 1e6 }], 100e6)).toBe(2)
  expect(threadsInMemory([{ scenario: expiring, keys: 1e6 }], 1e6)).toBe(1)
})

describe('a surge', () => {
  it('brings the same requests sooner', () => {
    const trace = createTrace({
      keys: Array.from({ length: 101 }, () => 0),
      times: Array.from({ length: 101 }, (_, at) => at),
    })
    const { times } = retime(trace, 1, [{ at: 20, for: 10, factor: 3 }])
    // 20 s as they were, 10 s with 30 requests, then the rest, 20 s ahead.
    expect(Array.from(times!).filter((time) => time > 20 && time <= 30)).toHaveLength(30)
    expect([times![20], times![35], times![50], times![51], times![100]]).toEqual([20, 25, 30, 31, 80])
    expect(retime(trace, 2, []).times![100]).toBe(50)
  })
})

describe('reports of a simulation', () => {
  const of = (options: { vary?: string[] } = {}): Promise<SimulateResult> =>
    simulate({ scenario: scenario(`${small}events: [{ at: 30s, kind: model-update }]`), ...options })

  it.each([40, 80, 120])('stay within %d columns', async (width) => {
    for (const result of [await of(), await of({ vary: ['onMiss=none,single-flight,lock'] })]) {
      const { measured: _, ...simulated } = result
      for (const line of render(simulated, 'terminal', { width }).split('\n'))
        expect(line.length).toBeLessThanOrEqual(width)
    }
  })

  it('mark events in the chart', async () => {
    const text = render(await of(), 'terminal')
    expect(text).toMatch(/^ +▲1$/m)
    expect(text).toContain('▲1 30 s: a new model')
  })

  it('have a row for each part of the time, or for each variant', async () => {
    const rows = (result: SimulateResult) =>
      render(result, 'csv')
        .trimEnd()
        .split('\n')
        .map((row) => row.split(','))
    const series = rows(await of())
    expect(series).toHaveLength(1 + 2 * 60)
    expect(series.filter((row) => row.at(-1) === 'a new model')).toHaveLength(2)
    const variants = rows(await of({ vary: ['instances=1..3'] }))
    expect(variants).toHaveLength(1 + 2 * 3)
    expect(new Set(variants.map(({ length }) => length)).size).toBe(1)
  })
})
