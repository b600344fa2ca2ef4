import { FrequencySketch } from '../core/frequency-sketch.ts'
import { KeyLists } from '../core/key-lists.ts'
import { definePolicy, type EvictionPolicy, type PolicyContext } from '../core/policy.ts'

// The lists, each with the most recently used first.
const WINDOW = 1
const PROBATION = 2
const PROTECTED = 3

const NONE = -1

// Of the climber, as in Caffeine: first step, as a share of the capacity; what is left of it from step to step; the
// change of the hit rate from which it starts anew.
const STEP = 0.0625
const STEP_DECAY = 0.98
const RESTART = 0.05

interface Settings {
  readonly window: number
  readonly protected: number
  readonly doorkeeper: boolean
  readonly adaptive: boolean
}

/**
 * Newcomers pass through a small LRU window. What falls out of it comes to the main region, a segmented LRU, and if the
 * cache is full, it is weighed against that region's victim: the one asked for more often of late stays, the victim if
 * both were asked for alike. How often is told by a sketch of all requests, hits and misses. A value larger than the
 * window is weighed at once.
 *
 * With `adaptive` the window's share climbs: it is made larger or smaller step by step, on in the direction that last
 * raised the hit rate, else back (Einziger, Eytan, Friedman, Manes: Adaptive software cache management, 2018; steps as
 * in Caffeine).
 */
class WindowTinyLfu implements EvictionPolicy {
  private readonly lists: KeyLists
  private readonly sketch: FrequencySketch
  private readonly sizeOf: (key: number) => number
  private windowShare: number
  private protectedShare: number
  private entries = 0
  /** The request that was counted last. */
  private counted = NONE
  /** Fell out of the window for the request counted last, and is the next to be weighed. */
  private candidate = NONE
  /** Whether the incoming key, too large for the window, is still to be weighed. */
  private weighsIncoming = false

  private readonly adaptive: boolean
  private climbs = false
  private hits = 0
  private misses = 0
  private hitRate = 0
  private step: number
  private readonly firstStep: number

  constructor(context: PolicyContext, settings: Settings) {
    const { memory, capacity, capacityUnit, keyCount, maxEntries, sizeOf } = context
    const main = Math.floor(capacity * (1 - settings.window))
    this.windowShare = capacity - main
    this.protectedShare = Math.floor(main * settings.protected)
    this.lists = new KeyLists(memory, keyCount, 3)
    // How many entries fit into bytes shows as they come.
    this.sketch = new FrequencySketch(memory, capacityUnit === 'bytes' ? 1 : maxEntries, settings.doorkeeper)
    this.sizeOf = sizeOf
    this.adaptive = settings.adaptive
    this.firstStep = STEP * capacity
    this.step = -this.firstStep
  }

  touch(key: number, at: number): void {
    this.count(key, at, true)
    const { lists } = this
    const size = this.sizeOf(key)
    const list = lists.listOf(key)
    if (list === PROBATION && size <= this.protectedShare) lists.moveToFirst(PROTECTED, key, size)
    else lists.moveToFirst(list, key, size)
    if (list !== WINDOW) this.demote()
  }

  insert(key: number, at: number): void {
    this.count(key, at, false)
    const size = this.sizeOf(key)
    this.makeRoomInWindow(size)
    this.lists.pushFirst(size > this.windowShare ? PROBATION : WINDOW, key, size)
    this.sketch.ensureEntries(++this.entries)
    this.candidate = NONE
    this.weighsIncoming = false
  }

  victim(incoming: number, at: number): number {
    this.climbs = this.adaptive
    if (this.counted !== at) {
      this.count(incoming, at, false)
      const size = this.sizeOf(incoming)
      this.candidate = this.makeRoomInWindow(size)
      this.weighsIncoming = size > this.windowShare
    }
    const { candidate } = this
    const victim = this.leastWanted()
    if (candidate !== NONE) return this.sketch.prefers(candidate, victim) ? victim : candidate
    return this.weighsIncoming && !this.sketch.prefers(incoming, victim) ? incoming : victim
  }

  evict(incoming: number, at: number): number {
    const victim = this.victim(incoming, at)
    const { lists, candidate } = this
    if (candidate !== NONE) {
      this.candidate = candidate === lists.first(PROBATION) ? NONE : lists.before(candidate)
    } else if (this.weighsIncoming) {
      this.weighsIncoming = false
      if (victim === incoming) return incoming
    }
    return this.leave(victim)
  }

  remove(key: number): void {
    this.candidate = NONE
    this.leave(key)
  }

  private leave(key: number): number {
    this.lists.remove(key)
    this.entries--
    return key
  }

  private leastWanted(): number {
    const { lists } = this
    const list = lists.isEmpty(PROBATION) ? (lists.isEmpty(PROTECTED) ? WINDOW : PROTECTED) : PROBATION
    return lists.last(list)
  }

  /**
   * Moves what is too much in the window to main, the least recently used first; says which came first, or NONE. For a
   * value that is larger than the window nothing moves: it passes it by.
   */
  private makeRoomInWindow(size: number): number {
    const { lists } = this
    let first = NONE
    const taken = size > this.windowShare ? 0 : size
    while (lists.weight(WINDOW) + taken > this.windowShare && !lists.isEmpty(WINDOW)) {
      const key = lists.last(WINDOW)
      lists.moveToFirst(PROBATION, key, lists.weightOf(key))
      if (first === NONE) first = key
    }
    return first
  }

  private demote(): void {
    const { lists } = this
    while (lists.weight(PROTECTED) > this.protectedShare) {
      const key = lists.last(PROTECTED)
      lists.moveToFirst(PROBATION, key, lists.weightOf(key))
    }
  }

  /** Notes a request, once. */
  private count(key: number, at: number, hit: boolean): void {
    if (this.counted === at) return
    this.counted = at
    this.candidate = NONE
    this.weighsIncoming = false
    this.sketch.add(key)
    if (!this.climbs) return
    if (hit) this.hits++
    else this.misses++
    if (this.hits + this.misses >= this.sketch.sampleSize) this.climb()
  }

  private climb(): void {
    const hitRate = this.hits / (this.hits + this.misses)
    const change = hitRate - this.hitRate
    const amount = change >= 0 ? this.step : -this.step
    this.step = Math.abs(change) >= RESTART ? Math.sign(amount) * this.firstStep : STEP_DECAY * amount
    this.hitRate = hitRate
    this.hits = 0
    this.misses = 0
    if (amount >= 0) this.widen(Math.min(Math.floor(amount), this.protectedShare))
    else this.narrow(Math.min(Math.floor(-amount), Math.max(0, this.windowShare - 1)))
  }

  /** Gives the window a part of the protected share, and takes as much from the end of main, probation first. */
  private widen(share: number): void {
    const { lists } = this
    this.protectedShare -= share
    this.windowShare += share
    this.demote()
    for (let left = share; ; ) {
      const list = lists.isEmpty(PROBATION) ? PROTECTED : PROBATION
      if (lists.isEmpty(list)) return
      const key = lists.last(list)
      left -= lists.weightOf(key)
      if (left < 0) return
      lists.moveToFirst(WINDOW, key, lists.weightOf(key))
    }
  }

  private narrow(share: number): void {
    this.windowShare -= share
    this.protectedShare += share
    this.makeRoomInWindow(0)
  }
}

export default definePolicy({
  name: 'w-tinylfu',
  summary:
    'a small LRU window, and a segmented LRU that lets in only what was asked for more often of late than its victim',
  paper:
    'Einziger, Friedman, Manes: TinyLFU: a highly efficient cache admission policy, 2017; Einziger, Eytan, Friedman, Manes: Adaptive software cache management, 2018',
  parameters: {
    window: {
      type: 'number',
      default: 0.01,
      minimum: 0,
      maximum: 1,
      description: 'share of the capacity that newcomers pass through; where it adapts, at the start',
    },
    protected: {
      type: 'number',
      default: 0.8,
      minimum: 0,
      maximum: 1,
      description: 'share of the rest for keys used again there',
    },
    doorkeeper: {
      type: 'boolean',
      default: true,
      description: 'keys asked for once are kept in a Bloom filter, out of the counters',
    },
    adaptive: {
      type: 'boolean',
      default: false,
      description: 'the share of the window follows the hit rate by hill climbing',
    },
  },
  create: (context, settings) => new WindowTinyLfu(context, settings),
})
