import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { IntegerSet } from '../../src/core/integer-set.ts'
import { freshMemory } from '../../src/core/memory.ts'

describe('a set of integers', () => {
  it.each([1, 31, 32, 33, 1024, 1025, 40_000])('below %d finds its largest as a Set would', (limit) => {
    // Few members, so that whole words empty and fill again, at the edges of words above all.
    const member = fc.oneof(
      fc.nat(limit - 1),
      fc
        .constantFrom(0, 31, 32, 63, 1023, 1024, 32_767, 32_768, limit - 1)
        .map((value) => Math.min(value, limit - 1)),
    )
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.boolean(), member), { maxLength: 120 }), (steps) => {
        const set = new IntegerSet(freshMemory, limit)
        const model = new Set<number>()
        for (const [add, value] of steps) {
          if (add) {
            set.add(value)
            model.add(value)
          } else {
            set.delete(value)
            model.delete(value)
          }
          if (model.size > 0) expect(set.max()).toBe(Math.max(...model))
        }
      }),
    )
  })

  it('gives all of its members back from the largest down', () => {
    const limit = 100_003
    const set = new IntegerSet(freshMemory, limit)
    const members = Array.from({ length: 5000 }, (_, at) => (at * 7919) % limit)
    for (const value of members) set.add(value)
    for (const value of members.toSorted((a, b) => b - a)) {
      expect(set.max()).toBe(value)
      set.delete(value)
    }
  })
})
