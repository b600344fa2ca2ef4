import { describe, expect, it } from 'vitest'
import {
  correctRates,
  isSettled,
  type MiniatureRate,
  scalingChecks,
  sizeAlong,
} from '../../src/analysis/correct-rates.ts'

const ROUNDING = 0.0005

const miniature = (size: number, given: Partial<MiniatureRate> = {}): MiniatureRate => ({
  size,
  rate: 0.5,
  standardError: 0,
  entries: size / 10,
  smallerError: 0,
  ...given,
})
const whole = (hitRate: number, drawsAtRandom = false) => ({ whole: { hitRate, drawsAtRandom } })
const ratesOf = (miniatures: MiniatureRate[]) => correctRates(miniatures, 1e6).map(({ hitRate }) => hitRate)
const marginsOf = (miniatures: MiniatureRate[]) => correctRates(miniatures, 1e6).map(({ margin }) => margin)

describe('a corrected rate', () => {
  it('is that of the whole cache where there is one', () => {
    const [first] = correctRates([miniature(1000, { standardError: 0.01, ...whole(0.47) })], 1e6)
    expect(first).toEqual({ hitRate: 0.47, margin: ROUNDING })
  })

  it('is as it was where no whole cache was replayed', () => {
    expect(ratesOf([miniature(100), miniature(1000, { rate: 0.6 })])).toEqual([0.5, 0.6])
  })

  it('is shifted by what lies between the errors of two whole caches, on a logarithmic scale', () => {
    const rates = ratesOf([miniature(100, whole(0.46)), miniature(1000), miniature(10_000, whole(0.52))])
    expect(rates[1]).toBeCloseTo(0.5 - (0.04 - 0.02) / 2, 12)
  })

  it('is shifted as much below the first whole cache, and less and less from the last to the largest', () => {
    const rates = ratesOf([
      miniature(10),
      miniature(100, whole(0.46)),
      miniature(1000),
      miniature(10_000),
      miniature(100_000),
      miniature(1e6),
      miniature(1e7),
    ])
    expect(rates[0]).toBeCloseTo(0.46, 12)
    for (const [at, share] of [1, 0.75, 0.5, 0.25, 0, 0].entries())
      expect(rates[at + 1]).toBeCloseTo(0.5 - 0.04 * share, 12)
  })

  it('is a rate, whatever the correction', () => {
    const low = [miniature(10, { rate: 0.01 }), miniature(100, whole(0.4))]
    expect(ratesOf(low)[0]).toBe(0)
    const high = [miniature(10, { rate: 0.99 }), miniature(100, whole(0.6))]
    expect(ratesOf(high)[0]).toBe(1)
  })

  it('takes a size of 0, a whole cache of all, and no sizes', () => {
    expect(ratesOf([miniature(0, { rate: 0, ...whole(0) }), miniature(10, { rate: 0.1 })])).toEqual([0, 0.1])
    expect(ratesOf([miniature(10), miniature(1e6, whole(0.5))])).toEqual([0.5, 0.5])
    expect(correctRates([], 1e6)).toEqual([])
    // In bytes without sizes there is no largest.
    expect(correctRates([miniature(10, whole(0.4)), miniature(100)], Infinity)[1]!.hitRate).toBeCloseTo(
      0.4,
      12,
    )
  })
})

describe('the margin of a corrected rate', () => {
  it('is half a digit where nothing speaks against it', () => {
    expect(marginsOf([miniature(1000), miniature(2000)])).toEqual([ROUNDING, ROUNDING])
  })

  it('is as wide as what is not seen where a second check is left out, as the first found little', () => {
    const [left] = marginsOf([miniature(1000), miniature(2000, whole(0.499))])
    expect(left).toBeGreaterThan(0.0025)
    expect(left).toBeLessThan(0.0035)
  })

  it('widens with each of the signs', () => {
    const of = (given: Partial<MiniatureRate>, other: Partial<MiniatureRate> = {}) =>
      marginsOf([miniature(1000, given), miniature(100_000, other)])[0]!
    const signs = [
      of({ standardError: 0.01 }),
      of({ smallerError: 0.01 }),
      of({ smallerError: -0.01 }),
      of({}, { smallerError: 0.01 }),
      of({}, whole(0.49)),
      of({}, whole(0.51)),
    ]
    for (const margin of signs) expect(margin).toBeGreaterThan(0.005)
    expect(of({ standardError: 0.01, smallerError: 0.05 }, whole(0.49))).toBeGreaterThan(Math.max(...signs))
  })

  it('hears of a smaller miniature that differs at a size nearby', () => {
    const [near, at, next, far] = marginsOf([
      miniature(1000),
      miniature(2000, { smallerError: 0.03 }),
      miniature(3000),
      miniature(10_000),
    ])
    expect(near).toBe(at)
    expect(next).toBe(at)
    expect(near).toBeGreaterThan(0.06)
    expect(far).toBeLessThan(0.02)
  })

  it('hears of the next sizes on both sides, however far apart they are', () => {
    const margins = marginsOf([
      miniature(1000),
      miniature(10_000, { smallerError: 0.03 }),
      miniature(100_000),
      miniature(500_000),
    ])
    expect(Math.min(...margins.slice(0, 3))).toBeGreaterThan(0.06)
    expect(margins[3]).toBeLessThan(0.02)
  })

  it('hears of no other size where everything fits', () => {
    const off = [miniature(1000, { smallerError: 0.03 }), miniature(100_000, whole(0.4))]
    expect(marginsOf([...off, miniature(1e6)])[2]).toBe(ROUNDING)
    const own = marginsOf([...off, miniature(1e6, { smallerError: 0.01, standardError: 0.001 })])[2]!
    expect(own).toBeGreaterThan(0.016)
    expect(own).toBeLessThan(0.02)
  })

  it('takes no notice of what the draw alone makes of a smaller miniature', () => {
    expect(marginsOf([miniature(1000, { standardError: 0.01, smallerError: 0.02 })])).toEqual(
      marginsOf([miniature(1000, { standardError: 0.01 })]),
    )
  })

  it('hears less of a miniature of a few entries, as the smaller one has next to none', () => {
    const [few, many] = [1, 100].map(
      (entries) => marginsOf([miniature(1000, { entries, smallerError: 0.1 })])[0]!,
    )
    expect(few).toBeLessThan(many! / 4)
    expect(few).toBeGreaterThan(0.02)
  })

  it('is wider by what one entry changes, where that is much', () => {
    const climbing = (share: number) =>
      marginsOf([
        miniature(50, { rate: 0.1, entries: 50 * share }),
        miniature(100, { rate: 0.2, entries: 100 * share }),
        miniature(200, { rate: 0.3, entries: 200 * share }),
      ])[1]!
    // An e-fold of the size is worth 0.14; one entry in five, a fifth of that.
    expect(climbing(0.05)).toBeCloseTo(0.2 / Math.log(4) / 5 + ROUNDING, 12)
    expect(climbing(1)).toBeLessThan(0.003)
    const least = [miniature(0, { rate: 0, entries: 0 }), miniature(1, { rate: 0.1, entries: 1 })]
    expect(marginsOf(least)[1]).toBe(ROUNDING)
  })

  it('reaches from 0 to the next size where the miniature has less than an entry', () => {
    const [less] = correctRates(
      [miniature(9, { rate: 0.1, entries: 0.9 }), miniature(20, { rate: 0.3, entries: 2 })],
      1e6,
    )
    expect(less!.hitRate).toBe(0.1)
    expect(less!.margin).toBeCloseTo(0.2 + ROUNDING, 12)
    expect(marginsOf([miniature(9, { rate: 0.1, entries: 0.9 })])[0]).toBeCloseTo(0.9 + ROUNDING, 12)
  })

  it('is never more than a rate can be off by', () => {
    expect(marginsOf([miniature(1000, { smallerError: 0.9 })])).toEqual([1])
  })

  it('allows for other seeds where the policy draws at random, on a whole cache too', () => {
    const [margin] = marginsOf([miniature(1000, { standardError: 0.01, ...whole(0.5, true) })])
    expect(margin).toBeCloseTo(0.008 + ROUNDING, 12)
  })
})

describe('a miniature', () => {
  it('is settled once a whole cache was replayed, and neither it nor a smaller one is off', () => {
    const off = { smallerError: -0.003 }
    expect(isSettled([])).toBe(false)
    expect(isSettled([miniature(1000)])).toBe(false)
    expect(isSettled([miniature(1000, whole(0.499)), miniature(2000)])).toBe(true)
    expect(isSettled([miniature(1000, whole(0.497)), miniature(2000)])).toBe(false)
    expect(isSettled([miniature(1000, whole(0.503)), miniature(2000)])).toBe(false)
    expect(isSettled([miniature(1000, whole(0.5)), miniature(2000, off)])).toBe(false)
    // Two whole caches say more than a smaller miniature.
    const twice = [miniature(1000, whole(0.5)), miniature(4000, whole(0.5))]
    expect(isSettled([...twice, miniature(2000, off)])).toBe(true)
    // The draw alone makes as much, and of a few entries it means nothing.
    expect(isSettled([miniature(1000, whole(0.5)), miniature(2000, { ...off, standardError: 0.001 })])).toBe(
      true,
    )
    expect(isSettled([miniature(1000, whole(0.5)), miniature(2000, { ...off, entries: 8 })])).toBe(true)
  })
})

describe('the size to replay a whole cache at', () => {
  const climbing = (...rates: number[]) => rates.map((rate, at) => miniature(1000 * 2 ** at, { rate }))

  it('is one on the way from the first to the last, where the curve climbs as much everywhere', () => {
    const line = climbing(0.1, 0.2, 0.3, 0.4, 0.5)
    expect([0, 0.2, 0.5, 0.8, 1].map((share) => sizeAlong(line, share))).toEqual([0, 1, 2, 3, 4])
    const flat = climbing(0.5, 0.5, 0.5, 0.5, 0.5)
    expect([0, 0.2, 0.5, 0.8, 1].map((share) => sizeAlong(flat, share))).toEqual([0, 1, 2, 3, 4])
  })

  it('is nearer to where the curve climbs', () => {
    // On the way they stand at 0, 1/8, 1/4, 3/8 and 1.
    const late = climbing(0.1, 0.1, 0.1, 0.1, 0.9)
    expect([0.15, 0.5, 0.8].map((share) => sizeAlong(late, share))).toEqual([1, 3, 4])
    // At 0, 5/8, 3/4, 7/8 and 1.
    const early = climbing(0.1, 0.9, 0.9, 0.9, 0.9)
    expect([0.15, 0.5, 0.8].map((share) => sizeAlong(early, share))).toEqual([0, 1, 2])
  })

  it('is another one where that was replayed already', () => {
    const line = climbing(0.1, 0.2, 0.3)
    line[1] = { ...line[1]!, ...whole(0.2) }
    expect(sizeAlong(line, 0.5)).not.toBe(1)
    expect(sizeAlong([miniature(10, whole(0.5))], 0.5)).toBeUndefined()
    expect(sizeAlong([miniature(10)], 0.8)).toBe(0)
    expect(sizeAlong([], 0.5)).toBeUndefined()
  })
})

describe('checks', () => {
  it('are the errors of miniatures whose whole caches were replayed', () => {
    const checks = scalingChecks([miniature(10), miniature(100, whole(0.46)), miniature(1000, whole(0.53))])
    expect(checks.map(({ size }) => size)).toEqual([100, 1000])
    expect(checks[0]!.error).toBeCloseTo(0.04, 12)
    expect(checks[1]!.error).toBeCloseTo(-0.03, 12)
  })
})
