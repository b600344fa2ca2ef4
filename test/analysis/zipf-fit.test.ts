import { describe, expect, it } from 'vitest'
import { fitZipf } from '../../src/analysis/zipf-fit.ts'
import { createRandom } from '../../src/core/random.ts'

/** Counts of `requests` draws from Zipf's law over `keys` keys. */
function draw(alpha: number, keys: number, requests: number, seed: number): Uint32Array {
  const random = createRandom(seed, 'zipf')
  const cumulative = new Float64Array(keys)
  let sum = 0
  for (let i = 0; i < keys; i++) {
    sum += (i + 1) ** -alpha
    cumulative[i] = sum
  }
  const counts = new Uint32Array(keys)
  for (let i = 0; i < requests; i++) {
    const u = random.double() * sum
    let low = 0
    let high = keys - 1
    while (low < high) {
      const middle = (low + high) >> 1
      if (cumulative[middle]! < u) low = middle + 1
      else high = middle
    }
    counts[low]!++
  }
  return counts
}

describe('the fitted Zipf exponent', () => {
  it.each([0.3, 0.6, 0.8, 1, 1.2, 2])('recovers %f where there are 100 requests a key', (alpha) => {
    const fit = fitZipf(draw(alpha, 2000, 200_000, 1))!
    expect(Math.abs(fit.alpha - alpha)).toBeLessThan(0.015)
    expect(fit.verdict).toBe('good')
  })

  it.each([0.6, 0.8, 1, 1.2])('recovers %f within a few hundredths where there are 10', (alpha) => {
    expect(Math.abs(fitZipf(draw(alpha, 20_000, 200_000, 2))!.alpha - alpha)).toBeLessThan(0.03)
  })

  it.each([0.8, 1, 1.2])('is low by at most 0.12 at %f where there is about one', (alpha) => {
    const fit = fitZipf(draw(alpha, 100_000, 100_000, 3))!
    expect(fit.alpha).toBeLessThan(alpha + 0.02)
    expect(fit.alpha).toBeGreaterThan(alpha - 0.12)
    expect(fit.verdict).not.toBe('poor')
  })

  it('is 0 for equally popular keys, however the noise ranks them', () => {
    for (const requests of [20_000, 200_000, 2_000_000]) {
      const fit = fitZipf(draw(0, 10_000, requests, 4))!
      expect(fit.alpha).toBeLessThan(0.02)
      if (requests > 20_000) expect(fit.verdict).toBe('good')
    }
  })

  it('is 0, and perfect, where all keys come equally often', () => {
    const fit = fitZipf(new Uint32Array(5000).fill(12))!
    expect(fit.alpha).toBeLessThan(1e-6)
    expect(fit.goodnessOfFit).toBeLessThan(1e-6)
    expect(fit.verdict).toBe('good')
  })

  it('follows counts that are the law itself', () => {
    for (const alpha of [0.5, 1, 1.5]) {
      const counts = Array.from({ length: 5000 }, (_, i) => Math.round(1e8 * (i + 1) ** -alpha))
      const fit = fitZipf(counts)!
      expect(fit.alpha).toBeCloseTo(alpha, 2)
      expect(fit.goodnessOfFit).toBeLessThan(0.005)
    }
  })

  it('has a standard error that the spread over seeds bears out', () => {
    const fits = Array.from({ length: 30 }, (_, seed) => fitZipf(draw(1, 300, 30_000, 100 + seed))!)
    const mean = fits.reduce((sum, { alpha }) => sum + alpha, 0) / fits.length
    const spread = Math.sqrt(
      fits.reduce((sum, { alpha }) => sum + (alpha - mean) ** 2, 0) / (fits.length - 1),
    )
    expect(fits[0]!.standardError! / spread).toBeGreaterThan(0.65)
    expect(fits[0]!.standardError! / spread).toBeLessThan(1.5)
  })

  it('calls poor what is not Zipf: two classes of keys, a few and the rest', () => {
    const counts = Array.from({ length: 10_000 }, (_, i) => (i < 2000 ? 40 : 3))
    expect(fitZipf(counts)!.verdict).not.toBe('good')
    const steps = Array.from({ length: 10_000 }, (_, i) => (i < 5000 ? 1000 : 1))
    expect(fitZipf(steps)!.verdict).toBe('poor')
  })

  it('does not depend on the order of the keys or on keys never requested', () => {
    const counts = Array.from(draw(1, 500, 20_000, 9))
    const shuffled = [0, 0, ...counts.toReversed(), 0]
    expect(fitZipf(shuffled)).toEqual(fitZipf(counts))
  })

  it('is null where there are no ranks to speak of', () => {
    expect(fitZipf([])).toBeNull()
    expect(fitZipf([5, 4, 3])).toBeNull()
    expect(fitZipf(new Uint32Array(1000).fill(1))).toBeNull()
    expect(fitZipf(new Uint32Array(1000))).toBeNull()
  })

  it('survives one key with nearly all requests', () => {
    const fit = fitZipf([1_000_000, ...Array<number>(50).fill(1)])!
    expect(fit.alpha).toBeGreaterThan(3)
    expect(Number.isFinite(fit.alpha)).toBe(true)
  })
})
