import { LinkedList } from '../core/linked-list.ts'

/**
 * When entries expire, soonest first. Every entry lives equally long, so the order of expiry is the order in which
 * entries were last written (or, if a hit renews them, used): a linked list keeps it in constant time.
 */
export class ExpiryQueue {
  /** [keyCount] the second each resident key expires at; it is served before that moment, not at it. */
  readonly expiresAt: Float64Array
  private readonly order: LinkedList
  private readonly ttlSeconds: number

  constructor(keyCount: number, ttlSeconds: number) {
    this.expiresAt = new Float64Array(keyCount)
    this.order = new LinkedList(keyCount)
    this.ttlSeconds = ttlSeconds
  }

  isEmpty(): boolean {
    return this.order.isEmpty()
  }

  soonest(): number {
    return this.order.first()
  }

  /** Sets the expiry of a key that is about to come in, so that a policy weighing it can ask. */
  announce(key: number, now: number): void {
    this.expiresAt[key] = now + this.ttlSeconds
  }

  /** An announced key has come in. */
  insert(key: number): void {
    this.order.pushLast(key)
  }

  renew(key: number, now: number): void {
    this.expiresAt[key] = now + this.ttlSeconds
    this.order.moveToLast(key)
  }

  remove(key: number): void {
    this.order.remove(key)
  }
}
