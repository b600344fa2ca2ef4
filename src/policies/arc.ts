import { KeyLists } from '../core/key-lists.ts'
import { definePolicy, type EvictionPolicy, type PolicyContext } from '../core/policy.ts'

// The paper's names. T1: resident, seen once lately; T2: seen twice or more; B1 and B2: keys that left each, without
// values. All most recently used first.
const T1 = 1
const T2 = 2
const B1 = 3
const B2 = 4

const NONE = -1

/**
 * Two LRU lists, of keys seen once and of keys seen again, whose shares of the cache follow the ghosts: a request for a
 * key that left T1 raises T1's target, one for a key that left T2 lowers it. The target is a real number (Figure 4 of the
 * paper). With byte sizes lists are measured in bytes, and the target moves by the bytes of the key that was missed.
 *
 * The paper drops ghosts before it replaces; here they are dropped when the newcomer is in, which are the same ghosts,
 * and holds after keys were removed too.
 */
class Arc implements EvictionPolicy {
  private readonly lists: KeyLists
  private readonly sizeOf: (key: number) => number
  private readonly capacity: number
  /** What T1 should hold, 0 … capacity. The paper's p. */
  private target = 0
  /** The incoming key, where it was a ghost before its room was made, and the list it was in. */
  private recalled = NONE
  private recalledFrom = B1

  constructor({ memory, keyCount, capacity, sizeOf }: PolicyContext) {
    this.lists = new KeyLists(memory, keyCount, B2)
    this.sizeOf = sizeOf
    this.capacity = capacity
  }

  touch(key: number): void {
    this.lists.moveToFirst(T2, key, this.sizeOf(key))
  }

  insert(key: number): void {
    const { lists, capacity } = this
    this.recall(key)
    lists.pushFirst(this.recalled === key ? T2 : T1, key, this.sizeOf(key))
    this.recalled = NONE
    while (lists.weight(T1) + lists.weight(B1) > capacity && !lists.isEmpty(B1)) lists.remove(lists.last(B1))
    const residents = lists.weight(T1) + lists.weight(T2)
    while (residents + lists.weight(B1) + lists.weight(B2) > 2 * capacity && !lists.isEmpty(B2)) {
      lists.remove(lists.last(B2))
    }
  }

  victim(incoming: number): number {
    const { lists } = this
    const target = this.targetFor(incoming)
    const seenOnce = lists.weight(T1)
    const leftT2 = lists.listOf(incoming) === B2 || (this.recalled === incoming && this.recalledFrom === B2)
    const overTarget = seenOnce > target || (seenOnce === target && leftT2)
    return lists.last(lists.isEmpty(T2) || (overTarget && !lists.isEmpty(T1)) ? T1 : T2)
  }

  evict(incoming: number): number {
    const { lists } = this
    this.recall(incoming)
    const victim = this.victim(incoming)
    lists.moveToFirst(lists.listOf(victim) === T1 ? B1 : B2, victim, lists.weightOf(victim))
    return victim
  }

  remove(key: number): void {
    this.lists.remove(key)
  }

  /** Where the incoming key is a ghost, adapts the target to that and takes it from the ghosts. */
  private recall(incoming: number): void {
    const list = this.lists.listOf(incoming)
    if (list !== B1 && list !== B2) return
    this.target = this.targetFor(incoming)
    this.lists.remove(incoming)
    this.recalled = incoming
    this.recalledFrom = list
  }

  /** The target once it has been adapted to the incoming key, if that is a ghost. */
  private targetFor(incoming: number): number {
    const { lists, target } = this
    const list = lists.listOf(incoming)
    if (list !== B1 && list !== B2) return target
    const ratio = list === B1 ? lists.weight(B2) / lists.weight(B1) : lists.weight(B1) / lists.weight(B2)
    const step = Math.max(1, ratio) * this.sizeOf(incoming)
    return list === B1 ? Math.min(target + step, this.capacity) : Math.max(target - step, 0)
  }
}

export default definePolicy({
  name: 'arc',
  summary:
    'LRU of keys seen once beside LRU of keys seen again, in shares that adapt to what was evicted too early',
  paper: 'Megiddo, Modha: ARC: a self-tuning, low overhead replacement cache, 2003',
  create: (context) => new Arc(context),
})
