/**
 * Reuse distances, which are LRU stack distances: Mattson, Gecsei, Slutz, Traiger, "Evaluation Techniques for Storage
 * Hierarchies", IBM Systems Journal 1970. A request whose key was last used d distinct other keys ago hits an LRU cache
 * of more than d entries and no smaller one, so one pass gives the hit rate of every size.
 */

import { LastUses } from './last-uses.ts'
import { finish, inSteps, STEP, type Steps, uncounted } from './steps.ts'

export interface ReuseDistances {
  /** [keyCount] `distances[d]`: requests with exactly d distinct other keys since the last use of the same key. */
  readonly distances: Uint32Array
  /** Requests whose key had not been used before. */
  readonly coldMisses: number
}

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
