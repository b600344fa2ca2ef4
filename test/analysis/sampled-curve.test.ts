import { describe, expect, it } from 'vitest'
import { sampleKeys } from '../../src/analysis/key-sample.ts'
import { lruCurveInSteps } from '../../src/analysis/lru-curve.ts'
import { reuseStrata, reuseWeights } from '../../src/analysis/reuse-weights.ts'
import { sampledLruCurve } from '../../src/analysis/sampled-curve.ts'
import { finish } from '../../src/analysis/steps.ts'
import { createRandom } from '../../src/core/random.ts'
import { createTrace, type Trace } from '../../src/core/trace.ts'

function skewed(length: number, extra: (keys: number[]) => object = () => ({})): Trace {
  const random = createRandom(1, 'trace')
  const keys = Array.from({ length }, () => Math.floor(20_000 * random() ** 4))
  return createTrace({ keys, ...extra(keys) })
}

function estimate(
  trace: Trace,
  sizes: number[],
  unit: 'entries' | 'bytes',
  { rate = 0.1, seed = 1, from = 0 } = {},
) {
  const sample = finish(sampleKeys(trace, rate, createRandom(seed, 'sample')))
  const weights = finish(reuseWeights(sample, finish(reuseStrata(trace, from))))
  return finish(sampledLruCurve(trace, sample, weights, sizes, { unit, from }))
}

function exact(trace: Trace, sizes: number[], unit: 'entries' | 'bytes', from = 0): number[] {
  const curve = finish(lruCurveInSteps(trace, unit, from))
  return sizes.map((size) => curve.hitsAt(size) / curve.requests)
}

const sizesOf = (largest: number) =>
  Array.from({ length: 12 }, (_, at) => Math.round(largest * 0.5 ** (11 - at)))

describe('the LRU curve of a sample', () => {
  it('of all keys is the exact one, with writes, deletes and a warm-up too', () => {
    const trace = skewed(30_000, (keys) => ({ ops: keys.map((_, at) => [0, 0, 0, 0, 0, 0, 1, 2][at % 8]!) }))
    const sizes = sizesOf(trace.keyCount)
    for (const from of [0, 10_000]) {
      const truth = exact(trace, sizes, 'entries', from)
      estimate(trace, sizes, 'entries', { rate: 1, from }).forEach(({ hitRate }, at) => {
        expect(hitRate).toBeCloseTo(truth[at]!, 9)
      })
    }
  })

  it('is near the exact one, and its margins hold it nine times in ten', () => {
    const trace = skewed(200_000)
    const sizes = sizesOf(trace.keyCount)
    const truth = exact(trace, sizes, 'entries')
    let held = 0
    let error = 0
    const SEEDS = 10
    for (let seed = 1; seed <= SEEDS; seed++) {
      estimate(trace, sizes, 'entries', { seed }).forEach(({ hitRate, margin }, at) => {
        const off = Math.abs(hitRate - truth[at]!)
        error += off
        if (off <= margin) held++
        expect(margin).toBeLessThan(0.05)
      })
    }
    expect(held / (SEEDS * sizes.length)).toBeGreaterThanOrEqual(0.9)
    expect(error / (SEEDS * sizes.length)).toBeLessThan(0.003)
  })

  it('is near the exact one in bytes', () => {
    const trace = skewed(200_000, (keys) => ({ sizes: keys.map((key) => 100 + ((key * 7919) % 1900)) }))
    const bytes = 1000 * trace.keyCount
    const sizes = sizesOf(bytes).slice(3)
    const truth = exact(trace, sizes, 'bytes')
    estimate(trace, sizes, 'bytes').forEach(({ hitRate, margin }, at) => {
      expect(Math.abs(hitRate - truth[at]!)).toBeLessThan(0.02)
      expect(margin).toBeLessThan(0.05)
    })
  })
})
