import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { quantiles, summarise, summariseHistogram } from '../../src/analysis/quantiles.ts'
import { finish } from '../../src/analysis/steps.ts'

/** The definition, word for word. */
function nearestRank(values: ArrayLike<number>, numerator: number, denominator: number): number {
  const sorted = Array.from(values).sort((a, b) => a - b)
  return sorted.find((_, i) => (i + 1) * denominator >= numerator * sorted.length)!
}

const floats = fc.float32Array({ min: 0, noNaN: true, minLength: 1, maxLength: 300 })

describe('quantiles', () => {
  it('are those of the sorted values', () => {
    fc.assert(
      fc.property(
        floats,
        fc.array(fc.integer({ min: 0, max: 1000 }), { maxLength: 6 }),
        (values, permille) => {
          const expected = permille.map((p) => nearestRank(values, p, 1000) + 0)
          expect(
            quantiles(
              values,
              permille.map((p) => p / 1000),
            ).map((value) => value + 0),
          ).toEqual(expected)
        },
      ),
    )
  })

  it('are right for whole numbers of 32 bits', () => {
    fc.assert(
      fc.property(
        fc.uint32Array({ minLength: 1, maxLength: 300 }),
        fc.integer({ min: 0, max: 100 }),
        (values, p) => {
          expect(quantiles(values, [p / 100])).toEqual([nearestRank(values, p, 100)])
        },
      ),
    )
  })

  it('are always one of the values: the smallest with enough at or below it', () => {
    const values = Float32Array.of(40, 10, 30, 20)
    expect(quantiles(values, [0, 0.25, 0.26, 0.5, 0.75, 0.76, 1])).toEqual([10, 10, 20, 20, 30, 40, 40])
  })

  it('are not misled by the last bit of p · n', () => {
    // 0.07 · 100 is 7.000000000000001 in binary, 0.29 · 100 is 28.999999999999996.
    const values = Float32Array.from({ length: 100 }, (_, i) => i + 1)
    for (let p = 1; p <= 100; p++) expect(quantiles(values, [p / 100])).toEqual([p])
  })

  it('come in the order asked for, repeats and all', () => {
    const values = Float32Array.of(1, 2, 3, 4, 5)
    expect(quantiles(values, [1, 0, 0.5, 0, 1])).toEqual([5, 1, 3, 1, 5])
  })

  it('can be those of a part, of a view into a larger buffer too', () => {
    const values = Float32Array.of(9, 9, 1, 2, 3, 0, 0)
    expect(quantiles(values, [0, 0.5, 1], 2, 5)).toEqual([1, 2, 3])
    expect(quantiles(values.subarray(1), [0, 0.5, 1], 1, 4)).toEqual([1, 2, 3])
  })

  it('work on shared memory and leave the values alone', () => {
    const values = new Float32Array(new SharedArrayBuffer(16))
    values.set([4, 3, 2, 1])
    expect(quantiles(values, [0.5])).toEqual([2])
    expect([...values]).toEqual([4, 3, 2, 1])
  })

  it('take −0 for 0, and allow the smallest and the largest floats', () => {
    const values = Float32Array.of(-0, 1e-45, 3.4e38, Infinity, 0)
    expect(quantiles(values, [0.2, 0.4, 0.6, 0.8, 1]).map((value) => value + 0)).toEqual([
      0,
      0,
      Math.fround(1e-45),
      Math.fround(3.4e38),
      Infinity,
    ])
  })

  it('of nothing are not numbers', () => {
    expect(quantiles(new Float32Array(0), [0.5])).toEqual([Number.NaN])
    expect(quantiles(Float32Array.of(1, 2), [0.5], 1, 1)).toEqual([Number.NaN])
    expect(quantiles(Float32Array.of(1, 2), [])).toEqual([])
  })

  it('refuse NaN, negative values, and probabilities that are none', () => {
    expect(() => quantiles(Float32Array.of(1, Number.NaN), [0.5])).toThrow(/value 1 is NaN/)
    expect(() => quantiles(Float32Array.of(-1e-45, 1), [0.5])).toThrow(RangeError)
    expect(() => quantiles(Float32Array.of(1), [1.5])).toThrow(RangeError)
    expect(() => quantiles(Float32Array.of(1), [Number.NaN])).toThrow(RangeError)
  })
})

describe('a summary', () => {
  it('gives the named quantiles and the mean', () => {
    const values = Uint32Array.from({ length: 200 }, (_, i) => 200 - i)
    const expected = {
      p1: 2,
      p10: 20,
      p25: 50,
      p50: 100,
      p75: 150,
      p90: 180,
      p99: 198,
      max: 200,
      mean: 100.5,
    }
    expect(finish(summarise(values))).toEqual(expected)
    expect(finish(summarise(new Float32Array(0)))).toBeNull()
  })

  it('of a histogram is that of the values it counts', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(5), { minLength: 1, maxLength: 30 }), (histogram) => {
        const values = Uint32Array.from(histogram.flatMap((count, value) => Array<number>(count).fill(value)))
        expect(finish(summariseHistogram(histogram))).toEqual(finish(summarise(values)))
      }),
    )
  })
})
