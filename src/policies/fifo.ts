import { FifoQueue } from '../core/fifo-queue.ts'
import type { Memory } from '../core/memory.ts'
import { definePolicy, type EvictionPolicy } from '../core/policy.ts'

/** Arrival order in a queue; a hit touches nothing. */
class Fifo implements EvictionPolicy {
  private readonly queue: FifoQueue

  constructor(memory: Memory, keyCount: number, maxEntries: number) {
    this.queue = new FifoQueue(memory, keyCount, maxEntries)
  }

  touch(): void {}

  insert(key: number): void {
    this.queue.add(key)
  }

  evict(): number {
    return this.queue.take()
  }

  victim(): number {
    return this.queue.first()
  }

  remove(key: number): void {
    this.queue.remove(key)
  }
}

export default definePolicy({
  name: 'fifo',
  summary: 'evicts the key that came in first',
  create: ({ memory, keyCount, maxEntries }) => new Fifo(memory, keyCount, maxEntries),
})
