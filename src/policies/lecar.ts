import { DrawnOnce } from '../core/drawn-once.ts'
import { IndexedHeap } from '../core/heap.ts'
import { KeyLists } from '../core/key-lists.ts'
import { definePolicy, type EvictionPolicy, type PolicyContext } from '../core/policy.ts'
import type { Random } from '../core/random.ts'
import { weightAfterRegret } from '../core/regret.ts'

// The lists, each with the newest first.
const RESIDENT = 1
const LRU_HISTORY = 2
const LFU_HISTORY = 3

/** What is left of a regret after as many requests as there are entries. */
const DISCOUNT = 0.005

const NONE = -1

/**
 * Two policies, LRU and LFU, and a weight for each, the chance that it chooses the victim. A key that comes back while it
 * is in the history of the policy that gave it up is a regret: that policy's weight falls, the more the sooner. A key
 * that both would give up is no one's mistake. Histories are of half the capacity each; a count lives on in them (as in the
 * authors' code, though not in all others).
 */
class LeCaR implements EvictionPolicy {
  private readonly lists: KeyLists
  /** Residents by uses. */
  private readonly heap: IndexedHeap
  /** [keyCount] uses of each key that is resident or in a history; 0 for others. */
  private readonly counts: Uint32Array
  /** [keyCount] request at which each key in a history was given up. */
  private readonly leftAt: Uint32Array
  private readonly sizeOf: (key: number) => number
  private readonly random: Random
  private readonly historyShare: number
  private readonly learningRate: number
  private readonly keepsCounts: boolean
  private entries = 0
  /** The chance that LRU chooses; LFU has the rest. */
  private lruWeight = 0.5
  /** The request whose miss has shifted the weights. */
  private learntAt = NONE
  /** Whether LRU is to choose a request's next victim: 1 or 0. */
  private readonly lruChooses = new DrawnOnce()
  /** The incoming key, where it was in a history, which it left before its room was made. */
  private returning = NONE

  constructor(context: PolicyContext, learningRate: number, keepsCounts: boolean) {
    const { memory, keyCount, maxEntries, capacity } = context
    this.lists = new KeyLists(memory, keyCount, 3)
    this.heap = new IndexedHeap(memory, keyCount, maxEntries)
    this.counts = memory.uint32(keyCount)
    this.leftAt = memory.uint32(keyCount)
    this.sizeOf = context.sizeOf
    this.random = context.random
    this.historyShare = Math.floor(capacity / 2)
    this.learningRate = learningRate
    this.keepsCounts = keepsCounts
  }

  touch(key: number): void {
    this.lists.moveToFirst(RESIDENT, key, this.sizeOf(key))
    this.heap.update(key, ++this.counts[key]!)
  }

  insert(key: number, at: number): void {
    this.learn(key, at)
    this.recall(key)
    this.returning = NONE
    this.lists.pushFirst(RESIDENT, key, this.sizeOf(key))
    this.heap.push(key, ++this.counts[key]!)
    this.entries++
  }

  victim(incoming: number, at: number): number {
    this.learn(incoming, at)
    const { lruChooses } = this
    if (!lruChooses.isOf(at)) lruChooses.keep(Number(this.random() < this.lruWeight), at)
    return lruChooses.value === 1 ? this.lists.last(RESIDENT) : this.heap.first()
  }

  evict(incoming: number, at: number): number {
    const victim = this.victim(incoming, at)
    this.lruChooses.useUp()
    this.recall(incoming)
    const isBoth = this.lists.last(RESIDENT) === this.heap.first()
    this.lists.remove(victim)
    this.heap.remove(victim)
    this.leftAt[victim] = at
    if (isBoth) this.counts[victim] = 0
    else this.remember(victim, this.lruChooses.value === 1 ? LRU_HISTORY : LFU_HISTORY)
    this.entries--
    return victim
  }

  remove(key: number): void {
    this.lists.remove(key)
    this.heap.remove(key)
    this.counts[key] = 0
    this.entries--
  }

  private remember(key: number, history: number): void {
    const { lists, counts, historyShare } = this
    lists.pushFirst(history, key, this.sizeOf(key))
    while (lists.weight(history) > historyShare) {
      const oldest = lists.last(history)
      lists.remove(oldest)
      counts[oldest] = 0
    }
  }

  /** Takes the key that is missed out of the history it is in. One that was taken out before and did not come in is forgotten. */
  private recall(key: number): void {
    if (this.returning !== NONE && this.returning !== key) {
      this.counts[this.returning] = 0
      this.returning = NONE
    }
    if (this.lists.listOf(key) === 0) return
    this.lists.remove(key)
    if (!this.keepsCounts) this.counts[key] = 0
    this.returning = key
  }

  /** Shifts the weights, once, if the key that is missed is in a history. */
  private learn(key: number, at: number): void {
    const history = this.lists.listOf(key)
    if (history === 0 || this.learntAt === at) return
    this.learntAt = at
    const regret = DISCOUNT ** ((at - this.leftAt[key]!) / Math.max(1, this.entries))
    const amount = this.learningRate * regret
    this.lruWeight = weightAfterRegret(this.lruWeight, history === LRU_HISTORY, amount)
  }
}

export default definePolicy({
  name: 'lecar',
  summary: 'LRU or LFU, by chance with weights that learn from what each of them gave up too early',
  paper:
    'Vietri, Rodriguez, Martinez, Lyons, Liu, Rangaswami, Zhao, Narasimhan: Driving cache replacement with ML-based LeCaR, 2018',
  parameters: {
    learningRate: {
      type: 'number',
      default: 0.45,
      minimum: 0,
      maximum: 10,
      description: 'how fast the weights shift; 0 leaves both at one half',
    },
    keepCounts: {
      type: 'boolean',
      default: true,
      description: 'a key that comes back while it is in a history has its uses of before',
    },
  },
  create: (context, { learningRate, keepCounts }) => new LeCaR(context, learningRate, keepCounts),
})
