import type { Memory } from './memory.ts'

/**
 * A doubly linked list of dense ids, as a ring through one sentinel. Links are interleaved (previous and next of a key
 * side by side), so that one use of a key touches one cache line: 8 bytes a key. Nothing checks that a key is in the
 * list: the caller knows.
 */
export class LinkedList {
  /** [2 · (keyCount + 1)]: previous of k at 2k, next of k at 2k + 1; the sentinel is the last. */
  private readonly links: Uint32Array
  private readonly end: number

  constructor(memory: Memory, keyCount: number) {
    this.links = memory.uint32(2 * (keyCount + 1))
    this.end = 2 * keyCount
    this.links[this.end] = this.end
    this.links[this.end + 1] = this.end
  }

  isEmpty(): boolean {
    return this.links[this.end + 1] === this.end
  }

  /** The first key. The list must not be empty. */
  first(): number {
    return this.links[this.end + 1]! >>> 1
  }

  /** The last key. The list must not be empty. */
  last(): number {
    return this.links[this.end]! >>> 1
  }

  /** The key before one in the list; before the first, keyCount, which stands for the end of the list. */
  before(key: number): number {
    return this.links[2 * key]! >>> 1
  }

  pushFirst(key: number): void {
    const { links, end } = this
    const at = 2 * key
    const first = links[end + 1]!
    links[at] = end
    links[at + 1] = first
    links[first] = at
    links[end + 1] = at
  }

  pushLast(key: number): void {
    const { links, end } = this
    const at = 2 * key
    const last = links[end]!
    links[at] = last
    links[at + 1] = end
    links[last + 1] = at
    links[end] = at
  }

  remove(key: number): void {
    const { links } = this
    const previous = links[2 * key]!
    const next = links[2 * key + 1]!
    links[previous + 1] = next
    links[next] = previous
  }

  moveToFirst(key: number): void {
    const { links, end } = this
    const at = 2 * key
    const first = links[end + 1]!
    if (first === at) return
    const previous = links[at]!
    const next = links[at + 1]!
    links[previous + 1] = next
    links[next] = previous
    links[at] = end
    links[at + 1] = first
    links[first] = at
    links[end + 1] = at
  }

  moveToLast(key: number): void {
    this.remove(key)
    this.pushLast(key)
  }
}
