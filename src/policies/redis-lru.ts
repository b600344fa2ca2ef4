import { EvictionPool, SAMPLES } from '../core/eviction-pool.ts'
import { definePolicy, type EvictionPolicy, type PolicyContext } from '../core/policy.ts'
import { REQUESTS_PER_SECOND, secondsOf } from '../core/server-clock.ts'

/** Values of the clock, which then begins anew. */
const CLOCK_MASK = 0xff_ffff

/**
 * Notes with each key the tick of its last use, of a clock with 24 bits. Of the keys in the pool the one that was idle
 * for the most ticks goes.
 */
class RedisLru implements EvictionPolicy {
  private readonly pool: EvictionPool
  private readonly secondsAt: (request: number) => number
  private readonly ticksPerSecond: number

  constructor(context: PolicyContext, samples: number, resolution: number, requestsPerSecond: number) {
    this.pool = new EvictionPool(context, samples)
    this.secondsAt = secondsOf(context, requestsPerSecond)
    this.ticksPerSecond = 1000 / resolution
  }

  touch(key: number, at: number): void {
    this.pool.setNote(key, this.clockAt(at))
  }

  insert(key: number, at: number): void {
    this.pool.add(key, this.clockAt(at))
  }

  victim(_incoming: number, at: number): number {
    const { pool } = this
    while (!pool.hasChosen(at)) {
      const now = this.clockAt(at)
      const count = pool.sample()
      for (let drawn = 0; drawn < count; drawn++) {
        const used = pool.sampledNotes[drawn]!
        pool.offer(pool.sampled[drawn]!, now >= used ? now - used : now + CLOCK_MASK - used)
      }
      pool.choose(at)
    }
    return pool.chosen()
  }

  evict(incoming: number, at: number): number {
    this.victim(incoming, at)
    return this.pool.take()
  }

  remove(key: number): void {
    this.pool.remove(key)
  }

  private clockAt(request: number): number {
    return Math.floor(this.secondsAt(request) * this.ticksPerSecond) & CLOCK_MASK
  }
}

export default definePolicy({
  name: 'redis-lru',
  summary:
    'Redis with allkeys-lru: of a few keys drawn, and candidates kept from earlier draws, the longest idle goes',
  paper: 'Redis 7: src/evict.c; redis.conf',
  parameters: {
    samples: SAMPLES,
    resolution: {
      type: 'integer',
      default: 1000,
      minimum: 1,
      maximum: 1_000_000,
      description: 'milliseconds of a tick of the clock (LRU_CLOCK_RESOLUTION, fixed when Redis is compiled)',
    },
    requestsPerSecond: REQUESTS_PER_SECOND,
  },
  create: (context, { samples, resolution, requestsPerSecond }) =>
    new RedisLru(context, samples, resolution, requestsPerSecond),
})
