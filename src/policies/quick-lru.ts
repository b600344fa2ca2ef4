import { KeyLists } from '../core/key-lists.ts'
import { definePolicy, type EvictionPolicy, type PolicyContext } from '../core/policy.ts'

/**
 * Two generations, each a map in the package. What is used or written goes into the young one; when that has grown to
 * `maxSize` it becomes the old one, and all that was old and not used since is gone at once. The package so holds from
 * `maxSize` to twice that, less one: with the capacity as the most it may hold, `maxSize` is half of it, rounded up. What
 * it holds at most is so an odd number: the capacity where that is one, else one less.
 * Where the capacity is in bytes, so are the generations, which the package itself can not do.
 */
class QuickLru implements EvictionPolicy {
  private readonly lists: KeyLists
  private readonly context: PolicyContext
  private readonly maxSize: number
  private young = 1
  private old = 2

  constructor(context: PolicyContext) {
    this.lists = new KeyLists(context.memory, context.keyCount, 2)
    this.context = context
    this.maxSize = Math.floor((context.capacity + 1) / 2)
  }

  touch(key: number): void {
    const { lists, young } = this
    const size = this.context.sizeOf(key)
    if (lists.listOf(key) === young) lists.reweigh(key, size)
    else lists.moveToFirst(young, key, size)
    this.age()
  }

  insert(key: number): void {
    this.lists.pushFirst(this.young, key, this.context.sizeOf(key))
    this.age()
  }

  /** One of the old that are all to go as the newcomer comes in. Only values in bytes can take more room than they do. */
  victim(): number {
    const { lists, young, old } = this
    return lists.last(lists.isEmpty(old) ? young : old)
  }

  evict(): number {
    const victim = this.victim()
    this.lists.remove(victim)
    return victim
  }

  remove(key: number): void {
    this.lists.remove(key)
  }

  private age(): void {
    const { lists, young, old } = this
    if (lists.weight(young) < this.maxSize) return
    while (!lists.isEmpty(old)) {
      const key = lists.last(old)
      lists.remove(key)
      this.context.giveUp(key)
    }
    this.young = old
    this.old = young
  }
}

export default definePolicy({
  name: 'quick-lru',
  summary:
    'the npm package quick-lru: two generations, the old one dropped at once; its maxSize is half the size given, rounded up, as it holds up to twice that, less one',
  paper: 'npm: quick-lru 7',
  givesUp: true,
  create: (context) => new QuickLru(context),
})
