/**
 * Reuse distances, which are LRU stack distances: Mattson, Gecsei, Slutz, Traiger, "Evaluation Techniques for Storage
 * Hierarchies", IBM Systems Journal 1970. A request whose key was last used d distinct other keys ago hits an LRU cache
 * of more than d entries and no smaller one, so one pass gives the hit rate of every size.
 *
 * The order of last uses is a row of slots, one bit each, set where a key's last use stands; a distance is the number of
 * set bits after the key's own. Bits are counted word by word within a block and by a Fenwick tree over the blocks
 * (Bennett and Kruskal 1975 used a tree of single counts): the tree then stays small enough for the fastest cache. When
 * the row is full the set bits are moved together, in order, so its length goes with the distinct keys, not with the
 * requests.
 */

import { finish, inSteps, STEP, type Steps, uncounted } from './steps.ts'

export interface ReuseDistances {
  /** [keyCount] `distances[d]`: requests with exactly d distinct other keys since the last use of the same key. */
  readonly distances: Uint32Array
  /** Requests whose key had not been used before. */
  readonly coldMisses: number
}

/** Words of 32 slots in a block. */
const BLOCK_WORDS = 8
const BLOCK_SLOTS = 32 * BLOCK_WORDS
const BLOCK_SHIFT = 8

/**
 * @param keys dense ids below `keyCount`, in order of request
 * @param keyCount ids lie in 0 … keyCount − 1; not all need appear
 */
export function reuseDistances(keys: Uint32Array, keyCount: number): ReuseDistances {
  return finish(reuseDistancesInSteps(keys, keyCount))
}

/** The same, in steps. */
export function* reuseDistancesInSteps(keys: Uint32Array, keyCount: number): Steps<ReuseDistances> {
  const distances = new Uint32Array(keyCount)
  const row = new LastUses(keyCount, keys.length)
  let coldMisses = 0
  for (let from = 0; from < keys.length; ) {
    if (row.isFull) yield* row.compact()
    const to = Math.min(keys.length, from + Math.min(STEP, row.room))
    coldMisses += countDistances(keys, from, to, row, distances)
    yield to - from
    from = to
  }
  return { distances, coldMisses }
}

/** Counts the distances of the requests `from` … `to`, for which the row has room. @returns those with none */
function countDistances(
  keys: Uint32Array,
  from: number,
  to: number,
  row: LastUses,
  distances: Uint32Array,
): number {
  const { slotOf } = row
  let coldMisses = 0
  let newest = from === 0 ? -1 : keys[from - 1]!
  for (let i = from; i < to; i++) {
    const key = keys[i]!
    if (key === newest) {
      distances[0]!++
      continue
    }
    newest = key
    if (slotOf[key]! < 0) coldMisses++
    else distances[row.takeOut(key)]!++
    row.append(key)
  }
  return coldMisses
}

/**
 * The exact LRU hit rate at every size: element c is that of a cache of c entries, c = 0 … keyCount, all requests
 * counted from a cold start.
 */
export function lruHitCurve(reuse: ReuseDistances): Float64Array {
  const { distances, coldMisses } = reuse
  const curve = new Float64Array(distances.length + 1)
  let hits = 0
  for (let size = 1; size <= distances.length; size++) {
    hits += distances[size - 1]!
    curve[size] = hits
  }
  const requests = hits + coldMisses
  return requests === 0 ? curve : curve.map((count) => count / requests)
}

/** The share of the ceiling an lru cache is sized for. */
const MOST = 0.9

/**
 * The smallest lru cache that reaches 90 % of the ceiling; null where none does, as where writes lift the ceiling, or
 * where the ceiling is 0.
 */
export function* lruSizeFor(
  distances: Uint32Array,
  requests: number,
  ceiling: number,
): Steps<{ entries: number; hitRate: number; shareOfCeiling: number } | null> {
  if (ceiling === 0) return null
  // A hair less, as the ceiling is rounded.
  const needed = MOST * ceiling * requests * (1 - 1e-12)
  let hits = 0
  let entries = 0
  yield* uncounted(
    inSteps(distances.length, (from, to) => {
      for (let distance = from; distance < to && hits < needed; distance++) {
        hits += distances[distance]!
        entries = distance + 1
      }
    }),
  )
  return hits < needed ? null : { entries, hitRate: hits / requests, shareOfCeiling: MOST }
}

/** How narrow a spike is: its end over its start. */
const SPIKE_WIDTH = 1.1
/** The share of the reuses that makes it one: evenly popular keys have 9 % in the widest such range, skewed ones fewer. */
const SPIKE_SHARE = 0.25
/** Short distances are no loops. */
const SPIKE_START = 10

/**
 * The range of distances d … 1.1 d that holds most reuses, if that is a quarter of them or more, as where keys come round
 * in a loop or in scans one after another: lru gets none of them until the whole loop fits.
 */
export function* spikeOf(
  distances: Uint32Array,
  reuses: number,
): Steps<{ from: number; to: number; share: number } | null> {
  let inside = 0
  let start = SPIKE_START
  let best = { from: 0, to: 0, reuses: 0 }
  yield* uncounted(
    inSteps(distances.length, (from, to) => {
      for (let end = Math.max(from, SPIKE_START); end < to; end++) {
        inside += distances[end]!
        while (start * SPIKE_WIDTH < end) inside -= distances[start++]!
        if (inside > best.reuses) best = { from: start, to: end, reuses: inside }
      }
    }),
  )
  const share = best.reuses / reuses
  if (!(share >= SPIKE_SHARE)) return null
  // Without what is empty before it.
  let { from } = best
  while (distances[from] === 0) from++
  return { from, to: best.to, share }
}

class LastUses {
  /** [key] the slot of its last use, −1 before the first. */
  readonly slotOf: Int32Array
  readonly #capacity: number
  readonly #keyAt: Uint32Array
  readonly #words: Int32Array
  readonly #tree: Int32Array
  #used = 0
  #live = 0
  /** Last uses in the newest block, which is counted in the tree only when it is full. */
  #newest = 0

  constructor(keyCount: number, requests: number) {
    // Four times the keys: the requests between two compactions are at least three times the keys they move.
    const blocks = Math.max(1, Math.ceil(Math.min(4 * keyCount, requests) / BLOCK_SLOTS))
    this.#capacity = blocks * BLOCK_SLOTS
    this.slotOf = new Int32Array(keyCount).fill(-1)
    this.#keyAt = new Uint32Array(this.#capacity)
    this.#words = new Int32Array(blocks * BLOCK_WORDS)
    this.#tree = new Int32Array(blocks + 1)
  }

  get isFull(): boolean {
    return this.room === 0
  }

  /** Uses that can be appended before the row is full. */
  get room(): number {
    return this.#capacity - this.#used
  }

  /** Puts a key's last use at the end of the row. It must have none in it. */
  append(key: number): void {
    const slot = this.#used++
    this.slotOf[key] = slot
    this.#keyAt[slot] = key
    this.#words[slot >>> 5]! |= 1 << (slot & 31)
    this.#live++
    this.#newest++
    if ((this.#used & (BLOCK_SLOTS - 1)) === 0) this.#closeBlock()
  }

  /** Removes a key's last use and returns how many stand after it. */
  takeOut(key: number): number {
    const slot = this.slotOf[key]!
    const words = this.#words
    const tree = this.#tree
    const word = slot >>> 5
    const block = slot >>> BLOCK_SHIFT
    // Those up to and with the slot itself: in its word, in its block before it, in the blocks before that.
    let upTo = popCount(words[word]! & (-1 >>> (31 - (slot & 31))))
    for (let w = block * BLOCK_WORDS; w < word; w++) upTo += popCount(words[w]!)
    words[word]! &= ~(1 << (slot & 31))
    this.#live--
    if (block === this.#used >>> BLOCK_SHIFT) return this.#newest-- - upTo
    const after = this.#live + 1 - upTo - this.#before(block)
    for (let node = block + 1; node < tree.length; node += node & -node) tree[node]!--
    return after
  }

  /** Moves all last uses to the front of the row, in order. */
  *compact(): Steps<void> {
    let live = 0
    yield* uncounted(
      inSteps(this.#used, (from, to) => {
        live = this.#moveToFront(from, to, live)
      }),
    )
    this.#words.fill(0)
    this.#tree.fill(0)
    this.#used = 0
    this.#live = 0
    this.#newest = 0
    yield* uncounted(
      inSteps(live, (from, to) => {
        for (let slot = from; slot < to; slot++) this.append(this.#keyAt[slot]!)
      }),
    )
  }

  /** Moves the keys whose last use lies in the slots `from` … `to` behind the first `live`. @returns how many there are then */
  #moveToFront(from: number, to: number, live: number): number {
    const { slotOf } = this
    const keyAt = this.#keyAt
    let end = live
    for (let slot = from; slot < to; slot++) {
      const key = keyAt[slot]!
      if (slotOf[key] === slot) keyAt[end++] = key
    }
    return end
  }

  /** Last uses in the blocks before one. */
  #before(block: number): number {
    let sum = 0
    for (let node = block; node > 0; node &= node - 1) sum += this.#tree[node]!
    return sum
  }

  /** The newest block is full: its count goes into the tree. */
  #closeBlock(): void {
    const tree = this.#tree
    for (let node = this.#used >>> BLOCK_SHIFT; node < tree.length; node += node & -node) {
      tree[node]! += this.#newest
    }
    this.#newest = 0
  }
}

function popCount(word: number): number {
  let bits = word - ((word >>> 1) & 0x5555_5555)
  bits = (bits & 0x3333_3333) + ((bits >>> 2) & 0x3333_3333)
  return Math.imul((bits + (bits >>> 4)) & 0x0f0f_0f0f, 0x0101_0101) >>> 24
}
