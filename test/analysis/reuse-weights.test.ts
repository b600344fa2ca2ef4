import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { sampleKeys } from '../../src/analysis/key-sample.ts'
import {
  HitTally,
  type ReuseWeights,
  rateBounds,
  reuseStrata,
  reuseWeights,
} from '../../src/analysis/reuse-weights.ts'
import { finish } from '../../src/analysis/steps.ts'
import { createRandom } from '../../src/core/random.ts'
import { createTrace, type Trace } from '../../src/core/trace.ts'

const draw = (trace: Trace, seed: number, rate = 0.2) =>
  finish(sampleKeys(trace, rate, createRandom(seed, 'keys')))

function rateOf(weights: ReuseWeights, hits: ArrayLike<number>) {
  const tally = new HitTally(weights)
  for (let at = 0; at < hits.length; at++) tally.add(at, hits[at]!)
  return tally.rate()
}

/** Keys whose popularity falls evenly, so that all classes and many reuse times occur. */
function skewed(length: number, seed = 1): Trace {
  const random = createRandom(seed, 'trace')
  return createTrace({ keys: Array.from({ length }, () => Math.floor(1000 * random() ** 3)) })
}

describe('what requests of a sample stand for', () => {
  it('adds up to the reads of the whole trace that are counted, and are no first uses', () => {
    fc.assert(
      fc.property(
        fc.array(fc.record({ key: fc.nat(30), op: fc.constantFrom(0, 0, 0, 1, 2) }), {
          maxLength: 200,
          size: 'max',
        }),
        fc.nat(100),
        fc.nat(),
        (list, from, seed) => {
          const trace = createTrace({ keys: list.map(({ key }) => key), ops: list.map(({ op }) => op) })
          const sample = draw(trace, seed, 0.5)
          const strata = finish(reuseStrata(trace, from))
          const { weights, unknown } = finish(reuseWeights(sample, strata))
          const counted = (at: number) => at >= from && trace.ops![at] === 0
          expect(strata.reads).toBe(list.filter((_, at) => counted(at)).length)
          weights.forEach((weight, at) => {
            expect(weight > 0).toBe(counted(sample.positions[at]!))
          })
          const used = new Set<number>()
          const isReuse = list.map(({ key, op }, at) => {
            const reused = op === 0 && used.has(key)
            if (op === 2) used.delete(key)
            else used.add(key)
            return reused && at >= from
          })
          const reuses = isReuse.filter(Boolean).length
          const { least, most } = rateBounds(strata, Infinity)
          expect([least, most]).toEqual(Array(2).fill(strata.reads === 0 ? 0 : reuses / strata.reads))
          const own = [...weights.keys()].filter((at) => isReuse[sample.positions[at]!])
          if (own.length === 0) expect(unknown).toBe(most)
          else expect(own.reduce((sum, at) => sum + weights[at]!, 0)).toBeCloseTo(reuses, 6)
        },
      ),
      { numRuns: 200 },
    )
  })

  it('has reads that nothing in the sample is like stand with the next class, and says how many they are', () => {
    // 100 keys read three times, and one that is read as often as all of them; the sample has none like that.
    const keys = Array.from({ length: 300 }, (_, at) => [at % 100, 100]).flat()
    const trace = createTrace({ keys })
    const sample = finish(sampleKeys(trace, 0.2, createRandom(1, 'keys')))
    expect(sample.positions.every((at) => keys[at] !== 100)).toBe(true)
    const weights = finish(reuseWeights(sample, finish(reuseStrata(trace))))
    expect(weights.unknown).toBeCloseTo(299 / 600, 12)
    // First uses never hit; what else there is hits as what the sample has.
    const hits = Float64Array.from(sample.positions, (at) => (at < 200 ? 0 : 1))
    expect(rateOf(weights, hits).rate).toBeCloseTo(499 / 600, 12)
  })

  it('is itself where all keys are in', () => {
    const trace = skewed(5000)
    const sample = draw(trace, 1, 1)
    const { weights } = finish(reuseWeights(sample, finish(reuseStrata(trace))))
    for (const weight of weights) expect(weight).toBeCloseTo(1, 9)
  })

  it('gives first uses, and reuses within any span, the number they have in the whole trace', () => {
    const trace = skewed(50_000)
    const strata = finish(reuseStrata(trace))
    const last = new Map<number, number>()
    const times = Array.from(trace.keys, (key, at) => {
      const time = at - (last.get(key) ?? -Infinity)
      last.set(key, at)
      return time
    })
    for (const seed of [1, 2, 3]) {
      const sample = draw(trace, seed)
      const { weights } = finish(reuseWeights(sample, strata))
      const shareOf = (holds: (time: number) => boolean) => [
        times.filter(holds).length / trace.length,
        weights.reduce((sum, weight, at) => sum + (holds(times[sample.positions[at]!]!) ? weight : 0), 0) /
          trace.length,
      ]
      const [firsts, sampledFirsts] = shareOf((time) => time === Infinity)
      expect(sampledFirsts).toBeCloseTo(firsts!, 9)
      for (const span of [8, 64, 512, 4096]) {
        const [share, sampled] = shareOf((time) => time < span)
        expect(Math.abs(sampled! - share!)).toBeLessThan(0.002)
      }
    }
  })
})

describe('the bounds of the hit rate of a cache', () => {
  it('are the reads used no longer ago than it has entries, to a fifth of the time, and all but first uses', () => {
    const trace = skewed(20_000)
    const strata = finish(reuseStrata(trace))
    const last = new Map<number, number>()
    const times = Array.from(trace.keys, (key, at) => {
      const time = at - (last.get(key) ?? -Infinity)
      last.set(key, at)
      return time
    })
    const shareWithin = (limit: number) => times.filter((time) => time <= limit).length / trace.length
    for (const size of [1, 2, 10, 100, 3000]) {
      const { least, most } = rateBounds(strata, size)
      expect(least).toBeLessThanOrEqual(shareWithin(size))
      expect(least).toBeGreaterThanOrEqual(shareWithin(Math.floor(size * 0.8)))
      expect(most).toBeCloseTo(shareWithin(20_000), 12)
    }
  })
})

describe('the hit rate a sample gives', () => {
  it('has a standard error that is how far draws differ, for hits that chance decides', () => {
    const trace = skewed(50_000)
    const strata = finish(reuseStrata(trace))
    const random = createRandom(9, 'hits')
    // Each key has a chance of its own, which neither popularity nor reuse time tells.
    const chance = Float64Array.from({ length: trace.keyCount }, () => random())
    const hitOf = Float64Array.from(trace.keys, (key) => (random() < chance[key]! ? 1 : 0))
    const truth = hitOf.reduce((sum, hit) => sum + hit, 0) / trace.length
    let squares = 0
    let variances = 0
    const DRAWS = 200
    for (let seed = 0; seed < DRAWS; seed++) {
      const sample = draw(trace, seed)
      const weights = finish(reuseWeights(sample, strata))
      const hits = Float64Array.from(sample.positions, (at) => hitOf[at]!)
      const { rate, standardError } = rateOf(weights, hits)
      squares += (rate - truth) ** 2
      variances += standardError ** 2
    }
    // A variance of 200 draws is itself about a tenth off.
    expect(variances / squares).toBeGreaterThan(0.6)
    expect(variances / squares).toBeLessThan(1.6)
  })

  it('is exact where the reuse time decides', () => {
    const trace = skewed(50_000)
    const strata = finish(reuseStrata(trace))
    const sample = draw(trace, 4)
    const last = new Map<number, number>()
    const hits = Float64Array.from(sample.trace.keys, (key, at) => {
      const time = sample.positions[at]! - (last.get(key) ?? -Infinity)
      last.set(key, sample.positions[at]!)
      return time < 256 ? 1 : 0
    })
    const { rate, standardError } = rateOf(finish(reuseWeights(sample, strata)), hits)
    const lastOf = new Map<number, number>()
    let count = 0
    trace.keys.forEach((key, at) => {
      if (at - (lastOf.get(key) ?? -Infinity) < 256) count++
      lastOf.set(key, at)
    })
    expect(rate).toBeCloseTo(count / trace.length, 9)
    expect(standardError).toBeLessThan(1e-9)
  })

  it('of nothing is 0', () => {
    const trace = createTrace({ keys: [1, 2], ops: [1, 2] })
    const sample = draw(trace, 1, 1)
    const weights = finish(reuseWeights(sample, finish(reuseStrata(trace))))
    expect(rateOf(weights, [1, 1])).toEqual({ rate: 0, standardError: 0 })
  })
})
