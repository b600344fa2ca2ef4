import { describe, expect, it } from 'vitest'
import { findKnee } from '../../src/analysis/knee.ts'
import { kneeRange } from '../../src/analysis/knee-range.ts'
import { sizeRanks } from '../../src/analysis/size-ranks.ts'
import { finish } from '../../src/analysis/steps.ts'
import { createRandom } from '../../src/core/random.ts'
import { createTrace } from '../../src/core/trace.ts'

const SIZES = Array.from({ length: 40 }, (_, at) => 25 * (at + 1))
const BATCHES = 32
const requests = new Float64Array(BATCHES).fill(1000)

/** Hits by size and batch, where each batch has a curve of its own. */
const hitsOf = (rate: (size: number, batch: number) => number) =>
  SIZES.map((size) => Float64Array.from({ length: BATCHES }, (_, batch) => 1000 * rate(size, batch)))

const rangeOf = (hits: Float64Array[], seed = 1) =>
  kneeRange(SIZES, hits, requests, createRandom(seed, 'knee'))

describe('the range of a knee', () => {
  /** Rises to 0.8 at a size, and hardly after. */
  const bend = (size: number, at: number) =>
    size < at ? (0.8 * size) / at : 0.8 + 0.05 * ((size - at) / 1000)

  it('is narrow where every part of the run has the same clear knee', () => {
    expect(rangeOf(hitsOf((size) => bend(size, 200)))).toEqual({
      low: 200,
      high: 200,
      level: 0.95,
      share: 1,
      samples: 200,
      uncertain: false,
    })
  })

  it('is wide where the parts have knees of their own, and holds that of the whole', () => {
    const random = createRandom(2, 'noise')
    const own = Array.from({ length: BATCHES }, () => (random() < 0.5 ? 150 : 500))
    const hits = hitsOf((size, batch) => bend(size, own[batch]!))
    const { low, high, uncertain } = rangeOf(hits)!
    const whole = findKnee(
      SIZES,
      hits.map((batches) => batches.reduce((sum, value) => sum + value, 0) / (1000 * BATCHES)),
    ).size!
    expect(low).toBeLessThanOrEqual(whole)
    expect(high).toBeGreaterThanOrEqual(whole)
    expect(high! / low!).toBeGreaterThan(2)
    expect(uncertain).toBe(true)
  })

  it('is none where the curve is straight or flat, which is no doubt', () => {
    for (const rate of [(size: number) => size / 1000, () => 0.5]) {
      expect(rangeOf(hitsOf(rate))).toMatchObject({ low: null, high: null, share: 0, uncertain: false })
    }
  })

  it('is in doubt where some of the curves have no knee', () => {
    // Half of the parts bend one way and half the other: by chance the curve of a sample does, or does not.
    const bow = (size: number) => 0.1 * Math.sin((Math.PI * size) / 1000)
    const rate = (size: number, batch: number) =>
      0.8 * (size / 1000) + (batch % 2 === 0 ? 1 : -0.6) * bow(size)
    const { share, uncertain } = rangeOf(hitsOf(rate))!
    expect(share).toBeGreaterThan(0.1)
    expect(share).toBeLessThan(0.9)
    expect(uncertain).toBe(true)
  })

  it('that goes to the next size only is no doubt, however far apart the sizes are', () => {
    const far = [10, 100, 1000, 10_000]
    const rates = [0.1, 0.6, 0.62, 0.66]
    const other = [0.1, 0.52, 0.62, 0.66]
    const hits = far.map((_, at) =>
      Float64Array.from({ length: BATCHES }, (_, batch) => 1000 * (batch % 2 ? rates : other)[at]!),
    )
    const range = kneeRange(far, hits, requests, createRandom(1, 'knee'))!
    expect(range).toMatchObject({ low: 100, high: 1000, share: 1, uncertain: false })
  })

  it('is not given for few batches, and passes over those without requests', () => {
    const hits = hitsOf((size) => bend(size, 200))
    const some = (count: number) => requests.map((value, batch) => (batch < count ? value : 0))
    expect(kneeRange(SIZES, hits, some(4), createRandom(1, 'knee'))).toBeNull()
    expect(kneeRange(SIZES, hits, some(5), createRandom(1, 'knee'))).toMatchObject({ low: 200, high: 200 })
  })

  it('holds the knee of longer traffic of the same kind, in most runs', () => {
    // Half of the requests go to 200 keys and the rest to 4000, evenly: the knee is where the 200 fit.
    const keysOf = (length: number, seed: number) => {
      const random = createRandom(seed, 'traffic')
      return Array.from({ length }, () =>
        random() < 0.6 ? Math.floor(200 * random() ** 2) : 200 + Math.floor(4000 * random()),
      )
    }
    const sizes = Array.from({ length: 30 }, (_, at) => 20 * (at + 1))
    /** [sizes] hits of requests `from` … `to` − 1, from the rank of the smallest size that hits each. */
    const hitsOf = (ranks: ArrayLike<number>, from: number, to: number) => {
      const hits = sizes.map(() => 0)
      for (let at = from; at < to; at++)
        for (let rank = ranks[at]!; rank < sizes.length; rank++) hits[rank]!++
      return hits
    }
    const ranksOf = (keys: number[]) => finish(sizeRanks(createTrace({ keys }), 'entries', sizes, 0)).ranks
    const truth = findKnee(
      sizes,
      hitsOf(ranksOf(keysOf(1_000_000, 0)), 0, 1_000_000).map((hits) => hits / 1e6),
    ).size!
    let covered = 0
    const RUNS = 40
    for (let run = 1; run <= RUNS; run++) {
      const ranks = ranksOf(keysOf(20_000, run))
      const bounds = Array.from({ length: 33 }, (_, at) => 2000 + Math.floor((at * 18_000) / 32))
      const parts = bounds.slice(1).map((to, part) => hitsOf(ranks, bounds[part]!, to))
      const { low, high } = kneeRange(
        sizes,
        sizes.map((_, at) => parts.map((hits) => hits[at]!)),
        parts.map((_, part) => bounds[part + 1]! - bounds[part]!),
        createRandom(run, 'knee'),
        { samples: 100 },
      )!
      if (low! <= truth && truth <= high!) covered++
    }
    expect(covered / RUNS).toBeGreaterThanOrEqual(0.85)
  })
})
