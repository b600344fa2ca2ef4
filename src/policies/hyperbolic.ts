import { DrawnOnce } from '../core/drawn-once.ts'
import { KeyPool } from '../core/key-pool.ts'
import { definePolicy, type EvictionPolicy, type PolicyContext } from '../core/policy.ts'

// Fields of a key, interleaved.
const COUNT = 0
const SINCE = 1

/**
 * Ranks a key by its uses per request since it came in, which falls along a hyperbola while it is not used: a key is
 * not judged by uses it had no time for, nor for ever by those of long ago. As ranks change all the time, no order of
 * all keys is kept; of a sample drawn at each eviction the lowest goes, of several the one that came in first.
 */
class Hyperbolic implements EvictionPolicy {
  private readonly pool: KeyPool
  private readonly samples: number
  /** [2 · keyCount] uses since each resident key came in, and the request it came in with. */
  private readonly fields: Uint32Array
  private readonly drawn = new DrawnOnce()

  constructor({ memory, keyCount, maxEntries, random }: PolicyContext, samples: number) {
    this.pool = new KeyPool(memory, keyCount, maxEntries, random)
    this.samples = samples
    this.fields = memory.uint32(2 * keyCount)
  }

  touch(key: number): void {
    this.fields[2 * key + COUNT]!++
  }

  insert(key: number, at: number): void {
    this.fields[2 * key + COUNT] = 1
    this.fields[2 * key + SINCE] = at
    this.pool.add(key)
  }

  victim(_incoming: number, at: number): number {
    const { drawn } = this
    return drawn.isOf(at) ? drawn.value : drawn.keep(this.draw(at), at)
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

  private draw(at: number): number {
    const { pool, fields } = this
    let victim = pool.draw()
    let least = this.usesPerRequest(victim, at)
    for (let drawn = 1; drawn < this.samples; drawn++) {
      const key = pool.draw()
      const rate = this.usesPerRequest(key, at)
      if (rate > least) continue
      if (rate === least && fields[2 * key + SINCE]! >= fields[2 * victim + SINCE]!) continue
      least = rate
      victim = key
    }
    return victim
  }

  private usesPerRequest(key: number, at: number): number {
    return this.fields[2 * key + COUNT]! / (at - this.fields[2 * key + SINCE]!)
  }
}

export default definePolicy({
  name: 'hyperbolic',
  summary: 'of a random sample, evicts the key with the fewest uses for the time it has been resident',
  paper: 'Blankstein, Sen, Freedman: Hyperbolic caching: flexible caching for web applications, 2017',
  parameters: {
    samples: {
      type: 'integer',
      default: 64,
      minimum: 1,
      maximum: 1024,
      description: 'keys that are drawn for each eviction',
    },
  },
  create: (context, { samples }) => new Hyperbolic(context, samples),
})
