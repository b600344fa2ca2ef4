import { KeyLists } from '../core/key-lists.ts'
import { definePolicy, type EvictionPolicy, type PolicyContext } from '../core/policy.ts'

// The paper's names, as in ARC. T1 and T2 are clocks, whose hand is the front of the list and whose newest stand at the
// back; B1 and B2 are ghosts, most recently left first.
const T1 = 1
const T2 = 2
const B1 = 3
const B2 = 4

/**
 * ARC with clocks for its two LRU lists: a hit sets a bit and nothing else. A key of T1 whose bit is set when the hand
 * comes to it moves to T2. The target of T1 adapts after room was made (Figure 2 of the paper). With byte sizes lists are
 * measured in bytes, and the target moves by the bytes of the key that was missed. Ghosts are dropped when the newcomer
 * is in, as in `arc`.
 */
class Car implements EvictionPolicy {
  private readonly lists: KeyLists
  /** [keyCount] reference bit of each resident key. */
  private readonly used: Uint8Array
  private readonly sizeOf: (key: number) => number
  private readonly capacity: number
  private readonly sizesChange: boolean
  /** What T1 should hold, 0 … capacity. The paper's p. */
  private target = 0

  constructor({ memory, keyCount, capacity, capacityUnit, sizeOf }: PolicyContext) {
    this.lists = new KeyLists(memory, keyCount, B2)
    this.used = memory.uint8(keyCount)
    this.sizeOf = sizeOf
    this.capacity = capacity
    this.sizesChange = capacityUnit === 'bytes'
  }

  touch(key: number): void {
    this.used[key] = 1
    if (this.sizesChange) this.lists.reweigh(key, this.sizeOf(key))
  }

  insert(key: number): void {
    const { lists, capacity } = this
    const size = this.sizeOf(key)
    const list = lists.listOf(key)
    if (list !== 0) {
      this.adapt(list, size)
      lists.moveToLast(T2, key, size)
      return
    }
    lists.pushLast(T1, key, size)
    while (lists.weight(T1) + lists.weight(B1) > capacity && !lists.isEmpty(B1)) lists.remove(lists.last(B1))
    const residents = lists.weight(T1) + lists.weight(T2)
    while (residents + lists.weight(B1) + lists.weight(B2) > 2 * capacity && !lists.isEmpty(B2)) {
      lists.remove(lists.last(B2))
    }
  }

  victim(): number {
    const { lists, used } = this
    const share = Math.max(1, this.target)
    for (;;) {
      const fromT1 = lists.isEmpty(T2) || (lists.weight(T1) >= share && !lists.isEmpty(T1))
      const key = lists.first(fromT1 ? T1 : T2)
      if (used[key] === 0) return key
      used[key] = 0
      lists.moveToLast(T2, key, lists.weightOf(key))
    }
  }

  evict(): number {
    const { lists } = this
    const victim = this.victim()
    lists.moveToFirst(lists.listOf(victim) === T1 ? B1 : B2, victim, lists.weightOf(victim))
    return victim
  }

  remove(key: number): void {
    this.used[key] = 0
    this.lists.remove(key)
  }

  private adapt(from: number, size: number): void {
    const { lists } = this
    const ratio = from === B1 ? lists.weight(B2) / lists.weight(B1) : lists.weight(B1) / lists.weight(B2)
    const step = Math.max(1, ratio) * size
    this.target = from === B1 ? Math.min(this.target + step, this.capacity) : Math.max(this.target - step, 0)
  }
}

export default definePolicy({
  name: 'car',
  summary: 'ARC with clocks: a hit sets a bit, and moves nothing',
  paper: 'Bansal, Modha: CAR: clock with adaptive replacement, 2004',
  create: (context) => new Car(context),
})
