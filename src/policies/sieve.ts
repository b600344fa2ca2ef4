import { LinkedList } from '../core/linked-list.ts'
import type { Memory } from '../core/memory.ts'
import { definePolicy, type EvictionPolicy } from '../core/policy.ts'

/**
 * Keys in the order they came, newest first, and a bit for each that a use sets. A hand goes from the oldest to the
 * newest, clears the bits that are set and takes the first key whose bit is not. Unlike the hand of a clock it moves no
 * key: those it spared stay where they are, so that newcomers, which come in ahead of it, are looked at soon. From the
 * newest key it goes on at the oldest. Bits lie apart from the links, because a hit needs nothing else.
 */
class Sieve implements EvictionPolicy {
  private readonly list: LinkedList
  /** [keyCount] 1 for a resident key that was used since it came in or since the hand passed. */
  private readonly visited: Uint8Array
  /** What `before` says where there is nothing before. */
  private readonly end: number
  /** The key to look at next, or `end`: the oldest. */
  private hand: number

  constructor(memory: Memory, keyCount: number) {
    this.list = new LinkedList(memory, keyCount)
    this.visited = memory.uint8(keyCount)
    this.end = keyCount
    this.hand = keyCount
  }

  touch(key: number): void {
    this.visited[key] = 1
  }

  insert(key: number): void {
    this.list.pushFirst(key)
  }

  victim(): number {
    const { list, visited, end } = this
    let key = this.hand
    for (;;) {
      if (key === end) key = list.last()
      if (visited[key] === 0) break
      visited[key] = 0
      key = list.before(key)
    }
    this.hand = key
    return key
  }

  evict(): number {
    const key = this.victim()
    this.hand = this.list.before(key)
    this.list.remove(key)
    return key
  }

  remove(key: number): void {
    if (this.hand === key) this.hand = this.list.before(key)
    this.visited[key] = 0
    this.list.remove(key)
  }
}

export default definePolicy({
  name: 'sieve',
  summary:
    'evicts the oldest key not used since a hand last passed it; keys that are spared keep their place',
  paper:
    'Zhang, Yang, Yue, Vigfusson, Rashmi: SIEVE is simpler than LRU: an efficient turn-key eviction algorithm for web caches, 2024',
  create: ({ memory, keyCount }) => new Sieve(memory, keyCount),
})
