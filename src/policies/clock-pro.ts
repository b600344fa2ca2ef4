import { definePolicy, type EvictionPolicy, type PolicyContext } from '../core/policy.ts'

// Fields of a key, interleaved: 16 bytes, four keys a cache line.
const SHIFT = 2
const PREVIOUS = 0
const NEXT = 1
const STATE = 2
const WEIGHT = 3

// What a key is: absent 0, gone but in its test period TEST alone, else resident, hot or cold.
const RESIDENT = 1
const HOT = 2
const TEST = 4
const USED = 8

const NONE = 0xffff_ffff

/**
 * LIRS with one clock and three hands. A newcomer is cold and in a test period: used again in it, resident or gone, it
 * becomes hot. The cold hand finds the victim, a cold key not used since; in its test period it stays in the clock without
 * its value. One that was used outside of a test period starts a new one. The hot hand turns a hot key not used since into a cold one, and ends the test periods it passes. The test
 * hand ends test periods while more keys are gone than the cache holds. What cold keys should hold grows with every use
 * in a test period and shrinks with every test period that ends without one.
 *
 * Keys enter the clock just behind the hot hand. With byte sizes all is measured in bytes.
 */
class ClockPro implements EvictionPolicy {
  private readonly fields: Uint32Array
  private readonly sizeOf: (key: number) => number
  private readonly capacity: number
  private readonly sizesChange: boolean
  /** The three hands: keys, or NONE where the clock is empty. */
  private hotHand = NONE
  private coldHand = NONE
  private testHand = NONE
  /** What resident cold keys should hold, 1 … capacity. The paper's m_c. */
  private coldTarget: number
  private coldCount = 0
  private hotWeight = 0
  private goneWeight = 0
  /** The incoming key, where it was in its test period before its room was made. */
  private returning = NONE

  constructor({ memory, keyCount, capacity, capacityUnit, sizeOf }: PolicyContext, cold: number) {
    this.fields = memory.uint32(keyCount << SHIFT)
    this.sizeOf = sizeOf
    this.capacity = capacity
    this.sizesChange = capacityUnit === 'bytes'
    this.coldTarget = Math.max(1, Math.floor(capacity * cold))
  }

  touch(key: number): void {
    const { fields } = this
    const at = key << SHIFT
    const state = fields[at + STATE]! | USED
    fields[at + STATE] = state
    if (!this.sizesChange) return
    const size = this.sizeOf(key)
    if ((state & HOT) !== 0) this.hotWeight += size - fields[at + WEIGHT]!
    fields[at + WEIGHT] = size
  }

  insert(key: number): void {
    this.recall(key)
    const returned = this.returning === key
    this.returning = NONE
    this.fields[(key << SHIFT) + WEIGHT] = this.sizeOf(key)
    this.link(key, returned ? RESIDENT | HOT : RESIDENT | TEST)
    if (returned) this.demoteHot()
  }

  victim(incoming: number): number {
    this.recall(incoming)
    const { fields } = this
    for (;;) {
      if (this.coldCount === 0) this.runHotHand()
      const key = this.coldHand
      const at = key << SHIFT
      const state = fields[at + STATE]!
      if ((state & (RESIDENT | HOT | USED)) === RESIDENT) return key
      this.coldHand = fields[at + NEXT]!
      if ((state & (RESIDENT | HOT)) !== RESIDENT) continue
      this.unlink(key)
      const inTest = (state & TEST) !== 0
      this.link(key, inTest ? RESIDENT | HOT : RESIDENT | TEST)
      if (!inTest) continue
      this.adapt(fields[at + WEIGHT]!)
      this.demoteHot()
    }
  }

  evict(incoming: number): number {
    const { fields } = this
    const victim = this.victim(incoming)
    const at = victim << SHIFT
    this.coldHand = fields[at + NEXT]!
    if ((fields[at + STATE]! & TEST) === 0) this.unlink(victim)
    else {
      fields[at + STATE] = TEST
      this.coldCount--
      this.goneWeight += fields[at + WEIGHT]!
      while (this.goneWeight > this.capacity) this.runTestHand()
    }
    return victim
  }

  remove(key: number): void {
    this.unlink(key)
  }

  /** Turns hot keys cold until the others fit what is left for them. */
  private demoteHot(): void {
    while (this.hotWeight > this.capacity - this.coldTarget) this.runHotHand()
  }

  /** Turns one hot key cold. There must be one. */
  private runHotHand(): void {
    const { fields } = this
    for (;;) {
      const key = this.hotHand
      const at = key << SHIFT
      const state = fields[at + STATE]!
      this.hotHand = fields[at + NEXT]!
      if ((state & HOT) === 0) this.endTest(key)
      else if ((state & USED) !== 0) fields[at + STATE] = RESIDENT | HOT
      else {
        fields[at + STATE] = RESIDENT
        this.hotWeight -= fields[at + WEIGHT]!
        this.coldCount++
        return
      }
    }
  }

  private runTestHand(): void {
    const key = this.testHand
    this.testHand = this.fields[(key << SHIFT) + NEXT]!
    this.endTest(key)
  }

  /** Ends the test period of a key, if it is in one; a key that is gone then leaves the clock. */
  private endTest(key: number): void {
    const at = key << SHIFT
    const state = this.fields[at + STATE]!
    if ((state & TEST) === 0) return
    if ((state & USED) === 0) this.adapt(-this.fields[at + WEIGHT]!)
    if (state === TEST) this.unlink(key)
    else this.fields[at + STATE] = state & ~TEST
  }

  private adapt(by: number): void {
    this.coldTarget = Math.min(Math.max(this.coldTarget + by, 1), this.capacity)
  }

  /** Where the incoming key is in its test period, that is a use in it. */
  private recall(incoming: number): void {
    const at = incoming << SHIFT
    if (this.fields[at + STATE] !== TEST) return
    this.adapt(this.fields[at + WEIGHT]!)
    this.unlink(incoming)
    this.returning = incoming
  }

  /** Puts a key of known weight into the clock, just behind the hot hand. */
  private link(key: number, state: number): void {
    const { fields } = this
    const at = key << SHIFT
    fields[at + STATE] = state
    if ((state & HOT) === 0) this.coldCount++
    else this.hotWeight += fields[at + WEIGHT]!
    if (this.hotHand === NONE) {
      fields[at + PREVIOUS] = key
      fields[at + NEXT] = key
      this.hotHand = key
      this.coldHand = key
      this.testHand = key
      return
    }
    const next = this.hotHand << SHIFT
    const previous = fields[next + PREVIOUS]!
    fields[at + PREVIOUS] = previous
    fields[at + NEXT] = this.hotHand
    fields[(previous << SHIFT) + NEXT] = key
    fields[next + PREVIOUS] = key
  }

  /** Takes a key out of the clock; hands that point at it go on to the next. */
  private unlink(key: number): void {
    const { fields } = this
    const at = key << SHIFT
    const state = fields[at + STATE]!
    if (state === TEST) this.goneWeight -= fields[at + WEIGHT]!
    else if ((state & HOT) === 0) this.coldCount--
    else this.hotWeight -= fields[at + WEIGHT]!
    fields[at + STATE] = 0
    const previous = fields[at + PREVIOUS]!
    const next = fields[at + NEXT]!
    fields[(previous << SHIFT) + NEXT] = next
    fields[(next << SHIFT) + PREVIOUS] = previous
    const onwards = next === key ? NONE : next
    if (this.hotHand === key) this.hotHand = onwards
    if (this.coldHand === key || onwards === NONE) this.coldHand = onwards
    if (this.testHand === key) this.testHand = onwards
  }
}

export default definePolicy({
  name: 'clock-pro',
  summary: 'LIRS with a clock: hot and cold keys, and a test period in which a cold key can become hot',
  paper: 'Jiang, Chen, Zhang: CLOCK-Pro: an effective improvement of the CLOCK replacement, 2005',
  parameters: {
    cold: {
      type: 'number',
      default: 0.01,
      minimum: 0,
      maximum: 1,
      description: 'share of the cache for cold keys to start with, from where it adapts; one entry at least',
    },
  },
  create: (context, { cold }) => new ClockPro(context, cold),
})
