import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { BloomFilter } from '../../src/core/bloom-filter.ts'
import { freshMemory } from '../../src/core/memory.ts'

describe('a Bloom filter', () => {
  it('knows every member again, however full, until it is cleared', () => {
    const keys = fc.uniqueArray(fc.nat(5000), { minLength: 1, maxLength: 400, size: 'max' })
    fc.assert(
      fc.property(keys, fc.integer({ min: 1, max: 500 }), (members, room) => {
        const filter = new BloomFilter(freshMemory, room)
        for (const key of members) filter.add(key)
        for (const key of members) expect(filter.add(key)).toBe(false)
        filter.clear()
        expect(filter.add(members[0]!)).toBe(true)
      }),
      { numRuns: 50 },
    )
  })

  it.each([1 << 12, 1 << 16])('errs seldom when full of its %i keys', (keys) => {
    const filter = new BloomFilter(freshMemory, keys)
    for (let key = 0; key < keys; key++) filter.add(key)
    // A power of two of keys has just 8 bits each, the worst there is: (1 − e^(−4/8))^4 = 2.4 %, more in blocks.
    let wrong = 0
    for (let key = keys; key < keys + 2000; key++) if (!filter.add(key)) wrong++
    expect(wrong / 2000).toBeLessThan(0.06)
    expect(wrong / 2000).toBeGreaterThan(0.01)
  })
})
