import { KeyPool } from '../core/key-pool.ts'
import { definePolicy, type EvictionPolicy, type PolicyContext } from '../core/policy.ts'

/** Draws the victim from all residents, in constant time. */
class RandomEviction implements EvictionPolicy {
  private readonly pool: KeyPool

  constructor({ keyCount, maxEntries, random }: PolicyContext) {
    this.pool = new KeyPool(keyCount, maxEntries, random)
  }

  touch(): void {}

  insert(key: number): void {
    this.pool.add(key)
  }

  evict(): number {
    const victim = this.pool.draw()
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
