import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { partitionPoint } from '../../src/core/partition-point.ts'

describe('partition point', () => {
  it('is the first place that is not before it', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 9 })),
        fc.integer({ min: -1, max: 10 }),
        (unsorted, value) => {
          const values = unsorted.toSorted((a, b) => a - b)
          const first = values.findIndex((one) => one >= value)
          expect(partitionPoint(values.length, (at) => values[at]! < value)).toBe(
            first === -1 ? values.length : first,
          )
        },
      ),
    )
  })

  it('asks no place twice, and of a million no more than twenty', () => {
    const asked: number[] = []
    partitionPoint(1_000_000, (at) => {
      asked.push(at)
      return at < 654_321
    })
    expect(new Set(asked).size).toBe(asked.length)
    expect(asked.length).toBeLessThanOrEqual(20)
  })
})
