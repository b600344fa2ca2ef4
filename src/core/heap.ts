import type { Memory } from './memory.ts'

/**
 * A heap of dense ids by a number, least first, that finds any of them at once: entries can be moved and removed from
 * the middle. Of equal numbers the one set earlier comes first. Four children a node, because a level then costs two
 * cache lines at most and there are half as many levels. Numbers lie beside the ids rather than with the key, so that
 * comparing children does not wander through memory.
 *
 * A number that grows, as nearly all do in a cache, is only written down: the entry stays where its former number put it,
 * too early at worst, and goes to its place when it comes to be the first. A key that is used often between two evictions
 * so moves once or never. 16 bytes an entry and 20 a key. Nothing checks that a key is in the heap: the caller knows.
 */
export class IndexedHeap {
  /** [capacity] the entries, in heap order: key, number, and when that was set. */
  private readonly keys: Uint32Array
  private readonly priorities: Float64Array
  private readonly turns: Uint32Array
  /** [keyCount] slot of each key that is in the heap. */
  private readonly slots: Uint32Array
  /** [2 · keyCount] the number of each key in the heap at 2k and when it was set at 2k + 1: not before its entry's. */
  private readonly latest: Float64Array
  private size = 0
  /** Counts `push` and `update`: no more than 2^32 of them in all. */
  private turn = 0

  /** @param capacity the most entries at once */
  constructor(memory: Memory, keyCount: number, capacity: number) {
    this.keys = memory.uint32(capacity)
    this.priorities = memory.float64(capacity)
    this.turns = memory.uint32(capacity)
    this.slots = memory.uint32(keyCount)
    this.latest = memory.float64(2 * keyCount)
  }

  isEmpty(): boolean {
    return this.size === 0
  }

  /** The key with the least number. The heap must not be empty. */
  first(): number {
    const { keys, turns, latest } = this
    let key = keys[0]!
    while (turns[0] !== latest[2 * key + 1]) {
      this.sink(0, key, latest[2 * key]!, latest[2 * key + 1]!)
      key = keys[0]!
    }
    return key
  }

  /** The least number. The heap must not be empty. */
  leastPriority(): number {
    return this.latest[2 * this.first()]!
  }

  /** @param priority not NaN */
  push(key: number, priority: number): void {
    const turn = this.turn++
    this.latest[2 * key] = priority
    this.latest[2 * key + 1] = turn
    this.rise(this.size++, key, priority, turn)
  }

  /** Gives a key in the heap another number, or the same one anew. */
  update(key: number, priority: number): void {
    const { latest } = this
    const turn = this.turn++
    const falls = priority < latest[2 * key]!
    latest[2 * key] = priority
    latest[2 * key + 1] = turn
    if (!falls) return
    const slot = this.slots[key]!
    if (priority < this.priorities[slot]!) this.rise(slot, key, priority, turn)
  }

  remove(key: number): void {
    const { priorities, turns } = this
    const slot = this.slots[key]!
    const last = --this.size
    if (slot === last) return
    // The last entry takes its place: from there it can only rise, or only sink.
    const filler = this.keys[last]!
    const priority = priorities[last]!
    const turn = turns[last]!
    if (precedes(priority, turn, priorities[slot]!, turns[slot]!)) this.rise(slot, filler, priority, turn)
    else this.sink(slot, filler, priority, turn)
  }

  private rise(from: number, key: number, priority: number, turn: number): void {
    const { priorities, turns } = this
    let slot = from
    while (slot > 0) {
      const parent = (slot - 1) >>> 2
      if (!precedes(priority, turn, priorities[parent]!, turns[parent]!)) break
      this.put(slot, this.keys[parent]!, priorities[parent]!, turns[parent]!)
      slot = parent
    }
    this.put(slot, key, priority, turn)
  }

  private sink(from: number, key: number, priority: number, turn: number): void {
    const { priorities, turns, size } = this
    let slot = from
    for (;;) {
      let least = 4 * slot + 1
      if (least >= size) break
      const end = Math.min(least + 4, size)
      for (let child = least + 1; child < end; child++) {
        if (precedes(priorities[child]!, turns[child]!, priorities[least]!, turns[least]!)) least = child
      }
      if (!precedes(priorities[least]!, turns[least]!, priority, turn)) break
      this.put(slot, this.keys[least]!, priorities[least]!, turns[least]!)
      slot = least
    }
    this.put(slot, key, priority, turn)
  }

  private put(slot: number, key: number, priority: number, turn: number): void {
    this.keys[slot] = key
    this.priorities[slot] = priority
    this.turns[slot] = turn
    this.slots[key] = slot
  }
}

function precedes(priority: number, turn: number, otherPriority: number, otherTurn: number): boolean {
  return priority < otherPriority || (priority === otherPriority && turn < otherTurn)
}
