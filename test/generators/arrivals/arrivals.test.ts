import { describe, expect, it } from 'vitest'
import { resolveParameters } from '../../../src/core/parameters.ts'
import { createRandom } from '../../../src/core/random.ts'
import { arrivals } from '../../../src/generators/arrivals/index.ts'
import { kolmogorovSmirnov } from '../support.ts'

function draw(name: string, length: number, rate: number, given: Record<string, number> = {}): Float64Array {
  const process = arrivals.get(name)
  const times = new Float64Array(length)
  process.fill(
    times,
    rate,
    createRandom('test', 'arrivals'),
    resolveParameters(process.parameters, given, name),
  )
  return times
}

const gaps = (times: Float64Array) => times.subarray(1).map((time, i) => time - times[i]!)
const within = (times: Float64Array, from: number, to: number) =>
  times.reduce((sum, time) => sum + Number(time >= from && time < to), 0)

describe('every arrival process', () => {
  for (const name of arrivals.names) {
    it(`${name} starts at 0 and never runs backwards`, () => {
      const times = draw(name, 20_000, 250)
      expect(times[0]).toBe(0)
      expect(gaps(times).every((gap) => gap >= 0)).toBe(true)
    })

    it.each([0.01, 100, 40_000])(`${name} has a mean rate of %s a second`, (rate) => {
      const times = draw(name, 100_000, rate)
      // Four standard deviations of a Poisson count, relative.
      expect(Math.abs(99_999 / times.at(-1)! / rate - 1)).toBeLessThan(4 / Math.sqrt(100_000))
    })

    it(`${name} copes with no request and with one`, () => {
      expect([...draw(name, 0, 5)]).toEqual([])
      expect([...draw(name, 1, 5)]).toEqual([0])
    })
  }
})

describe('constant', () => {
  it('comes every 1/rate seconds', () => {
    expect([...draw('constant', 4, 4)]).toEqual([0, 0.25, 0.5, 0.75])
  })
})

describe('poisson', () => {
  it('has exponential gaps', () => {
    expect(
      kolmogorovSmirnov(gaps(draw('poisson', 200_001, 50)), (gap) => 1 - Math.exp(-50 * gap)),
    ).toBeLessThan(1.95)
  })

  it('has gaps that do not depend on the one before', () => {
    const all = gaps(draw('poisson', 200_001, 1))
    let product = 0
    for (let i = 1; i < all.length; i++) product += (all[i]! - 1) * (all[i - 1]! - 1)
    expect(Math.abs(product / all.length)).toBeLessThan(4 / Math.sqrt(all.length))
  })
})

describe('diurnal', () => {
  it('follows its sine: the integrated rate turns the times into a Poisson process of rate 1', () => {
    const [length, rate, amplitude, period] = [200_000, 100, 0.8, 500]
    const times = draw('diurnal', length, rate, { amplitude, period })
    const middle = length / rate / 2
    const turn = (2 * Math.PI) / period
    const integral = (time: number) =>
      rate * (time - (amplitude / turn) * (Math.cos(turn * (time - middle)) - Math.cos(turn * middle)))
    expect(kolmogorovSmirnov(gaps(times.map(integral)), (gap) => 1 - Math.exp(-gap))).toBeLessThan(1.95)
  })

  it('has nine times the requests at its peak than in its trough', () => {
    // Four days, the middle on a rising flank: troughs at 0.75 of a day, peaks at 0.25.
    const times = draw('diurnal', 400_000, 1, { amplitude: 0.8, period: 100_000 })
    const peak = within(times, 124_000, 126_000)
    const trough = within(times, 174_000, 176_000)
    expect(peak / trough).toBeGreaterThan(7.5)
    expect(peak / trough).toBeLessThan(10.5)
  })

  it('is Poisson without a swing', () => {
    const times = draw('diurnal', 100_001, 50, { amplitude: 0 })
    expect(kolmogorovSmirnov(gaps(times), (gap) => 1 - Math.exp(-50 * gap))).toBeLessThan(1.95)
  })
})

describe('bursts', () => {
  it('has its rate multiplied in the middle of each cycle, and lowered between', () => {
    // Ten cycles of 100 s with 10 s of burst: quiet 1000/1.9 a second, ten times that in a burst.
    const times = draw('bursts', 1_000_000, 1000, { every: 100, share: 0.1, factor: 10 })
    let bursts = 0
    for (let cycle = 0; cycle < 10; cycle++) bursts += within(times, cycle * 100 + 45, cycle * 100 + 55)
    expect(Math.abs(bursts - 1_000_000 * (1 / 1.9))).toBeLessThan(4000)
    expect(Math.abs(within(times, 0, 45) - 45 * (1000 / 1.9))).toBeLessThan(4 * Math.sqrt(24_000))
  })

  it('is Poisson with a factor of 1', () => {
    const times = draw('bursts', 100_001, 50, { factor: 1 })
    expect(kolmogorovSmirnov(gaps(times), (gap) => 1 - Math.exp(-50 * gap))).toBeLessThan(1.95)
  })

  it.each([0, 1])('is Poisson where bursts take a share of %s of the time', (share) => {
    const times = draw('bursts', 100_001, 50, { share })
    expect(kolmogorovSmirnov(gaps(times), (gap) => 1 - Math.exp(-50 * gap))).toBeLessThan(1.95)
  })
})
