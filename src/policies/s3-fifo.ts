import { FifoQueue } from '../core/fifo-queue.ts'
import { definePolicy, type EvictionPolicy, type PolicyContext } from '../core/policy.ts'

// State of a key: uses since it came in or was last spared, at most MOST_USES, in the low bits; above them where it is.
const USES = 3
const MOST_USES = 3
const SMALL = 4
const MAIN = 8
const GHOST = 12
/** Remembered as a ghost at the start of the miss that now makes room for it: in no queue. */
const RECALLED = 16
const PLACE = 28

const NONE = -1

interface Settings {
  readonly small: number
  readonly ghost: number
  readonly threshold: number
  readonly fillMain: boolean
}

/**
 * Three queues, first in, first out: a newcomer passes through a small one, and only if it is used there does it move on
 * to the main one; else it leaves, and its key alone is remembered among the ghosts. A key that comes back while it is a
 * ghost goes to main at once. Main gives a key that was used another round, as often as it was used, three times at
 * most. A hit counts one up and moves nothing. In bytes the shares are bytes, those of the ghosts what they had.
 */
class S3Fifo implements EvictionPolicy {
  private readonly small: FifoQueue
  private readonly main: FifoQueue
  private readonly ghosts: FifoQueue
  /** [keyCount] */
  private readonly states: Uint8Array
  private readonly context: PolicyContext
  /** [keyCount] bytes each key in a queue is counted with; absent where entries count. */
  private readonly sizes: Uint32Array | undefined
  private readonly smallShare: number
  private readonly mainShare: number
  private readonly ghostShare: number
  private readonly threshold: number
  private smallWeight = 0
  private mainWeight = 0
  private ghostWeight = 0
  private smallKeys = 0
  /** Newcomers go to main once small is full: until the first eviction, if at all. */
  private fillsMain: boolean
  /** The victim found for a request that may yet give it up: looking again would go on from there. */
  private found = NONE
  private foundAt = NONE
  /** The key that was recalled last. */
  private recalled = NONE

  constructor(context: PolicyContext, { small, ghost, threshold, fillMain }: Settings) {
    const { memory, capacity, capacityUnit, keyCount, maxEntries } = context
    this.context = context
    this.smallShare = Math.floor(capacity * small)
    this.mainShare = capacity - this.smallShare
    this.ghostShare = Math.floor(capacity * ghost)
    this.threshold = threshold
    this.fillsMain = fillMain
    this.states = memory.uint8(keyCount)
    this.sizes = capacityUnit === 'bytes' ? memory.uint32(keyCount) : undefined
    this.small = new FifoQueue(memory, keyCount, maxEntries)
    this.main = new FifoQueue(memory, keyCount, maxEntries)
    const maxGhosts = capacityUnit === 'bytes' ? keyCount : Math.min(this.ghostShare, keyCount)
    this.ghosts = new FifoQueue(memory, keyCount, maxGhosts)
  }

  touch(key: number): void {
    const state = this.states[key]!
    if ((state & USES) < MOST_USES) this.states[key] = state + 1
    if (this.sizes !== undefined) this.reweigh(key)
  }

  insert(key: number): void {
    this.recall(key)
    const weight = this.weigh(key)
    const fills = this.fillsMain && this.smallWeight >= this.smallShare
    if (this.states[key] === RECALLED || fills) {
      this.states[key] = MAIN
      this.main.add(key)
      this.mainWeight += weight
    } else {
      this.states[key] = SMALL
      this.small.add(key)
      this.smallWeight += weight
      this.smallKeys++
    }
  }

  victim(_incoming: number, at: number): number {
    if (this.foundAt !== at) {
      this.found = this.takeVictim()
      this.foundAt = at
      if (this.isSmall(this.found)) {
        this.small.untake()
        this.smallKeys++
      } else this.main.untake()
    }
    return this.found
  }

  evict(incoming: number, at: number): number {
    // Before the victims of this miss push it out of the ghosts.
    this.recall(incoming)
    this.fillsMain = false
    const key = this.foundAt === at ? this.takeFound() : this.takeVictim()
    const weight = this.weightOf(key)
    if (this.isSmall(key)) {
      this.smallWeight -= weight
      this.remember(key, weight)
    } else {
      this.mainWeight -= weight
      this.states[key] = 0
    }
    return key
  }

  remove(key: number): void {
    const inSmall = this.isSmall(key)
    this.states[key] = 0
    if (inSmall) {
      this.small.remove(key)
      this.smallWeight -= this.weightOf(key)
      this.smallKeys--
    } else {
      this.main.remove(key)
      this.mainWeight -= this.weightOf(key)
    }
  }

  /** Takes the victim out of its queue; what it weighs is still counted there. */
  private takeVictim(): number {
    const { small, main, states } = this
    if (this.mainWeight <= this.mainShare) {
      while (this.smallKeys > 0) {
        const key = small.take()
        this.smallKeys--
        if ((states[key]! & USES) < this.threshold) return key
        const weight = this.weightOf(key)
        this.smallWeight -= weight
        states[key] = MAIN
        main.add(key)
        this.mainWeight += weight
      }
    }
    for (;;) {
      const key = main.take()
      const state = states[key]!
      if ((state & USES) === 0) return key
      states[key] = state - 1
      main.putBack(key)
    }
  }

  /** The same, where `victim` found it for this request. */
  private takeFound(): number {
    this.foundAt = NONE
    if (!this.isSmall(this.found)) return this.main.take()
    this.smallKeys--
    return this.small.take()
  }

  private isSmall(key: number): boolean {
    return (this.states[key]! & PLACE) === SMALL
  }

  private remember(key: number, weight: number): void {
    const { ghosts, states, ghostShare } = this
    states[key] = 0
    if (weight > ghostShare) return
    while (this.ghostWeight + weight > ghostShare) {
      const forgotten = ghosts.take()
      states[forgotten] = 0
      this.ghostWeight -= this.weightOf(forgotten)
    }
    states[key] = GHOST
    ghosts.add(key)
    this.ghostWeight += weight
  }

  private recall(key: number): void {
    if (this.states[key] !== GHOST) return
    // One that was recalled before and did not come in is forgotten.
    if (this.recalled !== NONE && this.states[this.recalled] === RECALLED) this.states[this.recalled] = 0
    this.recalled = key
    this.states[key] = RECALLED
    this.ghosts.remove(key)
    this.ghostWeight -= this.weightOf(key)
  }

  private weightOf(key: number): number {
    return this.sizes === undefined ? 1 : this.sizes[key]!
  }

  /** Notes what a key that comes in weighs. */
  private weigh(key: number): number {
    if (this.sizes === undefined) return 1
    const size = this.context.sizeOf(key)
    this.sizes[key] = size
    return size
  }

  /** A resident key may have been written over by a value of another size. */
  private reweigh(key: number): void {
    const before = this.weightOf(key)
    const change = this.weigh(key) - before
    if (this.isSmall(key)) this.smallWeight += change
    else this.mainWeight += change
  }
}

export default definePolicy({
  name: 's3-fifo',
  summary:
    'a small FIFO queue tries newcomers out, the main one keeps keys that were used or that come back soon',
  paper: 'Yang, Zhang, Qiu, Yue, Rashmi: FIFO queues are all you need for cache eviction, 2023',
  parameters: {
    small: {
      type: 'number',
      default: 0.1,
      minimum: 0,
      maximum: 1,
      description: 'share of the capacity that newcomers pass through',
    },
    ghost: {
      type: 'number',
      default: 0.9,
      minimum: 0,
      maximum: 10,
      description: 'keys remembered after they left, as a share of the capacity',
    },
    threshold: {
      type: 'integer',
      default: 2,
      minimum: 1,
      maximum: 3,
      description: 'uses that take a newcomer to the main queue',
    },
    fillMain: {
      type: 'boolean',
      default: false,
      description: 'until the cache is full, newcomers go to the main queue once the small one is full',
    },
  },
  create: (context, settings) => new S3Fifo(context, settings),
})
