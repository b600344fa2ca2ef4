import { describe, expect, it } from 'vitest'
import type { EvictionPolicy } from '../../src/core/policy.ts'
import { createTrace } from '../../src/core/trace.ts'
import { expectAsModel } from '../support/against-model.ts'
import { outcomesOf } from '../support/replay.ts'

interface Resident {
  readonly key: number
  readonly since: number
  usedAt: number
  uses: number
}

/** Gives up the first of all residents by an order: what a policy that samples does when its sample is large. */
class Model implements EvictionPolicy {
  private residents: Resident[] = []
  private readonly order: (a: Resident, b: Resident, at: number) => number

  constructor(order: (a: Resident, b: Resident, at: number) => number) {
    this.order = order
  }

  touch(key: number, at: number): void {
    const resident = this.residents.find((one) => one.key === key)!
    resident.usedAt = at
    resident.uses++
  }

  insert(key: number, at: number): void {
    this.residents.push({ key, since: at, usedAt: at, uses: 1 })
  }

  evict(_incoming: number, at: number): number {
    const { key } = this.residents.toSorted((a, b) => this.order(a, b, at))[0]!
    this.remove(key)
    return key
  }

  remove(key: number): void {
    this.residents = this.residents.filter((one) => one.key !== key)
  }
}

// Of the 16 keys of these traces, 1024 draws miss one with a chance of (15/16)^1024, 2 in 10^29.

describe('random-two-choices', () => {
  it('draws both with equal chance and gives up the older', async () => {
    // Keys 0 … 9 in the order of use. The one of rank r, the oldest first, goes with chance (19 − 2r)/100: both draws
    // are of rank r or later, less both later.
    const trace = createTrace({ keys: [...Array(10).keys(), 10, ...Array(10).keys()] })
    const gone = new Array(10).fill(0)
    const rounds = 2000
    for (let seed = 0; seed < rounds; seed++) {
      const outcomes = await outcomesOf(trace, 'random-two-choices', { capacity: 10 }, String(seed))
      gone[outcomes.indexOf('capacity') - 11]++
    }
    // χ² with 9 degrees of freedom; 33.7 is its 0.9999 quantile.
    const distance = gone.reduce((sum, count, rank) => {
      const expected = (rounds * (19 - 2 * rank)) / 100
      return sum + (count - expected) ** 2 / expected
    }, 0)
    expect(distance).toBeLessThan(33.7)
  })

  it('is lru when it draws all', async () => {
    await expectAsModel(
      'random-two-choices(choices=1024)',
      () => new Model((a, b) => a.usedAt - b.usedAt),
      100,
    )
  })
})

describe('hyperbolic', () => {
  it('gives up the key with the fewest uses for its time, worked by hand', async () => {
    const hits = async (keys: string[]) =>
      (await outcomesOf(createTrace({ keys }), 'hyperbolic(samples=1024)', { capacity: 2 })).map(
        (outcome) => outcome === 'hit',
      )
    // At c, b has two uses in 6 requests and a four in 5: b goes, though it was used last.
    const lately = ['b', 'a', 'a', 'a', 'a', 'b', 'c', 'a']
    expect(await hits(lately)).toEqual([false, false, true, true, true, true, false, true])
    // At d, a has three uses in 6 requests and c two in 2: a goes, though it has more.
    const often = ['a', 'b', 'a', 'a', 'c', 'c', 'd', 'c']
    expect(await hits(often)).toEqual([false, false, true, true, false, true, false, true])
  })

  it('does what a sorted array does when it draws all', async () => {
    const rate = (one: Resident, at: number) => one.uses / (at - one.since)
    await expectAsModel(
      'hyperbolic(samples=1024)',
      () => new Model((a, b, at) => rate(a, at) - rate(b, at) || a.since - b.since),
      100,
    )
  })
})
