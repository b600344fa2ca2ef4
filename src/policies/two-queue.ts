import { KeyLists } from '../core/key-lists.ts'
import { definePolicy, type EvictionPolicy, type PolicyContext } from '../core/policy.ts'

/** Resident, seen once: first-in-first-out. */
const A1_IN = 1
/** Ghosts of those, first-in-first-out. */
const A1_OUT = 2
/** Resident, came back: least recently used. */
const AM = 3

const NONE = -1

/**
 * The full version of 2Q. A newcomer waits in A1in, where hits count for nothing, since they are often one use in
 * several requests; from there it goes to A1out, which remembers keys without values, and one that is asked for again
 * while it is remembered belongs to Am. A1in gives up a key while it is over its share, else Am does.
 */
class TwoQueue implements EvictionPolicy {
  private readonly lists: KeyLists
  private readonly sizeOf: (key: number) => number
  /** Shares, in entries or bytes. */
  private readonly inShare: number
  private readonly outShare: number
  /** The incoming key, where it was in A1out, which it left before its room was made. */
  private returning = NONE

  constructor({ memory, keyCount, capacity, sizeOf }: PolicyContext, kin: number, kout: number) {
    this.lists = new KeyLists(memory, keyCount, AM)
    this.sizeOf = sizeOf
    this.inShare = Math.floor(capacity * kin)
    this.outShare = Math.floor(capacity * kout)
  }

  touch(key: number): void {
    const { lists } = this
    if (lists.listOf(key) === AM) lists.moveToFirst(AM, key, this.sizeOf(key))
    else lists.reweigh(key, this.sizeOf(key))
  }

  insert(key: number): void {
    this.recall(key)
    this.lists.pushFirst(this.returning === key ? AM : A1_IN, key, this.sizeOf(key))
    this.returning = NONE
  }

  victim(): number {
    const { lists } = this
    return lists.last(lists.weight(A1_IN) > this.inShare || lists.isEmpty(AM) ? A1_IN : AM)
  }

  evict(incoming: number): number {
    const { lists } = this
    this.recall(incoming)
    const victim = this.victim()
    const fromIn = lists.listOf(victim) === A1_IN
    const weight = lists.weightOf(victim)
    lists.remove(victim)
    if (fromIn) this.remember(victim, weight)
    return victim
  }

  remove(key: number): void {
    this.lists.remove(key)
  }

  private recall(incoming: number): void {
    if (this.lists.listOf(incoming) !== A1_OUT) return
    this.lists.remove(incoming)
    this.returning = incoming
  }

  private remember(key: number, weight: number): void {
    const { lists, outShare } = this
    if (weight > outShare) return
    while (lists.weight(A1_OUT) + weight > outShare) lists.remove(lists.last(A1_OUT))
    lists.pushFirst(A1_OUT, key, weight)
  }
}

export default definePolicy({
  name: '2q',
  summary: 'a queue for newcomers, and LRU for keys that come back soon after leaving it',
  paper: 'Johnson, Shasha: 2Q: a low overhead high performance buffer management replacement algorithm, 1994',
  parameters: {
    kin: {
      type: 'number',
      default: 0.25,
      minimum: 0,
      maximum: 1,
      description: 'share of the cache that newcomers hold (A1in)',
    },
    kout: {
      type: 'number',
      default: 0.5,
      minimum: 0,
      maximum: 100,
      description: 'keys remembered after leaving it (A1out), as a share of what the cache holds',
    },
  },
  create: (context, { kin, kout }) => new TwoQueue(context, kin, kout),
})
