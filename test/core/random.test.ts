import { describe, expect, it } from 'vitest'
import { createRandom } from '../../src/core/random.ts'

const draw = (seed: string | number, stream: string, count: number) => {
  const random = createRandom(seed, stream)
  return Array.from({ length: count }, () => random())
}

describe('a random stream', () => {
  it('gives these numbers on every machine', () => {
    const random = createRandom(1, 'workload:keys')
    expect([random(), random(), random()]).toMatchInlineSnapshot(`
      [
        0.11894294642843306,
        0.45140557596459985,
        0.7821651282720268,
      ]
    `)
    expect([random.int32(), random.int32()]).toMatchInlineSnapshot(`
      [
        -1263896922,
        -2115001049,
      ]
    `)
    expect(random.double()).toMatchInlineSnapshot(`0.08695360719310885`)
  })

  it('is its seed and its name, and nothing else', () => {
    expect(draw(1, 'a', 5)).toEqual(draw('1', 'a', 5))
    expect(draw(1, 'a', 5)).not.toEqual(draw(1, 'b', 5))
    expect(draw(1, 'a', 5)).not.toEqual(draw(2, 'a', 5))
  })

  it('does not move another that is drawn from at the same time', () => {
    const alone = draw(7, 'a', 100)
    const a = createRandom(7, 'a')
    const b = createRandom(7, 'b')
    const together = alone.map(() => {
      b()
      b.double()
      return a()
    })
    expect(together).toEqual(alone)
  })

  it('is uniform, and unrelated to its neighbours in name and seed', () => {
    const count = 20_000
    const streams = [draw(1, 'a', count), draw(1, 'b', count), draw(2, 'a', count), draw('1.1', 'a', count)]
    const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / count
    for (const [at, values] of streams.entries()) {
      // The standard error of the mean of uniform numbers is 1/√(12 n); four of them.
      expect(Math.abs(mean(values) - 0.5)).toBeLessThan(4 / Math.sqrt(12 * count))
      expect(values.every((value) => value >= 0 && value < 1)).toBe(true)
      for (const other of streams.slice(at + 1)) {
        // A correlation of independent pairs has the standard error 1/√n.
        const correlation = 12 * mean(values.map((value, i) => (value - 0.5) * (other[i]! - 0.5)))
        expect(Math.abs(correlation)).toBeLessThan(4 / Math.sqrt(count))
      }
    }
  })

  it('has 32 bits in a number, 53 in a double, and signed ones in an int32', () => {
    const random = createRandom(3, 'bits')
    const integers = Array.from({ length: 100 }, () => random.int32())
    expect(integers.every((value) => value === (value | 0))).toBe(true)
    expect(integers.some((value) => value < 0)).toBe(true)
    for (let i = 0; i < 100; i++) expect(Number.isInteger(random() * 2 ** 32)).toBe(true)
    const doubles = Array.from({ length: 100 }, () => random.double() * 2 ** 32)
    expect(doubles.some((value) => !Number.isInteger(value))).toBe(true)
  })
})
