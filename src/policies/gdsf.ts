import { IndexedHeap } from '../core/heap.ts'
import { definePolicy, type EvictionPolicy, type PolicyContext } from '../core/policy.ts'

const NONE = -1
/** Uses a byte are small numbers beside a clock that only grows. */
const SCALE = 1e6

/**
 * Ranks a key by its uses, times what it cost to compute, over its bytes, on top of a clock that stands at the rank of the
 * last key to leave: what is not used any more is overtaken in time. The incoming key is ranked with the others and may
 * itself be the lowest; then it is not admitted. Of equal ranks the least recently used is the lowest. In entries all sizes
 * count as one, and so do all costs where the policy does not ask for them: then it is LFU with dynamic ageing.
 */
export class Gdsf implements EvictionPolicy {
  private readonly heap: IndexedHeap
  /** [keyCount] uses of each resident key. */
  private readonly counts: Uint32Array
  private readonly sizeOf: (key: number) => number
  private readonly costOf: (key: number) => number
  private clock = 0
  /** The last request that asked for a victim, and the rank its key was given before. */
  private rankedAt = NONE
  private rank = 0

  constructor({ memory, keyCount, maxEntries, sizeOf, costOf }: PolicyContext) {
    this.heap = new IndexedHeap(memory, keyCount, maxEntries)
    this.counts = memory.uint32(keyCount)
    this.sizeOf = sizeOf
    this.costOf = costOf
  }

  touch(key: number): void {
    const count = this.counts[key]! + 1
    this.counts[key] = count
    this.heap.update(key, this.rankOf(key, count))
  }

  insert(key: number, at: number): void {
    this.counts[key] = 1
    this.heap.push(key, this.rankedAt === at ? this.rank : this.rankOf(key, 1))
    this.rankedAt = NONE
  }

  victim(incoming: number, at: number): number {
    if (this.rankedAt !== at) {
      this.rankedAt = at
      this.rank = this.rankOf(incoming, 1)
    }
    return this.rank < this.heap.leastPriority() ? incoming : this.heap.first()
  }

  evict(incoming: number, at: number): number {
    const victim = this.victim(incoming, at)
    this.clock = Math.min(this.heap.leastPriority(), this.rank)
    if (victim !== incoming) this.heap.remove(victim)
    return victim
  }

  remove(key: number): void {
    this.heap.remove(key)
  }

  private rankOf(key: number, count: number): number {
    return this.clock + (count * this.costOf(key) * SCALE) / Math.max(1, this.sizeOf(key))
  }
}

export const GDSF_PAPER =
  'Cherkasova: Improving WWW proxies performance with greedy-dual-size-frequency caching policy, 1998'

/** With a cost of 1 for every key, whether the trace knows better or not: for the most hits, not for the dearest. */
export default definePolicy({
  name: 'gdsf',
  summary: 'evicts the key with the fewest uses for its bytes, the uses of long ago counting less',
  paper: GDSF_PAPER,
  create: (context) => new Gdsf(context),
})
