import { IndexedHeap } from '../../core/heap.ts'
import type { Memory } from '../../core/memory.ts'
import type { ExpiryQueue } from '../expiry.ts'

/**
 * The expiry of a tier whose entries come from another tier as often as from the model: one that moves here lives as
 * long as all entries do, but no longer than it would have lived there, so that moving makes none younger.
 */
export class MovedExpiry implements ExpiryQueue {
  readonly expiresAt: Float64Array
  /** When the entry that comes in next leaves at the latest; Infinity for a new one. */
  latest = Infinity
  private readonly heap: IndexedHeap
  private readonly ttlSeconds: number

  constructor(memory: Memory, keyCount: number, maxEntries: number, ttlSeconds: number) {
    this.expiresAt = memory.float64(keyCount)
    this.heap = new IndexedHeap(memory, keyCount, maxEntries)
    this.ttlSeconds = ttlSeconds
  }

  isEmpty(): boolean {
    return this.heap.isEmpty()
  }

  soonest(): number {
    return this.heap.first()
  }

  announce(key: number, now: number): void {
    this.expiresAt[key] = Math.min(now + this.ttlSeconds, this.latest)
  }

  insert(key: number): void {
    this.heap.push(key, this.expiresAt[key]!)
  }

  rewrite(key: number, now: number): void {
    this.announce(key, now)
    this.heap.update(key, this.expiresAt[key]!)
  }

  renew(key: number, now: number): void {
    this.expiresAt[key] = now + this.ttlSeconds
    this.heap.update(key, this.expiresAt[key]!)
  }

  remove(key: number): void {
    this.heap.remove(key)
  }
}
