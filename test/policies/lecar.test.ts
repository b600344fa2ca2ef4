import { describe, expect, it } from 'vitest'
import type { EvictionPolicy, PolicyContext } from '../../src/core/policy.ts'
import { createRandom, type Random } from '../../src/core/random.ts'
import { createTrace } from '../../src/core/trace.ts'
import { expectAsModel, type Item, sizeOfAll, take } from '../support/against-model.ts'
import { hitsOf } from '../support/replay.ts'

describe('learns which of the two does better', () => {
  const capacity = 50

  it('lru, where what was asked for long ago is not asked for again', async () => {
    // Each set of 40 keys is asked for 25 times over, then never again: LFU holds on to the sets of before.
    const keys = Array.from({ length: 60_000 }, (_, at) => 40 * Math.floor(at / 1000) + (at % 40))
    const trace = createTrace({ keys })
    const [lecar, lru, lfu] = await Promise.all(
      ['lecar', 'lru', 'lfu'].map((policy) => hitsOf(trace, policy, { capacity })),
    )
    expect(lfu).toBeLessThan(0.5 * lru!)
    expect(lecar).toBeGreaterThan(0.85 * lru!)
  })

  it('lfu, where hot keys stand in a scan', async () => {
    // 30 hot keys in turn, each two times in a row so that counts grow, and a key that never comes back after each: LRU
    // gives a hot key up shortly before its turn, so that it is still in the history then.
    const keys = Array.from({ length: 20_000 }, (_, at) => [at % 30, at % 30, 30 + at]).flat()
    const trace = createTrace({ keys })
    const [lecar, lru, lfu] = await Promise.all(
      ['lecar', 'lru', 'lfu'].map((policy) => hitsOf(trace, policy, { capacity })),
    )
    expect(lru).toBeLessThan(0.55 * lfu!)
    expect(lecar).toBeGreaterThan(0.85 * lfu!)
  })
})

interface Used extends Item {
  readonly uses: number
  readonly leftAt: number
}

/** Arrays, the oldest first, after the authors' description; it draws the same random numbers. */
class Model implements EvictionPolicy {
  private readonly context: PolicyContext
  private readonly random: Random
  private readonly keepCounts: boolean
  private readonly rate: number
  private weights: [lru: number, lfu: number] = [0.5, 0.5]
  /** In the order of use, and in the order of reaching their count. */
  private residents: Used[] = []
  private histories: [lru: Used[], lfu: Used[]] = [[], []]
  private returning: { key: number; uses: number } | undefined

  constructor(context: PolicyContext, random: Random, rate: number, keepCounts: boolean) {
    this.context = context
    this.random = random
    this.rate = rate
    this.keepCounts = keepCounts
  }

  touch(key: number): void {
    const { uses } = take(this.residents, key) as Used
    this.residents.push({ key, size: this.context.sizeOf(key), uses: uses + 1, leftAt: 0 })
  }

  insert(key: number, at: number): void {
    this.learn(key, at)
    const uses = this.returning?.key === key ? this.returning.uses : 0
    this.returning = undefined
    this.residents.push({ key, size: this.context.sizeOf(key), uses: uses + 1, leftAt: 0 })
  }

  evict(incoming: number, at: number): number {
    this.learn(incoming, at)
    const chosenBy = this.random() < this.weights[0] ? 0 : 1
    const choices = [this.residents[0]!, this.residents.toSorted((a, b) => a.uses - b.uses)[0]!] as const
    const { key } = choices[chosenBy]
    const { uses } = take(this.residents, key) as Used
    if (choices[0] !== choices[1]) {
      const history = this.histories[chosenBy]
      history.push({ key, size: this.context.sizeOf(key), uses, leftAt: at })
      while (sizeOfAll(history) > Math.floor(this.context.capacity / 2)) history.shift()
    }
    return key
  }

  remove(key: number): void {
    take(this.residents, key)
  }

  private learn(key: number, at: number): void {
    for (const which of [0, 1] as const) {
      const found = take(this.histories[which], key) as Used | undefined
      if (!found) continue
      this.returning = { key, uses: this.keepCounts ? found.uses : 0 }
      const regret = 0.005 ** ((at - found.leftAt) / Math.max(1, this.residents.length))
      this.weights[which] *= Math.exp(-this.rate * regret)
      const lru = this.weights[0] / (this.weights[0] + this.weights[1])
      const kept = Math.min(Math.max(lru, 1 - 0.99), 0.99)
      this.weights = [kept, 1 - kept]
    }
  }
}

it.each([
  ['lecar', 0.45, true],
  ['lecar(learningRate=3,keepCounts=false)', 3, false],
] as const)('%s does what arrays do', async (policy, rate, keepCounts) => {
  await expectAsModel(policy, (context) => new Model(context, createRandom('1', policy), rate, keepCounts))
})
