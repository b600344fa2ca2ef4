import { type KeySample, sampleKeys } from '../../src/analysis/key-sample.ts'
import { lruCurveInSteps } from '../../src/analysis/lru-curve.ts'
import { HitTally, type ReuseStrata, reuseStrata, reuseWeights } from '../../src/analysis/reuse-weights.ts'
import { finish } from '../../src/analysis/steps.ts'
import { holds } from '../../src/core/estimate-holds.ts'
import { createRandom } from '../../src/core/random.ts'
import { createColumn, type Trace } from '../../src/core/trace.ts'
import type { CacheSettings } from '../../src/engine/replay.ts'
import { type Estimate, Estimator } from '../../src/experiments/estimate.ts'
import { choosePolicies, choosePolicy } from '../../src/experiments/policies.ts'
import { LOOK_CHECKED_SIZES } from '../../src/experiments/sweep-estimates.ts'
import { openWorkload } from '../../src/experiments/workload.ts'
import { readTrace } from '../../src/formats/index.ts'
import { startReplay } from '../support/replay.ts'
import { sharedFolder, sharedPath } from '../support/shared.ts'

const RATE = 0.1
const SEEDS = 11
/** The policies whose error is held to a figure. */
const HELD = ['lru', 'fifo', 'arc', 's3-fifo']
const MANY = 50
const FEW = 16
/** Of a trace that takes minutes for each policy: sizes, and seeds. */
const FEWER = 8
const FEWER_SEEDS = 3

/**
 * The exact LRU curve against replays of every size, and estimates from a tenth of the keys against exact runs. Times are
 * of the processor, as curves are compared with replays that take minutes.
 */
export async function benchCurves(): Promise<void> {
  const { trace: zipf } = await openWorkload({ workload: 'zipf', requests: '10M', keys: '1M' })
  await benchExact(zipf)
  await benchSweep(zipf)
  await benchHeld(zipf)
  await benchMargins(zipf, FEWER, FEWER_SEEDS)
  if (sharedFolder === undefined) {
    console.log('the recorded traces are left out: no ../shared beside the checkout')
    return
  }
  for (const file of ['arc-oltp.lis.gz', 'cache2k-web12.txt.gz', 'cloudPhysicsIO.vscsi.gz']) {
    const trace = await readTrace(sharedPath(`traces/${file}`))
    await benchHeld(trace)
    await benchMargins(trace, FEW, SEEDS)
  }
  for (const file of ['mooncake-synthetic.jsonl.gz', 'cache2k-web07.txt.gz', 'lirs-2_pools.trace.gz'])
    await benchMargins(await readTrace(sharedPath(`traces/${file}`)), FEW, SEEDS)
  console.log('as a first look of a long trace')
  await benchMargins(await readTrace(sharedPath('traces/arc-oltp.lis.gz')), FEW, SEEDS, LOOK_CHECKED_SIZES)
}

/** From a thousandth of the keys to all of them, evenly on a logarithmic scale. */
function sizesOf({ keyCount }: Trace, count: number): number[] {
  const at = (step: number) => Math.max(1, Math.round(keyCount * 0.001 * 1000 ** (step / (count - 1))))
  return [...new Set(Array.from({ length: count }, (_, step) => at(step)))]
}

async function benchExact(trace: Trace): Promise<void> {
  const sizes = sizesOf(trace, MANY)
  const [curveSeconds, curve] = await timed(() => finish(lruCurveInSteps(trace, 'entries', 0)))
  const [replaySeconds, hits] = await timed(async () => {
    const counts: number[] = []
    for (const size of sizes) counts.push((await exactRate(trace, 'lru', size)) * trace.length)
    return counts
  })
  for (const [at, count] of hits.entries())
    if (Math.round(count) !== curve.hitsAt(sizes[at]!))
      throw new Error(`curve and replay differ at ${sizes[at]}`)
  console.log(
    `exact LRU curve: ${trace.length / 1e6} M Zipf(1.0) requests, ${trace.keyCount} keys, all sizes; ${sizes.length} replayed`,
  )
  console.log(
    `  one pass ${curveSeconds.toFixed(2)} s, replays ${replaySeconds.toFixed(2)} s: ${(curveSeconds / replaySeconds).toFixed(3)} of them (at most 0.25)\n`,
  )
}

async function benchSweep(trace: Trace): Promise<void> {
  const policies = ['lfu', 'fifo', 'random', 'clock', 'sieve', 's3-fifo', 'arc', 'slru']
  const sizes = sizesOf(trace, FEW)
  const [estimateSeconds] = await timed(async () => {
    const estimator = await Estimator.draw(trace, { rate: RATE, seed: '1' })
    for (const policy of policies) await estimator.estimate(choosePolicy(policy), sizes, settingsOf(policy))
  })
  const [exactSeconds] = await timed(async () => {
    for (const policy of policies) for (const size of sizes) await exactRate(trace, policy, size)
  })
  console.log(`sweep of ${policies.length} policies × ${sizes.length} sizes of the same trace`)
  console.log(
    `  estimated ${estimateSeconds.toFixed(2)} s, exact ${exactSeconds.toFixed(2)} s: ${(exactSeconds / estimateSeconds).toFixed(1)} times as fast (at least 5)\n`,
  )
}

/** Four ways to take a rate from a tenth of the keys. */
async function benchHeld(trace: Trace): Promise<void> {
  const sizes = sizesOf(trace, MANY)
  console.log(`${describe(trace)}, ${sizes.length} sizes, ${SEEDS} seeds`)
  console.log('mean absolute error in points of hit rate, median of the seeds')
  console.log('policy              hashed  stratified  hashed+reuse  estimate  exact s  estimate s')
  const estimators = await drawEstimators(trace, SEEDS)
  const strata = finish(reuseStrata(trace))
  const draws = (['hashed', 'stratified'] as const).map((method) => ({
    method,
    samples: Array.from({ length: SEEDS }, (_, seed) =>
      finish(sampleKeys(trace, RATE, createRandom(seed, `bench ${method}`), method)),
    ),
  }))
  for (const policy of HELD) {
    const [exactSeconds, truth] = await timed(() => exactRates(trace, policy, sizes))
    const errors: Record<string, number[]> = { hashed: [], stratified: [], 'hashed+reuse': [] }
    for (const { method, samples } of draws) {
      for (const sample of samples) {
        const { adjusted, weighted } = await miniatureRates(trace, sample, policy, sizes, strata)
        errors[method]!.push(meanError(adjusted, truth))
        errors[`${method}+reuse`]?.push(meanError(weighted, truth))
      }
    }
    const [estimateSeconds, estimates] = await timed(() => estimatesOf(estimators, policy, sizes))
    const own = estimates.map(({ rates }) => meanError(hitRatesOf(rates), truth))
    console.log(
      [
        policy.padEnd(18),
        median(errors.hashed!).toFixed(2).padStart(7),
        median(errors.stratified!).toFixed(2).padStart(11),
        median(errors['hashed+reuse']!).toFixed(2).padStart(13),
        median(own).toFixed(2).padStart(9),
        exactSeconds.toFixed(2).padStart(8),
        (estimateSeconds / SEEDS).toFixed(2).padStart(11),
      ].join(' '),
    )
  }
  console.log()
}

/** How far off estimates of every policy are, and how often their margins hold the exact rate where it was not replayed. */
async function benchMargins(
  recorded: Trace,
  sizeCount: number,
  seeds: number,
  checkedSizes?: readonly number[],
): Promise<void> {
  const trace = withCosts(recorded)
  const sizes = sizesOf(trace, sizeCount)
  const all = (await choosePolicies('all'))(trace).policies.map(({ text }) => text)
  console.log(`${describe(trace)}, ${sizes.length} sizes, ${seeds} seeds`)
  console.log('error: mean over the sizes in points of hit rate, median of the seeds')
  console.log('policy                  error  ± margin  covered   holds')
  const estimators = await drawEstimators(trace, seeds, checkedSizes)
  for (const policy of [...all, 'optimal(bypass=false)']) {
    const truth = await exactRates(trace, policy, sizes)
    const estimates = await estimatesOf(estimators, policy, sizes)
    const points = estimates.flatMap(({ rates, checks }) =>
      rates.map(({ hitRate, margin }, at) => ({
        error: Math.abs(hitRate - truth[at]!),
        margin,
        isExact: sizes[at]! >= trace.keyCount || checks.some(({ size }) => size === sizes[at]),
      })),
    )
    const guessed = points.filter(({ isExact }) => !isExact)
    const own = estimates.map(({ rates }) => meanError(hitRatesOf(rates), truth))
    const share = (count: number, of: number) => `${((100 * count) / of).toFixed(0)} %`
    console.log(
      [
        policy.padEnd(22),
        median(own).toFixed(2).padStart(6),
        ((100 * points.reduce((sum, { margin }) => sum + margin, 0)) / points.length).toFixed(2).padStart(9),
        share(guessed.filter(({ error, margin }) => error <= margin).length, guessed.length).padStart(8),
        share(estimates.filter(holds).length, seeds).padStart(7),
      ].join(' '),
    )
  }
  console.log()
}

const describe = ({ name, length, keyCount }: Trace) => `${name}: ${length} requests, ${keyCount} keys`

const hitRatesOf = (rates: Estimate['rates']) => rates.map(({ hitRate }) => hitRate)

async function drawEstimators(
  trace: Trace,
  seeds: number,
  checkedSizes?: readonly number[],
): Promise<Estimator[]> {
  const estimators: Estimator[] = []
  for (let seed = 0; seed < seeds; seed++)
    estimators.push(
      await Estimator.draw(trace, { rate: RATE, seed: String(seed), ...(checkedSizes && { checkedSizes }) }),
    )
  return estimators
}

async function estimatesOf(
  estimators: readonly Estimator[],
  policy: string,
  sizes: readonly number[],
): Promise<Estimate[]> {
  const estimates: Estimate[] = []
  for (const estimator of estimators)
    estimates.push(await estimator.estimate(choosePolicy(policy), sizes, settingsOf(policy)))
  return estimates
}

/** For policies that weigh costs: one for each key, spread over five orders of magnitude around 20 ms. */
function withCosts(trace: Trace): Trace {
  if (trace.costs !== undefined) return trace
  const random = createRandom(1, 'costs')
  const bell = () => (random() + random() + random() + random() - 2) * Math.sqrt(3)
  const costOf = Float32Array.from({ length: trace.keyCount }, () => Math.exp(3 + 1.5 * bell()))
  const costs = createColumn(Float32Array, trace.length)
  for (let at = 0; at < trace.length; at++) costs[at] = costOf[trace.keys[at]!]!
  return { ...trace, costs }
}

const settingsOf = (policy: string): Omit<CacheSettings, 'capacity'> => ({
  capacityUnit: 'entries',
  ...(choosePolicy(policy).definition.needs.includes('ttl') && { ttlSeconds: 600 }),
})

async function exactRates(trace: Trace, policy: string, sizes: readonly number[]): Promise<number[]> {
  const rates: number[] = []
  for (const size of sizes) rates.push(await exactRate(trace, policy, size))
  return rates
}

async function exactRate(trace: Trace, policy: string, capacity: number): Promise<number> {
  const replay = await startReplay(trace, policy, { ...settingsOf(policy), capacity })
  replay.advance()
  return replay.outcomes.reduce((sum, found) => sum + (found === 1 ? 1 : 0), 0) / trace.length
}

/** Miniature simulation, corrected by the number of requests as SHARDS-adj does, and weighted by reuse time. */
async function miniatureRates(
  trace: Trace,
  sample: KeySample,
  policy: string,
  sizes: readonly number[],
  strata: ReuseStrata,
): Promise<{ adjusted: number[]; weighted: number[] }> {
  const tally = new HitTally(finish(reuseWeights(sample, strata)))
  const hits = new Float32Array(sample.trace.length)
  const adjusted: number[] = []
  const weighted: number[] = []
  for (const size of sizes) {
    const entries = size * sample.keyShare
    const [fewer, over] = entries < 32 ? [Math.floor(entries), entries % 1] : [Math.round(entries), 0]
    hits.fill(0)
    tally.clear()
    for (const [capacity, share] of [
      [fewer, 1 - over],
      [fewer + 1, over],
    ] as const) {
      if (capacity === 0 || share === 0) continue
      const replay = await startReplay(sample.trace, policy, { ...settingsOf(policy), capacity })
      replay.advance()
      replay.outcomes.forEach((found, at) => {
        if (found !== 1) return
        hits[at]! += share
        tally.add(at, share)
      })
    }
    const misses = hits.reduce((sum, hit) => sum + 1 - hit, 0)
    adjusted.push(1 - misses / sample.keyShare / trace.length)
    weighted.push(tally.rate().rate)
  }
  return { adjusted, weighted }
}

function meanError(rates: readonly number[], truth: readonly number[]): number {
  return (100 * rates.reduce((sum, rate, at) => sum + Math.abs(rate - truth[at]!), 0)) / truth.length
}

/** Seconds of the processor. */
async function timed<T>(work: () => T | Promise<T>): Promise<[number, T]> {
  const before = process.cpuUsage()
  const result = await work()
  const { user, system } = process.cpuUsage(before)
  return [(user + system) / 1e6, result]
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1]!
}
