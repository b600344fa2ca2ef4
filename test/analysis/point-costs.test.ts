import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { pointCosts, sizeFor } from '../../src/analysis/point-costs.ts'

describe('the size that serves a hit rate', () => {
  const sizes = [100, 200, 400]
  const rates = [0.5, 0.6, 0.7]

  it('lies on straight lines between simulated sizes, and on one from nothing', () => {
    expect(sizeFor(sizes, rates, 0.25)).toBeCloseTo(50, 9)
    expect(sizeFor(sizes, rates, 0.5)).toBe(100)
    expect(sizeFor(sizes, rates, 0.55)).toBeCloseTo(150, 9)
    expect(sizeFor(sizes, rates, 0.65)).toBeCloseTo(300, 9)
    expect(sizeFor(sizes, rates, 0.71)).toBeNull()
  })

  it('is the first where larger caches serve less', () => {
    expect(sizeFor([10, 20, 30, 40], [0.2, 0.4, 0.3, 0.6], 0.35)).toBeCloseTo(17.5, 9)
    expect(sizeFor([10, 20, 30, 40], [0.2, 0.4, 0.3, 0.6], 0.45)).toBeCloseTo(35, 9)
  })
})

describe('what more hits cost', () => {
  it('is given at round hit rates, from that of the smallest size to the highest', () => {
    const costs = pointCosts([100, 200, 400], [0.5, 0.6, 0.7], 0.7)
    expect(costs.map(({ hitRate }) => hitRate)).toEqual([0.5, 0.55, 0.6, 0.65, 0.7])
    // A point takes 10 entries up to 60 %, 20 above; from 70 % there is no more.
    expect(costs.map(({ size }) => Math.round(size))).toEqual([100, 150, 200, 300, 400])
    expect(costs.map(({ nextHitRate }) => nextHitRate)).toEqual([0.51, 0.56, 0.61, 0.66, 0.71])
    expect(costs.map(({ extraSize }) => extraSize && Math.round(extraSize))).toEqual([10, 10, 20, 20, null])
  })

  it('has smaller steps where there is less to gain', () => {
    const costs = pointCosts([100, 1000], [0.01, 0.04], 0.04)
    expect(costs[0]).toMatchObject({ hitRate: 0.01, size: 100, nextHitRate: 0.012 })
    expect(costs[0]!.extraSize).toBeCloseTo(60, 6)
    expect(costs).toHaveLength(16)
  })

  it('ends below 100 %, from where there is nothing to gain', () => {
    const costs = pointCosts([1, 100], [0.5, 1], 1)
    expect(costs.at(-1)).toMatchObject({ hitRate: 0.95, nextHitRate: 0.96 })
    expect(pointCosts([1], [1], 1)).toEqual([])
  })

  it('is nothing where nothing is served, or less than a step', () => {
    expect(pointCosts([1, 10], [0, 0], 0)).toEqual([])
    expect(pointCosts([1, 10], [0, 0.0004], 0.0004)).toEqual([])
  })

  it('of any curve: sizes grow with the hit rate, are within the range, and the next adds up', () => {
    const point = fc.tuple(fc.integer({ min: 1, max: 1000 }), fc.double({ min: 0, max: 0.2, noNaN: true }))
    fc.assert(
      fc.property(fc.array(point, { minLength: 1, maxLength: 12 }), (steps) => {
        let size = 0
        const sizes = steps.map(([step]) => (size += step))
        const rates = steps.map(([, rate], at) => Math.min(1, rate + at * 0.05))
        const costs = pointCosts(sizes, rates, Math.max(...rates))
        expect(costs.length).toBeLessThanOrEqual(20)
        costs.forEach(({ hitRate, size, extraSize, nextHitRate }, at) => {
          expect(size).toBeLessThanOrEqual(sizes.at(-1)!)
          if (at > 0) expect(size).toBeGreaterThanOrEqual(costs[at - 1]!.size)
          expect(hitRate).toBeGreaterThanOrEqual(rates[0]!)
          if (extraSize === null) expect(Math.max(...rates)).toBeLessThan(nextHitRate)
          else expect(sizeFor(sizes, rates, nextHitRate)).toBeCloseTo(size + extraSize, 6)
        })
      }),
    )
  })
})
