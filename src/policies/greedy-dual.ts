import { IndexedHeap } from '../core/heap.ts'
import { definePolicy, type EvictionPolicy, type PolicyContext } from '../core/policy.ts'

/**
 * Gives each key a credit of what it cost to compute, for a byte where capacity is in bytes; whenever room is made, all
 * pay the credit of the victim, which has the least. Paying is done by raising a base that the credits of later uses
 * are put upon, so that nothing but the used key moves. A use restores the credit. Of equal credits the least recently
 * used goes; with equal costs and sizes that is LRU.
 */
class GreedyDual implements EvictionPolicy {
  private readonly heap: IndexedHeap
  private readonly context: PolicyContext
  /** What all have paid so far, in milliseconds, or milliseconds a byte. */
  private paid = 0

  constructor(context: PolicyContext) {
    this.heap = new IndexedHeap(context.memory, context.keyCount, context.maxEntries)
    this.context = context
  }

  touch(key: number): void {
    this.heap.update(key, this.credit(key))
  }

  insert(key: number): void {
    this.heap.push(key, this.credit(key))
  }

  victim(): number {
    return this.heap.first()
  }

  evict(): number {
    const victim = this.victim()
    this.paid = this.heap.leastPriority()
    this.heap.remove(victim)
    return victim
  }

  remove(key: number): void {
    this.heap.remove(key)
  }

  private credit(key: number): number {
    return this.paid + this.context.costOf(key) / Math.max(1, this.context.sizeOf(key))
  }
}

export default definePolicy({
  name: 'greedy-dual',
  summary: 'evicts the key whose recomputing costs least, those not used for long counting as cheaper',
  paper:
    'Young: The k-server dual and loose competitiveness for paging, 1994; Cao, Irani: Cost-aware WWW proxy caching algorithms, 1997 (bytes)',
  needs: ['costs'],
  create: (context) => new GreedyDual(context),
})
