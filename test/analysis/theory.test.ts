import { describe, expect, it } from 'vitest'
import { fifoHitRate, lruHitRate, staticOptimalHitRate, ttlHitRate } from '../../src/analysis/theory.ts'
import { createRandom } from '../../src/core/random.ts'

const zipf = (keys: number, alpha: number) => Array.from({ length: keys }, (_, i) => (i + 1) ** -alpha)
const uniform = (keys: number) => Array.from({ length: keys }, () => 7)

/** Requests drawn at random by popularity, against a Map that keeps order of use (LRU) or of insertion (FIFO). */
function simulate(
  popularity: readonly number[],
  size: number,
  order: 'use' | 'insertion',
  requests: number,
): number {
  const random = createRandom(5, 'theory')
  const total = popularity.reduce((sum, weight) => sum + weight, 0)
  let sum = 0
  const cumulative = popularity.map((weight) => {
    sum += weight
    return sum / total
  })
  const cache = new Map<number, true>()
  let hits = 0
  for (let i = -requests / 5; i < requests; i++) {
    const u = random.double()
    let low = 0
    let high = popularity.length - 1
    while (low < high) {
      const middle = (low + high) >> 1
      if (cumulative[middle]! < u) low = middle + 1
      else high = middle
    }
    const hit = cache.has(low)
    if (hit && i >= 0) hits++
    if (hit && order === 'use') cache.delete(low)
    if (!hit && cache.size === size) cache.delete(cache.keys().next().value!)
    cache.set(low, true)
  }
  return hits / requests
}

describe('hit rates in closed form', () => {
  it('are the share of keys held where all are equally popular', () => {
    for (const size of [1, 10, 250, 999]) {
      expect(lruHitRate(uniform(1000), size)).toBeCloseTo(size / 1000, 9)
      expect(fifoHitRate(uniform(1000), size)).toBeCloseTo(size / 1000, 9)
      expect(staticOptimalHitRate(uniform(1000), size)).toBeCloseTo(size / 1000, 9)
    }
  })

  it('are 0 without room and 1 with room for every key that is requested', () => {
    for (const rate of [lruHitRate, fifoHitRate, staticOptimalHitRate]) {
      expect(rate(zipf(100, 1), 0)).toBe(0)
      expect(rate(zipf(100, 1), 100)).toBeCloseTo(1, 12)
      expect(rate(zipf(100, 1), 1e6)).toBeCloseTo(1, 12)
      expect(rate([3, 0, 1, 0], 2)).toBeCloseTo(1, 12)
    }
  })

  it('agree with a simulation of LRU and of FIFO to a few tenths of a point', () => {
    for (const alpha of [0.6, 1, 1.2]) {
      const popularity = zipf(2000, alpha)
      for (const size of [20, 200, 1000]) {
        expect(
          Math.abs(lruHitRate(popularity, size) - simulate(popularity, size, 'use', 300_000)),
        ).toBeLessThan(0.005)
        expect(
          Math.abs(fifoHitRate(popularity, size) - simulate(popularity, size, 'insertion', 300_000)),
        ).toBeLessThan(0.005)
      }
    }
  })

  it('rank FIFO below LRU below the best static content, and grow with the size', () => {
    const popularity = zipf(5000, 0.9)
    let previous = 0
    for (const size of [1, 5, 50, 500, 2500, 4900, 4999]) {
      const lru = lruHitRate(popularity, size)
      expect(fifoHitRate(popularity, size)).toBeLessThan(lru)
      expect(lru).toBeLessThan(staticOptimalHitRate(popularity, size))
      expect(lru).toBeGreaterThan(previous)
      previous = lru
    }
  })

  it('do not depend on the unit or the order of the popularities', () => {
    const popularity = zipf(300, 1)
    const scaled = popularity.map((weight) => 1e9 * weight).reverse()
    expect(lruHitRate(scaled, 30)).toBeCloseTo(lruHitRate(popularity, 30), 12)
    expect(staticOptimalHitRate(scaled, 30)).toBeCloseTo(staticOptimalHitRate(popularity, 30), 12)
  })

  it('refuse popularities that are none', () => {
    expect(() => lruHitRate([], 1)).toThrow(RangeError)
    expect(() => lruHitRate([0, 0], 1)).toThrow(RangeError)
    expect(() => lruHitRate([1, -1], 1)).toThrow(/key 1/)
    expect(() => lruHitRate([1, Number.NaN], 1)).toThrow(RangeError)
  })
})

describe('hit rates under a time to live', () => {
  it('of one key are λT / (1 + λT) from the write and 1 − e^(−λT) from the last use', () => {
    expect(ttlHitRate([1], 2, 1.5, 'write')).toBeCloseTo(0.75, 12)
    expect(ttlHitRate([1], 2, 1.5, 'idle')).toBeCloseTo(1 - Math.exp(-3), 12)
  })

  it('agree with Poisson arrivals played against a clock', () => {
    const random = createRandom(6, 'ttl')
    const popularity = [5, 3, 1, 1]
    for (const mode of ['write', 'idle'] as const) {
      const expires = [0, 0, 0, 0]
      let time = 0
      let hits = 0
      for (let i = 0; i < 300_000; i++) {
        time += -Math.log(1 - random.double()) / 4
        const draw = random() * 10
        const key = draw < 5 ? 0 : draw < 8 ? 1 : draw < 9 ? 2 : 3
        const hit = time < expires[key]!
        if (hit) hits++
        if (!hit || mode === 'idle') expires[key] = time + 0.8
      }
      expect(Math.abs(ttlHitRate(popularity, 4, 0.8, mode) - hits / 300_000)).toBeLessThan(0.004)
    }
  })

  it('are 0 where nothing lives and 1 where nothing dies', () => {
    expect(ttlHitRate([1, 2], 10, 0)).toBe(0)
    expect(ttlHitRate([1, 2], 10, Infinity)).toBe(1)
  })
})
