import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createSizeAxis, linearTicks } from '../../src/reports/axis.ts'
import { linearSizes, logSizes } from '../support/sample-results.ts'

describe('ticks of a linear axis', () => {
  it('are round and enclose the values', () => {
    expect(linearTicks(0, 83.4, 5)).toEqual([0, 20, 40, 60, 80, 100])
    expect(linearTicks(0, 1, 6)).toEqual([0, 0.2, 0.4, 0.6, 0.8, 1])
    expect(linearTicks(91.2, 94.9, 5)).toEqual([91, 92, 93, 94, 95])
  })

  it('are evenly spaced and at least two, whatever the range', () => {
    const value = fc.double({ min: 0, max: 1e9, noNaN: true })
    fc.assert(
      fc.property(value, value, fc.integer({ min: 2, max: 12 }), (a, b, count) => {
        const [min, max] = [Math.min(a, b), Math.max(a, b)]
        fc.pre(max - min > 1e-6 * Math.max(1, max))
        const ticks = linearTicks(min, max, count)
        expect(ticks.length).toBeGreaterThanOrEqual(2)
        expect(ticks.length).toBeLessThanOrEqual(2 * count + 2)
        expect(ticks[0]!).toBeLessThanOrEqual(min + 1e-6 * max)
        expect(ticks.at(-1)!).toBeGreaterThanOrEqual(max * (1 - 1e-6))
      }),
    )
  })
})

describe('the axis of sizes', () => {
  it('is logarithmic for sizes in equal ratios, linear for sizes in equal steps', () => {
    expect(createSizeAxis(logSizes, 'entries').scale).toBe('log')
    expect(createSizeAxis(linearSizes, 'entries').scale).toBe('linear')
    expect(createSizeAxis([2 ** 16, 2 ** 20, 2 ** 24], 'bytes').scale).toBe('log')
    expect(createSizeAxis([1, 2, 3], 'entries').scale).toBe('linear')
    expect(createSizeAxis([100, 200], 'entries').scale).toBe('linear')
    expect(createSizeAxis([10, 10_000], 'entries').scale).toBe('log')
  })

  it('is linear where a size is 0, which has no logarithm', () => {
    expect(createSizeAxis([0, 1, 10, 100, 1000], 'entries').scale).toBe('linear')
  })

  it('puts sizes where they belong', () => {
    const log = createSizeAxis([10, 100, 1000, 10_000, 100_000], 'entries')
    expect([10, 100, 1000, 100_000].map((size) => log.position(size))).toEqual([
      0,
      expect.closeTo(0.25),
      expect.closeTo(0.5),
      1,
    ])
    expect(createSizeAxis(linearSizes, 'entries').position(2000)).toBeCloseTo(0.25)
  })

  it('has ticks at 1, 2, 5 times powers of ten, at powers of two for bytes', () => {
    expect(createSizeAxis([8, 80, 800], 'entries').tickChoices[0]).toEqual([10, 20, 50, 100, 200, 500])
    expect(createSizeAxis([1024, 8192, 65_536], 'bytes').tickChoices[0]).toEqual([
      1024, 2048, 4096, 8192, 16_384, 32_768, 65_536,
    ])
  })

  it('offers the two ends where nothing round lies between', () => {
    expect(createSizeAxis([11, 13, 17], 'entries').tickChoices.at(-1)).toEqual([11, 17])
  })
})
