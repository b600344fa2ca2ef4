import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, describe, expect, it } from 'vitest'
import { type Result, type Run, resultSchema } from '../../src/core/result.ts'
import { createTrace, type Trace } from '../../src/core/trace.ts'
import { type CompareOptions, compare } from '../../src/experiments/compare.ts'
import { generate } from '../../src/experiments/generate.ts'
import { inspect } from '../../src/experiments/inspect.ts'
import { sweep } from '../../src/experiments/sweep.ts'
import { generators } from '../../src/generators/index.ts'

const POLICIES = ['lru', 'lfu', 'fifo', 'random', 'ttl', 'optimal', 'optimal(bypass=false)']

/** Recorded traces in memory with any of the columns there are; small, so that everything collides. */
const recorded = fc
  .record({
    requests: fc.array(
      fc.record({
        key: fc.nat(9),
        gap: fc.constantFrom(0, 0, 0.5, 2, 9),
        size: fc.nat(6),
        cost: fc.constantFrom(0, 1.5, 80, 4000),
        op: fc.constantFrom(0, 0, 0, 0, 1, 2),
        ttl: fc.constantFrom(0.5, 2, 2, 9, 1000, Infinity, Number.NaN, Number.NaN),
      }),
      { minLength: 1, maxLength: 80 },
    ),
    has: fc.record({
      times: fc.boolean(),
      sizes: fc.boolean(),
      costs: fc.boolean(),
      ops: fc.boolean(),
      ttls: fc.boolean(),
    }),
  })
  .map(({ requests, has }): Trace => {
    let now = 0
    // One read at least: without any there is nothing to count.
    const ops = requests.map(({ op }, at) => (at === requests.length - 1 ? 0 : op))
    return createTrace({
      keys: requests.map(({ key }) => key),
      ...(has.times && { times: requests.map(({ gap }) => (now += gap)) }),
      ...(has.sizes && { sizes: requests.map(({ size }) => size) }),
      ...(has.costs && { costs: requests.map(({ cost }) => cost) }),
      ...(has.ops && { ops }),
      ...(has.ttls && { ttls: requests.map(({ ttl }) => ttl) }),
    })
  })

const synthetic: fc.Arbitrary<CompareOptions> = fc.record({
  workload: fc.constantFrom(...generators.names, 'zipf(alpha=1.4)', 'nightly-scan', 'flash-crowd'),
  requests: fc.integer({ min: 1, max: 200 }),
  seed: fc.nat(99),
})

const settings = fc.record(
  {
    ttl: fc.constantFrom('1ms', '1s', '5s', '100d'),
    ttlMode: fc.constantFrom('write', 'idle'),
    warmup: fc.constantFrom('0', '10%', '50%', '99%'),
    hitLatency: fc.constantFrom('0ms', '2ms', '5s', 'lognormal:p50=1ms,p99=9ms'),
    missLatency: fc.constantFrom('0ms', '100ms', 'lognormal:p50=10ms,p99=90ms'),
    storeLatency: fc.constantFrom('0ms', '3ms', 'lognormal:p50=1ms,p99=9ms'),
    missCost: fc.constantFrom('0', '0.5', '36/h'),
  },
  { requiredKeys: [] },
)

/** What can be asked of a workload: a TTL only of one with times, bytes only of one with sizes. */
const experiments: fc.Arbitrary<CompareOptions> = fc
  .tuple(
    fc.oneof(
      recorded.map((trace) => ({ trace })),
      synthetic,
    ),
    settings,
    fc.subarray(POLICIES, { minLength: 1 }),
    fc.nat(12),
    fc.boolean(),
  )
  .map(([workload, chosen, policies, size, bytes]) => {
    const trace = 'trace' in workload ? (workload.trace as Trace) : undefined
    const timed = trace === undefined || trace.times !== undefined
    const { ttl, ...others } = chosen
    return {
      ...workload,
      ...others,
      ...(timed && ttl !== undefined && { ttl }),
      policies: policies.filter((policy) => timed || policy !== 'ttl').join() || 'lru',
      size: bytes && trace?.sizes ? `${3 * size}B` : size,
    }
  })

const sum = (values: Readonly<Record<string, number>>) =>
  Object.values(values).reduce((total, value) => total + value, 0)

/** Runs it; a warm-up that leaves no read to count is a mistake of the options, which is not what these are about. */
async function run<R extends Result>(experiment: () => Promise<R>): Promise<R | undefined> {
  try {
    return await experiment()
  } catch (error) {
    if (/no reads to count/.test(String(error))) return undefined
    throw error
  }
}

/** As it is saved and read again: a NaN or an Infinity would come back as null. */
function expectValid(result: Result): void {
  expect(resultSchema.parse(JSON.parse(JSON.stringify(result)))).toEqual(result)
}

function expectAddsUp(one: Run): void {
  // Counts are whole, or means of whole ones.
  expect(one.hits + one.misses).toBeCloseTo(one.requests, 9)
  expect(sum(one.missKinds)).toBeCloseTo(one.misses, 9)
  expect(one.hitRate).toBe(one.hits / one.requests)
  expect(one.model.calls + one.model.callsSaved).toBeCloseTo(one.requests, 9)
  expect(one.model.seconds + one.model.secondsSaved).toBeCloseTo(one.model.secondsWithout, 9)
  expect(one.money.spent + one.money.saved).toBeCloseTo(one.money.spentWithout, 9)
  const { mean, meanWithout, p50, p95, p99 } = one.latency
  expect(one.latency.reduction).toBeCloseTo(meanWithout === 0 ? 0 : 1 - mean / meanWithout, 9)
  expect(p50 <= p95 && p95 <= p99).toBe(true)
  if (one.interval) {
    expect(one.interval.low).toBeLessThanOrEqual(one.hitRate + 1e-12)
    expect(one.interval.high).toBeGreaterThanOrEqual(one.hitRate - 1e-12)
  }
}

describe('whatever is asked of whatever workload', () => {
  it('a comparison is valid, adds up, and is the same again', async () => {
    await fc.assert(
      fc.asyncProperty(experiments, async (options) => {
        const result = await run(() => compare(options))
        if (!result) return
        expectValid(result)
        const { runs, comparisons } = result.simulated
        runs.forEach(expectAddsUp)
        for (const { better, worse, difference, low, high } of comparisons) {
          expect(better).not.toBe(worse)
          expect(difference).toBeGreaterThanOrEqual(0)
          expect(low <= difference && difference <= high).toBe(true)
        }
        const again = await compare(options)
        expect(JSON.stringify(again.simulated)).toBe(JSON.stringify(result.simulated))
      }),
      { numRuns: 80 },
    )
  })

  it('a policy’s run does not depend on which others run', async () => {
    await fc.assert(
      fc.asyncProperty(experiments, async (options) => {
        const result = await run(() => compare(options))
        for (const together of result?.simulated.runs ?? []) {
          const alone = await compare({ ...options, policies: together.policy })
          expect(alone.simulated.runs).toEqual([together])
        }
      }),
      { numRuns: 40 },
    )
  })

  it('a sweep is valid, and at each size it is the comparison at that size', async () => {
    await fc.assert(
      fc.asyncProperty(
        experiments,
        fc.array(fc.nat(12), { minLength: 1, maxLength: 3 }),
        async (options, more) => {
          const { size, ...others } = options
          const unit = typeof size === 'string' ? 'B' : ''
          const sizes = [Number.parseInt(String(size), 10), ...more].map((value) => `${value}${unit}`)
          const result = await run(() => sweep({ ...others, sizes }))
          if (!result) return
          expectValid(result)
          result.simulated.runs.forEach(expectAddsUp)
          const compared = await compare(options)
          for (const expected of compared.simulated.runs) {
            const swept = result.simulated.runs.find(
              (one) => one.policy === expected.policy && one.size === expected.size,
            )
            // A size beyond the keys was cut to as many.
            if (swept === undefined) {
              expect(result.simulated.warnings.join()).toContain('a larger cache evicts nothing')
              continue
            }
            // A comparison runs the bound unseen; a sweep holds against it what was asked for.
            expect({ ...swept, shareOfOptimal: 0 }).toEqual({ ...expected, shareOfOptimal: 0 })
          }
        },
      ),
      { numRuns: 40 },
    )
  })

  it('a size that was cut evicts nothing, and serves what a larger one does', async () => {
    await fc.assert(
      fc.asyncProperty(recorded, async (trace) => {
        const unit = trace.sizes ? 'kB' : ''
        const policies = POLICIES.filter((policy) => policy !== 'ttl').join()
        const result = await run(() => sweep({ trace, policies, sizes: `1000${unit}` }))
        if (!result) return
        const { runs } = (await compare({ trace, policies, size: `1000${unit}` })).simulated
        for (const { policy, size, evictions, hits } of result.simulated.runs) {
          expect(size).toBeLessThanOrEqual(trace.sizes ? 60 : 10)
          expect({ policy, evictions, hits }).toEqual({
            policy,
            evictions: 0,
            hits: runs.find((one) => one.policy === policy)!.hits,
          })
        }
      }),
      { numRuns: 40 },
    )
  })

  it('an inspection is valid', async () => {
    await fc.assert(
      fc.asyncProperty(recorded, async (trace) => {
        expectValid(await inspect({ trace }))
      }),
      { numRuns: 80 },
    )
    await fc.assert(
      fc.asyncProperty(synthetic, async (options) => {
        expectValid(await inspect(options))
      }),
      { numRuns: 20 },
    )
  })

  it('repeats are valid and add up', async () => {
    await fc.assert(
      fc.asyncProperty(
        synthetic,
        settings,
        fc.integer({ min: 2, max: 4 }),
        async (options, chosen, repeat) => {
          const result = await run(() => compare({ ...options, ...chosen, size: 5, repeat }))
          if (!result) return
          expectValid(result)
          result.simulated.runs.forEach(expectAddsUp)
        },
      ),
      { numRuns: 25 },
    )
  })
})

describe('in entries, without a TTL or with one that a use renews', () => {
  const cases = recorded.chain((trace) =>
    fc.record({
      trace: fc.constant(trace),
      ttl: trace.times ? fc.constantFrom('none', '1s', '5s') : fc.constant('none'),
      size: fc.nat(8),
    }),
  )

  it('no policy beats the bound', async () => {
    await fc.assert(
      fc.asyncProperty(cases, async ({ trace, ttl, size }) => {
        const policies = 'lru,lfu,fifo,random,optimal(bypass=false),optimal'
        const { runs } = (await compare({ trace, ttl, ttlMode: 'idle', size, policies, missLatency: '1ms' }))
          .simulated
        const [published, bound] = runs.slice(4).map(({ hits }) => hits)
        expect(published).toBeLessThanOrEqual(bound!)
        for (const { hits, shareOfOptimal } of runs) {
          expect(hits).toBeLessThanOrEqual(bound!)
          expect(shareOfOptimal === null ? 0 : shareOfOptimal).toBeLessThanOrEqual(1)
        }
      }),
      { numRuns: 80 },
    )
  })

  it('lru and the bound never lose by growing', async () => {
    await fc.assert(
      fc.asyncProperty(cases, async ({ trace, ttl }) => {
        const { runs } = (
          await sweep({
            trace,
            ttl,
            ttlMode: 'idle',
            sizes: '0,1,2,3,4,5,6,8,10,20',
            policies: 'lru,optimal',
            missLatency: '1ms',
          })
        ).simulated
        for (const [at, { policy, hits }] of runs.entries()) {
          if (runs[at - 1]?.policy === policy) expect(hits).toBeGreaterThanOrEqual(runs[at - 1]!.hits)
        }
      }),
      { numRuns: 40 },
    )
  })
})

describe('a workload written as a trace and read again', () => {
  const folder = mkdtempSync(join(tmpdir(), 'cachesim-invariants-'))
  afterAll(() => rmSync(folder, { recursive: true }))

  it('gives the same results to the last hit', async () => {
    const workloads = fc.tuple(
      fc.constantFrom(...generators.names, 'price-prediction', 'feature-store'),
      fc.integer({ min: 2, max: 400 }),
      fc.constantFrom('csv', 'tsv', 'jsonl'),
      fc.nat(99),
    )
    let files = 0
    await fc.assert(
      fc.asyncProperty(workloads, async ([workload, requests, format, seed]) => {
        const file = join(folder, `${files++}.${format}`)
        const source = { workload, requests, seed }
        const generated = await generate({ ...source, file })
        writeFileSync(file, [...generated.chunks()].join(''))
        const chosen = {
          size: 10,
          ttl: '2s',
          policies: 'lru,lfu,fifo,random,ttl,optimal',
          hitLatency: '1ms',
          missLatency: generated.workload.trace.costs ? 'recorded' : '50ms',
          storeLatency: '0ms',
          missCost: '1',
        }
        const synthetic = await compare({ ...source, ...chosen })
        const read = await compare({ trace: file, seed, ...chosen })
        expect(read.simulated.runs).toEqual(synthetic.simulated.runs)
      }),
      { numRuns: 20 },
    )
  })
})

it('stops where it is told to, also between short runs', async () => {
  const controller = new AbortController()
  let reports = 0
  const running = sweep({
    requests: 1000,
    keys: 100,
    sizes: '1..100:20',
    signal: controller.signal,
    onProgress: () => {
      if (++reports === 3) setImmediate(() => controller.abort(new Error('enough')))
    },
  })
  await expect(running).rejects.toThrow('enough')
  expect(reports).toBeLessThan(10)
})
