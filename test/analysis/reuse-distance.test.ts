import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { lruHitCurve, reuseDistances } from '../../src/analysis/reuse-distance.ts'
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
