import { describe, expect, it } from 'vitest'
import { batchMeansInterval, pairedInterval } from '../../src/analysis/confidence.ts'
import { createRandom } from '../../src/core/random.ts'

/** Hits per batch of a sequence of hits and misses. */
function batches(next: () => boolean, count: number, length: number): { hits: number[]; requests: number[] } {
  const hits = Array.from({ length: count }, () => {
    let sum = 0
    for (let i = 0; i < length; i++) if (next()) sum++
    return sum
  })
  return { hits, requests: hits.map(() => length) }
}

/** The share of `repeats` intervals that contain `truth`. */
function coverage(repeats: number, truth: number, one: () => { low: number; high: number } | null): number {
  let covered = 0
  for (let i = 0; i < repeats; i++) {
    const { low, high } = one()!
    if (low <= truth && truth <= high) covered++
  }
  return covered / repeats
}

describe('the interval of one run', () => {
  it('is the mean ± t · s / √n for batches of equal length', () => {
    // Rates 0.4, 0.5, 0.6, 0.5, 0.5: mean 0.5, s² = 0.02 / 4, t(4) = 2.7764.
    const interval = batchMeansInterval([40, 50, 60, 50, 50], [100, 100, 100, 100, 100])!
    const half = 2.776445 * Math.sqrt(0.005 / 5)
    expect(interval.low).toBeCloseTo(0.5 - half, 6)
    expect(interval.high).toBeCloseTo(0.5 + half, 6)
    expect(interval).toMatchObject({ level: 0.95, method: 'batch-means', samples: 5 })
  })

  it('weighs batches by their requests and leaves empty ones out', () => {
    const uneven = batchMeansInterval([10, 20, 30, 40, 50, 0], [20, 40, 60, 80, 100, 0])!
    expect(uneven).toMatchObject({ low: 0.5, high: 0.5, samples: 5 })
  })

  it('stays within 0 and 1', () => {
    const interval = batchMeansInterval([0, 0, 0, 0, 5], [10, 10, 10, 10, 10])!
    expect(interval.low).toBe(0)
    expect(batchMeansInterval([10, 10, 10, 10, 5], [10, 10, 10, 10, 10])!.high).toBe(1)
  })

  it('is null with too few batches', () => {
    expect(batchMeansInterval([1, 2, 3, 4], [10, 10, 10, 10])).toBeNull()
    expect(batchMeansInterval([1, 2, 3, 4, 0, 0], [10, 10, 10, 10, 0, 0])).toBeNull()
    expect(batchMeansInterval([], [])).toBeNull()
  })

  it('needs only two where each is a run with a seed of its own', () => {
    expect(batchMeansInterval([40, 60], [100, 100], 'repeats')).toMatchObject({
      method: 'repeats',
      samples: 2,
    })
    expect(batchMeansInterval([40], [100], 'repeats')).toBeNull()
  })

  it('covers the true rate of independent requests about 95 times in 100', () => {
    const random = createRandom(11, 'bernoulli')
    const share = coverage(2000, 0.3, () => {
      const { hits, requests } = batches(() => random() < 0.3, 20, 100)
      return batchMeansInterval(hits, requests)
    })
    // Three standard errors of 2000 trials are 0.015.
    expect(share).toBeGreaterThan(0.935)
    expect(share).toBeLessThan(0.965)
  })

  it('covers the true rate of dependent requests too, where batches are long, and not where they are short', () => {
    const random = createRandom(12, 'markov')
    let state = random() < 0.5
    // A hit follows a hit, and a miss a miss, with 0.9: about 10 requests of memory; the rate is 0.5.
    const next = () => {
      if (random() < 0.1) state = !state
      return state
    }
    const long = coverage(500, 0.5, () => {
      const { hits, requests } = batches(next, 30, 500)
      return batchMeansInterval(hits, requests)
    })
    expect(long).toBeGreaterThan(0.92)
    expect(long).toBeLessThan(0.98)
    const short = coverage(500, 0.5, () => {
      const { hits, requests } = batches(next, 1500, 1)
      return batchMeansInterval(hits, requests)
    })
    expect(short).toBeLessThan(0.7)
  })
})

describe('the interval over seeds', () => {
  it('is the mean ± t · s / √n', () => {
    const interval = batchMeansInterval([0.6, 0.62, 0.64], [1, 1, 1], 'repeats')!
    const half = 4.302653 * (0.02 / Math.sqrt(3))
    expect(interval.low).toBeCloseTo(0.62 - half, 6)
    expect(interval.high).toBeCloseTo(0.62 + half, 6)
    expect(interval).toMatchObject({ method: 'repeats', samples: 3, level: 0.95 })
  })

  it('is null for one seed', () => {
    expect(batchMeansInterval([0.6], [1], 'repeats')).toBeNull()
    expect(batchMeansInterval([], [], 'repeats')).toBeNull()
  })
})

describe('the difference of two policies on the same requests', () => {
  const requests = [100, 100, 100, 100, 100, 100]

  it('shows a small steady difference that separate intervals would hide', () => {
    const b = [20, 80, 30, 70, 45, 55]
    const a = b.map((hits, i) => hits + (i % 2 === 0 ? 1 : 2))
    const paired = pairedInterval(a, b, requests)!
    expect(paired.difference).toBeCloseTo(0.015, 12)
    expect(paired.tie).toBe(false)
    expect(paired.low).toBeGreaterThan(0)
    const [alone, other] = [batchMeansInterval(a, requests)!, batchMeansInterval(b, requests)!]
    expect(alone.low).toBeLessThan(other.high)
  })

  it('is wider at a higher level, as the tables of t say', () => {
    const [a, b] = [
      [50, 60, 40, 55, 45, 52],
      [48, 57, 41, 50, 44, 50],
    ]
    const width = (level?: number) => {
      const { low, high } = pairedInterval(a!, b!, requests, 'batch-means', level)!
      return high - low
    }
    // Five degrees of freedom: 2.571 at 95 %, 4.032 at 99 %, 6.869 at 99.9 %.
    expect(width(0.99) / width()).toBeCloseTo(4.032 / 2.571, 2)
    expect(width(0.999) / width()).toBeCloseTo(6.869 / 2.571, 2)
  })

  it('is a tie where the difference changes sign from batch to batch', () => {
    const paired = pairedInterval([50, 60, 40, 55, 45, 52], [60, 50, 50, 45, 50, 50], requests)!
    expect(paired.tie).toBe(true)
    expect(paired.low).toBeLessThan(0)
    expect(paired.high).toBeGreaterThan(0)
  })

  it('is a tie of width 0 between a policy and itself', () => {
    const hits = [50, 60, 40, 55, 45, 52]
    expect(pairedInterval(hits, hits, requests)).toEqual({ difference: 0, low: 0, high: 0, tie: true })
  })

  it('turns its sign with the order of the two', () => {
    const a = [50, 60, 40, 55, 45, 52]
    const b = [40, 50, 45, 35, 45, 50]
    const one = pairedInterval(a, b, requests)!
    const other = pairedInterval(b, a, requests)!
    expect(one.difference).toBeCloseTo(-other.difference, 12)
    expect(one.low).toBeCloseTo(-other.high, 12)
  })

  it('is null with too few batches, two being enough for whole runs', () => {
    expect(pairedInterval([1, 2], [1, 1], [10, 10])).toBeNull()
    expect(pairedInterval([1, 2], [1, 1], [10, 10], 'repeats')).not.toBeNull()
  })

  it('calls equal policies different about 5 times in 100', () => {
    const random = createRandom(13, 'pairs')
    const share = coverage(1000, 0, () => {
      const a = batches(() => random() < 0.4, 20, 100)
      const b = batches(() => random() < 0.4, 20, 100)
      return pairedInterval(a.hits, b.hits, a.requests)
    })
    expect(share).toBeGreaterThan(0.925)
    expect(share).toBeLessThan(0.975)
  })

  it('refuses columns of different lengths', () => {
    expect(() => pairedInterval([1, 2], [1], [10, 10])).toThrow(RangeError)
    expect(() => batchMeansInterval([1, 2], [10])).toThrow(RangeError)
  })
})
