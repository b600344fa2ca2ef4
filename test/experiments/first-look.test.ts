import { describe, expect, it } from 'vitest'
import { choosePolicy } from '../../src/experiments/policies.ts'
import { firstLook } from '../../src/experiments/sweep-estimates.ts'

const lookAt = (length: number, keyCount: number, names: string, sizes: number) =>
  firstLook({
    workload: { trace: { length, keyCount } },
    policies: names.split(' ').map((name) => choosePolicy(name)),
    plan: { sizes: { length: sizes } },
  })

describe('a first look', () => {
  it('is had where exact numbers take some seconds, of which all sizes of lru are one pass', () => {
    expect(lookAt(1_000_000, 100_000, 'fifo sieve arc', 24)).toBeUndefined()
    expect(lookAt(1_000_000, 100_000, 'fifo sieve arc lirs mq', 24)).toBeDefined()
    expect(lookAt(1_000_000, 100_000, 'lru', 1000)).toBeUndefined()
  })

  it('takes fewer of the keys the longer the trace is, and at most a tenth', () => {
    expect(lookAt(1_000_000, 100_000, 'fifo sieve arc', 48)).toMatchObject({ rate: 0.1, mostSizes: 16 })
    expect(lookAt(20_000_000, 1_000_000, 'fifo sieve arc', 48)).toMatchObject({ rate: 0.03 })
    // But enough of them to say something.
    expect(lookAt(100_000_000, 100_000, 'fifo sieve arc', 48)).toMatchObject({ rate: 0.02 })
  })

  it('replays as many whole caches as any estimate while the trace is short, else two of each policy', () => {
    expect(lookAt(1_000_000, 100_000, 'fifo sieve arc', 48)!.checkedSizes).toBeUndefined()
    expect(lookAt(5_000_000, 100_000, 'fifo sieve arc', 48)!.checkedSizes).toHaveLength(2)
  })
})
