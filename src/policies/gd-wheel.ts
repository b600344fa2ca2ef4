import { KeyLists } from '../core/key-lists.ts'
import { definePolicy, type EvictionPolicy, type PolicyContext } from '../core/policy.ts'

interface Settings {
  readonly wheels: number
  readonly slots: number
  readonly unit: number
}

/**
 * GreedyDual in constant time, for costs in whole units: in place of a heap, wheels of queues like those of a clock. A
 * key lies as many queues ahead of the lowest wheel's hand as its cost has units; what is dearer than a turn of that
 * wheel lies on the next one, a queue of which is a whole turn, and so on. Room is made where the hand next finds a key,
 * of several the least recently used. At the end of a turn the next wheel moves on by one, and what it finds there goes
 * down a wheel with what is left of its cost.
 *
 * Where costs fit the lowest wheel, that is GreedyDual. Dearer keys go too soon by as much as the wheels below had
 * turned when they were used: at most one turn, as published. The cost of a higher wheel is rounded down, so that the
 * turns and what is left add up to the cost. A cost above the range of all wheels counts as the highest in it. Sizes do
 * not count, in bytes neither.
 */
class GdWheel implements EvictionPolicy {
  /** A list a queue, the most recently used first: those of the lowest wheel, then those of the next. */
  private readonly queues: KeyLists
  private readonly costOf: (key: number) => number
  private readonly slots: number
  private readonly unit: number
  /** [wheels] costs in units that a queue of each stands for. */
  private readonly widths: number[]
  /** [wheels] the queue each hand points to. */
  private readonly hands: number[]
  /** [wheels] keys on each. */
  private readonly counts: number[]
  private readonly highest: number

  constructor(context: PolicyContext, { wheels, slots, unit }: Settings) {
    this.queues = new KeyLists(context.memory, context.keyCount, wheels * slots)
    this.costOf = context.costOf
    this.slots = slots
    this.unit = unit
    this.widths = Array.from({ length: wheels }, (_, wheel) => slots ** wheel)
    this.hands = this.widths.map(() => 0)
    this.counts = this.widths.map(() => 0)
    this.highest = slots ** wheels - 1
  }

  touch(key: number): void {
    this.remove(key)
    this.insert(key)
  }

  insert(key: number): void {
    const cost = this.unitsOf(key)
    let wheel = this.widths.length - 1
    while (wheel > 0 && cost < this.widths[wheel]!) wheel--
    this.put(key, wheel, cost)
  }

  evict(): number {
    const victim = this.victim()
    this.remove(victim)
    return victim
  }

  victim(): number {
    const { queues, hands, counts, slots } = this
    while (queues.isEmpty(1 + hands[0]!)) {
      // An empty wheel turns at once.
      hands[0] = counts[0] === 0 ? 0 : (hands[0]! + 1) % slots
      if (hands[0] === 0) this.moveOn(1)
    }
    return queues.last(1 + hands[0]!)
  }

  remove(key: number): void {
    this.counts[Math.floor((this.queues.listOf(key) - 1) / this.slots)]!--
    this.queues.remove(key)
  }

  /** Moves the hand of a wheel on by one queue, and what is there a wheel down; the least recently used goes first. */
  private moveOn(wheel: number): void {
    const { queues, hands, slots, widths } = this
    if (wheel === widths.length) return
    hands[wheel] = this.isEmptyUpTo(wheel) ? 0 : (hands[wheel]! + 1) % slots
    if (hands[wheel] === 0) this.moveOn(wheel + 1)
    const queue = 1 + wheel * slots + hands[wheel]
    while (!queues.isEmpty(queue)) {
      const key = queues.last(queue)
      this.remove(key)
      this.put(key, wheel - 1, this.unitsOf(key) % widths[wheel]!)
    }
  }

  private put(key: number, wheel: number, cost: number): void {
    const slot = (this.hands[wheel]! + Math.floor(cost / this.widths[wheel]!)) % this.slots
    this.queues.pushFirst(1 + wheel * this.slots + slot, key, 1)
    this.counts[wheel]!++
  }

  private isEmptyUpTo(wheel: number): boolean {
    for (let lower = 0; lower <= wheel; lower++) if (this.counts[lower] !== 0) return false
    return true
  }

  private unitsOf(key: number): number {
    return Math.min(Math.round(this.costOf(key) / this.unit), this.highest)
  }
}

export default definePolicy({
  name: 'gd-wheel',
  summary:
    'greedy-dual in constant time, with costs rounded to units that are kept in queues like those of a clock',
  paper: 'Li, Cox: GD-Wheel: a cost-aware replacement policy for key-value stores, 2015',
  parameters: {
    wheels: {
      type: 'integer',
      default: 2,
      minimum: 1,
      maximum: 4,
      description: 'wheels, each of which counts turns of the one below',
    },
    slots: { type: 'integer', default: 256, minimum: 2, maximum: 4096, description: 'queues of a wheel' },
    unit: {
      type: 'number',
      default: 1,
      minimum: 0.001,
      maximum: 1e6,
      description: 'milliseconds of cost that a queue of the lowest wheel stands for',
    },
  },
  needs: ['costs'],
  create: (context, settings) => new GdWheel(context, settings),
})
