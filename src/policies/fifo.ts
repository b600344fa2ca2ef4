import { definePolicy, type EvictionPolicy } from '../core/policy.ts'

const EMPTY = 0xffff_ffff

/**
 * Arrival order in a circular queue. A hit touches nothing, and an eviction reads the queue in sequence; a key removed
 * from the middle leaves an empty slot that eviction skips, and the queue is packed when it comes full circle.
 */
class Fifo implements EvictionPolicy {
  private readonly queue: Uint32Array
  private readonly mask: number
  /** [keyCount] slot of each resident key. */
  private readonly slots: Uint32Array
  /** Head and tail count up and are masked on use; the queue holds tail − head slots. */
  private head = 0
  private tail = 0

  constructor(keyCount: number, maxEntries: number) {
    // One slot more than there can be entries, so that a full circle always has an empty slot to pack away.
    const length = 2 ** Math.ceil(Math.log2(maxEntries + 1))
    this.queue = new Uint32Array(length)
    this.mask = length - 1
    this.slots = new Uint32Array(keyCount)
  }

  touch(): void {}

  insert(key: number): void {
    if (this.tail - this.head > this.mask) this.pack()
    const slot = this.tail++ & this.mask
    this.queue[slot] = key
    this.slots[key] = slot
  }

  evict(): number {
    for (;;) {
      const key = this.queue[this.head++ & this.mask]!
      if (key !== EMPTY) return key
    }
  }

  remove(key: number): void {
    this.queue[this.slots[key]!] = EMPTY
  }

  private pack(): void {
    let tail = this.head
    for (let at = this.head; at < this.tail; at++) {
      const key = this.queue[at & this.mask]!
      if (key === EMPTY) continue
      this.queue[tail & this.mask] = key
      this.slots[key] = tail++ & this.mask
    }
    this.tail = tail
  }
}

export default definePolicy({
  name: 'fifo',
  summary: 'evicts the key that came in first',
  create: ({ keyCount, maxEntries }) => new Fifo(keyCount, maxEntries),
})
