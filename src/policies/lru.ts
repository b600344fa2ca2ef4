import { LinkedList } from '../core/linked-list.ts'
import type { Memory } from '../core/memory.ts'
import { definePolicy, type EvictionPolicy } from '../core/policy.ts'

/** Most recently used first, in a doubly linked list: every operation takes constant time. */
class Lru implements EvictionPolicy {
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
    return this.list.last()
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
  name: 'lru',
  summary: 'evicts the least recently used key',
  paper: 'Mattson, Gecsei, Slutz, Traiger: Evaluation techniques for storage hierarchies, 1970',
  create: ({ memory, keyCount }) => new Lru(memory, keyCount),
})
