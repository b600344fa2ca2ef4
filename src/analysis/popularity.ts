import type { Inspection } from '../core/result.ts'
import { inSteps, type Steps, uncounted } from './steps.ts'
import { TopKeys } from './top-keys.ts'

/**
 * Does popularity change? The reads are cut into ten equal parts, and parts are compared in two ways.
 *
 * For the eye: how much of the hot set (the most read keys) of one part is in that of another.
 *
 * For the verdict: the reads two parts have in common, Σ min(a, b) over the keys, a and b being a key's reads in each
 * (the overlap of Czekanowski and of Bray and Curtis). Two samples of one and the same popularity never agree wholly, and
 * for keys of equal popularity hot sets are noise alone. So each pair has a yardstick: the same two parts' reads dealt at
 * random into two heaps, which have in common what chance leaves. That shares the parts' totals, key by key, and knows
 * nothing of time: the ratio of both is 1 where nothing changes, be popularity skewed or even, keys many or few; and 0
 * where nothing stays.
 */

type Popularity = NonNullable<Inspection['popularity']>

const PARTS = 10
const FEWEST_READS = 100
/** Fewer reads in common by chance, over all pairs, say nothing: noise alone would move their share by a tenth. */
const FEWEST_IN_COMMON = 400

/** Below this, neighbouring tenths hardly resemble each other: moving. */
const MOVING = 0.5
/** Below this, neighbours or the first part and the second half have come apart: drifting. */
const DRIFTING = 0.85

/** The hottest keys that are looked at: 1 % of them, at least 10, at most 100. */
export function hotSetSize(distinctKeys: number): number {
  return Math.min(distinctKeys, 100, Math.max(10, Math.ceil(distinctKeys / 100)))
}

/**
 * @param keys of the reads, in order
 * @param hottest the hot set of the whole trace
 * @returns null for fewer than 100 reads; the verdict is null where hardly any key comes twice in two parts
 */
export function* popularityOverTime(
  keys: Uint32Array,
  keyCount: number,
  hottest: readonly number[],
): Steps<Popularity | null> {
  if (keys.length < FEWEST_READS) return null
  const hot = new Uint8Array(keyCount)
  for (const key of hottest) hot[key] = 1
  const seen = new Uint8Array(keyCount)
  const parts: Popularity['parts'] = []
  const neighbours = new Resemblance()
  const distant = new Resemblance()
  let tally = new Tally(keyCount)
  let previous = new Tally(keyCount)
  const first = new Tally(keyCount)
  let hotOfFirst: Set<number> | undefined
  let hotOfPrevious: Set<number> | undefined
  for (let part = 0; part < PARTS; part++) {
    const current = part === 0 ? first : tally
    const start = Math.floor((keys.length * part) / PARTS)
    const requests = Math.floor((keys.length * (part + 1)) / PARTS) - start
    yield* inSteps(requests, (from, to) => current.count(keys, start + from, start + to))
    let newKeys = 0
    let hotReads = 0
    const top = new TopKeys(hottest.length)
    yield* uncounted(
      inSteps(current.end, (from, to) => {
        for (let key = from; key < to; key++) {
          const reads = current.reads(key)
          if (reads === 0) continue
          if (seen[key] === 0) newKeys++
          seen[key] = 1
          if (hot[key] === 1) hotReads += reads
          top.offer(key, reads)
        }
      }),
    )
    const hotOfThis = new Set(top.keys)
    if (part > 0) {
      const before = part === 1 ? first : previous
      neighbours.add(yield* compare(before, current, hottest.length))
      if (part >= PARTS / 2) distant.add(yield* compare(first, current, hottest.length))
    }
    parts.push({
      requests,
      newKeys,
      shareOfHotKeys: hotReads / requests,
      keptOfFirst: hotOfFirst ? kept(hotOfFirst, hotOfThis) : null,
      keptOfPrevious: hotOfPrevious ? kept(hotOfPrevious, hotOfThis) : null,
    })
    hotOfFirst ??= hotOfThis
    hotOfPrevious = hotOfThis
    if (part > 0) {
      ;[tally, previous] = [previous, tally]
      tally.clear()
    }
  }
  return {
    hotKeys: hottest.length,
    parts,
    keptByChance: neighbours.keptByChance,
    neighbours: neighbours.share,
    distant: distant.share,
    verdict: verdictOf(neighbours.share, distant.share),
  }
}

function verdictOf(neighbours: number | null, distant: number | null): Popularity['verdict'] {
  if (neighbours === null) return null
  if (neighbours < MOVING) return 'moving'
  return Math.min(neighbours, distant ?? 1) < DRIFTING ? 'drifting' : 'stable'
}

/** What two parts have in common, and what chance would give. */
interface Comparison {
  /** Reads. */
  readonly inCommon: number
  readonly byChance: number
  /** Share of the hot set. */
  readonly keptByChance: number
}

/** Several comparisons together. */
class Resemblance {
  #pairs = 0
  #inCommon = 0
  #byChance = 0
  #kept = 0

  add({ inCommon, byChance, keptByChance }: Comparison): void {
    this.#pairs++
    this.#inCommon += inCommon
    this.#byChance += byChance
    this.#kept += keptByChance
  }

  /** Null where there is too little to tell. */
  get share(): number | null {
    return this.#byChance < FEWEST_IN_COMMON ? null : this.#inCommon / this.#byChance
  }

  get keptByChance(): number {
    return this.#kept / this.#pairs
  }
}

function* compare(a: Tally, b: Tally, hotKeys: number): Steps<Comparison> {
  let inCommon = 0
  let byChance = 0
  const heads = new TopKeys(hotKeys)
  const tails = new TopKeys(hotKeys)
  yield* uncounted(
    inSteps(Math.max(a.end, b.end), (from, to) => {
      for (let key = from; key < to; key++) {
        const ofA = a.reads(key)
        const ofB = b.reads(key)
        if (ofA + ofB === 0) continue
        const head = a.heads(key) + b.heads(key)
        const tail = ofA + ofB - head
        inCommon += Math.min(ofA, ofB)
        byChance += Math.min(head, tail)
        heads.offer(key, head)
        tails.offer(key, tail)
      }
    }),
  )
  return { inCommon, byChance, keptByChance: kept(new Set(heads.keys), new Set(tails.keys)) }
}

/** Share of one hot set that is in another. */
function kept(before: ReadonlySet<number>, now: ReadonlySet<number>): number {
  let both = 0
  for (const key of before) if (now.has(key)) both++
  return before.size === 0 ? 0 : both / before.size
}

/** The reads of each key in a part, and how many of them a coin dealt to the first of two heaps; side by side. */
class Tally {
  /** Above the highest key that was read. */
  end = 0
  readonly #counts: Uint32Array

  constructor(keyCount: number) {
    this.#counts = new Uint32Array(2 * keyCount)
  }

  count(keys: Uint32Array, from: number, to: number): void {
    const counts = this.#counts
    let { end } = this
    for (let i = from; i < to; i++) {
      const key = keys[i]!
      if (key >= end) end = key + 1
      counts[2 * key]!++
      counts[2 * key + 1]! += coin(i)
    }
    this.end = end
  }

  reads(key: number): number {
    return this.#counts[2 * key]!
  }

  heads(key: number): number {
    return this.#counts[2 * key + 1]!
  }

  clear(): void {
    this.#counts.fill(0, 0, 2 * this.end)
    this.end = 0
  }
}

/** 0 or 1, the same for the same request: the finaliser of MurmurHash3 (Appleby). Every other request would beat with loops. */
function coin(request: number): number {
  let hash = Math.imul(request ^ (request >>> 16), 0x85eb_ca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2_ae35)
  return (hash ^ (hash >>> 16)) & 1
}
