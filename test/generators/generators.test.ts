import { describe, expect, it } from 'vitest'
import { createRandom } from '../../src/core/random.ts'
import { generators } from '../../src/generators/index.ts'
import { permutation } from '../../src/generators/permutation.ts'
import { chiSquareScore, countIds, drawAll, stream, zipfProbabilities } from './support.ts'

describe('every generator', () => {
  for (const name of generators.names) {
    it(`${name} stays within its key space, at 1 key, 2 keys and many`, () => {
      for (const keys of [1, 2, 3, 1000]) {
        const source = stream(name, keys, 3000)
        expect(drawAll(source, 3000).every((id) => id < source.keySpace)).toBe(true)
      }
    })

    it(`${name} gives the same keys for the same seed, however many at a time`, () => {
      const once = drawAll(stream(name, 500, 4000), 4000, 4000)
      expect(drawAll(stream(name, 500, 4000), 4000, 1)).toEqual(drawAll(stream(name, 500, 4000), 4000, 1))
      expect(drawAll(stream(name, 500, 4000), 4000, 4000)).toEqual(once)
    })
  }
})

describe('uniform', () => {
  it('asks for every key equally often', () => {
    const counts = countIds(drawAll(stream('uniform', 5000, 1e6), 1e6), 5000)
    expect(Math.abs(chiSquareScore(counts, zipfProbabilities(5000, 0)))).toBeLessThan(4)
  })
})

describe('scan', () => {
  it('goes through all keys in order and starts again', () => {
    expect([...drawAll(stream('scan', 4, 10), 10, 3)]).toEqual([0, 1, 2, 3, 0, 1, 2, 3, 0, 1])
  })
})

describe('loop', () => {
  it('goes over its share of the keys again and again', () => {
    const ids = drawAll(stream('loop', 10, 8, { workingSet: 0.3 }), 8, 3)
    expect([...ids]).toEqual([0, 1, 2, 0, 1, 2, 0, 1])
  })

  it('keeps one key where the share is less', () => {
    expect([...drawAll(stream('loop', 10, 3, { workingSet: 0 }), 3)]).toEqual([0, 0, 0])
  })
})

describe('hotspot', () => {
  it('gives four fifths of the requests to a fifth of the keys, evenly on both sides', () => {
    const counts = countIds(drawAll(stream('hotspot', 1000, 1e6), 1e6), 1000)
    const law = Float64Array.from({ length: 1000 }, (_, id) => (id < 200 ? 0.8 / 200 : 0.2 / 800))
    expect(Math.abs(chiSquareScore(counts, law))).toBeLessThan(4)
  })

  it('is uniform where all keys are hot', () => {
    const counts = countIds(drawAll(stream('hotspot', 100, 1e5, { hotKeys: 1, hotRequests: 0.1 }), 1e5), 100)
    expect(Math.abs(chiSquareScore(counts, zipfProbabilities(100, 0)))).toBeLessThan(4)
  })
})

describe('shifting', () => {
  it('is plain zipf without turnover', () => {
    const counts = countIds(drawAll(stream('shifting', 500, 5e5, { turnover: 0 }), 5e5), 500)
    expect(Math.abs(chiSquareScore(counts, zipfProbabilities(500, 1)))).toBeLessThan(4)
  })

  it('is zipf-like at any moment, with the hot set at another place', () => {
    // Over the run every key is the hottest once: in the third quarter the hottest are ids 500 … 251, downwards.
    const keys = 1000
    const requests = 4e6
    const ids = drawAll(stream('shifting', keys, requests, { turnover: 1 }), requests, 4000)
    for (const moment of [0, 1e6, 2e6, 3e6]) {
      const counts = countIds(ids.subarray(moment, moment + 4000), keys)
      const hottest = (keys - moment / 4000) % keys
      expect(counts.indexOf(Math.max(...counts))).toBe(hottest)
      const ranked = Float64Array.from({ length: keys }, (_, rank) => counts[(hottest + rank) % keys]!)
      expect(Math.abs(chiSquareScore(ranked, zipfProbabilities(keys, 1)))).toBeLessThan(4)
    }
  })

  it('asks for every key equally often in the end, when the hot set has gone round once', () => {
    const counts = countIds(drawAll(stream('shifting', 100, 1e6, { turnover: 1 }), 1e6), 100)
    expect(Math.max(...counts) / Math.min(...counts)).toBeLessThan(1.15)
  })

  it('goes round more than once', () => {
    const ids = drawAll(stream('shifting', 10, 10_000, { turnover: 3, alpha: 50 }), 10_000)
    expect(ids.every((id) => id < 10)).toBe(true)
    const changes = ids.reduce((sum, id, i) => sum + Number(i > 0 && id !== ids[i - 1]), 0)
    expect(changes).toBe(29)
  })
})

describe('one-hit wonders', () => {
  const keys = 100
  const requests = 100_000

  it('gives exactly the share of requests to keys that come once, and zipf to the rest', () => {
    const source = stream('one-hit-wonders', keys, requests, { share: 0.4 })
    const counts = countIds(drawAll(source, requests), source.keySpace)
    expect(source.keySpace).toBe(keys + 40_000)
    expect(counts.subarray(keys).every((count) => count === 1)).toBe(true)
    expect(Math.abs(chiSquareScore(counts.subarray(0, keys), zipfProbabilities(keys, 1)))).toBeLessThan(4)
  })

  it('spreads them evenly over the run', () => {
    const ids = drawAll(stream('one-hit-wonders', keys, requests, { share: 0.4 }), requests)
    const tenths = new Float64Array(10)
    ids.forEach((id, i) => {
      if (id >= keys) tenths[Math.floor(i / 10_000)]!++
    })
    expect(Math.abs(chiSquareScore(tenths, new Float64Array(10).fill(0.1)))).toBeLessThan(4)
  })

  it.each([
    [0, 100],
    [1, 100 + 1000],
  ])('with a share of %s has %s keys', (share, space) => {
    const source = stream('one-hit-wonders', 100, 1000, { share })
    const ids = drawAll(source, 1000)
    expect(source.keySpace).toBe(space)
    if (share === 1) expect(new Set(ids).size).toBe(1000)
  })
})

describe('permutation', () => {
  it('gives each of the six orders of three equally often', () => {
    const random = createRandom('test', 'permutation')
    const seen: Record<string, number> = {}
    for (let i = 0; i < 60_000; i++) {
      const order = permutation(3, random).join('')
      seen[order] = (seen[order] ?? 0) + 1
    }
    expect(Object.keys(seen)).toHaveLength(6)
    expect(Math.abs(chiSquareScore(Object.values(seen), new Float64Array(6).fill(1 / 6)))).toBeLessThan(4)
  })
})
