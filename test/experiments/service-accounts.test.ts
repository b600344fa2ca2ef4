import { describe, expect, it } from 'vitest'
import { render } from '../../src/experiments/render.ts'
import { simulate } from '../../src/experiments/simulate.ts'
import { folderWith } from '../support/cli.ts'

/** What a scenario comes to for a trace of `time, key`. */
async function played(rows: readonly string[], text: string) {
  const folder = folderWith({
    'requests.csv': `ts,key\n${rows.join('\n')}\n`,
    'mine.yaml': `workload: { trace: requests.csv, key: key, time: ts }\n${text}`,
  })
  const { simulated } = await simulate({ scenario: `${folder}/mine.yaml` })
  return { ...simulated, ...simulated.variants[0]! }
}

const QUEUE = 'model: { latency: 10s, workers: 1, price: 1, queue: { limit: 1, timeout: 3s } }\n'

describe('calls that never begin', () => {
  it('cost nothing, and are told apart from those that fail', async () => {
    // a runs from 0 to 10; b waits from 1 to 4; c finds the queue full; d runs from 100 to 110.
    const { with: run } = await played(['0,a', '1,b', '2,c', '100,d'], `${QUEUE}tiers: []`)
    expect(run).toMatchObject({ answers: 2, failures: 2, money: 2 })
    expect(run.model).toMatchObject({ calls: 2, failedCalls: 0, seconds: 20 })
    expect(run.failuresBy).toMatchObject({ queueFull: 1, timeout: 1 })
    // Four calls of 10 s are asked of a worker who has 100 s.
    expect(run.model.offeredLoad).toBeCloseTo(0.4, 12)
    // a and d wait for nothing, b for 3 s.
    expect(run.model.meanQueueingMs).toBe(1000)
    expect(run.model.queueingMs).toEqual({ p50: 0, p95: 3000, p99: 3000, max: 3000 })
  })

  it('cost nothing where the model is paid by time, and an error costs what a prediction does', async () => {
    const byTime = QUEUE.replace('price: 1', 'price: 360/h')
    const { with: run } = await played(['0,a', '1,b', '2,c', '100,d'], `${byTime}tiers: []`)
    expect(run.money).toBeCloseTo(2, 12)
    const outage = 'events: [{ at: 50s, kind: model-outage, for: 60s }]\n'
    const failing = await played(['0,a', '1,b', '2,c', '100,d'], `${QUEUE}${outage}tiers: []`)
    expect(failing.with.model).toMatchObject({ calls: 2, failedCalls: 1 })
    expect(failing.with.money).toBe(2)
  })

  it('may be all but one of a warm-up with very many keys', async () => {
    // All keys are to be computed at once, for one worker and no room to wait: the first call takes him.
    const rows = Array.from({ length: 30_000 }, (_, at) => `${at},k${at}`)
    const text =
      'model: { latency: 100000s, workers: 1, queue: { limit: 0 } }\ntiers: [{ capacity: 30000 }]\n'
    const { with: run } = await played(rows, `${text}warmUp: { keys: 30000 }`)
    expect(run.model.warmUpCalls).toBe(1)
    expect(run).toMatchObject({ answers: 0, failures: 30_000 })
  })

  it('save no calls of those that are made', async () => {
    // With the cache: a is called once. Without: at 0 and 20; that at 1 waits to 4, that at 2 finds the queue full.
    const {
      with: run,
      without,
      verdict,
    } = await played(
      ['0,a', '1,a', '2,a', '20,a'],
      `${QUEUE}tiers: [{ capacity: 5, lookup: 0s }]\nonMiss: single-flight`,
    )
    expect(run.model.calls).toBe(1)
    expect(without).toMatchObject({ money: 2, failures: 2 })
    expect(verdict.join(' ')).toContain(
      'The model is called 1 time, 50.0 % less than without, for $1.00 instead of $2.00.',
    )
  })
})

describe('a model that cannot keep up', () => {
  // A call of 10 s every second for one worker: a load of 10 without caches, over 99 s.
  const hundred = Array.from({ length: 100 }, (_, at) => `${at},k${at}`)

  it('is not compared by the few it answers, where its queue is bounded', async () => {
    // At 0, 10, …, 90 the worker is free and, as ends come before arrivals, takes what waits; one more waits: 11 in all.
    const model = 'model: { latency: 10s, workers: 1, queue: { limit: 1 } }\n'
    const { with: run, verdict, warnings } = await played(hundred, `${model}tiers: [{ lookup: 0s }]`)
    expect(run).toMatchObject({ overloaded: true, answers: 11, failures: 89 })
    expect(verdict[0]).toBe(
      "The model cannot keep up, even with its caches: its calls would take 10 times its workers' time. Requests are refused: 11.0 % of the requests are answered, and what these take tells nothing of the others.",
    )
    expect(verdict.join(' ')).not.toMatch(/times as fast|on average|Half of|grow/)
    expect(warnings).toEqual([
      "without caches the model cannot keep up (its calls would take 10 times its workers' time): requests are refused, and latencies without are those of the 11.0 % that are answered",
    ])
  })

  it('has queues that grow where they are not', async () => {
    const model = 'model: { latency: 10s, workers: 1 }\n'
    const { with: run, verdict } = await played(hundred, `${model}tiers: [{ lookup: 0s }]`)
    expect(run).toMatchObject({ overloaded: true, answers: 100 })
    expect(verdict[0]).toContain('Queues grow as long as requests come')
    expect(verdict.join(' ')).not.toMatch(/less;|times as fast|on average/)
  })

  it('is one that turns requests away, whatever its load over the whole run', async () => {
    const { with: run, verdict } = await played(['0,a', '1,b', '2,c', '100,d'], `${QUEUE}tiers: []`)
    expect(run.overloaded).toBe(true)
    expect(verdict[0]).toBe(
      'The model cannot keep up, alone: at times more calls come in than its workers and their queue can take. Requests are refused or time out: 50.0 % of the requests are answered, and what these take tells nothing of the others.',
    )
  })

  it('wins no comparison, and is marked in the table', async () => {
    const folder = folderWith({
      'mine.yaml': `workload: { recipe: uniform, requests: 2000, rate: 1/s }
model: { latency: 2s, workers: 1, queue: { limit: 1 } }
tiers: []
`,
    })
    const result = await simulate({ scenario: `${folder}/mine.yaml`, vary: ['model.workers=1,2,20'] })
    const { variants, verdict, comparisons } = result.simulated
    expect(variants.map(({ with: run }) => run.overloaded)).toEqual([true, true, false])
    expect(verdict.join(' ')).toContain('model.workers=20 answers fastest on average: 2 s.')
    expect(verdict.join(' ')).toMatch(
      /cannot keep up with model\.workers=1 and model\.workers=2: requests are refused or time out, and the latencies of the [\d.]+ % and [\d.]+ % that are answered/,
    )
    expect(comparisons).toEqual([])
    const text = render(result, 'terminal', { width: 120 })
    expect(text).toMatch(/^ *1 \(overloaded\) /m)
    expect(text).toMatch(/^ *20 {2}/m)
  })
})

it('names no winner by figures that print alike', async () => {
  const folder = folderWith({
    'requests.csv': 'ts,key\n0,a\n10,b\n20,c\n',
    'mine.yaml': `workload: { trace: requests.csv, key: key, time: ts }
model: { latency: 1s }
tiers: [{ lookup: 0s }]
`,
  })
  const { simulated } = await simulate({
    scenario: `${folder}/mine.yaml`,
    vary: ['tiers.0.lookup=1us,2us,500ms'],
  })
  // 1.000001 s, 1.000002 s and 1.5 s: the first two are 1 s in print.
  expect(simulated.verdict).toEqual([
    'tiers.0.lookup=1us answers fastest on average: 1 s (tiers.0.lookup=2us comes to the same), before tiers.0.lookup=500ms with 1.5 s.',
    'tiers.0.lookup=1us has the lowest p99: 1 s (tiers.0.lookup=2us comes to the same), before tiers.0.lookup=500ms with 1.5 s.',
    'No variant calls the model least: all come to 3 calls.',
  ])
})

describe('requests that only fill the caches', () => {
  const ROWS = ['0,a', '10,b', '20,a', '30,c', '40,a', '50,c']
  const FIRST = 'model: { latency: 10s, workers: 1, price: 1 }\nwarmUp: { first: 50% }\n'

  it('are in no count, with caches or without', async () => {
    // Counted are c at 30, a at 40 (a hit) and c at 50 (a hit): of two tiers the nearer has room for one.
    const tiers = `tiers: [{ scope: instance, capacity: 1, lookup: 0s }, { capacity: 9, lookup: 0s }]`
    const { with: run, without } = await played(ROWS, FIRST + tiers)
    expect(run).toMatchObject({ requests: 3, answers: 3, money: 1, peakInFlight: 1 })
    expect(run.model).toMatchObject({ calls: 1, seconds: 10, duplicateCalls: 0, offeredLoad: 0.5 })
    // From 30 to 50 the worker is busy with c, to 40.
    expect(run.model.utilisation).toBeCloseTo(0.5, 12)
    // The nearer holds a, which c, a and c drive out in turn; a moves there at 20, before anything counts.
    expect(run.tiers[0]).toMatchObject({ lookups: 3, hits: 0, evictions: 3 })
    expect(run.tiers[0]!.missKinds).toEqual({ compulsory: 1, capacity: 2, expired: 0, invalidated: 0 })
    expect(run.tiers[1]).toMatchObject({ lookups: 3, hits: 2, misses: 1, evictions: 0 })
    expect(without).toMatchObject({ requests: 3, money: 3 })
    expect(without!.model).toMatchObject({ calls: 3, seconds: 30 })
  })

  it('hide no call of a warm-up', async () => {
    // a is the most popular, and is computed before 0; b at 10 does not count, nor does the call for c at 30.
    const warm = 'warmUp: { first: 67%, keys: 1, before: 20s }\n'
    const { with: run } = await played(
      ROWS,
      `model: { latency: 10s, workers: 1, price: 1 }\n${warm}tiers: [{ capacity: 9, lookup: 0s }]`,
    )
    expect(run).toMatchObject({ requests: 2, money: 1 })
    expect(run.model).toMatchObject({ calls: 1, warmUpCalls: 1 })
    expect(run.tiers[0]).toMatchObject({ lookups: 2, hits: 2, misses: 0 })
  })

  it('leave refused calls and peaks to themselves', async () => {
    // b and c of 1 and 2 are turned away before anything counts.
    const { with: run } = await played(
      ['0,a', '1,b', '2,c', '100,d', '110,e', '120,f'],
      `${QUEUE}warmUp: { first: 50% }\ntiers: []`,
    )
    expect(run).toMatchObject({ requests: 3, failures: 0, overloaded: true, money: 3, peakInFlight: 1 })
    expect(run.model).toMatchObject({ calls: 3, peakQueue: 0, meanQueueingMs: 0 })
    expect(run.model.queueingMs).toEqual({ p50: 0, p95: 0, p99: 0, max: 0 })
    // Three calls of 10 s from 100 to 120.
    expect(run.model.offeredLoad).toBeCloseTo(1.5, 12)
    expect(run.failuresBy).toMatchObject({ queueFull: 0, timeout: 0 })
  })
})

describe('the parts of a run', () => {
  it('hold every request, one at second 0 in the first and one that ends a part in that one', async () => {
    // Parts of 1 s. Two come at second 0, one at the end of the first part.
    const { series, with: run } = await played(
      ['0,a', '0,a', '1,b', '1.5,b', '60,c'],
      'model: { latency: 500ms, workers: 9 }\ntiers: []\n',
    )
    const { requestsPerSecond, modelCalls, peakInFlight, latencyMean } = series.with
    expect(requestsPerSecond.slice(0, 3)).toEqual([3, 1, 0])
    expect(requestsPerSecond.reduce((sum, rate) => sum + rate, 0)).toBe(5)
    expect(modelCalls.reduce((sum, calls) => sum + calls, 0)).toBe(run.model.calls)
    expect(modelCalls.slice(0, 2)).toEqual([3, 1])
    expect(peakInFlight[0]).toBe(2)
    expect(latencyMean.slice(0, 3)).toEqual([500, 500, null])
  })

  it('hold requests that all come at once', async () => {
    const { series } = await played(['0,a', '0,b', '0,c'], 'model: { latency: 0s }\ntiers: []\n')
    expect(series.with.modelCalls.reduce((sum, calls) => sum + calls, 0)).toBe(3)
  })
})

it.each<[string[], RegExp[], RegExp[]]>([
  [
    ['instances=2,4', 'onMiss.protection=none,single-flight'],
    [/instances varied · round-robin · on a miss: varied · SLO/, /shared · lru · 10 entries · no TTL/],
    [/2 instances/, /everyone computes/],
  ],
  [
    ['tiers.0.capacity=10,20', 'tiers.0.ttl=1m,2m'],
    [/shared · lru · capacity varied · TTL varied/],
    [/10 entries/],
  ],
  [
    ['model.workers=8,9', 'model.price=1,2'],
    [/1s · workers varied · price varied/],
    [/8 workers/, /\$1 a call/],
  ],
  [['workload.rate=10/s,20/s'], [/of the first variant: workload\.rate varied/], []],
  // One value is no variation.
  [['instances=2', 'slo=1s,2s'], [/2 instances, round-robin/, /SLO varied/], [/instances varied/]],
])('the header says of %j that it varies, and not the first value', async (vary, shown, hidden) => {
  const folder = folderWith({
    'mine.yaml': `workload: { recipe: uniform, requests: 50, rate: 10/s }
model: { latency: 1s, workers: 50 }
tiers: [{ capacity: 10 }]
`,
  })
  const result = await simulate({ scenario: `${folder}/mine.yaml`, vary, repeat: 1 })
  const header = render(result, 'terminal', { width: 200 }).split('\n\n')[0]!
  for (const text of shown) expect(header).toMatch(text)
  for (const text of hidden) expect(header).not.toMatch(text)
})

it('says how few are answered without caches where these keep the queue short', async () => {
  // a runs from 0 to 10 and is a hit from then on. Without: taken at 0, 10, …, 990, and one waits at the end: 101 of 1,000.
  // With: of those from 1 to 9 the first waits and runs from 10 to 20, and eight find the queue full.
  const rows = Array.from({ length: 1000 }, (_, at) => `${at},a`)
  const { with: run, verdict } = await played(
    rows,
    'model: { latency: 10s, workers: 1, queue: { limit: 1 } }\ntiers: [{ capacity: 5, lookup: 0s }]',
  )
  expect(run).toMatchObject({ answers: 992, failures: 8, overloaded: false })
  expect(run.model).toMatchObject({ calls: 2, duplicateCalls: 1 })
  expect(verdict[0]).toBe(
    "Without a cache the model cannot keep up: its calls would take 10 times its workers' time, and 10.1 % of the requests are answered. With it 99.8 % of the answers come from a cache, half of those answered take 0 s or less, 99 % 0 s.",
  )
})
