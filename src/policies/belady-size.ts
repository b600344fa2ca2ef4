import { DrawnOnce } from '../core/drawn-once.ts'
import { KeyPool } from '../core/key-pool.ts'
import { LinkedList } from '../core/linked-list.ts'
import { definePolicy, type EvictionPolicy, NEVER, type PolicyContext } from '../core/policy.ts'

const NONE = -1

/**
 * Gives up the key that would hold the most bytes for the longest time until its next use: bytes times requests. What a
 * key ranks changes with every request, and by how much depends on its size, so that no order of all keys holds; of a
 * sample, drawn at each eviction, the highest goes. Keys without a next use go before all others.
 *
 * It is the greedy answer to a problem whose true optimum is not known to be findable in time, so a heuristic: no proven
 * bound, though hard to beat. In entries it is Belady's MIN by samples.
 */
class BeladySize implements EvictionPolicy {
  private readonly context: PolicyContext
  private readonly samples: number
  private readonly bypass: boolean
  /** Residents that will be used again. */
  private readonly pool: KeyPool
  /** Residents that will not. */
  private readonly useless: LinkedList
  /** [keyCount] request that uses each resident key next, or NEVER. */
  private readonly nextUses: Uint32Array
  /** The victim, while it is still resident. */
  private readonly drawn = new DrawnOnce()

  constructor(context: PolicyContext, samples: number, bypass: boolean) {
    const { memory, keyCount, maxEntries, random } = context
    this.context = context
    this.samples = samples
    this.bypass = bypass
    this.pool = new KeyPool(memory, keyCount, maxEntries, random)
    this.useless = new LinkedList(memory, keyCount)
    this.nextUses = memory.uint32(keyCount)
  }

  touch(key: number, at: number): void {
    this.remove(key)
    this.insert(key, at)
  }

  insert(key: number, at: number): void {
    const next = this.nextUseOf(key, at)
    this.nextUses[key] = next
    if (next === NEVER) this.useless.pushLast(key)
    else this.pool.add(key)
  }

  evict(incoming: number, at: number): number {
    const victim = this.victim(incoming, at)
    this.drawn.useUp()
    if (victim === incoming) return incoming
    if (this.nextUses[victim] === NEVER) this.useless.remove(victim)
    else this.pool.replace(victim)
    return victim
  }

  victim(incoming: number, at: number): number {
    const { drawn } = this
    return drawn.isOf(at) ? drawn.value : drawn.keep(this.choose(incoming, at), at)
  }

  remove(key: number): void {
    this.drawn.useUp()
    if (this.nextUses[key] === NEVER) this.useless.remove(key)
    else this.pool.remove(key)
  }

  private choose(incoming: number, at: number): number {
    if (!this.useless.isEmpty()) return this.useless.first()
    const { pool, context, nextUses } = this
    const next = this.bypass ? this.nextUseOf(incoming, at) : at
    if (next === NEVER) return incoming
    let victim = incoming
    let most = this.bypass ? (next - at) * context.sizeOf(incoming) : NONE
    for (let drawn = 0; drawn < this.samples; drawn++) {
      const key = pool.draw()
      const rank = (nextUses[key]! - at) * context.sizeOf(key)
      if (rank < most || (rank === most && victim !== incoming)) continue
      most = rank
      victim = key
    }
    return victim
  }

  private nextUseOf(key: number, at: number): number {
    const { context } = this
    const next = context.nextUse[at]!
    const expiry = context.expiresAt(key)
    return next !== NEVER && expiry !== Infinity && expiry <= context.timeOf(next) ? NEVER : next
  }
}

export default definePolicy({
  name: 'belady-size',
  summary:
    'a heuristic for the best in bytes, and no proven bound: of a sample, evicts the key with the most bytes for the longest time until its next use',
  paper:
    'Belady 1966, by bytes: Berger, Beckmann, Harchol-Balter: Practical bounds on optimal caching with variable object sizes, 2018',
  parameters: {
    samples: {
      type: 'integer',
      default: 64,
      minimum: 1,
      maximum: 65536,
      description: 'keys that are drawn for each eviction',
    },
    bypass: { type: 'boolean', default: true, description: 'the incoming key may be declined' },
  },
  needs: ['future'],
  bound: true,
  create: (context, { samples, bypass }) => new BeladySize(context, samples, bypass),
})
