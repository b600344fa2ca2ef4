import { KeyLists } from '../core/key-lists.ts'
import { definePolicy, type EvictionPolicy, type PolicyContext } from '../core/policy.ts'

/**
 * Multi-queue: LRU queues by the power of two of the use count. A key not used for its life time falls one queue, so that
 * what was popular once comes down; the victim is the least recently used of the lowest queue that holds any. Keys that
 * left are remembered with their counts, first-in-first-out, and come back with one use more. With byte sizes what is
 * remembered is measured in bytes.
 */
class MultiQueue implements EvictionPolicy {
  /** Lists 1 … queues, next victim first, and behind them the ghosts, the longest gone first. */
  private readonly lists: KeyLists
  /** [2 · keyCount] use count of a key k at 2k; the last request of its life time in its queue at 2k + 1. */
  private readonly fields: Float64Array
  private readonly sizeOf: (key: number) => number
  private readonly queues: number
  private readonly ghosts: number
  private readonly lifeTime: number
  private readonly ghostLimit: number

  constructor(
    { memory, keyCount, capacity, sizeOf, maxEntries }: PolicyContext,
    queues: number,
    life: number,
    out: number,
  ) {
    this.queues = queues
    this.ghosts = queues + 1
    this.lists = new KeyLists(memory, keyCount, this.ghosts)
    this.fields = memory.float64(2 * keyCount)
    this.sizeOf = sizeOf
    this.lifeTime = life * maxEntries
    this.ghostLimit = out * capacity
  }

  touch(key: number, at: number): void {
    this.lists.remove(key)
    this.use(key, at)
    this.adjust(at)
  }

  insert(key: number, at: number): void {
    if (this.lists.listOf(key) === this.ghosts) this.lists.remove(key)
    else this.fields[2 * key] = 0
    this.use(key, at)
    this.adjust(at)
  }

  victim(): number {
    let queue = 1
    while (this.lists.isEmpty(queue)) queue++
    return this.lists.first(queue)
  }

  evict(): number {
    const { lists, ghosts } = this
    const victim = this.victim()
    lists.moveToLast(ghosts, victim, lists.weightOf(victim))
    while (lists.weight(ghosts) > this.ghostLimit) lists.remove(lists.first(ghosts))
    return victim
  }

  remove(key: number): void {
    this.lists.remove(key)
  }

  private use(key: number, at: number): void {
    const count = this.fields[2 * key]! + 1
    this.fields[2 * key] = count
    this.fields[2 * key + 1] = at + this.lifeTime
    const queue = Math.min(32 - Math.clz32(count), this.queues)
    this.lists.pushLast(queue, key, this.sizeOf(key))
  }

  /** Lets the first key of each queue fall by one, where its life time is over. */
  private adjust(at: number): void {
    const { lists, fields } = this
    for (let queue = 2; queue <= this.queues; queue++) {
      if (lists.isEmpty(queue)) continue
      const key = lists.first(queue)
      if (fields[2 * key + 1]! >= at) continue
      fields[2 * key + 1] = at + this.lifeTime
      lists.moveToLast(queue - 1, key, lists.weightOf(key))
    }
  }
}

export default definePolicy({
  name: 'mq',
  summary: 'multi-queue: LRU queues by use count, down which keys fall that are not used for a while',
  paper: 'Zhou, Philbin, Li: The multi-queue replacement algorithm for second level buffer caches, 2001',
  parameters: {
    queues: { type: 'integer', default: 8, minimum: 1, maximum: 32, description: 'LRU queues' },
    life: {
      type: 'number',
      default: 4,
      minimum: 0,
      maximum: 1e6,
      description: 'life time in a queue, in requests per entry the cache can hold',
    },
    out: {
      type: 'number',
      default: 4,
      minimum: 0,
      maximum: 1e6,
      description: 'keys remembered after they left, in multiples of the cache',
    },
  },
  create: (context, { queues, life, out }) => new MultiQueue(context, queues, life, out),
})
