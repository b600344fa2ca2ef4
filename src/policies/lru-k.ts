import { IndexedHeap } from '../core/heap.ts'
import { LinkedList } from '../core/linked-list.ts'
import { definePolicy, type EvictionPolicy, type PolicyContext } from '../core/policy.ts'

/**
 * Gives up the key whose k-th last use is longest ago; keys used fewer than k times come first, the least recently used
 * of them before the others. Uses no farther apart than the correlated reference period count as one, and a key cannot go
 * while it is within that period of its last use, if there is another. The retained information period of the paper has
 * no end, or no length.
 *
 * Keys stand in a heap by k-th last use, 0 where there is none, and come to it in the order of their last use, which is
 * how it breaks ties. Where there is a correlated reference period, keys used lately stand in a list first, most recent
 * first, and an eviction takes those whose period is over to the heap.
 */
class LruK implements EvictionPolicy {
  private readonly recent: LinkedList
  private readonly heap: IndexedHeap
  /**
   * [(k + 2) · keyCount] of each key: 1 while it is in the heap, its last use, and its last k uncorrelated ones, latest
   * first. Uses are requests counted from 1, 0 for none.
   */
  private readonly fields: Uint32Array
  private readonly k: number
  private readonly period: number
  private readonly history: boolean

  constructor({ memory, keyCount, maxEntries }: PolicyContext, k: number, period: number, history: boolean) {
    this.recent = new LinkedList(memory, period === 0 ? 0 : keyCount)
    this.heap = new IndexedHeap(memory, keyCount, maxEntries)
    this.fields = new Uint32Array((k + 2) * keyCount)
    this.k = k
    this.period = period
    this.history = history
  }

  touch(key: number, at: number): void {
    const { fields } = this
    const place = key * (this.k + 2)
    const now = at + 1
    const last = fields[place + 1]!
    // A correlated period counts as one moment, so what lies before it comes closer by its length.
    if (now - last > this.period) this.shift(place, last - fields[place + 2]!, now)
    fields[place + 1] = now
    if (fields[place] === 0) {
      this.recent.moveToFirst(key)
      return
    }
    if (this.period === 0) {
      this.heap.update(key, fields[place + this.k + 1]!)
      return
    }
    fields[place] = 0
    this.heap.remove(key)
    this.recent.pushFirst(key)
  }

  insert(key: number, at: number): void {
    const place = key * (this.k + 2)
    this.shift(place, 0, at + 1)
    this.fields[place + 1] = at + 1
    if (this.period === 0) {
      this.fields[place] = 1
      this.heap.push(key, this.fields[place + this.k + 1]!)
    } else {
      this.recent.pushFirst(key)
    }
  }

  victim(_incoming: number, at: number): number {
    const { recent, heap, fields, k } = this
    while (!recent.isEmpty()) {
      const key = recent.last()
      const place = key * (k + 2)
      if (at + 1 - fields[place + 1]! <= this.period) break
      recent.remove(key)
      fields[place] = 1
      heap.push(key, fields[place + k + 1]!)
    }
    return heap.isEmpty() ? recent.last() : heap.first()
  }

  evict(incoming: number, at: number): number {
    const victim = this.victim(incoming, at)
    this.remove(victim)
    return victim
  }

  remove(key: number): void {
    const place = key * (this.k + 2)
    if (this.fields[place] === 0) this.recent.remove(key)
    else this.heap.remove(key)
    this.fields[place] = 0
    if (!this.history) this.fields.fill(0, place, place + this.k + 2)
  }

  /** Notes an uncorrelated use. */
  private shift(place: number, correlated: number, now: number): void {
    const { fields } = this
    const latest = place + 2
    for (let use = latest + this.k - 1; use > latest; use--) {
      const before = fields[use - 1]!
      fields[use] = before === 0 ? 0 : before + correlated
    }
    fields[latest] = now
  }
}

export default definePolicy({
  name: 'lru-k',
  summary: 'evicts the key whose k-th last use is longest ago',
  paper: 'O’Neil, O’Neil, Weikum: The LRU-K page replacement algorithm for database disk buffering, 1993',
  parameters: {
    k: { type: 'integer', default: 2, minimum: 1, maximum: 16, description: 'uses looked back; 1 is LRU' },
    period: {
      type: 'integer',
      default: 0,
      minimum: 0,
      description:
        'correlated reference period in requests: uses that follow one another so closely count as one',
    },
    history: {
      type: 'boolean',
      default: true,
      description: 'remembers the uses of keys that left, without end; false forgets them at once',
    },
  },
  create: (context, { k, period, history }) => new LruK(context, k, period, history),
})
