import { KeyLists } from '../core/key-lists.ts'
import { definePolicy, type EvictionPolicy, type PolicyContext } from '../core/policy.ts'

/**
 * Segments of equal shares, most recently used first. A hit takes a key to the front of the next segment up; what a
 * segment then has too much falls from its end to the front of the next one down, and the lowest gives up its last. A
 * newcomer starts in the lowest segment; while the cache fills, in the lowest with room, so that no share is wasted.
 * What no share accounts for, remainders of the division and values larger than a share, the lowest segment holds.
 */
class SegmentedLru implements EvictionPolicy {
  private readonly lists: KeyLists
  private readonly sizeOf: (key: number) => number
  private readonly segments: number
  /** Entries or bytes of each segment. */
  private readonly share: number

  constructor({ memory, keyCount, capacity, sizeOf }: PolicyContext, segments: number) {
    this.lists = new KeyLists(memory, keyCount, segments)
    this.sizeOf = sizeOf
    this.segments = segments
    this.share = Math.floor(capacity / segments)
  }

  touch(key: number): void {
    const { lists, share } = this
    const higher = Math.min(lists.listOf(key) + 1, this.segments)
    lists.moveToFirst(higher, key, this.sizeOf(key))
    // Where nothing falls from a segment, nothing comes to those below.
    for (let segment = higher; segment > 1 && lists.weight(segment) > share; segment--) {
      while (lists.weight(segment) > share) {
        const last = lists.last(segment)
        lists.moveToFirst(segment - 1, last, lists.weightOf(last))
      }
    }
  }

  insert(key: number): void {
    const { lists, share, segments } = this
    const size = this.sizeOf(key)
    let segment = 1
    while (segment <= segments && lists.weight(segment) + size > share) segment++
    lists.pushFirst(segment <= segments ? segment : 1, key, size)
  }

  victim(): number {
    let segment = 1
    while (this.lists.isEmpty(segment)) segment++
    return this.lists.last(segment)
  }

  evict(): number {
    const victim = this.victim()
    this.lists.remove(victim)
    return victim
  }

  remove(key: number): void {
    this.lists.remove(key)
  }
}

export default definePolicy({
  name: 'slru',
  summary:
    'segmented LRU: a hit lifts a key one segment, and the lowest segment gives up its least recently used',
  paper:
    'Karedla, Love, Wherry: Caching strategies to improve disk system performance, 1994; Huang et al.: An analysis of Facebook photo caching, 2013 (four segments)',
  parameters: {
    segments: {
      type: 'integer',
      default: 4,
      minimum: 1,
      maximum: 64,
      description: 'segments of equal shares; 1 is LRU, 2 probation and protection',
    },
  },
  create: (context, { segments }) => new SegmentedLru(context, segments),
})
