import { describe, expect, it } from 'vitest'
import { findKnee } from '../../src/analysis/knee.ts'
import { lruHitRate } from '../../src/analysis/theory.ts'

const logarithmic = (from: number, to: number, count: number) =>
  Array.from({ length: count }, (_, i) => from * (to / from) ** (i / (count - 1)))
const linear = (from: number, to: number, count: number) =>
  Array.from({ length: count }, (_, i) => from + ((to - from) * i) / (count - 1))

/** Concave, from 0 at size 0 to 1 at 1000; its slope is that of the diagonal where e^(8s/1000) = 8 / (1 − e^−8). */
const saturating = (size: number) => (1 - Math.exp((-8 * size) / 1000)) / (1 - Math.exp(-8))
const trueKnee = (1000 / 8) * Math.log(8 / (1 - Math.exp(-8)))

describe('the knee of a hit-rate curve', () => {
  it('lies where the slope falls to the mean slope, however the sizes are spaced', () => {
    for (const sizes of [linear(10, 1000, 100), logarithmic(1, 1000, 100), logarithmic(20, 1000, 60)]) {
      const { size, hitRate } = findKnee(sizes, sizes.map(saturating))
      expect(Math.abs(size! - trueKnee)).toBeLessThan(20)
      expect(hitRate).toBe(saturating(size!))
    }
  })

  it('is a simulated size', () => {
    const sizes = [1, 3, 10, 30, 100, 300, 1000]
    const { size } = findKnee(sizes, sizes.map(saturating))
    expect(size).toBe(300)
  })

  it('does not depend on the smallest size simulated', () => {
    const knees = [1, 10, 100, 200].map((from) => {
      const sizes = linear(from, 1000, Math.round((1000 - from) / 10) + 1)
      return findKnee(sizes, sizes.map(saturating)).size!
    })
    for (const knee of knees) expect(Math.abs(knee - trueKnee)).toBeLessThan(11)
  })

  it('of a Zipf workload under LRU lies far below the working set', () => {
    const keys = 10_000
    const popularity = linear(1, keys, keys).map((rank) => 1 / rank)
    const sizes = logarithmic(10, keys, 24).map(Math.round)
    const rates = sizes.map((size) => lruHitRate(popularity, size))
    const { size } = findKnee(sizes, rates)
    expect(size).toBeGreaterThan(500)
    expect(size).toBeLessThan(2000)
  })

  it('of a steep curve is not lost between steps of the resampling', () => {
    const keys = 100_000
    const sizes = logarithmic(10, keys, 60)
    const rate = (size: number) => 1 - 1 / (1 + size / 30)
    const { size } = findKnee(sizes, sizes.map(rate))
    const best = sizes.reduce((a, b) => (rate(b) - b / keys > rate(a) - a / keys ? b : a))
    expect(size).toBe(best)
  })

  it('is the cliff of a loop', () => {
    const sizes = linear(100, 1000, 10)
    expect(findKnee(sizes, [0, 0, 0, 0, 0, 0.9, 0.9, 0.9, 0.9, 0.9])).toMatchObject({
      size: 600,
      hitRate: 0.9,
    })
  })

  it('is the strongest of several', () => {
    const sizes = linear(100, 2000, 20)
    const rates = sizes.map((size) => (size < 200 ? 0 : size < 1000 ? 0.15 : 0.95))
    expect(findKnee(sizes, rates).size).toBe(1000)
  })

  it('is the smallest size where that already gives nearly everything', () => {
    expect(findKnee([10, 500, 1000], [0.9, 0.905, 0.91])).toMatchObject({ size: 10, hitRate: 0.9 })
  })

  it('takes a size of 0 in the sweep for the origin', () => {
    const sizes = linear(0, 1000, 101)
    expect(Math.abs(findKnee(sizes, sizes.map(saturating)).size! - trueKnee)).toBeLessThan(11)
  })

  it('can be that of an exact curve of a million sizes', () => {
    const sizes = linear(1, 1_000_000, 1_000_000)
    const { size } = findKnee(
      sizes,
      sizes.map((value) => saturating(value / 1000)),
      { sensitivity: 10 },
    )
    expect(Math.abs(size! / 1000 - trueKnee)).toBeLessThan(2)
  })

  it('states the range and the sensitivity', () => {
    const sizes = linear(10, 1000, 100)
    expect(findKnee(sizes, sizes.map(saturating))).toMatchObject({ from: 10, to: 1000, sensitivity: 1 })
    expect(findKnee(sizes, sizes.map(saturating), { sensitivity: 3 }).sensitivity).toBe(3)
  })

  it('asks for a sharper bend as the sensitivity grows', () => {
    const sizes = linear(100, 1000, 10)
    const rates = sizes.map((size) => Math.sqrt(size / 1000))
    expect(findKnee(sizes, rates, { sensitivity: 1 }).size).not.toBeNull()
    expect(findKnee(sizes, rates, { sensitivity: 3 })).toMatchObject({
      size: null,
      reason: expect.stringMatching(/bends too little/),
    })
  })
})

describe('a curve without a knee says why', () => {
  const sizes = logarithmic(10, 1000, 20)
  it.each([
    ['flat', sizes, sizes.map(() => 0.4), /flat/],
    ['all zero', sizes, sizes.map(() => 0), /flat/],
    ['straight', sizes, sizes.map((size) => size / 1000), /straight/],
    ['bending upwards', sizes, sizes.map((size) => (size / 1000) ** 2), /bends upwards/],
    ['a cliff at its end', linear(1, 10, 10), [0, 0, 0, 0, 0, 0, 0, 0, 0, 1], /bends upwards/],
    ['nearly straight', sizes, sizes.map((size) => (size / 1000) ** 0.95), /bends too little/],
    ['two sizes', [1, 2], [0.1, 0.3], /at least 3/],
    ['no sizes', [], [], /at least 3/],
  ] as [string, number[], number[], RegExp][])('%s', (_, x, y, why) => {
    expect(findKnee(x, y)).toMatchObject({ size: null, hitRate: null, reason: expect.stringMatching(why) })
  })

  it('refuses sizes that do not increase', () => {
    expect(() => findKnee([3, 2, 1], [0.1, 0.2, 0.3])).toThrow(RangeError)
    expect(() => findKnee([1, 2, 2], [0.1, 0.2, 0.2])).toThrow(/increase/)
    expect(() => findKnee([1, 2, 3], [0.1, Number.NaN, 0.3])).toThrow(RangeError)
    expect(() => findKnee([1, 2, 3], [0.5, 0.5, 0.5], { sensitivity: -1 })).toThrow(/sensitivity is -1/)
    expect(() => findKnee([-1, 2, 3], [0.1, 0.2, 0.3])).toThrow(RangeError)
  })
})
