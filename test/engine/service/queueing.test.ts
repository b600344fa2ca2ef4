import { describe, expect, it } from 'vitest'
import { studentQuantile } from '../../../src/analysis/student.ts'
import { createRandom } from '../../../src/core/random.ts'
import { createTrace, type Trace } from '../../../src/core/trace.ts'
import { TraceColumns } from '../../../src/engine/replay.ts'
import { runService } from '../../../src/experiments/service-run.ts'
import { drawn, exponential, seconds, service, simulated } from '../../support/service.ts'

/** Poisson arrivals, every one for a key of its own. */
function poisson(requests: number, rate: number, seed: string): Trace {
  const random = createRandom(seed, 'arrivals')
  let now = 0
  const times = Array.from({ length: requests }, () => {
    now -= Math.log(1 - random.double()) / rate
    return now
  })
  return createTrace({ keys: times.map((_, at) => at % 1000), times })
}

/** Mean of all but the first tenth, with four standard errors of it from batch means. */
function meanOf(values: Float64Array): { mean: number; within: number } {
  const batches = 30
  const from = Math.floor(values.length / 10)
  const size = Math.floor((values.length - from) / batches)
  const means = Array.from({ length: batches }, (_, batch) => {
    const part = values.subarray(from + batch * size, from + (batch + 1) * size)
    return part.reduce((sum, value) => sum + value, 0) / size
  })
  const mean = means.reduce((sum, value) => sum + value, 0) / batches
  const variance = means.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (batches - 1)
  // One run in some 3,000 would lie outside; the seeds are fixed.
  return { mean, within: studentQuantile(0.9998, batches - 1) * Math.sqrt(variance / batches) }
}

function expectMean(values: Float64Array, expected: number): void {
  const { mean, within } = meanOf(values)
  // Wide intervals would let anything pass.
  expect(within / expected).toBeLessThan(0.1)
  expect(Math.abs(mean - expected)).toBeLessThan(within)
}

/** Mean wait in an M/M/c queue (Erlang 1917). */
function erlangCWait(rate: number, service: number, workers: number): number {
  const load = rate * service
  let term = 1
  let sum = 1
  for (let k = 1; k < workers; k++) {
    term *= load / k
    sum += term
  }
  const last = (term * load) / workers / (1 - load / workers)
  return (last / (sum + last)) * (service / (workers - load))
}

/** P(wait ≤ t) in an M/D/1 queue (Erlang 1909). */
function erlangShare(rate: number, service: number, t: number): number {
  let sum = 0
  let factorial = 1
  for (let k = 0; k <= Math.floor(t / service + 1e-9); k++) {
    if (k > 0) factorial *= k
    const x = rate * (k * service - t)
    sum += (x ** k / factorial) * Math.exp(-x)
  }
  return (1 - rate * service) * sum
}

describe('the model alone', () => {
  it.each([
    { workers: 1, load: 0.7 },
    { workers: 4, load: 0.8 },
    { workers: 16, load: 0.9 },
  ])('waits as Erlang C says: $workers workers at $load', ({ workers, load }) => {
    const mean = 0.2
    const rate = (load * workers) / mean
    const trace = poisson(300_000, rate, `${workers}`)
    const settings = service({ model: { workers, latency: exponential(mean) } })
    const { meters, model } = simulated(trace, settings)
    expectMean(meters.latencies, mean + erlangCWait(rate, mean, workers))
    expect(model.workSeconds / model.started).toBeCloseTo(mean, 2)
  })

  it.each([
    { name: 'M/D/1', of: () => 0.1, squared: 0.01 },
    // Uniform between 0 and 0.2: E[S²] = 0.04 / 3.
    { name: 'M/G/1', of: (uniform: number) => 0.2 * uniform, squared: 0.04 / 3 },
  ])('waits as Pollaczek and Khinchine say: $name', ({ of, squared }) => {
    const rate = 8
    const trace = poisson(300_000, rate, 'mg1')
    const settings = service({ model: { workers: 1, latency: drawn((random) => of(random.double())) } })
    const { meters } = simulated(trace, settings)
    expectMean(meters.latencies, 0.1 + (rate * squared) / (2 * (1 - rate * 0.1)))
  })

  it.each([
    {
      name: 'M/M/1',
      latency: (seed: string) => exponential(0.1, seed),
      // P(wait ≤ t) = 1 − ρ e^(−μ(1 − ρ)t)
      share: (t: number) => 1 - 0.6 * Math.exp(-10 * 0.4 * t),
    },
    { name: 'M/D/1', latency: () => seconds(0.1), share: (t: number) => erlangShare(6, 0.1, t) },
  ])('has the quantiles of waits that are known of $name', async ({ latency, share }) => {
    // Both begin with those that do not wait.
    expect(share(0)).toBeCloseTo(0.4, 9)
    const runs = []
    for (let run = 1; run <= 20; run++) {
      const settings = service({ model: { workers: 1, latency: latency(`${run}`) } })
      const columns = new TraceColumns(poisson(80_000, 6, `quantiles ${run}`))
      const task = { columns, settings, seed: '1', price: '0', sloSeconds: 1 }
      runs.push((await runService(task, {}, () => {})).run.model.queueingMs)
    }
    for (const [quantile, expected] of [
      ['p50', 0.5],
      ['p95', 0.95],
      ['p99', 0.99],
    ] as const) {
      // What share waits no longer than the quantile of each run: the quantile's own, on average.
      const shares = runs.map((run) => share(run[quantile] / 1000))
      const mean = shares.reduce((sum, value) => sum + value, 0) / shares.length
      const variance = shares.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (shares.length - 1)
      const within = studentQuantile(0.9998, shares.length - 1) * Math.sqrt(variance / shares.length)
      expect(within / (1 - expected)).toBeLessThan(0.2)
      expect(Math.abs(mean - expected)).toBeLessThan(within)
    }
  })

  it('gives up what waits too long, and refuses what finds the queue full', () => {
    // One worker takes 10 s; they come at 0, 1, 2, 3: one runs, one waits to its time-out at 6, two find no room.
    const trace = createTrace({ keys: [0, 1, 2, 3, 4], times: [0, 1, 2, 3, 7] })
    const model = { workers: 1, latency: seconds(10), queueLimit: 1, queueTimeout: 5 }
    const { meters } = simulated(trace, service({ model }))
    expect({ timeouts: meters.timeouts, queueFull: meters.queueFull }).toEqual({ timeouts: 1, queueFull: 2 })
    expect([...meters.latencies]).toEqual([10, Number.NaN, Number.NaN, Number.NaN, 13])
    expect({ answers: meters.answers, failures: meters.failures }).toEqual({ answers: 2, failures: 3 })
  })

  it('a wait that ends at the very moment of its time-out is given up', () => {
    const trace = createTrace({ keys: [0, 1, 2], times: [0, 1, 2] })
    const model = { workers: 1, latency: seconds(10), queueTimeout: 9 }
    const { meters } = simulated(trace, service({ model }))
    expect([...meters.latencies]).toEqual([10, Number.NaN, 18])
  })
})

describe('dynamic batching', () => {
  const batching = { maxSize: 8, maxWait: 0.05, fixed: 0.2, perItem: 0.01 }

  it('answers at saturation what its largest batch and its workers allow', () => {
    const workers = 2
    const rate = (workers * batching.maxSize) / (batching.fixed + batching.perItem * batching.maxSize)
    const trace = poisson(40_000, 2 * rate, 'batches')
    const simulation = simulated(trace, service({ model: { workers, batching } }))
    expect(simulation.model.started / simulation.model.batches).toBeGreaterThan(7.99)
    // The first batch waits until it is full; from then on no worker rests but at the end.
    expect(trace.length / simulation.now / rate).toBeGreaterThan(0.999)
    expect(trace.length / simulation.now / rate).toBeLessThanOrEqual(1)
  })

  it('sends off what has come when the first has waited long enough, and a full batch at once', () => {
    const sparse = createTrace({ keys: [0, 1, 2], times: [0, 0.03, 0.2] })
    const alone = simulated(sparse, service({ model: { batching } }))
    // 0 and 1 leave at 0.05 and take 0.22 s; 2 leaves at 0.25 and takes 0.21 s.
    expect([...alone.meters.latencies].map((value) => Number(value.toFixed(9)))).toEqual([0.27, 0.24, 0.26])
    const full = createTrace({ keys: [0, 1, 2, 3, 4, 5, 6, 7], times: Array(8).fill(1) })
    const { meters } = simulated(full, service({ model: { batching } }))
    for (const latency of meters.latencies) expect(latency).toBeCloseTo(0.28, 12)
  })
})
