import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createRandom } from '../../src/core/random.ts'
import { createTrace, Op, type Trace } from '../../src/core/trace.ts'
import { Found } from '../../src/engine/loop.ts'
import { Meter, meterColumns } from '../../src/experiments/measure.ts'
import { ofReplay } from '../../src/experiments/outcomes.ts'
import { resolveSettings } from '../../src/experiments/settings.ts'
import { parseLatency } from '../../src/latency/index.ts'

const SEED = 'meter'

/** The latencies of a model for each counted read, drawn as the streams are documented: one each, by name. */
function latencies(text: string, name: string, trace: Trace, reads: readonly number[]): number[] {
  const model = parseLatency(text, 'duration', name)
  const random = createRandom(SEED, `latency:${name}`)
  return reads.map((at) => {
    if (model.recorded) return trace.costs![at]!
    return model.constant ?? Math.fround(model.sample(random))
  })
}

/** Nearest rank: the smallest value that at least this share of the values is at or below. */
function quantile(values: readonly number[], percent: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted.find((_, at) => (at + 1) * 100 >= percent * sorted.length)!
}

const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length

/** Everything written out and sorted. */
function naive(trace: Trace, outcomes: Uint8Array, warmup: number, texts: Texts) {
  const reads = [...trace.keys.keys()].filter(
    (at) => at >= warmup && (trace.ops?.[at] ?? Op.read) === Op.read,
  )
  const hit = latencies(texts.hitLatency, 'hit', trace, reads)
  const miss = latencies(texts.missLatency, 'miss', trace, reads)
  const store = latencies(texts.storeLatency, 'store', trace, reads)
  const isHit = reads.map((at) => outcomes[at] === Found.resident)
  const total = reads.map((_, i) => hit[i]! + (isHit[i] ? 0 : miss[i]! + store[i]!))
  const modelMs = miss.filter((_, i) => !isHit[i]).reduce((sum, value) => sum + value, 0)
  return {
    requests: reads.length,
    hits: isHit.filter(Boolean).length,
    mean: mean(total),
    p50: quantile(total, 50),
    p95: quantile(total, 95),
    p99: quantile(total, 99),
    meanWithout: mean(miss),
    p50Without: quantile(miss, 50),
    p95Without: quantile(miss, 95),
    p99Without: quantile(miss, 99),
    reduction: mean(miss) === 0 ? 0 : 1 - mean(total) / mean(miss),
    seconds: modelMs / 1000,
    secondsWithout: (mean(miss) * reads.length) / 1000,
    breakEven: mean(miss) === 0 ? null : (mean(hit) + mean(store)) / (mean(miss) + mean(store)),
  }
}

type Texts = Record<'hitLatency' | 'missLatency' | 'storeLatency', string>

const texts = fc.record({
  hitLatency: fc.constantFrom('2ms', '0ms', 'lognormal:p50=1ms,p99=8ms'),
  missLatency: fc.constantFrom('120ms', '0ms', 'lognormal:p50=50ms,p99=900ms', 'recorded'),
  storeLatency: fc.constantFrom('0ms', '1ms', 'lognormal:p50=1ms,p90=3ms'),
})

/** A trace with what each of its requests found, whether or not a cache could have: the meter need not know. */
const played = fc
  .record({
    requests: fc.array(
      fc.record({
        found: fc.constantFrom(0, 1, 1, 1, 2, 3, 4),
        op: fc.constantFrom(Op.read, Op.read, Op.read, Op.write, Op.delete),
        cost: fc.constantFrom(0, 1, 5, 5, 70, 900.5, 12_000),
        size: fc.nat(9),
      }),
      { minLength: 1, maxLength: 150 },
    ),
    withOps: fc.boolean(),
    warmup: fc.nat(100),
  })
  .map(({ requests, withOps, warmup }) => ({
    trace: createTrace({
      keys: requests.map((_, at) => at),
      costs: requests.map(({ cost }) => cost),
      sizes: requests.map(({ size }) => size),
      ...(withOps && { ops: requests.map(({ op }) => op) }),
    }),
    outcomes: Uint8Array.from(requests, ({ found, op }) =>
      withOps && op !== Op.read ? Found.uncounted : found,
    ),
    warmup: Math.min(warmup, requests.length - 1),
  }))
  .filter(({ outcomes, warmup }) => outcomes.subarray(warmup).some((found) => found !== Found.uncounted))

describe('a meter', () => {
  it('finds what writing out every latency and sorting finds, whatever is read, written and left out', () => {
    fc.assert(
      fc.property(played, texts, ({ trace, outcomes, warmup }, given) => {
        const settings = resolveSettings({ ...given, warmup: String(warmup), missCost: '0.5' }, {}, trace)
        const measured = new Meter(meterColumns(trace, settings, SEED)).measure(ofReplay(outcomes))
        const expected = naive(trace, outcomes, warmup, given)
        const { latency, model } = measured
        expect(measured.requests).toBe(expected.requests)
        expect(measured.hits).toBe(expected.hits)
        expect(measured.misses).toBe(expected.requests - expected.hits)
        for (const name of [
          'mean',
          'p50',
          'p95',
          'p99',
          'meanWithout',
          'p50Without',
          'p95Without',
          'p99Without',
        ] as const) {
          // Single precision keeps seven digits.
          expect(Math.abs(latency[name] - expected[name]), name).toBeLessThanOrEqual(1e-6 * expected[name])
        }
        expect(latency.reduction).toBeCloseTo(expected.reduction, 5)
        expect(model.seconds).toBeCloseTo(expected.seconds, 6)
        expect(model.secondsWithout).toBeCloseTo(expected.secondsWithout, 6)
        expect(model.secondsSaved).toBeCloseTo(expected.secondsWithout - expected.seconds, 6)
        expect(measured.money).toEqual({
          spent: 0.5 * measured.misses,
          spentWithout: 0.5 * measured.requests,
          saved: 0.5 * measured.hits,
        })
        if (expected.breakEven === null) expect(measured.breakEvenHitRate).toBeNull()
        else expect(measured.breakEvenHitRate).toBeCloseTo(expected.breakEven, 6)
        if (given.missLatency === 'recorded' && expected.secondsWithout > 0) {
          expect(measured.costHitRate).toBeCloseTo(1 - expected.seconds / expected.secondsWithout, 6)
          expect(measured.costHitRate).toBeGreaterThanOrEqual(0)
          expect(measured.costHitRate).toBeLessThanOrEqual(1)
        } else expect(measured.costHitRate).toBeNull()
      }),
      { numRuns: 300 },
    )
  })

  it('adds up: kinds of misses, bytes and batches', () => {
    fc.assert(
      fc.property(played, ({ trace, outcomes, warmup }) => {
        const settings = resolveSettings({ warmup: String(warmup) }, {}, trace)
        const columns = meterColumns(trace, settings, SEED)
        const meter = new Meter(columns)
        const { missKinds, misses, hits, requests, batchHits, byteHitRate } = meter.measure(
          ofReplay(outcomes),
        )
        const count = (kind: number) => outcomes.subarray(warmup).filter((found) => found === kind).length
        expect(missKinds).toEqual({
          compulsory: count(Found.absent),
          capacity: count(Found.evicted),
          expired: count(Found.expired),
          invalidated: count(Found.invalidated),
        })
        expect(missKinds.compulsory + missKinds.capacity + missKinds.expired + missKinds.invalidated).toBe(
          misses,
        )
        expect(batchHits.reduce((sum, value) => sum + value, 0)).toBe(hits)
        expect(columns.batchRequests.reduce((sum, value) => sum + value, 0)).toBe(requests)
        let bytes = 0
        let hitBytes = 0
        outcomes.forEach((found, at) => {
          if (at < warmup || found === Found.uncounted) return
          bytes += trace.sizes![at]!
          if (found === Found.resident) hitBytes += trace.sizes![at]!
        })
        expect(byteHitRate).toBe(bytes === 0 ? null : hitBytes / bytes)
      }),
    )
  })

  it('finds a reduction of 0 exactly at the break-even hit rate', () => {
    // (2 + 1) / (11 + 1) = 1/4: of four requests one must hit.
    const trace = createTrace({ keys: [0, 1, 2, 3] })
    const given = { hitLatency: '2ms', missLatency: '11ms', storeLatency: '1ms' }
    const measured = new Meter(meterColumns(trace, resolveSettings(given, {}, trace), SEED)).measure(
      ofReplay(Uint8Array.of(0, 1, 0, 2)),
    )
    expect(measured.breakEvenHitRate).toBe(0.25)
    expect(measured.hitRate).toBe(0.25)
    expect(measured.latency.reduction).toBe(0)
  })

  it('has its break-even where the reduction changes sign, for any constants', () => {
    const milliseconds = fc.integer({ min: 0, max: 400 })
    fc.assert(
      fc.property(
        milliseconds,
        milliseconds,
        milliseconds,
        fc.integer({ min: 1, max: 60 }),
        fc.nat(60),
        (hit, miss, store, requests, some) => {
          const hits = Math.min(some, requests)
          const trace = createTrace({ keys: Array(requests).fill(0) })
          const given = { hitLatency: `${hit}ms`, missLatency: `${miss + 1}ms`, storeLatency: `${store}ms` }
          const outcomes = Uint8Array.from({ length: requests }, (_, at) =>
            at < hits ? Found.resident : Found.evicted,
          )
          const measured = new Meter(meterColumns(trace, resolveSettings(given, {}, trace), SEED)).measure(
            ofReplay(outcomes),
          )
          // r* · (model + store) = lookup + store, in whole numbers.
          const above = hits * (miss + 1 + store) - requests * (hit + store)
          expect(Math.sign(Math.round(measured.latency.reduction * 1e9))).toBe(Math.sign(above))
          expect(Math.sign(Math.round((measured.hitRate - measured.breakEvenHitRate!) * 1e9))).toBe(
            Math.sign(above),
          )
        },
      ),
    )
  })

  it('charges for the model’s time what it was busy', () => {
    const trace = createTrace({ keys: [0, 1, 2], costs: [3_600_000, 1_800_000, 7_200_000] })
    const settings = resolveSettings({ missCost: '$2/h', missLatency: 'recorded' }, {}, trace)
    const { money } = new Meter(meterColumns(trace, settings, SEED)).measure(ofReplay(Uint8Array.of(0, 0, 1)))
    expect(money).toEqual({ spent: 3, spentWithout: 7, saved: 4 })
  })

  it('saves nothing, to the last bit, where nothing is hit', () => {
    fc.assert(
      fc.property(fc.array(fc.float({ min: 0, max: 1e9, noNaN: true }), { minLength: 1 }), (costs) => {
        const trace = createTrace({ keys: costs.map((_, at) => at), costs })
        const settings = resolveSettings({ missCost: '1/h', hitLatency: '0ms' }, {}, trace)
        const measured = new Meter(meterColumns(trace, settings, SEED)).measure(
          ofReplay(new Uint8Array(costs.length)),
        )
        expect(measured.model.secondsSaved).toBe(0)
        expect(measured.money.saved).toBe(0)
        expect(measured.costHitRate ?? 0).toBe(0)
        expect(measured.latency.mean).toBe(measured.latency.meanWithout)
      }),
    )
  })

  it('draws the same latencies for every policy and without a cache', () => {
    const trace = createTrace({ keys: [...Array(500).keys()] })
    const settings = resolveSettings(
      { hitLatency: '0ms', missLatency: 'lognormal:p50=50ms,p99=900ms' },
      {},
      trace,
    )
    const meter = new Meter(meterColumns(trace, settings, SEED))
    const { mean, p50, p95, p99, meanWithout, p50Without, p95Without, p99Without } = meter.measure(
      ofReplay(new Uint8Array(500)),
    ).latency
    expect([mean, p50, p95, p99]).toEqual([meanWithout, p50Without, p95Without, p99Without])
    const again = new Meter(meterColumns(trace, settings, SEED)).measure(ofReplay(new Uint8Array(500)))
    expect(again.latency.mean).toBe(mean)
    expect(
      new Meter(meterColumns(trace, settings, 'another')).measure(ofReplay(new Uint8Array(500))).latency.mean,
    ).not.toBe(mean)
  })

  it('takes a cost of minus zero for none', () => {
    const trace = createTrace({ keys: [0, 1, 2], costs: [5, -0, 7] })
    const { latency } = new Meter(
      meterColumns(trace, resolveSettings({ hitLatency: '0ms' }, {}, trace), SEED),
    ).measure(ofReplay(new Uint8Array(3)))
    expect(latency.p99).toBe(7)
  })

  it('has nothing to count where there are only writes', () => {
    const trace = createTrace({ keys: [0, 1], ops: [Op.write, Op.delete], name: 'writes.csv' })
    expect(() => new Meter(meterColumns(trace, resolveSettings({}, {}, trace), SEED))).toThrow(
      'writes.csv has no reads to count: only reads are hits or misses',
    )
  })
})
