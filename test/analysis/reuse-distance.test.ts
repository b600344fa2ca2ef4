import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { lruHitCurve, lruSizeFor, reuseDistances, spikeOf } from '../../src/analysis/reuse-distance.ts'
import { finish } from '../../src/analysis/steps.ts'
import { createRandom } from '../../src/core/random.ts'
import { createTrace } from '../../src/core/trace.ts'
import { sharedFolder, sharedLines, sharedNote } from '../support/shared.ts'

/** Mattson's stack, as a list. */
function naive(keys: ArrayLike<number>, keyCount: number): { distances: number[]; coldMisses: number } {
  const stack: number[] = []
  const distances = Array<number>(keyCount).fill(0)
  let coldMisses = 0
  for (const key of Array.from(keys)) {
    const depth = stack.indexOf(key)
    if (depth < 0) coldMisses++
    else {
      distances[depth]!++
      stack.splice(depth, 1)
    }
    stack.unshift(key)
  }
  return { distances, coldMisses }
}

function compare(keys: Uint32Array, keyCount: number): void {
  const { distances, coldMisses } = reuseDistances(keys, keyCount)
  expect({ distances: Array.from(distances), coldMisses }).toEqual(naive(keys, keyCount))
}

describe('reuse distances', () => {
  it('count the distinct other keys between two uses', () => {
    // a b c b b a: b after {c}: 1; b after none: 0; a after {b, c}: 2.
    expect(reuseDistances(Uint32Array.of(0, 1, 2, 1, 1, 0), 3)).toEqual({
      distances: Uint32Array.of(1, 1, 1),
      coldMisses: 3,
    })
  })

  it('are those of a list that moves each key to its front', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(9), { maxLength: 200 }), (keys) => compare(Uint32Array.from(keys), 10)),
    )
  })

  it('stay right over many compactions, for few keys and for many', () => {
    const random = createRandom(2, 'reuse')
    for (const [keyCount, length] of [
      [1, 5000],
      [2, 5000],
      [63, 20_000],
      [64, 20_000],
      [65, 20_000],
      [1000, 30_000],
      [4096, 20_000],
    ] as const) {
      const skewed = Uint32Array.from({ length }, () => Math.floor(keyCount * random() ** 2))
      compare(skewed, keyCount)
      compare(
        Uint32Array.from({ length: Math.min(length, 10_000) }, (_, i) => i % keyCount),
        keyCount,
      )
    }
  })

  it('of a loop are all the length of the loop less one', () => {
    const { distances, coldMisses } = reuseDistances(
      Uint32Array.from({ length: 100_000 }, (_, i) => i % 700),
      700,
    )
    expect(coldMisses).toBe(700)
    expect(distances[699]).toBe(99_300)
  })

  it('allow ids that never appear, and no requests at all', () => {
    expect(reuseDistances(Uint32Array.of(3, 3), 5)).toEqual({
      distances: Uint32Array.of(1, 0, 0, 0, 0),
      coldMisses: 1,
    })
    expect(reuseDistances(new Uint32Array(0), 0)).toEqual({ distances: new Uint32Array(0), coldMisses: 0 })
  })
})

describe('the LRU curve', () => {
  it('gives the hit rate an LRU cache of each size has', () => {
    const random = createRandom(4, 'curve')
    const keys = Uint32Array.from({ length: 3000 }, () => Math.floor(40 * random() ** 2))
    const curve = lruHitCurve(reuseDistances(keys, 40))
    expect(curve).toHaveLength(41)
    for (const size of [0, 1, 2, 7, 20, 39, 40]) {
      const cache = new Set<number>()
      let hits = 0
      for (const key of keys) {
        if (cache.delete(key)) hits++
        else if (size > 0 && cache.size === size) cache.delete(cache.values().next().value!)
        if (size > 0) cache.add(key)
      }
      expect(curve[size]).toBeCloseTo(hits / keys.length, 12)
    }
  })

  it.runIf(sharedFolder)(`of a recorded web trace is the one published${sharedNote}`, () => {
    const { keys, keyCount } = createTrace({ keys: sharedLines('traces/cache2k-web12.txt.gz') })
    const curve = lruHitCurve(reuseDistances(keys, keyCount))
    const rates = [14, 138, 1376].map((size) => curve[size]!.toFixed(4))
    expect(rates).toEqual(['0.1691', '0.3979', '0.6849'])
  })

  it('of no requests is 0', () => {
    expect(lruHitCurve(reuseDistances(new Uint32Array(0), 2))).toEqual(Float64Array.of(0, 0, 0))
  })
})

describe('the lru size for most of the ceiling', () => {
  it('is the first of the curve that reaches it', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(20), { minLength: 1, maxLength: 120 }), (list) => {
        const { keys, keyCount } = createTrace({ keys: list })
        const reuse = reuseDistances(keys, keyCount)
        const curve = lruHitCurve(reuse)
        const ceiling = 1 - keyCount / keys.length
        const found = finish(lruSizeFor(reuse.distances, keys.length, ceiling))
        expect(found === null).toBe(ceiling === 0)
        if (ceiling === 0) return
        const entries = curve.findIndex((rate) => rate >= 0.9 * ceiling * (1 - 1e-12))
        expect(found).toMatchObject({ entries, shareOfCeiling: 0.9 })
        expect(found!.hitRate).toBeCloseTo(curve[entries]!, 12)
      }),
    )
  })

  it('is none where no cache comes so far', () => {
    expect(finish(lruSizeFor(Uint32Array.of(5, 1), 10, 0.9))).toBeNull()
    expect(finish(lruSizeFor(Uint32Array.of(6, 3), 10, 0.9))).toMatchObject({ entries: 2, hitRate: 0.9 })
  })
})

describe('a spike of the distances', () => {
  const spike = (keys: readonly number[], keyCount: number) => {
    const { distances, coldMisses } = reuseDistances(Uint32Array.from(keys), keyCount)
    return finish(spikeOf(distances, keys.length - coldMisses))
  }

  it('is that of a loop', () => {
    expect(
      spike(
        Array.from({ length: 5000 }, (_, i) => i % 700),
        700,
      ),
    ).toEqual({
      from: 699,
      to: 699,
      share: 1,
    })
  })

  it('is found between other requests, and not where there is no loop', () => {
    const random = createRandom(3, 'spike')
    const skewed = () => 700 + Math.floor(1000 * random() ** 4)
    const mixed = Array.from({ length: 60_000 }, (_, i) => (i % 2 === 0 ? (i / 2) % 700 : skewed()))
    const { from, to, share } = spike(mixed, 1700)!
    expect(from).toBeGreaterThan(700)
    expect(to).toBeLessThan(1700)
    expect(to / from).toBeLessThan(1.11)
    expect(share).toBeGreaterThan(0.4)
    expect(
      spike(
        Array.from({ length: 60_000 }, skewed).map((key) => key - 700),
        1000,
      ),
    ).toBeNull()
    expect(
      spike(
        Array.from({ length: 60_000 }, () => Math.floor(1000 * random())),
        1000,
      ),
    ).toBeNull()
    expect(spike([0, 0, 0, 0], 1)).toBeNull()
  })
})
