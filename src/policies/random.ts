import { DrawnOnce } from '../core/drawn-once.ts'
import { KeyPool } from '../core/key-pool.ts'
import { definePolicy, type EvictionPolicy, type PolicyContext } from '../core/policy.ts'

/** Draws the victim from all residents, in constant time. */
class RandomEviction implements EvictionPolicy {
  private readonly pool: KeyPool
  private readonly drawn = new DrawnOnce()

  constructor({ memory, keyCount, maxEntries, random }: PolicyContext) {
    this.pool = new KeyPool(memory, keyCount, maxEntries, random)
  }

  touch(): void {}

  insert(key: number): void {
    this.pool.add(key)
  }

  victim(_incoming: number, at: number): number {
    const { drawn } = this
    return drawn.isOf(at) ? drawn.value : drawn.keep(this.pool.draw(), at)
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
}

export default definePolicy({
  name: 'random',
  summary: 'evicts any resident key with equal chance',
  create: (context) => new RandomEviction(context),
})
