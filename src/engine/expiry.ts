import { IndexedHeap } from '../core/heap.ts'
import { LinkedList } from '../core/linked-list.ts'
import type { Memory } from '../core/memory.ts'

/** When entries expire, soonest first; of several that expire together, the one that came to that expiry first. */
export interface ExpiryQueue {
  /**
   * [keyCount] the second each resident key expires at, Infinity for never; it is served before that moment, not at it.
   */
  readonly expiresAt: Float64Array
  /** Whether no entry will ever expire. */
  isEmpty(): boolean
  /** The key that expires soonest; where none ever does, the one written longest ago. There must be an entry. */
  soonest(): number
  /** Sets the expiry of a key that request `at` is about to bring in, so that a policy weighing it can ask. */
  announce(key: number, now: number, at: number): void
  /** An announced key has come in. */
  insert(key: number): void
  /** Request `at` has written over a resident value. */
  rewrite(key: number, now: number, at: number): void
  /** A hit lets the entry live as long again as it was given when it was written. */
  renew(key: number, now: number): void
  remove(key: number): void
}

/**
 * Every entry lives equally long, so the order of expiry is the order in which entries were last written (or, if a hit
 * renews them, used): a linked list keeps it in constant time.
 */
export class ConstantExpiry implements ExpiryQueue {
  readonly expiresAt: Float64Array
  private readonly order: LinkedList
  private readonly ttlSeconds: number

  constructor(memory: Memory, keyCount: number, ttlSeconds: number) {
    this.expiresAt = memory.float64(keyCount)
    this.order = new LinkedList(memory, keyCount)
    this.ttlSeconds = ttlSeconds
  }

  isEmpty(): boolean {
    return this.order.isEmpty()
  }

  soonest(): number {
    return this.order.first()
  }

  announce(key: number, now: number): void {
    this.expiresAt[key] = now + this.ttlSeconds
  }

  insert(key: number): void {
    this.order.pushLast(key)
  }

  rewrite(key: number, now: number): void {
    this.renew(key, now)
  }

  renew(key: number, now: number): void {
    this.expiresAt[key] = now + this.ttlSeconds
    this.order.moveToLast(key)
  }

  remove(key: number): void {
    this.order.remove(key)
  }
}

/**
 * Every entry lives as long as the request that wrote it says: a heap keeps those that expire in order. Those that never
 * do, often most, stand aside in the order they were written, where keeping them costs no search.
 */
export class RecordedExpiry implements ExpiryQueue {
  readonly expiresAt: Float64Array
  private readonly mortal: IndexedHeap
  private readonly immortal: LinkedList
  /** [keyCount] seconds each resident key was given. */
  private readonly given: Float64Array
  private readonly lifetimes: Float32Array
  private readonly ttlSeconds: number

  /**
   * @param maxEntries the most entries at once
   * @param lifetimes see `lifetimeColumn`
   * @param ttlSeconds what an entry lives where `lifetimes` holds NaN
   */
  constructor(
    memory: Memory,
    keyCount: number,
    maxEntries: number,
    lifetimes: Float32Array,
    ttlSeconds: number,
  ) {
    this.expiresAt = memory.float64(keyCount)
    this.mortal = new IndexedHeap(memory, keyCount, maxEntries)
    this.immortal = new LinkedList(memory, keyCount)
    this.given = memory.float64(keyCount)
    this.lifetimes = lifetimes
    this.ttlSeconds = ttlSeconds
  }

  isEmpty(): boolean {
    return this.mortal.isEmpty()
  }

  soonest(): number {
    return this.mortal.isEmpty() ? this.immortal.first() : this.mortal.first()
  }

  announce(key: number, now: number, at: number): void {
    this.give(key, at)
    this.expiresAt[key] = now + this.given[key]!
  }

  insert(key: number): void {
    const expiresAt = this.expiresAt[key]!
    if (expiresAt === Infinity) this.immortal.pushLast(key)
    else this.mortal.push(key, expiresAt)
  }

  rewrite(key: number, now: number, at: number): void {
    this.give(key, at)
    this.renew(key, now)
  }

  renew(key: number, now: number): void {
    const before = this.expiresAt[key]!
    const after = now + this.given[key]!
    if (before !== Infinity && after !== Infinity) {
      this.expiresAt[key] = after
      this.mortal.update(key, after)
      return
    }
    this.remove(key)
    this.expiresAt[key] = after
    this.insert(key)
  }

  remove(key: number): void {
    if (this.expiresAt[key] === Infinity) this.immortal.remove(key)
    else this.mortal.remove(key)
  }

  private give(key: number, at: number): void {
    const lifetime = this.lifetimes[at]!
    this.given[key] = Number.isNaN(lifetime) ? this.ttlSeconds : lifetime
  }
}
