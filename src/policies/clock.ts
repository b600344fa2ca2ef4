import { FifoQueue } from '../core/fifo-queue.ts'
import { definePolicy, type EvictionPolicy, type PolicyContext } from '../core/policy.ts'

/**
 * A hit raises the key's counter of a few bits; the hand lowers counters above zero and takes the first key that stands
 * at zero. The circle is kept as a queue, whose front is the hand: passing over a key puts it at the back. With one bit
 * this is second chance. A new key starts at zero.
 */
class Clock implements EvictionPolicy {
  private readonly queue: FifoQueue
  /** [keyCount] reference counter of each resident key, 0 … limit. */
  private readonly counters: Uint8Array
  private readonly limit: number

  constructor({ memory, keyCount, maxEntries }: PolicyContext, bits: number) {
    this.queue = new FifoQueue(memory, keyCount, maxEntries)
    this.counters = memory.uint8(keyCount)
    this.limit = 2 ** bits - 1
  }

  touch(key: number): void {
    const counter = this.counters[key]!
    if (counter < this.limit) this.counters[key] = counter + 1
  }

  insert(key: number): void {
    this.queue.add(key)
  }

  victim(): number {
    const { queue, counters } = this
    for (;;) {
      const key = queue.first()
      const counter = counters[key]!
      if (counter === 0) return key
      counters[key] = counter - 1
      queue.putBack(queue.take())
    }
  }

  evict(): number {
    this.victim()
    return this.queue.take()
  }

  remove(key: number): void {
    this.counters[key] = 0
    this.queue.remove(key)
  }
}

export default definePolicy({
  name: 'clock',
  summary: 'evicts the key that came in first, save those used since the hand last passed',
  paper: 'Corbató: A paging experiment with the Multics system, 1968',
  parameters: {
    bits: {
      type: 'integer',
      default: 1,
      minimum: 1,
      maximum: 8,
      description: 'bits of the reference counter: a key is spared for at most 2^bits − 1 rounds of the hand',
    },
  },
  create: (context, { bits }) => new Clock(context, bits),
})
