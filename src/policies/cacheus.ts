import { IndexedHeap } from '../core/heap.ts'
import { KeyLists } from '../core/key-lists.ts'
import { definePolicy, type EvictionPolicy, type PolicyContext } from '../core/policy.ts'
import type { Random } from '../core/random.ts'
import { weightAfterRegret } from '../core/regret.ts'

// The lists, each with the most recently used first. The paper's names: R of keys that were reused, SR of newcomers and
// of those that R has no room for, and a history for each expert.
const R = 1
const SR = 2
const LRU_HISTORY = 3
const LFU_HISTORY = 4

// Flags of a key. Demoted: in SR, came there from R. New: came in when the cache was full.
const DEMOTED = 1
const NEW = 2

const NONE = -1

/** Share of SR at the start. */
const SR_SHARE = 0.01
const LEAST_RATE = 0.001
const MOST_RATE = 1
/** Periods without success until the learning rate is set back. */
const PATIENCE = 10

/**
 * Two experts and a weight for each, the chance that it chooses the victim, as in LeCaR; but the experts are better and
 * the learning rate adapts. SR-LRU, against scans, gives up the least recently used of those that were not reused, in a
 * share that adapts: a demoted key that is used again asks for more room for R, a new one that comes back from the
 * history for more room for SR. CR-LFU, against churn, gives up the least frequently used, of several the most recently
 * used. A key that comes back from the history of an expert lowers that one's weight, comes back into R, and has its uses
 * of before. Histories are of half the capacity each.
 *
 * Where paper and authors' code differ it is the code, whose results they published: initial learning rate and what it is
 * set back to, changes of it at random, limits. Their code reckons the uses of a key that comes back one too low, against
 * what it sets out to do; here they are right. In bytes, lists are measured in bytes, shares move by the bytes of the key
 * that asks, and a period is as many requests as there are entries when it begins, the first one at the first eviction.
 */
class Cacheus implements EvictionPolicy {
  private readonly lists: KeyLists
  /** Residents by uses, of several with as many the most recently used first. */
  private readonly heap: IndexedHeap
  /** [keyCount] uses of each key that is resident or in a history. */
  private readonly counts: Uint32Array
  /** [keyCount] */
  private readonly flags: Uint8Array
  private readonly sizeOf: (key: number) => number
  private readonly random: Random
  private readonly capacity: number
  private readonly historyShare: number
  /** A power of 2 by which the index of a request becomes less than a use. */
  private readonly recency: number
  private readonly rate: LearningRate
  private entries = 0
  /** Keys that are demoted, and new ones in the history of SR-LRU. */
  private demoted = 0
  private newInHistory = 0
  private limitOfR: number
  /** The chance that SR-LRU chooses; CR-LFU has the rest. */
  private lruWeight = 0.5
  /** The request for which the state below holds, once it was a miss. */
  private missedAt = NONE
  private recalled = false
  private evicted = false
  private drawn = NONE
  private drawnByLru = false

  constructor(context: PolicyContext) {
    const { memory, keyCount, maxEntries, capacity, capacityUnit, requests, sizeOf, random } = context
    this.lists = new KeyLists(memory, keyCount, 4)
    this.heap = new IndexedHeap(memory, keyCount, maxEntries)
    this.counts = memory.uint32(keyCount)
    this.flags = memory.uint8(keyCount)
    this.sizeOf = sizeOf
    this.random = random
    this.capacity = capacity
    this.historyShare = Math.floor(capacity / 2)
    this.recency = 2 ** -Math.ceil(Math.log2(requests + 2))
    this.limitOfR = capacity - Math.max(1, Math.round(SR_SHARE * capacity))
    this.rate = new LearningRate(random, capacityUnit === 'entries' ? capacity : 0)
  }

  touch(key: number, at: number): void {
    const { lists, flags } = this
    this.rate.count(true, this.entries)
    this.drawn = NONE
    this.counts[key]!++
    this.heap.update(key, this.priority(key, at))
    const size = this.sizeOf(key)
    if (lists.listOf(key) === SR) {
      if (flags[key]! & DEMOTED) {
        this.enlargeR(size)
        this.undemote(key)
      }
      lists.remove(key)
      while (!lists.isEmpty(R) && lists.weight(R) + size > this.limitOfR) this.demote()
      lists.pushFirst(R, key, size)
    } else lists.moveToFirst(R, key, size)
  }

  insert(key: number, at: number): void {
    this.miss(key, at)
    const { lists, capacity, limitOfR } = this
    const size = this.sizeOf(key)
    this.counts[key] = this.recalled ? this.counts[key]! + 1 : 1
    this.flags[key] = 0
    const fillsR = lists.isEmpty(SR) && lists.weight(R) + size <= limitOfR
    const fillsSR = lists.weight(SR) + size <= capacity - limitOfR
    if (this.recalled) {
      lists.pushFirst(R, key, size)
      this.limitR()
    } else if (this.evicted || !(fillsR || fillsSR)) {
      this.flags[key] = NEW
      lists.pushFirst(SR, key, size)
      this.limitR()
    } else lists.pushFirst(fillsR ? R : SR, key, size)
    this.heap.push(key, this.priority(key, at))
    this.entries++
    this.missedAt = NONE
    this.drawn = NONE
  }

  evict(incoming: number, at: number): number {
    const victim = this.victim(incoming, at)
    const agreed = victim === this.leastRecent() && victim === this.heap.first()
    this.drawn = NONE
    this.evicted = true
    this.leave(victim)
    if (!agreed) this.remember(victim, this.drawnByLru ? LRU_HISTORY : LFU_HISTORY)
    return victim
  }

  victim(incoming: number, at: number): number {
    this.miss(incoming, at)
    if (this.drawn === NONE) {
      this.rate.begin(this.entries)
      this.drawnByLru = this.random() < this.lruWeight
      this.drawn = this.drawnByLru ? this.leastRecent() : this.heap.first()
    }
    return this.drawn
  }

  remove(key: number): void {
    this.drawn = NONE
    this.leave(key)
  }

  private leave(key: number): void {
    if (this.flags[key]! & DEMOTED) this.undemote(key)
    this.lists.remove(key)
    this.heap.remove(key)
    this.entries--
  }

  /** Learns from a miss, once, before room is made for it. */
  private miss(key: number, at: number): void {
    if (this.missedAt === at) return
    this.missedAt = at
    this.drawn = NONE
    this.evicted = false
    this.rate.count(false, this.entries)
    const history = this.lists.listOf(key)
    this.recalled = history !== 0
    if (history === 0) return
    this.forget(key)
    const wasNew = history === LRU_HISTORY && (this.flags[key]! & NEW) !== 0
    if (wasNew) this.enlargeSR(this.sizeOf(key))
    this.lruWeight = weightAfterRegret(this.lruWeight, history === LRU_HISTORY, this.rate.value)
  }

  private leastRecent(): number {
    return this.lists.last(this.lists.isEmpty(SR) ? R : SR)
  }

  private remember(key: number, history: number): void {
    const { lists } = this
    lists.pushFirst(history, key, this.sizeOf(key))
    if (history === LRU_HISTORY && this.flags[key]! & NEW) this.newInHistory++
    while (lists.weight(history) > this.historyShare) this.forget(lists.last(history))
  }

  private forget(key: number): void {
    if (this.lists.listOf(key) === LRU_HISTORY && this.flags[key]! & NEW) this.newInHistory--
    this.lists.remove(key)
  }

  private demote(): void {
    const key = this.lists.last(R)
    this.lists.moveToFirst(SR, key, this.lists.weightOf(key))
    this.flags[key]! |= DEMOTED
    this.demoted++
  }

  private undemote(key: number): void {
    this.flags[key]! &= ~DEMOTED
    this.demoted--
  }

  /** After a miss, R is to have room for one more. */
  private limitR(): void {
    while (!this.lists.isEmpty(R) && this.lists.weight(R) >= this.limitOfR) this.demote()
  }

  private enlargeR(size: number): void {
    const step = Math.max(1, Math.round(this.newInHistory / Math.max(1, this.demoted))) * size
    this.limitOfR = Math.min(this.capacity - 1, this.limitOfR + step)
  }

  private enlargeSR(size: number): void {
    const step = Math.max(1, Math.round(this.demoted / Math.max(1, this.newInHistory))) * size
    const limitOfSR = Math.min(this.capacity - 1, this.capacity - this.limitOfR + step)
    this.limitOfR = this.capacity - limitOfSR
  }

  private priority(key: number, at: number): number {
    return this.counts[key]! - (at + 1) * this.recency
  }
}

/**
 * How fast weights shift. At the end of each period of as many requests as there are entries, it goes on in the direction
 * that last raised the hit rate, or back from the one that lowered it, by as much as it changed before; where it did not
 * change and the hit rate falls, in any direction; and where that is of no use for long, to where it began.
 */
class LearningRate {
  value = 0
  private readonly random: Random
  private initial = 0
  private current = 0
  private previous = 0
  /** Requests of a period, 0 before the first begins. */
  private period = 0
  private requests = 0
  private hits = 0
  private hitRate = 0
  private periodsWithoutUse = 0
  private periodsOfLoss = 0
  private readonly fixed: boolean

  /** @param period requests of every period; 0 where each has as many as there are entries */
  constructor(random: Random, period: number) {
    this.random = random
    this.fixed = period > 0
    if (this.fixed) this.begin(period)
  }

  /** Begins the first period, unless it has begun. */
  begin(entries: number): void {
    if (this.period > 0) return
    this.period = Math.max(1, entries)
    this.value = Math.sqrt((2 * Math.LN2) / this.period)
    this.initial = Math.min(Math.max(this.value, LEAST_RATE), MOST_RATE)
    this.current = this.value
  }

  /** Notes a request. The one that ends a period counts in the next. */
  count(hit: boolean, entries: number): void {
    if (this.period === 0) return
    if (++this.requests === this.period) {
      this.adapt()
      if (!this.fixed) this.period = Math.max(1, entries)
      this.requests = 0
      this.hits = 0
    }
    if (hit) this.hits++
  }

  private adapt(): void {
    const hitRate = rounded(this.hits / this.period)
    const gained = rounded(hitRate - this.hitRate)
    const changed = rounded(this.current) - rounded(this.previous)
    if (changed * gained !== 0) {
      const step = Math.abs(this.value * changed)
      this.value =
        changed * gained > 0
          ? Math.min(this.value + step, MOST_RATE)
          : Math.max(this.value - step, LEAST_RATE)
      this.periodsWithoutUse = 0
      this.periodsOfLoss = 0
    } else if (gained < 0 || (gained === 0 && hitRate === 0)) {
      this.periodsWithoutUse++
      if (gained < 0) this.periodsOfLoss++
      if (this.periodsWithoutUse >= PATIENCE) {
        this.value = this.initial
        this.periodsWithoutUse = 0
      } else if (this.periodsOfLoss >= PATIENCE) {
        this.value = this.initial
        this.periodsOfLoss = 0
      } else if (gained < 0) this.value = this.elsewhere()
    }
    this.previous = this.current
    this.current = this.value
    this.hitRate = hitRate
  }

  private elsewhere(): number {
    if (this.value >= MOST_RATE) return 0.9
    if (this.value <= LEAST_RATE) return 0.005
    return this.random() < 0.5
      ? Math.min(this.value * 1.25, MOST_RATE)
      : Math.max(this.value * 0.75, LEAST_RATE)
  }
}

/** To three decimals. */
function rounded(value: number): number {
  return Number(value.toFixed(3))
}

export default definePolicy({
  name: 'cacheus',
  summary:
    'as lecar, with experts that withstand scans and churn, and a learning rate that follows the hit rate',
  paper:
    'Rodriguez, Yusuf, Lyons, Paz, Rangaswami, Liu, Zhao, Narasimhan: Learning cache replacement with CACHEUS, 2021',
  create: (context) => new Cacheus(context),
})
