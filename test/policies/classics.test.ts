import { describe, expect, it } from 'vitest'
import { createTrace } from '../../src/core/trace.ts'
import { hitsOf, outcomesOf } from '../support/replay.ts'

/** `a+ b- …`: which requests of the string hit, under a policy with room for `capacity`. */
async function hitsIn(requests: string, policy: string, capacity: number): Promise<string> {
  const keys = requests.split(' ')
  const outcomes = await outcomesOf(createTrace({ keys }), policy, { capacity })
  return keys.map((key, at) => `${key}${outcomes[at] === 'hit' ? '+' : '-'}`).join(' ')
}

describe('worked by hand', () => {
  it('lru gives up the least recently used key', async () => {
    // At c, a was used last of a and b, so b goes; at b, a (used before c) goes.
    expect(await hitsIn('a b a c a b c', 'lru', 2)).toBe('a- b- a+ c- a+ b- c-')
  })

  it('fifo does not care for uses', async () => {
    // a came first and goes at c, used or not.
    expect(await hitsIn('a b a c a b c', 'fifo', 2)).toBe('a- b- a+ c- a- b- c-')
  })

  it('fifo shows Belady’s anomaly: more room, fewer hits', async () => {
    // The published string (Belady, Nelson, Shedler 1969): 9 faults with 3 frames, 10 with 4.
    const trace = createTrace({ keys: [1, 2, 3, 4, 1, 2, 5, 1, 2, 3, 4, 5] })
    expect(12 - (await hitsOf(trace, 'fifo', { capacity: 3 }))).toBe(9)
    expect(12 - (await hitsOf(trace, 'fifo', { capacity: 4 }))).toBe(10)
  })

  it('lfu gives up the key of the lowest count', async () => {
    // a has two uses at c, b one: b goes. At b, c (one use) goes.
    expect(await hitsIn('a a b c a b c a', 'lfu', 2)).toBe('a- a+ b- c- a+ b- c- a+')
  })

  it('lfu gives up, of equal counts, the key that came to its count first', async () => {
    // a and b both have two uses; b came to the second one first.
    expect(await hitsIn('a b b a c b a', 'lfu', 2)).toBe('a- b- b+ a+ c- b- a+')
  })

  it('lfu forgets the count of a key that leaves', async () => {
    // d drives out a, which has two uses, and a comes back as a newcomer: the next d drives it out again, not b.
    const requests = 'a a b b b c c c d a d b'
    expect(await hitsIn(requests, 'lfu', 3)).toBe('a- a+ b- b+ b+ c- c+ c+ d- a- d- b+')
  })
})

describe('random', () => {
  it('gives up every resident with equal chance', async () => {
    // Fill with 0 … 9, then force one eviction by key 10 and see who is gone: requests 11 … 20 ask for 0 … 9.
    // Only the first to be found missing is counted, since its return evicts another.
    const trace = createTrace({ keys: [...Array(10).keys(), 10, ...Array(10).keys()] })
    const gone = new Array(10).fill(0)
    const rounds = 1000
    let none = 0
    for (let seed = 0; seed < rounds; seed++) {
      const outcomes = await outcomesOf(trace, 'random', { capacity: 10 }, String(seed))
      const first = outcomes.indexOf('capacity')
      if (first === -1) none++
      else gone[first - 11]++
    }
    expect(none).toBe(0)
    // χ² with 9 degrees of freedom; 33.7 is its 0.9999 quantile.
    const expected = rounds / 10
    expect(gone.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0)).toBeLessThan(33.7)
  })

  it('is the same for the same seed and differs for another', async () => {
    const trace = createTrace({ keys: Array.from({ length: 2000 }, (_, at) => (at * at * 7919) % 211) })
    const run = (seed: string) => outcomesOf(trace, 'random', { capacity: 20 }, seed)
    expect(await run('1')).toEqual(await run('1'))
    expect(await run('1')).not.toEqual(await run('2'))
  })
})
