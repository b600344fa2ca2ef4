import { describe, expect, it } from 'vitest'
import { createIndexedRandom } from '../../src/core/indexed-random.ts'

describe('a stream with random access', () => {
  it('gives the same for an index, in whatever order it is asked', () => {
    const one = createIndexedRandom('7', 'a')
    const forward = Array.from({ length: 100 }, (_, index) => one(index).double())
    const other = createIndexedRandom('7', 'a')
    const backward = Array.from({ length: 100 }, (_, index) => other(99 - index).double()).reverse()
    expect(backward).toEqual(forward)
    expect(new Set(forward).size).toBe(100)
  })

  it('differs by seed and by name', () => {
    const first = (seed: string, name: string) => createIndexedRandom(seed, name)(0).double()
    expect(new Set([first('1', 'a'), first('2', 'a'), first('1', 'b'), first('1/a', '')]).size).toBe(4)
  })

  it.each([
    {
      name: 'the first numbers of indices',
      at: (random: ReturnType<typeof createIndexedRandom>, i: number) => random(i)(),
    },
    {
      name: 'the third numbers of indices',
      at: (random: ReturnType<typeof createIndexedRandom>, i: number) => {
        const drawn = random(i)
        drawn()
        drawn()
        return drawn()
      },
    },
  ])('is uniform, and neighbours know nothing of each other: $name', ({ at }) => {
    const random = createIndexedRandom('1', 'uniform')
    const cells = 16
    const draws = 160_000
    const counts = new Float64Array(cells * cells)
    for (let i = 0; i < draws; i++) {
      const x = Math.floor(cells * at(random, 2 * i))
      const y = Math.floor(cells * at(random, 2 * i + 1))
      counts[x * cells + y]!++
    }
    const expected = draws / counts.length
    const chiSquare = counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0)
    // 255 degrees of freedom: mean 255, deviation 22.6.
    expect(Math.abs(chiSquare - 255)).toBeLessThan(4 * 22.6)
  })
})
