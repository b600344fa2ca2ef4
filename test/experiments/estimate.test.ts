import { describe, expect, it } from 'vitest'
import { lruCurveInSteps } from '../../src/analysis/lru-curve.ts'
import { finish } from '../../src/analysis/steps.ts'
import { createRandom } from '../../src/core/random.ts'
import { createTrace, type Trace } from '../../src/core/trace.ts'
import { Found } from '../../src/engine/loop.ts'
import { Estimator, type EstimatorOptions } from '../../src/experiments/estimate.ts'
import { choosePolicies, choosePolicy } from '../../src/experiments/policies.ts'
import { sweep } from '../../src/experiments/sweep.ts'
import { openWorkload } from '../../src/experiments/workload.ts'
import { readTrace } from '../../src/formats/index.ts'
import { hitsOf, startReplay } from '../support/replay.ts'
import { sharedFolder, sharedNote, sharedPath } from '../support/shared.ts'

const entries = { capacityUnit: 'entries' } as const

/** From a share of the keys to all of them. */
const sizesOf = ({ keyCount }: Trace, count: number, from = 0.001) =>
  Array.from({ length: count }, (_, at) => Math.max(1, Math.round(keyCount * from ** (1 - at / (count - 1)))))

function zipfLike(length: number, keys: number): Trace {
  const random = createRandom(1, 'trace')
  return createTrace({ keys: Array.from({ length }, () => Math.floor(keys ** random()) - 1) })
}

/** How far estimates of several seeds are off, and how often their margins hold the truth where that was not replayed. */
async function tried(
  trace: Trace,
  policy: string,
  sizes: number[],
  seeds: number,
  checked: Pick<EstimatorOptions, 'checkedSizes'> = {},
) {
  const ttl = choosePolicy(policy).definition.needs.includes('ttl') ? { ttlSeconds: 600 } : {}
  const truth: number[] = []
  for (const capacity of sizes) {
    const replay = await startReplay(trace, policy, { ...ttl, capacity })
    replay.advance()
    const hits = replay.outcomes.reduce((sum, found) => sum + (found === Found.resident ? 1 : 0), 0)
    truth.push(hits / trace.length)
  }
  const found = { error: 0, held: 0, of: 0, scaling: 0, margin: 0 }
  const share = 1 / (seeds * sizes.length)
  for (let seed = 0; seed < seeds; seed++) {
    const estimator = await Estimator.draw(trace, { rate: 0.1, seed: String(seed), ...checked })
    const { rates, scales, tooSmallBelow, checks } = await estimator.estimate(choosePolicy(policy), sizes, {
      ...entries,
      ...ttl,
    })
    const isExact = (size: number) => size >= trace.keyCount || checks.some((check) => check.size === size)
    if (scales && tooSmallBelow === undefined) found.scaling++
    rates.forEach(({ hitRate, margin }, at) => {
      const off = Math.abs(hitRate - truth[at]!)
      found.error += off * share
      found.margin += margin * share
      if (isExact(sizes[at]!)) return
      found.of++
      if (off <= margin) found.held++
    })
  }
  return found
}

describe('an estimate', () => {
  const trace = zipfLike(200_000, 20_000)
  const sizes = sizesOf(trace, 8, 0.01)

  it.each(['lru', 'fifo', 'arc', 's3-fifo'])(
    'of %s is near the exact rate, and its margin holds it',
    async (policy) => {
      const { error, held, of, margin } = await tried(trace, policy, sizes, 4)
      expect(error).toBeLessThan(0.01)
      expect(margin).toBeLessThan(0.04)
      expect(held / of).toBeGreaterThanOrEqual(0.9)
    },
  )

  it('of mru says that it does not scale, and its margin is wide, though it is corrected', async () => {
    // All but one of its entries stay for ever, and that one does not grow with the cache.
    const { error, held, of, scaling, margin } = await tried(trace, 'mru', sizes, 4)
    expect(error).toBeLessThan(0.01)
    expect(scaling).toBe(0)
    expect(margin).toBeGreaterThan(0.02)
    expect(held / of).toBeGreaterThanOrEqual(0.9)
  })

  it('is exact where a whole cache was replayed, at three sizes at most', async () => {
    const estimator = await Estimator.draw(trace, { rate: 0.1, seed: '1' })
    for (const [policy, count] of [
      ['fifo', 1],
      ['mru', 3],
    ] as const) {
      const { rates, checks } = await estimator.estimate(choosePolicy(policy), sizes, entries)
      expect(checks).toHaveLength(count)
      for (const { size } of checks) {
        const exact = (await hitsOf(trace, policy, { capacity: size })) / trace.length
        expect(rates[sizes.indexOf(size)]).toEqual({ hitRate: exact, margin: 0.0005 })
      }
    }
  })

  it('at a size of a check is what a sweep with the same seed counts, for policies that draw at random too', async () => {
    const small = zipfLike(20_000, 2000)
    const { simulated } = await sweep({ trace: small, policies: 'random', sizes: '20,200', seed: '7' })
    const estimator = await Estimator.draw(small, { rate: 0.1, seed: '7' })
    const { rates, checks } = await estimator.estimate(choosePolicy('random'), [20, 200], entries)
    expect(checks[0]!.size).toBe(20)
    expect(rates[0]!.hitRate).toBe(simulated.runs[0]!.hitRate)
    // Another seed gives another rate.
    expect(rates[0]!.margin).toBeGreaterThan(0.0005)
  })

  it('of a cache that holds everything is exact, as one replay of the trace tells its rate', async () => {
    const keys = Array.from(zipfLike(30_000, 3000).keys)
    const timed = createTrace({ keys, times: keys.map((_, at) => at / 100) })
    const estimator = await Estimator.draw(timed, { rate: 0.1, seed: '1', checkedSizes: [0.4] })
    for (const ttl of [{}, { ttlSeconds: 60 }]) {
      const { rates, scales, replayed } = await estimator.estimate(
        choosePolicy('infinite'),
        [10, 100, 1000],
        { ...entries, ...ttl },
      )
      const hitRate = (await hitsOf(timed, 'infinite', { ...ttl, capacity: 10 })) / timed.length
      expect(rates).toEqual(Array(3).fill({ hitRate, margin: 0 }))
      expect(scales).toBe(true)
      expect(replayed).toBe(timed.length)
    }
  })

  it('from all keys is exact', async () => {
    const small = zipfLike(20_000, 2000)
    const estimator = await Estimator.draw(small, { rate: 1, seed: '1', warmupRequests: 5000 })
    const curve = finish(lruCurveInSteps(small, 'entries', 5000))
    for (const policy of ['lru', 'lru-k(k=1)']) {
      const { rates, scales } = await estimator.estimate(choosePolicy(policy), [10, 100, 1000], entries)
      rates.forEach(({ hitRate }, at) => {
        expect(hitRate).toBeCloseTo(curve.hitsAt([10, 100, 1000][at]!) / 15_000, 9)
      })
      expect(scales).toBe(true)
    }
  })

  it('is the same for the same seed', async () => {
    const small = zipfLike(20_000, 2000)
    const ask = async (seed: string) => {
      const estimator = await Estimator.draw(small, { rate: 0.2, seed })
      return estimator.estimate(choosePolicy('random'), [10, 100], entries)
    }
    expect(await ask('7')).toEqual(await ask('7'))
    expect(await ask('7')).not.toEqual(await ask('8'))
  })

  it('ends where it is aborted', async () => {
    const controller = new AbortController()
    controller.abort(new Error('enough'))
    const draw = Estimator.draw(trace, { rate: 0.1, seed: '1' }, { signal: controller.signal })
    await expect(draw).rejects.toThrow('enough')
    const estimator = await Estimator.draw(trace, { rate: 0.1, seed: '1' })
    const estimate = estimator.estimate(choosePolicy('fifo'), sizes, entries, { signal: controller.signal })
    await expect(estimate).rejects.toThrow('enough')
  })

  it('covers bytes and expiry', async () => {
    const keys = Array.from(zipfLike(60_000, 6000).keys)
    const sized = createTrace({
      keys,
      times: keys.map((_, at) => at / 100),
      sizes: keys.map((key) => 10 + (key % 91)),
    })
    const estimator = await Estimator.draw(sized, { rate: 0.2, seed: '1' })
    for (const settings of [
      { capacityUnit: 'bytes', ttlSeconds: 60 },
      { capacityUnit: 'bytes' },
      { ...entries, ttlSeconds: 60 },
    ] as const) {
      const capacities = settings.capacityUnit === 'bytes' ? [20_000, 60_000, 150_000] : [300, 1000, 3000]
      const { rates } = await estimator.estimate(choosePolicy('fifo'), capacities, settings)
      for (const [at, capacity] of capacities.entries()) {
        const truth = (await hitsOf(sized, 'fifo', { ...settings, capacity })) / sized.length
        expect(Math.abs(rates[at]!.hitRate - truth)).toBeLessThan(0.02)
      }
    }
  })
})

it('where everything fits are exact, of what keeps everything that does', async () => {
  const trace = zipfLike(20_000, 3000)
  const { keyCount, length } = trace
  const truth = (length - keyCount) / length
  const estimator = await Estimator.draw(trace, { rate: 0.02, seed: '1' })
  const half = Math.floor(keyCount / 2)
  const sizes = [half, keyCount, 2 * keyCount]
  for (const policy of ['lru', 'fifo', 's3-fifo', 'w-tinylfu']) {
    const { rates } = await estimator.estimate(choosePolicy(policy), sizes, entries)
    expect(rates[0]).not.toMatchObject({ margin: 0 })
    expect(rates.slice(1)).toEqual(Array(2).fill({ hitRate: truth, margin: 0 }))
  }
  const timed = createTrace({ keys: trace.keys, times: Float64Array.from(trace.keys, (_, at) => at) })
  const expiring = await Estimator.draw(timed, { rate: 0.02, seed: '1' })
  const settings = { ...entries, ttlSeconds: 18_000 }
  const { rates } = await expiring.estimate(choosePolicy('fifo'), [half, keyCount], settings)
  expect(rates.at(-1)!.margin).toBeGreaterThan(0)
})

describe('estimates from recorded traces', () => {
  it.runIf(sharedFolder).each(['cloudPhysicsIO.vscsi.gz', 'cache2k-web12.txt.gz', 'arc-oltp.lis.gz'])(
    `have margins that hold the exact rate of lru nine times in ten from some tens or hundreds of keys too: %s${sharedNote}`,
    async (file) => {
      const trace = await readTrace(sharedPath(`traces/${file}`))
      const sizes = sizesOf(trace, 16)
      const curve = finish(lruCurveInSteps(trace, 'entries', 0))
      for (const keys of [10, 50, 150, 500]) {
        let held = 0
        let off = 0
        const SEEDS = 6
        for (let seed = 1; seed <= SEEDS; seed++) {
          const estimator = await Estimator.draw(trace, { rate: keys / trace.keyCount, seed: String(seed) })
          const { rates } = await estimator.estimate(choosePolicy('lru'), sizes, entries)
          const truth = sizes.map((size) => curve.hitsAt(size) / curve.requests)
          expect(rates.at(-1)).toEqual({ hitRate: truth.at(-1), margin: 0 })
          rates.slice(0, -1).forEach(({ hitRate, margin }, at) => {
            const error = Math.abs(hitRate - truth[at]!)
            off += error / SEEDS / 15
            if (error <= margin) held++
          })
        }
        expect(held / SEEDS / 15).toBeGreaterThanOrEqual(0.9)
        // Of 12 points from 50 keys, where reads like none of the sample were left out.
        if (keys >= 50) expect(off).toBeLessThan(0.04)
      }
    },
  )

  it.runIf(sharedFolder).each(['cache2k-web12.txt.gz', 'cloudPhysicsIO.vscsi.gz'])(
    `have margins that hold the exact rate nine times in ten over all policies: %s${sharedNote}`,
    async (file) => {
      const trace = await readTrace(sharedPath(`traces/${file}`))
      const { policies } = (await choosePolicies('all'))(trace)
      let held = 0
      let of = 0
      for (const { text } of policies) {
        const found = await tried(trace, text, sizesOf(trace, 6), 1)
        held += found.held
        of += found.of
        // What does not scale, or is of too small a sample, may be off by more, and is said to.
        if (found.scaling === 1)
          expect({ policy: text, near: found.error < 0.015 }).toEqual({ policy: text, near: true })
      }
      expect(held / of).toBeGreaterThanOrEqual(0.9)
    },
  )

  // Each of these is hard in its own way: lecar learns, at a rate that does not go with the size, in the second half of the
  // trace only; w-tinylfu, s3-fifo, slru and the bound have parts of a few entries; mru turns over one; and on prefixes of
  // conversations, w-tinylfu is off where its curve climbs and nowhere else, and lru at sizes of a few sampled keys.
  it.runIf(sharedFolder).each([
    ['lecar', 'cloudPhysicsIO.vscsi.gz', 0.025],
    ['w-tinylfu', 'cloudPhysicsIO.vscsi.gz', 0.025],
    ['mru', 'cloudPhysicsIO.vscsi.gz', 0.06],
    ['w-tinylfu', 'mooncake-synthetic.jsonl.gz', 0.03],
    ['lru', 'mooncake-synthetic.jsonl.gz', 0.004],
    ['slru', 'lirs-2_pools.trace.gz', 0.04],
    ['s3-fifo', 'cache2k-web12.txt.gz', 0.035],
    ['optimal(bypass=false)', 'cache2k-web12.txt.gz', 0.07],
  ] as const)(
    `of %s from %s have margins that hold the exact rate nine times in ten, and no wider than that takes${sharedNote}`,
    async (policy, file, widest) => {
      const trace = await readTrace(sharedPath(`traces/${file}`))
      const { held, of, margin } = await tried(trace, policy, sizesOf(trace, 16), 3)
      expect(held / of).toBeGreaterThanOrEqual(0.9)
      expect(margin).toBeLessThan(widest)
    },
  )

  it('of w-tinylfu have margins that hold it as often in a first look of a long trace, with two whole caches', async () => {
    // With one, wherever it is, they hold seven times in ten.
    const { trace } = await openWorkload({ workload: 'zipf', requests: '1M', keys: '100k' })
    const { held, of, margin } = await tried(trace, 'w-tinylfu', sizesOf(trace, 16), 2, {
      checkedSizes: [0.2, 0.7],
    })
    expect(held / of).toBeGreaterThanOrEqual(0.9)
    expect(margin).toBeLessThan(0.02)
  })
})
