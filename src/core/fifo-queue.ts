import type { Memory } from './memory.ts'

const EMPTY = 0xffff_ffff

/**
 * Keys in the order they came, in a circular array: adding and taking read and write it in sequence, and a key's use
 * touches nothing. A key removed from the middle leaves an empty slot that taking skips; when the array is full of keys
 * and empty slots, it is packed. It has a slot for every key there can be, so that in a full queue the key taken is put
 * back for nothing (see `putBack`). Where keys stand is noted from the first removal on: most traces have none, and it
 * would cost each newcomer a cache line. The array is then made twice as long, lest every removal be packed away. Nothing
 * checks that a key is in the queue: the caller knows.
 */
export class FifoQueue {
  private queue: Uint32Array
  /** [keyCount] slot of each key in the queue, once a key was removed. */
  private slots: Uint32Array | undefined
  /** Slot of the first key, and how many slots are in use from there on, empty ones included. */
  private head = 0
  private used = 0
  private readonly memory: Memory
  private readonly keyCount: number
  private readonly maxEntries: number

  /** @param maxEntries the most keys at once */
  constructor(memory: Memory, keyCount: number, maxEntries: number) {
    this.memory = memory
    this.keyCount = keyCount
    this.maxEntries = maxEntries
    this.queue = memory.uint32(maxEntries)
  }

  /** Adds a key that is not in the queue behind all others. */
  add(key: number): void {
    if (this.used === this.queue.length) this.pack()
    const slot = this.tail()
    this.queue[slot] = key
    if (this.slots !== undefined) this.slots[key] = slot
    this.used++
  }

  /** Takes out the key that came first. The queue must not be empty. */
  take(): number {
    const { queue } = this
    for (;;) {
      const key = queue[this.head]!
      if (++this.head === queue.length) this.head = 0
      this.used--
      if (key !== EMPTY) return key
    }
  }

  /** The key that came first, which stays. The queue must not be empty. */
  first(): number {
    const { queue } = this
    while (queue[this.head] === EMPTY) {
      if (++this.head === queue.length) this.head = 0
      this.used--
    }
    return queue[this.head]!
  }

  /** Undoes the last `take`, where nothing was added since. */
  untake(): void {
    this.head = (this.head === 0 ? this.queue.length : this.head) - 1
    this.used++
  }

  /** Adds the key that was just taken behind all others. In a full circle that is the slot it stood in. */
  putBack(key: number): void {
    if (this.used === this.queue.length - 1) this.used++
    else this.add(key)
  }

  remove(key: number): void {
    this.slots ??= this.findSlots()
    this.queue[this.slots[key]!] = EMPTY
  }

  private findSlots(): Uint32Array {
    const { queue, head, used } = this
    const slots = this.memory.uint32(this.keyCount)
    for (let at = 0; at < used; at++) {
      const slot = (head + at) % queue.length
      if (queue[slot] !== EMPTY) slots[queue[slot]!] = slot
    }
    return slots
  }

  private tail(): number {
    const { length } = this.queue
    const slot = this.head + this.used
    return slot < length ? slot : slot - length
  }

  private pack(): void {
    const { queue: from, slots, head, used, maxEntries } = this
    const into = from.length === maxEntries ? this.memory.uint32(2 * maxEntries) : from
    const start = into === from ? head : 0
    let kept = 0
    for (let at = 0; at < used; at++) {
      const key = from[(head + at) % from.length]!
      if (key === EMPTY) continue
      const slot = (start + kept++) % into.length
      into[slot] = key
      if (slots !== undefined) slots[key] = slot
    }
    this.queue = into
    this.head = start
    this.used = kept
  }
}
