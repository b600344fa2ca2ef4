import { KeyPool } from '../core/key-pool.ts'
import { definePolicy, type EvictionPolicy, type PolicyContext } from '../core/policy.ts'

const NONE = -1

/** Draws the victim from all residents, in constant time. */
class RandomEviction implements EvictionPolicy {
  private readonly pool: KeyPool
  /** The victim drawn for a request that may yet give it up. */
  private drawn = NONE
  private drawnAt = NONE

  constructor({ keyCount, maxEntries, random }: PolicyContext) {
    this.pool = new KeyPool(keyCount, maxEntries, random)
  }

  touch(): void {}

  insert(key: number): void {
    this.pool.add(key)
  }

  victim(_incoming: number, at: number): number {
    if (this.drawnAt !== at) {
      this.drawn = this.pool.draw()
      this.drawnAt = at
    }
    return this.drawn
  }

  evict(incoming: number, at: number): number {
    const victim = this.victim(incoming, at)
    this.drawnAt = NONE
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
