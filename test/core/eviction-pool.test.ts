import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { EvictionPool } from '../../src/core/eviction-pool.ts'
import { freshMemory } from '../../src/core/memory.ts'
import type { PolicyContext } from '../../src/core/policy.ts'
import { createRandom } from '../../src/core/random.ts'

const KEYS = 20

function poolOf(samples: number, seed = '1'): EvictionPool {
  const random = createRandom(seed, 'eviction-pool')
  return new EvictionPool(
    { memory: freshMemory, keyCount: KEYS, maxEntries: KEYS, random } as PolicyContext,
    samples,
  )
}

/** The chosen keys, best first, until more would have to be drawn. */
function takeAll(pool: EvictionPool): number[] {
  const taken: number[] = []
  while (pool.choose(taken.length)) taken.push(pool.take())
  return taken
}

describe('the eviction pool', () => {
  it('draws each key once, and as many as there are', () => {
    const pool = poolOf(5)
    for (let key = 0; key < KEYS; key++) {
      pool.add(key, 0)
      for (let round = 0; round < 20; round++) {
        const count = pool.sample()
        expect(count).toBe(Math.min(5, key + 1))
        const drawn = [...pool.sampled.subarray(0, count)]
        expect(new Set(drawn).size).toBe(count)
        expect(Math.max(...drawn)).toBeLessThanOrEqual(key)
      }
    }
  })

  it('draws all with equal chance', () => {
    const pool = poolOf(5)
    for (let key = 0; key < KEYS; key++) pool.add(key, 0)
    const times = new Array<number>(KEYS).fill(0)
    const rounds = 4000
    for (let round = 0; round < rounds; round++) {
      pool.sample()
      for (const key of pool.sampled) times[key]!++
    }
    // χ² with 19 degrees of freedom; 50.8 is its 0.9999 quantile. Keys of a draw are not independent: that makes it less.
    const expected = (rounds * 5) / KEYS
    expect(times.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0)).toBeLessThan(50.8)
  })

  it('takes the highest score, of equal ones the first offered', () => {
    const pool = poolOf(5)
    for (const key of [1, 2, 3, 4]) pool.add(key, 0)
    pool.offer(1, 7)
    pool.offer(2, 9)
    pool.offer(3, 7)
    pool.offer(4, 9)
    expect(takeAll(pool)).toEqual([2, 4, 1, 3])
  })

  it('passes over candidates that are gone, and believes the old score of one that came back', () => {
    const pool = poolOf(5)
    for (const key of [1, 2, 3]) {
      pool.add(key, 0)
      pool.offer(key, 10 * key)
    }
    pool.remove(3)
    pool.remove(2)
    pool.add(2, 0)
    expect(takeAll(pool)).toEqual([2, 1])
    expect(pool.isEmpty()).toBe(true)
  })

  it('keeps the sixteen best, as a sorted array does', () => {
    let overflows = 0
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(KEYS - 1), fc.nat(9)), { maxLength: 60, size: 'max' }),
        (offers) => {
          const pool = poolOf(5)
          for (let key = 0; key < KEYS; key++) pool.add(key, 0)
          let kept: { key: number; score: number }[] = []
          for (const [key, score] of offers) {
            pool.offer(key, score)
            kept = [{ key, score }, ...kept].sort((a, b) => a.score - b.score)
            if (kept.length > 16) {
              kept.shift()
              overflows++
            }
          }
          const expected = kept.reverse().map(({ key }) => key)
          expect(takeAll(pool)).toEqual([...new Set(expected)])
        },
      ),
    )
    expect(overflows).toBeGreaterThan(100)
  })

  it('stands by its choice for a request until that is taken', () => {
    const pool = poolOf(5)
    for (const key of [1, 2]) {
      pool.add(key, 0)
      pool.offer(key, key)
    }
    expect(pool.hasChosen(4)).toBe(false)
    pool.choose(4)
    expect(pool.hasChosen(4)).toBe(true)
    expect(pool.hasChosen(5)).toBe(false)
    expect([pool.chosen(), pool.take()]).toEqual([2, 2])
    expect(pool.hasChosen(4)).toBe(false)
    expect(pool.has(2)).toBe(false)
  })

  it('keeps a note with each key', () => {
    const pool = poolOf(5)
    pool.add(1, 0xff_ffff)
    pool.add(2, 0)
    pool.setNote(2, 12)
    pool.sample()
    expect([pool.noteOf(1), pool.noteOf(2)]).toEqual([0xff_ffff, 12])
  })
})
