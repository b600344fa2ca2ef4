import { DrawnOnce } from '../core/drawn-once.ts'
import { KeyPool } from '../core/key-pool.ts'
import { definePolicy, type EvictionPolicy, type PolicyContext } from '../core/policy.ts'

/**
 * Draws a few residents, with equal chance each and independently, and gives up the one of them that was used longest
 * ago. Two are enough to come near LRU without a list; Redis draws five.
 */
class RandomChoices implements EvictionPolicy {
  private readonly pool: KeyPool
  private readonly choices: number
  /** [keyCount] request that used each resident key last. */
  private readonly usedAt: Uint32Array
  private readonly drawn = new DrawnOnce()

  constructor({ memory, keyCount, maxEntries, random }: PolicyContext, choices: number) {
    this.pool = new KeyPool(memory, keyCount, maxEntries, random)
    this.choices = choices
    this.usedAt = memory.uint32(keyCount)
  }

  touch(key: number, at: number): void {
    this.usedAt[key] = at
  }

  insert(key: number, at: number): void {
    this.usedAt[key] = at
    this.pool.add(key)
  }

  victim(_incoming: number, at: number): number {
    const { drawn } = this
    return drawn.isOf(at) ? drawn.value : drawn.keep(this.draw(), at)
  }

  evict(incoming: number, at: number): number {
    const victim = this.victim(incoming, at)
    this.drawn.useUp()
    this.pool.replace(victim)
    return victim
  }

  remove(key: number): void {
    this.pool.remove(key)
  }

  private draw(): number {
    const { pool, usedAt } = this
    let victim = pool.draw()
    for (let drawn = 1; drawn < this.choices; drawn++) {
      const other = pool.draw()
      if (usedAt[other]! < usedAt[victim]!) victim = other
    }
    return victim
  }
}

export default definePolicy({
  name: 'random-two-choices',
  summary: 'draws two resident keys and evicts the one that was used longer ago',
  paper:
    'Psounis, Prabhakar: Efficient randomized web-cache replacement schemes using samples from past eviction times, 2002',
  parameters: {
    choices: { type: 'integer', default: 2, minimum: 1, maximum: 1024, description: 'keys that are drawn' },
  },
  create: (context, { choices }) => new RandomChoices(context, choices),
})
