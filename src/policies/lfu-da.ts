import { IndexedHeap } from '../core/heap.ts'
import { definePolicy, type EvictionPolicy, type PolicyContext } from '../core/policy.ts'

/**
 * LFU with dynamic ageing: the priority of a key is its use count plus the cache's age at its last use, and the age is
 * the priority of the key given up last. So keys that were popular once do not stay for ever. Of equal priorities, the
 * one set longest ago goes. A count starts at 1 and is lost with the key.
 */
class LfuDynamicAgeing implements EvictionPolicy {
  private readonly heap: IndexedHeap
  /** [2 · keyCount] use count of a resident key k at 2k, its priority at 2k + 1. */
  private readonly fields: Uint32Array
  private age = 0

  constructor({ memory, keyCount, maxEntries }: PolicyContext) {
    this.heap = new IndexedHeap(memory, keyCount, maxEntries)
    this.fields = memory.uint32(2 * keyCount)
  }

  touch(key: number): void {
    const { fields } = this
    const count = fields[2 * key]! + 1
    fields[2 * key] = count
    fields[2 * key + 1] = count + this.age
    this.heap.update(key, count + this.age)
  }

  insert(key: number): void {
    const { fields } = this
    fields[2 * key] = 1
    fields[2 * key + 1] = 1 + this.age
    this.heap.push(key, 1 + this.age)
  }

  victim(): number {
    return this.heap.first()
  }

  evict(): number {
    const victim = this.victim()
    this.heap.remove(victim)
    this.age = this.fields[2 * victim + 1]!
    return victim
  }

  remove(key: number): void {
    this.heap.remove(key)
  }
}

export default definePolicy({
  name: 'lfu-da',
  summary: 'LFU that ages: keys used often long ago make way for keys used now',
  paper:
    'Arlitt, Cherkasova, Dilley, Friedrich, Jin: Evaluating content management techniques for web proxy caches, 2000',
  create: (context) => new LfuDynamicAgeing(context),
})
