import { LinkedList } from '../core/linked-list.ts'
import type { Memory } from '../core/memory.ts'
import { definePolicy, type EvictionPolicy } from '../core/policy.ts'

/** LRU’s list, given up from the other end: the best there is for loops that do not fit the cache. */
class Mru implements EvictionPolicy {
  private readonly list: LinkedList

  constructor(memory: Memory, keyCount: number) {
    this.list = new LinkedList(memory, keyCount)
  }

  touch(key: number): void {
    this.list.moveToFirst(key)
  }

  insert(key: number): void {
    this.list.pushFirst(key)
  }

  victim(): number {
    return this.list.first()
  }

  evict(): number {
    const victim = this.victim()
    this.list.remove(victim)
    return victim
  }

  remove(key: number): void {
    this.list.remove(key)
  }
}

export default definePolicy({
  name: 'mru',
  summary: 'evicts the most recently used key',
  paper: 'Chou, DeWitt: An evaluation of buffer management strategies for relational database systems, 1985',
  create: ({ memory, keyCount }) => new Mru(memory, keyCount),
})
