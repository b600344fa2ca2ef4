import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { binsOfSeconds, powersOfTwo } from '../../src/analysis/bins.ts'
import { finish } from '../../src/analysis/steps.ts'

const seconds = (values: readonly number[]) => finish(binsOfSeconds(Float32Array.from(values)))

describe('bins of powers of two', () => {
  it('count 0, 1, 2–3, 4–7 and so on, up to the largest', () => {
    expect(powersOfTwo([5, 1, 2, 3, 4, 0, 0, 0, 0, 1, 0])).toEqual([
      { from: 0, to: 1, count: 5 },
      { from: 1, to: 2, count: 1 },
      { from: 2, to: 4, count: 5 },
      { from: 4, to: 8, count: 4 },
      { from: 8, to: 16, count: 1 },
    ])
    expect(powersOfTwo([0, 0, 0])).toEqual([])
    expect(powersOfTwo([])).toEqual([])
  })
})

describe('bins of seconds', () => {
  it('put what is written as an edge above it, and begin and end where there is something', () => {
    expect(seconds([0.02, 0.3 - 0.1, 1, 59.99, 60, 86_399])).toEqual([
      { from: 0.02, to: 0.05, count: 1 },
      { from: 0.05, to: 0.1, count: 0 },
      { from: 0.1, to: 0.2, count: 0 },
      { from: 0.2, to: 0.5, count: 1 },
      { from: 0.5, to: 1, count: 0 },
      { from: 1, to: 2, count: 1 },
      { from: 2, to: 5, count: 0 },
      { from: 5, to: 10, count: 0 },
      { from: 10, to: 30, count: 0 },
      { from: 30, to: 60, count: 1 },
      { from: 60, to: 120, count: 1 },
      ...[
        [120, 300],
        [300, 600],
        [600, 1800],
        [1800, 3600],
        [3600, 7200],
        [7200, 21_600],
        [21_600, 43_200],
      ].map(([from, to]) => ({ from, to, count: 0 })),
      { from: 43_200, to: 86_400, count: 1 },
    ])
    expect(seconds([])).toEqual([])
    expect(seconds([0])).toEqual([{ from: 0, to: 1e-6, count: 1 }])
  })

  it('hold each value once, between their ends, without a gap', () => {
    const value = fc.oneof(
      fc.float({ min: 0, noNaN: true, noDefaultInfinity: true }),
      fc.constantFrom(0, 1e-6, 0.1, 10, 30, 60, 3600, 86_400, 4.32e9, 1e12),
    )
    fc.assert(
      fc.property(fc.array(value, { minLength: 1, maxLength: 40 }), (values) => {
        const floats = Float32Array.from(values)
        const bins = finish(binsOfSeconds(floats))
        for (const [at, { from, to, count }] of bins.entries()) {
          const inside = floats.filter((float) => float >= Math.fround(from) && float < Math.fround(to))
          expect(count).toBe(inside.length)
          if (at > 0) expect(from).toBe(bins[at - 1]!.to)
        }
        expect(bins.reduce((sum, { count }) => sum + count, 0)).toBe(values.length)
        expect(bins[0]!.count * bins.at(-1)!.count).toBeGreaterThan(0)
      }),
    )
  })
})
