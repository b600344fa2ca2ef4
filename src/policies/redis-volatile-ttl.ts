import { EvictionPool, SAMPLES } from '../core/eviction-pool.ts'
import { definePolicy, type EvictionPolicy, type PolicyContext } from '../core/policy.ts'

/**
 * Only keys that expire can be drawn; of those in the pool the one that expires soonest goes, by the expiry it had when
 * it was drawn. Where no key expires nothing can be given up, and what is to be stored is refused.
 */
class RedisVolatileTtl implements EvictionPolicy {
  private readonly pool: EvictionPool
  private readonly expiresAt: (key: number) => number

  constructor(context: PolicyContext, samples: number) {
    this.pool = new EvictionPool(context, samples)
    this.expiresAt = context.expiresAt
  }

  /** A write may give a key an expiry, or take it away. */
  touch(key: number): void {
    const { pool } = this
    const expires = this.expiresAt(key) !== Infinity
    if (expires === pool.has(key)) return
    if (expires) pool.add(key, 0)
    else pool.remove(key)
  }

  insert(key: number): void {
    if (this.expiresAt(key) !== Infinity) this.pool.add(key, 0)
  }

  victim(incoming: number, at: number): number {
    const { pool } = this
    if (pool.isEmpty()) return incoming
    while (!pool.hasChosen(at)) {
      const count = pool.sample()
      for (let drawn = 0; drawn < count; drawn++) {
        const key = pool.sampled[drawn]!
        pool.offer(key, -this.expiresAt(key))
      }
      pool.choose(at)
    }
    return pool.chosen()
  }

  evict(incoming: number, at: number): number {
    const victim = this.victim(incoming, at)
    return victim === incoming ? incoming : this.pool.take()
  }

  remove(key: number): void {
    if (this.pool.has(key)) this.pool.remove(key)
  }
}

export default definePolicy({
  name: 'redis-volatile-ttl',
  summary:
    'Redis with volatile-ttl: of a few keys drawn that expire, and candidates kept, the one that expires soonest goes; no other ever does',
  paper: 'Redis 7: src/evict.c; redis.conf',
  needs: ['ttl'],
  parameters: { samples: SAMPLES },
  create: (context, { samples }) => new RedisVolatileTtl(context, samples),
})
