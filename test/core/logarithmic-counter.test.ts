import { describe, expect, it } from 'vitest'
import { FIRST_COUNT, HIGHEST_COUNT, raisedCount } from '../../src/core/logarithmic-counter.ts'
import { createRandom } from '../../src/core/random.ts'

const random = createRandom('1', 'logarithmic-counter')

/** The count of a key that came in with the first of its requests. */
function countAfter(requests: number, logFactor: number): number {
  let count = FIRST_COUNT
  for (let uses = 1; uses < requests && count < HIGHEST_COUNT; uses++) {
    count = raisedCount(count, logFactor, random)
  }
  return count
}

describe('the logarithmic counter', () => {
  it.each([
    [0, 10, 1],
    [4, 10, 1],
    [5, 10, 1],
    [6, 10, 1 / 11],
    [15, 10, 1 / 101],
    [15, 1, 1 / 11],
    [254, 0, 1],
    [255, 0, 0],
  ])('rises from %i with factor %i as often as its chance says', (count, logFactor, chance) => {
    const trials = 100_000
    let risen = 0
    for (let trial = 0; trial < trials; trial++) risen += raisedCount(count, logFactor, random) - count
    const deviation = Math.sqrt(trials * chance * (1 - chance))
    expect(Math.abs(risen - trials * chance)).toBeLessThanOrEqual(4.5 * deviation)
  })

  // The table of redis.conf, of one run of redis-benchmark each. A run deviates: at count c, x = c − 5, the requests it
  // takes have a variance of Σ (factor · k)², k up to x, and a count takes factor · x requests: √(x/3) counts.
  it.each([
    [0, [104, 255, 255, 255, 255]],
    [1, [18, 49, 255, 255, 255]],
    [10, [10, 18, 142, 255, 255]],
    [100, [8, 11, 49, 143, 255]],
  ])('counts as redis.conf says for factor %i', (logFactor, published) => {
    const requests = [100, 1000, 100_000, 1_000_000, 10_000_000]
    published.forEach((count, at) => {
      const runs = Array.from({ length: 10 }, () => countAfter(requests[at]!, logFactor))
      const mean = runs.reduce((sum, own) => sum + own) / runs.length
      const certain = count === HIGHEST_COUNT || logFactor === 0
      const deviation = certain ? 0 : Math.sqrt((count - FIRST_COUNT) / 3)
      expect(Math.abs(mean - count), `${requests[at]} requests`).toBeLessThanOrEqual(2.5 * deviation)
    })
  })
})
