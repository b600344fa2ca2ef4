import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { bestBySize } from '../../src/analysis/best-by-size.ts'

const never = () => false
/** The same whether it is one comparison of many or the only one. */
const shown = (lead: number) => ({ joint: lead, single: lead })
const named = (rates: Record<string, number[]>) =>
  Object.entries(rates).map(([policy, hitRates]) => ({ policy, hitRates }))
const bestOf = (
  sizes: number[],
  rates: Record<string, number[]>,
  tied: (policy: string, size: number) => boolean = never,
) =>
  bestBySize(sizes, named(rates), (curve, at) =>
    tied(Object.keys(rates)[curve]!, sizes[at]!) ? shown(0) : undefined,
  )

describe('which policy is best where', () => {
  it('is one at all sizes where its curve is above all others', () => {
    expect(bestOf([10, 100, 1000], { low: [0.1, 0.2, 0.3], high: [0.2, 0.3, 0.4] })).toEqual([
      { from: 10, to: 1000, policy: 'high', ties: [] },
    ])
  })

  it('changes where straight lines over the logarithm of the size cross', () => {
    // From 100 to 10,000, a loses 20 points on b, which begins 5 behind: a quarter of the way, 10^2.5.
    expect(bestOf([10, 100, 10_000], { a: [0.3, 0.4, 0.5], b: [0.2, 0.35, 0.65] })).toEqual([
      { from: 10, to: 316, policy: 'a', ties: [] },
      { from: 316, to: 10_000, policy: 'b', ties: [] },
    ])
  })

  it('changes back and forth as often as the curves cross', () => {
    const ranges = bestOf([1, 10, 100, 1000], { a: [0.2, 0.2, 0.4, 0.4], b: [0.1, 0.3, 0.3, 0.5] })
    expect(ranges.map(({ policy }) => policy)).toEqual(['a', 'b', 'a', 'b'])
    // Each time halfway: 10^0.5, 10^1.5, 10^2.5.
    expect(ranges.map(({ to }) => to)).toEqual([3, 32, 316, 1000])
  })

  it('names whoever cannot be told from the best at every size of a range, and nobody else', () => {
    const rates = { a: [0.5, 0.6], b: [0.495, 0.595], c: [0.494, 0.594], d: [0.5, 0.3] }
    const tied = (policy: string, size: number) => policy === 'b' || (policy === 'c' && size === 1)
    expect(bestOf([1, 10], rates, tied)).toEqual([{ from: 1, to: 10, policy: 'a', ties: ['b'] }])
  })

  it('calls nobody as good who is far behind, even where that may be noise', () => {
    const always = () => true
    expect(bestOf([1, 10], { a: [0.5, 0.6], b: [0.5, 0.58] }, always)[0]!.ties).toEqual([])
    expect(bestOf([1, 10], { a: [0.005, 0.006], b: [0.005, 0.005] }, always)[0]!.ties).toEqual([])
    expect(bestOf([1, 10], { a: [0.005, 0.006], b: [0.005, 0.0055] }, always)[0]!.ties).toEqual(['b'])
  })

  it('goes by the lead that is shown, which may be less than a margin of 0.1 points', () => {
    const curves = named({ a: [0.5, 0.6, 0.7], b: [0.4, 0.605, 0.6] })
    const rangesOf = (lead: number) =>
      bestBySize([1, 10, 100], curves, (curve, at) => (curve === 0 && at === 1 ? shown(lead) : undefined))
    expect(rangesOf(0.0009)).toHaveLength(1)
    expect(rangesOf(0.0011)).toHaveLength(3)
  })

  it('takes one comparison for enough where a policy is far behind, and asks for more where it is not', () => {
    const rangesOf = (rate: number, single: number) =>
      bestBySize([1, 10, 100], named({ a: [0.5, 0.6, 0.7], b: [0.4, rate, 0.6] }), (curve, at) =>
        curve === 0 && at === 1 ? { joint: -0.01, single } : undefined,
      )
    expect(rangesOf(0.612, 0.002)).toHaveLength(3)
    expect(rangesOf(0.612, -0.002)).toHaveLength(1)
    expect(rangesOf(0.608, 0.002)).toHaveLength(1)
  })

  it('does not change for a lead within noise, or one that is hardly any', () => {
    const rates = { a: [0.5, 0.6, 0.7], b: [0.4, 0.61, 0.6] }
    expect(bestOf([1, 10, 100], rates, (policy, size) => policy === 'a' && size === 10)).toHaveLength(1)
    expect(bestOf([1, 10, 100], rates)).toHaveLength(3)
    expect(bestOf([1, 10, 100], { a: [0.5, 0.6, 0.7], b: [0.4, 0.6004, 0.6] })).toHaveLength(1)
    // Of a hit rate of 0.1 %, 0.04 points are much.
    expect(bestOf([1, 10, 100], { a: [0.0005, 0.001, 0.002], b: [0.0001, 0.0014, 0.0015] })).toHaveLength(3)
  })

  it('changes where that loses least, where noise would let it change anywhere', () => {
    const rates = { a: [0.4, 0.5, 0.55, 0.57, 0.5], b: [0.3, 0.48, 0.54, 0.6, 0.7] }
    const ranges = bestOf([1, 10, 100, 1000, 10_000], rates, (_, size) => 1 < size && size < 10_000)
    expect(ranges.map(({ policy }) => policy)).toEqual(['a', 'b'])
    // Between 100, where a is a point ahead, and 1,000, where it is three behind.
    expect(ranges[0]!.to).toBe(Math.round(100 * 10 ** 0.25))
  })

  it('takes the first of those that are the same everywhere', () => {
    expect(bestOf([1, 10], { a: [0.5, 0.6], b: [0.5, 0.6] })).toEqual([
      { from: 1, to: 10, policy: 'a', ties: ['b'] },
    ])
    expect(bestOf([7], { a: [0], b: [0] })).toEqual([{ from: 7, to: 7, policy: 'a', ties: ['b'] }])
  })

  it('has as few ranges as trying all of them finds, and of these one that loses least', () => {
    const SIZES = [1, 10, 100, 1000]
    const rate = fc.integer({ min: 0, max: 20 }).map((value) => value / 20)
    const curve = fc.array(rate, { minLength: 4, maxLength: 4 })
    const tie = fc.array(fc.boolean(), { minLength: 12, maxLength: 12 })
    fc.assert(
      fc.property(fc.array(curve, { minLength: 3, maxLength: 3 }), tie, (rates, ties) => {
        const isTie = (of: number, at: number) => ties[4 * of + at]!
        const shownLead = (of: number, at: number) => (isTie(of, at) ? shown(-0.1) : undefined)
        const best = SIZES.map((_, at) => Math.max(...rates.map((of) => of[at]!)))
        // Every choice of a policy for each size: 3^4.
        let fewest = Infinity
        let least = Infinity
        for (let choice = 0; choice < 81; choice++) {
          const of = SIZES.map((_, at) => Math.floor(choice / 3 ** at) % 3)
          if (!of.every((policy, at) => rates[policy]![at] === best[at] || isTie(policy, at))) continue
          const count = of.filter((policy, at) => policy !== of[at - 1]).length
          const lost = of.reduce((sum, policy, at) => sum + best[at]! - rates[policy]![at]!, 0)
          if (count < fewest || (count === fewest && lost < least)) [fewest, least] = [count, lost]
        }
        const ranges = bestBySize(SIZES, named({ a: rates[0]!, b: rates[1]!, c: rates[2]! }), shownLead)
        expect(ranges).toHaveLength(fewest)
        expect(ranges[0]!.from).toBe(1)
        expect(ranges.at(-1)!.to).toBe(1000)
        ranges.slice(1).forEach(({ from, policy }, before) => {
          expect(from).toBe(ranges[before]!.to)
          expect(policy).not.toBe(ranges[before]!.policy)
        })
        // A border lies within one step: on both sides of it the sizes are told apart but for one that it may fall on.
        const lost = SIZES.map((size, at) => {
          const around = ranges.filter(({ from, to }) => from <= size && size <= to)
          return Math.min(...around.map(({ policy }) => best[at]! - rates['abc'.indexOf(policy)]![at]!))
        }).reduce((sum, value) => sum + value, 0)
        expect(lost).toBeLessThanOrEqual(least + 1e-9)
      }),
    )
  })
})
