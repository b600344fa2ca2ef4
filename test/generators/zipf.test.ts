import { describe, expect, it } from 'vitest'
import { InputError } from '../../src/core/errors.ts'
import { createRandom } from '../../src/core/random.ts'
import { ZipfSampler } from '../../src/generators/zipf-sampler.ts'
import { chiSquareScore, countIds, drawAll, stream, zipfProbabilities } from './support.ts'

describe('zipf', () => {
  for (const alpha of [0, 0.5, 0.99, 1, 1.01, 1.5, 3]) {
    for (const keys of [2, 100, 5000]) {
      it(`follows 1/rank^${alpha} over ${keys} keys`, () => {
        const counts = countIds(drawAll(stream('zipf', keys, 1e6, { alpha }), 1e6), keys)
        expect(Math.abs(chiSquareScore(counts, zipfProbabilities(keys, alpha)))).toBeLessThan(4)
      })
    }
  }

  it('follows the law inside the wide strips of a large catalogue', () => {
    const keys = 1_000_000
    const counts = countIds(drawAll(stream('zipf', keys, 4e6, { alpha: 0.8 }), 4e6, 16_384), keys)
    expect(Math.abs(chiSquareScore(counts, zipfProbabilities(keys, 0.8)))).toBeLessThan(4)
  })

  it('draws 0 with probability 6/11, 1 with 3/11, 2 with 2/11 for three keys and alpha 1', () => {
    const counts = countIds(drawAll(stream('zipf', 3, 1_100_000), 1_100_000), 3)
    for (const [id, expected] of [600_000, 300_000, 200_000].entries()) {
      // Four standard deviations.
      expect(Math.abs(counts[id]! - expected)).toBeLessThan(4 * Math.sqrt(expected))
    }
  })

  it('asks only for the one key of a catalogue of one', () => {
    expect(new Set(drawAll(stream('zipf', 1, 1000), 1000))).toEqual(new Set([0]))
  })

  it('asks only for the first key where the skew leaves nothing for the others', () => {
    expect(new Set(drawAll(stream('zipf', 10_000, 10_000, { alpha: 500 }), 10_000))).toEqual(new Set([0]))
  })

  it('stays within ten million keys, and reaches the last thousandth of them', () => {
    const ids = drawAll(stream('zipf', 10_000_000, 100_000, { alpha: 0 }), 100_000)
    const largest = ids.reduce((a, b) => Math.max(a, b))
    expect(largest).toBeLessThan(10_000_000)
    expect(largest).toBeGreaterThan(9_990_000)
  })

  it('stays within its ranks at both ends of the random numbers', () => {
    for (const ranks of [1, 2, 63, 64, 65, 1000, 1_000_000, 2 ** 31 - 1]) {
      for (const alpha of [0, 0.3, 1, 2.5]) {
        const sampler = new ZipfSampler(ranks, alpha)
        for (const extreme of [0, 0.5, 1 - 2 ** -32]) {
          // Given for ever, a number that leads to a rejection would do so for ever.
          const numbers = [0, extreme, extreme]
          const next = () => (numbers.length > 1 ? numbers.pop()! : 0)
          const random = Object.assign(next, { double: next, int32: next })
          const out = new Uint32Array(1)
          sampler.fill(out, random)
          expect(out[0]).toBeLessThan(ranks)
        }
      }
    }
  })

  it('gives the same keys however many are asked for at a time', () => {
    const whole = drawAll(stream('zipf', 1000, 5000), 5000, 5000)
    expect(drawAll(stream('zipf', 1000, 5000), 5000, 7)).toEqual(whole)
  })

  it('gives these very keys on every machine', () => {
    const out = new Uint32Array(12)
    new ZipfSampler(1_000_000, 1).fill(out, createRandom('golden', 'keys'))
    expect([...out]).toMatchInlineSnapshot(`
      [
        8826,
        2631,
        114983,
        8607,
        458690,
        442,
        1457,
        16,
        1944,
        10285,
        0,
        6,
      ]
    `)
  })

  it.each([-0.1, Number.NaN, Number.POSITIVE_INFINITY, 'steep'])('refuses alpha %s', (alpha) => {
    expect(() => stream('zipf', 10, 10, { alpha })).toThrow(InputError)
    expect(() => stream('zipf', 10, 10, { alpha })).toThrow(
      /'alpha' of generator 'zipf' .* must be a number of 0 or more/,
    )
  })
})
