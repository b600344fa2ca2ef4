import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type KneedleOptions, kneedle } from '../../src/analysis/kneedle.ts'
import { InputError } from '../../src/core/errors.ts'
import { createRandom } from '../../src/core/random.ts'

const range = (count: number) => Array.from({ length: count }, (_, i) => i)
const figure2 = range(10).map((i) => i / 9)
const figure2Y = figure2.map((x) => -1 / (x + 0.1) + 5)

/** The ten-point curves, and their knees, of the `kneed` Python package's published examples. */
const fourCases = [
  { shape: 'concave', direction: 'increasing', y: [0, 60, 80, 85, 90, 95, 96, 97, 98, 99], knee: 2, cut: 2 },
  { shape: 'concave', direction: 'decreasing', y: [99, 98, 97, 96, 95, 90, 85, 80, 60, 0], knee: 7, cut: 4 },
  { shape: 'convex', direction: 'increasing', y: [1, 2, 3, 4, 5, 10, 15, 20, 40, 100], knee: 7, cut: 4 },
  { shape: 'convex', direction: 'decreasing', y: [100, 40, 20, 15, 10, 5, 4, 3, 2, 1], knee: 2, cut: 2 },
] as const

/** Its bumpy curve of 90 points. */
const bumpy = [
  7305, 6979, 6666.6, 6463.2, 6326.5, 6048.8, 6032.8, 5762, 5742.8, 5398.2, 5256.8, 5227, 5001.7, 4942,
  4854.2, 4734.6, 4558.7, 4491.1, 4411.6, 4333, 4234.6, 4139.1, 4056.8, 4022.5, 3868, 3808.3, 3745.3, 3692.3,
  3645.6, 3618.3, 3574.3, 3504.3, 3452.4, 3401.2, 3382.4, 3340.7, 3301.1, 3247.6, 3190.3, 3180, 3154.2,
  3089.5, 3045.6, 2989, 2993.6, 2941.3, 2875.6, 2866.3, 2834.1, 2785.1, 2759.7, 2763.2, 2720.1, 2660.1,
  2690.2, 2635.7, 2632.9, 2574.6, 2556, 2545.7, 2513.4, 2491.6, 2496, 2466.5, 2442.7, 2420.5, 2381.5, 2388.1,
  2340.6, 2335, 2318.9, 2319, 2308.2, 2262.2, 2235.8, 2259.3, 2221, 2202.7, 2184.3, 2170.1, 2160, 2127.7,
  2134.7, 2102, 2101.4, 2066.4, 2074.3, 2063.7, 2048.1, 2031.9,
]

/** Its curve whose difference from the diagonal has two equal largest values. */
const flatMaximum = [
  1, 0.787701317715959, 0.7437774524158126, 0.6559297218155198, 0.5065885797950219, 0.36749633967789164,
  0.2547584187408492, 0.16251830161054173, 0.10395314787701318, 0.06734992679355783, 0.043923865300146414,
  0.027818448023426062, 0.01903367496339678, 0.013177159590043924, 0.010248901903367497, 0.007320644216691069,
  0.005856515373352855, 0.004392386530014641,
]

describe('Kneedle on published cases', () => {
  it('finds the knee of figure 2 of the paper at x = 2/9', () => {
    const { knee } = kneedle(figure2, figure2Y)
    expect(knee?.index).toBe(2)
    expect(knee?.x).toBeCloseTo(0.2222, 4)
    expect(knee?.y).toBeCloseTo(1.897, 3)
  })

  for (const { shape, direction, y, knee, cut } of fourCases) {
    it(`finds the knee of a ${shape} ${direction} curve`, () => {
      expect(kneedle(range(10), y, { shape, direction }).knee?.x).toBe(knee)
    })
    it(`finds the knee of a ${shape} ${direction} curve cut short and scaled`, () => {
      const result = kneedle(
        range(7).map((x) => x / 10),
        y.slice(0, 7).map((value) => value / 10),
        { shape, direction },
      )
      expect(result.knee?.index).toBe(cut)
    })
  }

  it('finds the first of several knees, and all of them', () => {
    const { knee, knees } = kneedle(range(90), bumpy, { shape: 'convex', direction: 'decreasing' })
    expect(knee?.x).toBe(26)
    expect(knees.map(({ x }) => x)).toEqual([26, 31, 41, 46, 53])
  })

  it('takes the last of equal maxima, and with sensitivity 0 the first small one', () => {
    const options = { shape: 'convex', direction: 'decreasing' } as const
    expect(kneedle(range(18), flatMaximum, options).knee?.x).toBe(8)
    expect(kneedle(range(18), flatMaximum, { ...options, sensitivity: 0 }).knee?.x).toBe(1)
  })

  it.each([
    ['convex', 'decreasing', 4.5],
    ['convex', 'increasing', 4.9],
    ['concave', 'increasing', 7.7],
    ['concave', 'decreasing', 1.8],
  ] as const)('ends a %s %s scan of a sine at %f', (shape, direction, x) => {
    const xs = range(100).map((i) => i * 0.1)
    const { knees } = kneedle(xs, xs.map(Math.sin), { shape, direction })
    expect(knees.at(-1)?.x).toBeCloseTo(x, 10)
  })

  it('finds the knee of a normal distribution function where its curvature says', () => {
    const random = createRandom(1, 'gaussian')
    const normal = () =>
      Math.sqrt(-2 * Math.log(1 - random.double())) * Math.cos(2 * Math.PI * random.double())
    const x = range(100_000)
      .map(() => 50 + 10 * normal())
      .sort((a, b) => a - b)
    // Twenty of the points: the noise between neighbours is then far below the sensitivity.
    const few = x.filter((_, i) => i % 5000 === 2500)
    const { knee } = kneedle(few, range(few.length))
    expect(knee?.x).toBeGreaterThan(58)
    expect(knee?.x).toBeLessThan(66)
  })
})

describe('Kneedle without a knee', () => {
  it.each([
    ['a rising line', range(50).map((x) => 0.1 * x), {}, /straight/],
    ['a falling line', range(50).map((x) => 3 - 0.7 * x), { direction: 'decreasing' }, /straight/],
    ['a falling line said to rise', [5, 4, 3, 2, 1], {}, /straight/],
    ['a rising line said to fall', [1, 2, 3, 4, 5], { direction: 'decreasing' }, /straight/],
    ['a falling line said to bend away', [5, 4, 3, 2, 1], { shape: 'convex', sensitivity: 0 }, /straight/],
    ['a line with sensitivity 0', range(50).map((x) => 0.1 * x), { sensitivity: 0 }, /straight/],
    ['a flat curve', range(50).map(() => 1), {}, /flat/],
    ['a flat curve of rounding errors', range(50).map((x) => 0.1 * 3 + (x % 2) * 5e-17), {}, /flat/],
    ['a curve that bends the other way', range(50).map((x) => x * x), {}, /nowhere concave/],
    ['a slight bend', [0, 1.05, 2.05, 3, 4], {}, /too little/],
    ['no points', [], {}, /0 points/],
    ['one point', [5], {}, /1 point is/],
    ['two points', [5, 6], {}, /2 points/],
  ] as [string, number[], KneedleOptions, RegExp][])('says why for %s', (_, y, options, why) => {
    const result = kneedle(range(y.length), y, options)
    expect(result).toEqual({ knee: null, knees: [], reason: expect.stringMatching(why) })
  })

  it('finds none in three points of an exponential, as published', () => {
    const y = [0.90483742, 0.81873075, 0.74081822]
    expect(kneedle([1, 2, 3], y, { shape: 'convex', direction: 'decreasing' }).knee).toBeNull()
  })
})

describe('Kneedle at the edges', () => {
  it('reports a knee that lies at x = 0', () => {
    expect(kneedle([-2, -1, 0, 1, 2, 3, 4, 5], [0, 5, 9, 9.2, 9.4, 9.6, 9.8, 10]).knee).toMatchObject({
      index: 2,
      x: 0,
      y: 9,
    })
  })

  it('reports a knee at x = 0 that is the first point', () => {
    expect(kneedle([0, 1, 2, 3], [10, 4, 2, 0]).knee).toMatchObject({ index: 0, x: 0, y: 10 })
  })

  it('reports a knee whose y is 0', () => {
    const y = [-9, -4, 0, 0.2, 0.4, 0.6, 0.8, 1]
    expect(kneedle(range(8), y).knee).toMatchObject({ x: 2, y: 0 })
  })

  it('takes a cliff for the knee, not the plain before it', () => {
    expect(kneedle(range(10), [0, 0, 0, 0, 1, 1, 1, 1, 1, 1]).knee?.x).toBe(4)
  })

  it('finds a knee in three points', () => {
    expect(kneedle([0, 1, 10], [0, 9, 10]).knee?.x).toBe(1)
  })

  it('refuses points that make no sense', () => {
    expect(() => kneedle([0, 1, 2], [0, Number.NaN, 2])).toThrow(RangeError)
    expect(() => kneedle([0, 1, Infinity], [0, 1, 2])).toThrow(/point 2/)
    expect(() => kneedle([0, 2, 1], [0, 1, 2])).toThrow(/increase.*point 2/)
    expect(() => kneedle([0, 1, 1], [0, 1, 2])).toThrow(/increase/)
    expect(() => kneedle([0, 1], [0, 1, 2])).toThrow(/2 values of x for 3/)
    expect(() => kneedle([0, 1, 2], [0, 1, 1], { sensitivity: -1 })).toThrow(InputError)
    expect(() => kneedle([0, 1, 2], [0, 1, 1], { sensitivity: Number.NaN })).toThrow(InputError)
  })

  it('refuses a shape or a direction there is not, and what is no curve', () => {
    const curve = (options: object) => () => kneedle([0, 1, 2], [0, 1, 1], options as KneedleOptions)
    expect(curve({ shape: 'conacve' })).toThrow("unknown shape of a curve 'conacve'; did you mean 'concave'?")
    expect(curve({ direction: 'up' })).toThrow(
      "unknown direction of a curve 'up' (allowed: increasing, decreasing)",
    )
    expect(() => kneedle(undefined as unknown as number[], [1])).toThrow(/two lists of numbers/)
  })

  it('moves to a later knee, or none, as the sensitivity grows', () => {
    const at = (sensitivity: number) =>
      kneedle(range(90), bumpy, { shape: 'convex', direction: 'decreasing', sensitivity }).knee?.x ?? Infinity
    const knees = [0, 1, 3, 5, 10, 40].map(at)
    expect(knees).toEqual([...knees].sort((a, b) => a - b))
    expect(at(1)).toBeLessThan(at(10))
    expect(at(40)).toBe(Infinity)
  })

  it('stays near the knee under noise that is small beside the sensitivity', () => {
    const random = createRandom(3, 'noise')
    const x = range(41).map((i) => i / 40)
    for (let repeat = 0; repeat < 50; repeat++) {
      const { knee } = kneedle(
        x,
        x.map((value) => (1 - Math.exp(-8 * value)) / (1 - Math.exp(-8)) + 0.004 * (random() - 0.5)),
      )
      // Where the slope is 1: ln(8) / 8 = 0.26.
      expect(Math.abs(knee!.x - Math.log(8) / 8)).toBeLessThan(0.08)
    }
  })

  it('answers the same for a curve that is moved, stretched, or turned to another of the four cases', () => {
    const increasing = fc
      .array(fc.integer({ min: 1, max: 1000 }), { minLength: 4, maxLength: 30 })
      .map((steps) => [0, ...steps.sort((a, b) => b - a)].map((_, i, all) => sum(all.slice(0, i + 1))))
    fc.assert(
      fc.property(increasing, fc.integer({ min: -50, max: 50 }), (y, shift) => {
        const x = range(y.length).map((i) => i * i + i)
        const plain = kneedle(x, y).knee?.index
        const end = y.length - 1
        const mirroredX = x.map((_, i) => x[end]! - x[end - i]!)
        const reversed = [...y].reverse()
        const turned = (values: number[]) => values.map((value) => shift - value)
        const moved = kneedle(
          x.map((value) => 4 * value + shift),
          y.map((value) => 2 * value + shift),
        )
        expect(moved.knee?.index).toBe(plain)
        expect(kneedle(x, turned(y), { shape: 'convex', direction: 'decreasing' }).knee?.index).toBe(plain)
        const mirrored = plain === undefined ? undefined : end - plain
        expect(kneedle(mirroredX, reversed, { direction: 'decreasing' }).knee?.index).toBe(mirrored)
        expect(kneedle(mirroredX, turned(reversed), { shape: 'convex' }).knee?.index).toBe(mirrored)
      }),
    )
  })
})

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}
