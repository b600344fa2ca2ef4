import { EvictionPool, SAMPLES } from '../core/eviction-pool.ts'
import { FIRST_COUNT, HIGHEST_COUNT, raisedCount } from '../core/logarithmic-counter.ts'
import { definePolicy, type EvictionPolicy, type PolicyContext } from '../core/policy.ts'
import type { Random } from '../core/random.ts'
import { REQUESTS_PER_SECOND, secondsOf } from '../core/server-clock.ts'

/** Values of the clock of minutes, which then begins anew. */
const CLOCK_MASK = 0xffff

interface Settings {
  readonly samples: number
  readonly logFactor: number
  readonly decayMinutes: number
  readonly requestsPerSecond: number
}

/**
 * Notes with each key a count of 8 bits and the minute of its last use, of 16. Uses raise the count along their
 * logarithm; minutes without use lower it, one by one. Of the keys in the pool the one with the lowest count goes.
 */
class RedisLfu implements EvictionPolicy {
  private readonly pool: EvictionPool
  private readonly random: Random
  private readonly settings: Settings
  private readonly secondsAt: (request: number) => number

  constructor(context: PolicyContext, settings: Settings) {
    this.pool = new EvictionPool(context, settings.samples)
    this.random = context.random
    this.settings = settings
    this.secondsAt = secondsOf(context, settings.requestsPerSecond)
  }

  touch(key: number, at: number): void {
    const minute = this.minuteAt(at)
    const count = this.fadedCount(this.pool.noteOf(key), minute)
    this.pool.setNote(key, (minute << 8) | raisedCount(count, this.settings.logFactor, this.random))
  }

  insert(key: number, at: number): void {
    this.pool.add(key, (this.minuteAt(at) << 8) | FIRST_COUNT)
  }

  victim(_incoming: number, at: number): number {
    const { pool } = this
    while (!pool.hasChosen(at)) {
      const minute = this.minuteAt(at)
      const count = pool.sample()
      for (let drawn = 0; drawn < count; drawn++) {
        const faded = this.fadedCount(pool.sampledNotes[drawn]!, minute)
        pool.offer(pool.sampled[drawn]!, HIGHEST_COUNT - faded)
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

  private minuteAt(request: number): number {
    return Math.floor(this.secondsAt(request) / 60) & CLOCK_MASK
  }

  /** The count as the minutes since its last use have left it. */
  private fadedCount(note: number, minute: number): number {
    const count = note & HIGHEST_COUNT
    const { decayMinutes } = this.settings
    if (decayMinutes === 0) return count
    const used = note >>> 8
    const idle = minute >= used ? minute - used : CLOCK_MASK - used + minute
    return Math.max(0, count - Math.floor(idle / decayMinutes))
  }
}

export default definePolicy({
  name: 'redis-lfu',
  summary:
    'Redis with allkeys-lfu: of a few keys drawn, and candidates kept, the one with the lowest count goes; counts are logarithmic and fade',
  paper: 'Redis 7: src/evict.c; redis.conf',
  parameters: {
    samples: SAMPLES,
    logFactor: {
      type: 'integer',
      default: 10,
      minimum: 0,
      maximum: 1_000_000,
      description: 'how much harder each further count is to reach (lfu-log-factor)',
    },
    decayMinutes: {
      type: 'integer',
      default: 1,
      minimum: 0,
      maximum: 65_535,
      description: 'minutes without use that cost a count; 0: none do (lfu-decay-time)',
    },
    requestsPerSecond: REQUESTS_PER_SECOND,
  },
  create: (context, settings) => new RedisLfu(context, settings),
})
