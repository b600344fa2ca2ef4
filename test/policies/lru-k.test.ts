import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { EvictionPolicy } from '../../src/core/policy.ts'
import { expectAsModel, hitsIn, keyLists, traceOf } from '../support/against-model.ts'
import { outcomesOf } from '../support/replay.ts'

it('gives up the key whose second last use is longest ago, worked by hand', async () => {
  // At c, b has one use only and goes though a was used longer ago; at d, c goes; at e, d goes.
  expect(await hitsIn('a a b c d e a', 'lru-k', 2)).toBe('a- a+ b- c- d- e- a+')
  // Second last uses at e: a 1, b 2. a goes although b was used before it.
  expect(await hitsIn('a b b a e b a', 'lru-k', 2)).toBe('a- b- b+ a+ e- b+ a-')
})

it('remembers the uses of keys that left', async () => {
  // c leaves at d and comes back: with its uses at 4 and 6 it outlives a, of 1 and 3, at e. Without history it has one.
  const requests = 'a b a c d c e c'
  expect(await hitsIn(requests, 'lru-k', 2)).toBe('a- b- a+ c- d- c- e- c+')
  expect(await hitsIn(requests, 'lru-k(history=false)', 2)).toBe('a- b- a+ c- d- c- e- c-')
})

it('counts uses within the correlated reference period as one', async () => {
  // a’s two uses follow one another at once: a has one use only, and goes before b, used twice and further apart.
  const requests = 'b c a a b a d b'
  expect(await hitsIn(requests, 'lru-k(period=2)', 3)).toBe('b- c- a- a+ b+ a+ d- b+')
})

it('is lru with k = 1', async () => {
  await fc.assert(
    fc.asyncProperty(keyLists, fc.integer({ min: 1, max: 12 }), async (keys, capacity) => {
      const trace = traceOf(keys)
      expect(await outcomesOf(trace, 'lru-k(k=1)', { capacity })).toEqual(
        await outcomesOf(trace, 'lru', { capacity }),
      )
    }),
  )
})

/** HIST and LAST of every key as in Figure 2.1 of the paper; the victim is found by looking at all residents. */
class Model implements EvictionPolicy {
  private readonly residents = new Set<number>()
  private readonly hist = new Map<number, number[]>()
  private readonly last = new Map<number, number>()
  private readonly k: number
  private readonly period: number
  private readonly history: boolean

  constructor(k: number, period: number, history: boolean) {
    this.k = k
    this.period = period
    this.history = history
  }

  touch(key: number, at: number): void {
    const hist = this.hist.get(key)!
    const last = this.last.get(key)!
    if (at - last > this.period) {
      const correlated = last - hist[0]!
      this.hist.set(key, [at, ...hist.map((use) => use + correlated)].slice(0, this.k))
    }
    this.last.set(key, at)
  }

  insert(key: number, at: number): void {
    this.hist.set(key, [at, ...(this.hist.get(key) ?? [])].slice(0, this.k))
    this.last.set(key, at)
    this.residents.add(key)
  }

  evict(_incoming: number, at: number): number {
    const all = [...this.residents].sort((a, b) => this.last.get(a)! - this.last.get(b)!)
    const eligible = all.filter((key) => at - this.last.get(key)! > this.period)
    const kth = (key: number) => this.hist.get(key)![this.k - 1] ?? -Infinity
    const worst = Math.min(...eligible.map(kth))
    const victim = eligible.find((key) => kth(key) === worst) ?? all[0]!
    this.remove(victim)
    return victim
  }

  remove(key: number): void {
    this.residents.delete(key)
    if (!this.history) this.hist.delete(key)
  }
}

it.each([
  [2, 0, true],
  [3, 0, false],
  [2, 5, true],
  [3, 30, true],
])(
  'does with k %d, a correlated period of %d and history %s what searching does',
  async (k, period, history) => {
    await expectAsModel(
      `lru-k(k=${k},period=${period},history=${history})`,
      () => new Model(k, period, history),
    )
  },
)
