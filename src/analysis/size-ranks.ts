import { partitionPoint } from '../core/partition-point.ts'
import { Op, type Trace } from '../core/trace.ts'
import { type Standing, smallestSizes } from './smallest-sizes.ts'
import type { Steps } from './steps.ts'

/**
 * What LRU caches of several sizes do, request by request, from one pass (see `smallestSizes`): each request is given the
 * rank, among the sizes, of the smallest that hits. One or two bytes a request are enough for that, whatever sizes mean.
 */
export interface SizeRanks {
  /**
   * [requests] the rank, counted from 0, of the smallest size that hits; one that no cache of these sizes hits has a rank
   * that says why (see `MissRanks`).
   */
  readonly ranks: Uint8Array | Uint16Array | Uint32Array
  readonly missRanks: MissRanks
  /** [sizes] keys that a cache of the size gives up after the warm-up. */
  readonly evictions: Float64Array
}

/** Ranks behind those of the sizes. */
export interface MissRanks {
  /** Only larger caches hit. */
  readonly evicted: number
  /** The key was never read or written before. */
  readonly absent: number
  /** The key was deleted since. */
  readonly deleted: number
  /** Neither hit nor miss: a write or a delete. */
  readonly uncounted: number
}

/**
 * @param sizes strictly ascending; in bytes from the size on that `canCurve` says
 * @param warmup first requests, whose evictions are not counted
 */
export function* sizeRanks(
  trace: Trace,
  unit: 'entries' | 'bytes',
  sizes: readonly number[],
  warmup: number,
): Steps<SizeRanks> {
  const { keys, ops, keyCount, length } = trace
  const count = sizes.length
  const missRanks = { evicted: count, absent: count + 1, deleted: count + 2, uncounted: count + 3 }
  const ranks = columnFor(missRanks.uncounted, length)
  const rankOf = unit === 'entries' ? rankByTable(sizes, keyCount) : rankBySearch(sizes)
  /**
   * [ranks] how often a cache that is smaller than the size has lost a key when it is used, or deleted. Each time it lost
   * it once since, as in the end it lost those that only larger caches have then.
   */
  const lost = new Float64Array(count + 1)
  const standing: Standing = {
    before: [...new Set([warmup, length])],
    see(size, before) {
      lost[rankOf(size)]! += before === length ? 1 : 0
      if (before === warmup) lost[rankOf(size)]!--
    },
  }
  const known = ops && new Uint8Array(keyCount)
  const take = (needed: Float64Array, from: number, chunk: number) => {
    for (let i = 0; i < chunk; i++) {
      const at = from + i
      const size = needed[i]!
      const rank = size === Infinity ? missRanks.absent : rankOf(size)
      if (rank <= count && at >= warmup) lost[rank]!++
      ranks[at] = rank
      if (known === undefined) continue
      const op = ops![at]!
      if (op !== Op.read) ranks[at] = missRanks.uncounted
      else if (rank === missRanks.absent && known[keys[at]!] === 1) ranks[at] = missRanks.deleted
      if (op !== Op.delete) known[keys[at]!] = 1
    }
  }
  yield* smallestSizes(trace, unit, take, standing)

  const evictions = new Float64Array(count)
  let more = 0
  for (let at = count - 1; at >= 0; at--) {
    more += lost[at + 1]!
    // A cache of no entries takes none in; one of no bytes takes what has none.
    evictions[at] = unit === 'entries' && sizes[at] === 0 ? 0 : more
  }
  return { ranks, missRanks, evictions }
}

function columnFor(largest: number, length: number): SizeRanks['ranks'] {
  if (largest < 1 << 8) return new Uint8Array(length)
  return largest < 1 << 16 ? new Uint16Array(length) : new Uint32Array(length)
}

/** The rank of the smallest of the sizes that is not smaller; how many there are, where all are. */
type RankOf = (size: number) => number

/** No more entries are ever needed than there are keys. */
function rankByTable(sizes: readonly number[], keyCount: number): RankOf {
  const ranks = columnFor(sizes.length, keyCount + 1)
  for (let size = 0, rank = 0; size <= keyCount; size++) {
    while (rank < sizes.length && sizes[rank]! < size) rank++
    ranks[size] = rank
  }
  return (size) => ranks[size]!
}

function rankBySearch(sizes: readonly number[]): RankOf {
  return (size) => partitionPoint(sizes.length, (rank) => sizes[rank]! < size)
}
