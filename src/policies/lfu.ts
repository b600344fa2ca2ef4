import { definePolicy, type EvictionPolicy, type PolicyContext } from '../core/policy.ts'

// Fields of a key, interleaved: 16 bytes, four keys a cache line.
const KEY_SHIFT = 2
const PREVIOUS = 0
const NEXT = 1
const BUCKET = 2
// Fields of a bucket: 32 bytes.
const BUCKET_SHIFT = 3
const COUNT = 0
const FIRST = 1
const LAST = 2
const LOWER = 3
const HIGHER = 4

const NONE = 0xffff_ffff

/**
 * Keys of one use count stand in a bucket, in the order they came to that count; buckets stand in a list by count. So a
 * hit moves a key to the next bucket and an eviction takes the first key of the lowest one, both in constant time (Shah,
 * Mitra, Matani: An O(1) algorithm for implementing the LFU cache eviction scheme, 2010). A count starts at 1 and is
 * lost with the key. A key alone in its bucket, as the hottest are, takes the bucket along: no link changes.
 */
class Lfu implements EvictionPolicy {
  private readonly keys: Uint32Array
  private readonly buckets: Uint32Array
  /** Unused buckets, linked by HIGHER. */
  private free = 0
  private lowest = NONE

  constructor({ memory, keyCount, maxEntries, requests }: PolicyContext) {
    this.keys = memory.uint32(keyCount << KEY_SHIFT)
    // k different counts of 1 or more add up to at least k(k + 1)/2 requests. One is being emptied, one filled.
    const bucketCount = Math.min(maxEntries, Math.ceil(Math.sqrt(2 * requests))) + 2
    this.buckets = memory.uint32(bucketCount << BUCKET_SHIFT)
    for (let bucket = 0; bucket < bucketCount; bucket++) {
      this.buckets[(bucket << BUCKET_SHIFT) + HIGHER] = (bucket + 1) << BUCKET_SHIFT
    }
  }

  touch(key: number): void {
    const { keys, buckets } = this
    const at = key << KEY_SHIFT
    const bucket = keys[at + BUCKET]!
    const count = buckets[bucket + COUNT]! + 1
    const higher = buckets[bucket + HIGHER]!
    const joins = higher !== NONE && buckets[higher + COUNT] === count
    if (buckets[bucket + FIRST] === buckets[bucket + LAST] && !joins) {
      buckets[bucket + COUNT] = count
      return
    }
    const target = joins ? higher : this.openBucket(count, bucket, higher)
    this.unlink(at, bucket)
    this.append(key, target)
  }

  insert(key: number): void {
    const { lowest } = this
    const joins = lowest !== NONE && this.buckets[lowest + COUNT] === 1
    this.append(key, joins ? lowest : this.openBucket(1, NONE, lowest))
  }

  victim(): number {
    return this.buckets[this.lowest + FIRST]!
  }

  evict(): number {
    const victim = this.victim()
    this.unlink(victim << KEY_SHIFT, this.lowest)
    return victim
  }

  remove(key: number): void {
    const at = key << KEY_SHIFT
    this.unlink(at, this.keys[at + BUCKET]!)
  }

  private append(key: number, bucket: number): void {
    const { keys, buckets } = this
    const at = key << KEY_SHIFT
    const last = buckets[bucket + LAST]!
    keys[at + PREVIOUS] = last
    keys[at + NEXT] = NONE
    keys[at + BUCKET] = bucket
    if (last === NONE) buckets[bucket + FIRST] = key
    else keys[(last << KEY_SHIFT) + NEXT] = key
    buckets[bucket + LAST] = key
  }

  private unlink(at: number, bucket: number): void {
    const { keys, buckets } = this
    const previous = keys[at + PREVIOUS]!
    const next = keys[at + NEXT]!
    if (previous === NONE) buckets[bucket + FIRST] = next
    else keys[(previous << KEY_SHIFT) + NEXT] = next
    if (next === NONE) buckets[bucket + LAST] = previous
    else keys[(next << KEY_SHIFT) + PREVIOUS] = previous
    if (previous === NONE && next === NONE) this.closeBucket(bucket)
  }

  private openBucket(count: number, lower: number, higher: number): number {
    const { buckets } = this
    const bucket = this.free
    this.free = buckets[bucket + HIGHER]!
    buckets[bucket + COUNT] = count
    buckets[bucket + FIRST] = NONE
    buckets[bucket + LAST] = NONE
    buckets[bucket + LOWER] = lower
    buckets[bucket + HIGHER] = higher
    if (lower === NONE) this.lowest = bucket
    else buckets[lower + HIGHER] = bucket
    if (higher !== NONE) buckets[higher + LOWER] = bucket
    return bucket
  }

  private closeBucket(bucket: number): void {
    const { buckets } = this
    const lower = buckets[bucket + LOWER]!
    const higher = buckets[bucket + HIGHER]!
    if (lower === NONE) this.lowest = higher
    else buckets[lower + HIGHER] = higher
    if (higher !== NONE) buckets[higher + LOWER] = lower
    buckets[bucket + HIGHER] = this.free
    this.free = bucket
  }
}

export default definePolicy({
  name: 'lfu',
  summary: 'evicts the least frequently used key, of several the one that came to that count first',
  paper: 'Shah, Mitra, Matani: An O(1) algorithm for implementing the LFU cache eviction scheme, 2010',
  create: (context) => new Lfu(context),
})
