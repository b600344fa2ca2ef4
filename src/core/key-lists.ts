// Fields of a key, interleaved: 16 bytes, four keys a cache line.
const SHIFT = 2
const PREVIOUS = 0
const NEXT = 1
const LIST = 2
const WEIGHT = 3

/**
 * Several doubly linked lists over the same dense ids, each id in one of them at most: what a policy of many segments
 * and ghosts needs. Lists are numbered from 1; a key in none is in list 0. Each is a ring through a sentinel of its own.
 * A key weighs what it is pushed with, an entry or its bytes, and each list knows the weight of all its keys; a ghost
 * so keeps the size it left with. Nothing checks that a key is in no other list: the caller knows.
 */
export class KeyLists {
  private readonly fields: Uint32Array
  /** Place of list 0, which holds nothing. */
  private readonly sentinels: number
  /** [lists + 1] weight of all keys of each list. */
  private readonly weights: Float64Array

  constructor(keyCount: number, lists: number) {
    this.fields = new Uint32Array((keyCount + lists + 1) << SHIFT)
    this.sentinels = keyCount
    this.weights = new Float64Array(lists + 1)
    for (let list = 0; list <= lists; list++) {
      const end = (keyCount + list) << SHIFT
      this.fields[end + PREVIOUS] = end
      this.fields[end + NEXT] = end
    }
  }

  /** The list a key is in, 0 for none. */
  listOf(key: number): number {
    return this.fields[(key << SHIFT) + LIST]!
  }

  weightOf(key: number): number {
    return this.fields[(key << SHIFT) + WEIGHT]!
  }

  /** Weight of all keys of a list. A list of keys that weigh nothing weighs nothing and is not empty. */
  weight(list: number): number {
    return this.weights[list]!
  }

  isEmpty(list: number): boolean {
    const end = (this.sentinels + list) << SHIFT
    return this.fields[end + NEXT] === end
  }

  /** The first key of a list that is not empty. */
  first(list: number): number {
    return this.fields[((this.sentinels + list) << SHIFT) + NEXT]! >>> SHIFT
  }

  /** The last key of a list that is not empty. */
  last(list: number): number {
    return this.fields[((this.sentinels + list) << SHIFT) + PREVIOUS]! >>> SHIFT
  }

  /** The key before one that is not the first of its list. */
  before(key: number): number {
    return this.fields[(key << SHIFT) + PREVIOUS]! >>> SHIFT
  }

  /** Puts a key that is in no list before all others of `list`. */
  pushFirst(list: number, key: number, weight: number): void {
    const end = (this.sentinels + list) << SHIFT
    this.link(list, key, weight, end, this.fields[end + NEXT]!)
  }

  /** Puts a key that is in no list behind all others of `list`. */
  pushLast(list: number, key: number, weight: number): void {
    const end = (this.sentinels + list) << SHIFT
    this.link(list, key, weight, this.fields[end + PREVIOUS]!, end)
  }

  /** Takes a key out of the list it is in. */
  remove(key: number): void {
    const { fields } = this
    const at = key << SHIFT
    const previous = fields[at + PREVIOUS]!
    const next = fields[at + NEXT]!
    fields[previous + NEXT] = next
    fields[next + PREVIOUS] = previous
    this.weights[fields[at + LIST]!]! -= fields[at + WEIGHT]!
    fields[at + LIST] = 0
  }

  /** Takes a key from the list it is in to the front of `list`, which may be the same. */
  moveToFirst(list: number, key: number, weight: number): void {
    const { fields } = this
    const at = key << SHIFT
    if (fields[at + LIST] !== list || fields[at + WEIGHT] !== weight) {
      this.remove(key)
      this.pushFirst(list, key, weight)
      return
    }
    const end = (this.sentinels + list) << SHIFT
    const first = fields[end + NEXT]!
    if (first === at) return
    const previous = fields[at + PREVIOUS]!
    const next = fields[at + NEXT]!
    fields[previous + NEXT] = next
    fields[next + PREVIOUS] = previous
    fields[at + PREVIOUS] = end
    fields[at + NEXT] = first
    fields[first + PREVIOUS] = at
    fields[end + NEXT] = at
  }

  /** Takes a key from the list it is in to the back of `list`, which may be the same. */
  moveToLast(list: number, key: number, weight: number): void {
    this.remove(key)
    this.pushLast(list, key, weight)
  }

  /** Gives a key another weight where it stands. */
  reweigh(key: number, weight: number): void {
    const at = key << SHIFT
    this.weights[this.fields[at + LIST]!]! += weight - this.fields[at + WEIGHT]!
    this.fields[at + WEIGHT] = weight
  }

  private link(list: number, key: number, weight: number, previous: number, next: number): void {
    const { fields } = this
    const at = key << SHIFT
    fields[at + PREVIOUS] = previous
    fields[at + NEXT] = next
    fields[at + LIST] = list
    fields[at + WEIGHT] = weight
    fields[previous + NEXT] = at
    fields[next + PREVIOUS] = at
    this.weights[list]! += weight
  }
}
