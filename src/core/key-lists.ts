import type { Memory } from './memory.ts'

/**
 * Several doubly linked lists over the same dense ids, each id in one of them at most: what a policy of many segments
 * and ghosts needs. Lists are numbered from 1; a key in none is in list 0. Each is a ring through a sentinel of its own.
 * A key weighs what it is pushed with, an entry or its bytes, and each list knows the weight of all its keys; a ghost
 * so keeps the size it left with. Nothing checks that a key is in no other list: the caller knows.
 *
 * Links are interleaved, 8 bytes a key; the number of a key's list is apart from them in two, since often it is all that
 * is asked for, and so many keys' fit a cache line. Weights are kept only once some key does not weigh 1.
 */
export class KeyLists {
  /** [2 · (keyCount + lists + 1)]: previous of k at 2k, next of k at 2k + 1; sentinels are behind the keys. */
  private readonly links: Uint32Array
  /** [keyCount] the list of each key. */
  private readonly places: Uint16Array
  /** [keyCount] or none: all weigh 1. */
  private keyWeights: Uint32Array | undefined
  private readonly memory: Memory
  /** Place of list 0, which holds nothing. */
  private readonly sentinels: number
  /** [lists + 1] weight of all keys of each list. */
  private readonly weights: Float64Array

  /** @param lists how many, at most 65,535 */
  constructor(memory: Memory, keyCount: number, lists: number) {
    this.memory = memory
    this.links = memory.uint32(2 * (keyCount + lists + 1))
    this.places = memory.uint16(keyCount)
    this.sentinels = keyCount
    this.weights = new Float64Array(lists + 1)
    for (let list = 0; list <= lists; list++) {
      const end = 2 * (keyCount + list)
      this.links[end] = end
      this.links[end + 1] = end
    }
  }

  /** The list a key is in, 0 for none. */
  listOf(key: number): number {
    return this.places[key]!
  }

  weightOf(key: number): number {
    return this.keyWeights === undefined ? 1 : this.keyWeights[key]!
  }

  /** Weight of all keys of a list. A list of keys that weigh nothing weighs nothing and is not empty. */
  weight(list: number): number {
    return this.weights[list]!
  }

  isEmpty(list: number): boolean {
    const end = 2 * (this.sentinels + list)
    return this.links[end + 1] === end
  }

  /** The first key of a list that is not empty. */
  first(list: number): number {
    return this.links[2 * (this.sentinels + list) + 1]! >>> 1
  }

  /** The last key of a list that is not empty. */
  last(list: number): number {
    return this.links[2 * (this.sentinels + list)]! >>> 1
  }

  /** The key before one that is not the first of its list. */
  before(key: number): number {
    return this.links[2 * key]! >>> 1
  }

  /** Puts a key that is in no list before all others of `list`. */
  pushFirst(list: number, key: number, weight: number): void {
    this.weigh(key, weight)
    this.weights[list]! += weight
    this.places[key] = list
    const end = 2 * (this.sentinels + list)
    this.link(2 * key, end, this.links[end + 1]!)
  }

  /** Puts a key that is in no list behind all others of `list`. */
  pushLast(list: number, key: number, weight: number): void {
    this.weigh(key, weight)
    this.weights[list]! += weight
    this.places[key] = list
    const end = 2 * (this.sentinels + list)
    this.link(2 * key, this.links[end]!, end)
  }

  /** Takes a key out of the list it is in. */
  remove(key: number): void {
    this.unlink(2 * key)
    this.weights[this.places[key]!]! -= this.weightOf(key)
    this.places[key] = 0
  }

  /** Takes a key from the list it is in to the front of `list`, which may be the same. */
  moveToFirst(list: number, key: number, weight: number): void {
    const at = 2 * key
    const end = 2 * (this.sentinels + list)
    const from = this.places[key]!
    const before = this.weightOf(key)
    if (from !== list || before !== weight) {
      this.weights[from]! -= before
      this.weights[list]! += weight
      this.places[key] = list
      if (before !== weight) this.weigh(key, weight)
    } else if (this.links[end + 1] === at) return
    this.unlink(at)
    this.link(at, end, this.links[end + 1]!)
  }

  /** Takes a key from the list it is in to the back of `list`, which may be the same. */
  moveToLast(list: number, key: number, weight: number): void {
    this.remove(key)
    this.pushLast(list, key, weight)
  }

  /** Gives a key another weight where it stands. */
  reweigh(key: number, weight: number): void {
    this.weights[this.places[key]!]! += weight - this.weightOf(key)
    this.weigh(key, weight)
  }

  private weigh(key: number, weight: number): void {
    if (this.keyWeights === undefined) {
      if (weight === 1) return
      this.keyWeights = this.memory.uint32(this.places.length).fill(1)
    }
    this.keyWeights[key] = weight
  }

  private link(at: number, previous: number, next: number): void {
    const { links } = this
    links[at] = previous
    links[at + 1] = next
    links[previous + 1] = at
    links[next] = at
  }

  private unlink(at: number): void {
    const { links } = this
    const previous = links[at]!
    const next = links[at + 1]!
    links[previous + 1] = next
    links[next] = previous
  }
}
