import { Op, type Trace } from '../../src/core/trace.ts'

/** A resident value, as a cache that spends no thought on speed would hold it. */
export interface NaiveEntry {
  readonly key: number
  size: number
  expiresAt: number
  insertedAt: number
  usedAt: number
  uses: number
  /** Seconds it was given when it was last written. */
  ttl: number
  /** When its expiry was last set. */
  renewedAt: number
  /** Next read of the key after its last use, Infinity if none. */
  nextUse: number
}

/** Which of the residents goes: the first by this order. */
export type NaiveOrder = (a: NaiveEntry, b: NaiveEntry) => number

/** As numbers, of which two may be infinite. */
const compare = (a: number, b: number) => (a === b ? 0 : a - b)

export const naiveOrders: Record<string, NaiveOrder> = {
  lru: (a, b) => a.usedAt - b.usedAt,
  fifo: (a, b) => a.insertedAt - b.insertedAt,
  // A count is reached by its last use, so of equal counts the least recently used came to it first.
  lfu: (a, b) => a.uses - b.uses || a.usedAt - b.usedAt,
  ttl: (a, b) => compare(a.expiresAt, b.expiresAt) || a.renewedAt - b.renewedAt,
  'optimal(bypass=false)': (a, b) => b.nextUse - a.nextUse,
}

export interface NaiveSettings {
  readonly capacity: number
  readonly bytes: boolean
  /** Seconds of every entry; where TTLs are recorded, of those nobody gave any. */
  readonly ttl?: number | undefined
  /** Entries live as the trace's own TTLs say. */
  readonly recorded?: boolean
  readonly idle?: boolean
}

export type NaiveOutcome = 'hit' | 'compulsory' | 'capacity' | 'expired' | 'invalidated' | 'uncounted'

/** What each request finds in a cache kept as one array that is sorted for every eviction. */
export function naiveOutcomes(trace: Trace, order: NaiveOrder, settings: NaiveSettings): NaiveOutcome[] {
  const { capacity, bytes, ttl: general = Infinity, recorded = false, idle = false } = settings
  let entries: NaiveEntry[] = []
  const fate = new Map<number, NaiveOutcome>()
  const occupied = () => entries.reduce((total, entry) => total + entry.size, 0)
  const drop = (leaving: NaiveEntry[], why: NaiveOutcome) => {
    for (const entry of leaving) fate.set(entry.key, why)
    entries = entries.filter((entry) => !leaving.includes(entry))
  }
  const nextReadAfter = (key: number, at: number) => {
    for (let later = at + 1; later < trace.length; later++) {
      if (trace.keys[later] === key) return (trace.ops?.[later] ?? Op.read) === Op.read ? later : Infinity
    }
    return Infinity
  }

  /** The TTL of an entry written now: that of the latest request for its key that said one. */
  const ttlAt = (key: number, at: number) => {
    for (let earlier = at; recorded && earlier >= 0; earlier--) {
      const said = trace.ttls![earlier]!
      const deletes = trace.ops?.[earlier] === Op.delete
      if (trace.keys[earlier] === key && !deletes && !Number.isNaN(said)) return said
    }
    return general
  }

  return Array.from(trace.keys, (key, at): NaiveOutcome => {
    const now = trace.times?.[at] ?? 0
    const op = trace.ops?.[at] ?? Op.read
    const size = bytes ? trace.sizes![at]! : 1
    drop(
      entries.filter((entry) => entry.key === key && entry.expiresAt <= now),
      'expired',
    )
    const found = entries.find((entry) => entry.key === key)
    if (op === Op.delete) {
      if (found) drop([found], 'invalidated')
      else if (fate.has(key)) fate.set(key, 'invalidated')
      return 'uncounted'
    }
    const outcome = op === Op.write ? 'uncounted' : found ? 'hit' : (fate.get(key) ?? 'compulsory')
    const fits = found && occupied() - found.size + size <= capacity
    if (found && (op === Op.read || fits)) {
      if (op === Op.write) {
        found.size = size
        found.ttl = ttlAt(key, at)
      }
      if (op === Op.write || idle) {
        found.expiresAt = now + found.ttl
        found.renewedAt = at
      }
      found.usedAt = at
      found.uses++
      found.nextUse = nextReadAfter(key, at)
      return outcome
    }
    if (found) drop([found], 'capacity')
    fate.set(key, 'capacity')
    if (size > capacity) return outcome
    const full = () => occupied() + size > capacity
    for (const expired of entries.filter((entry) => entry.expiresAt <= now).sort(naiveOrders.ttl)) {
      if (full()) drop([expired], 'expired')
    }
    while (full()) drop([entries.toSorted(order)[0]!], 'capacity')
    entries.push({
      key,
      size,
      ttl: ttlAt(key, at),
      expiresAt: now + ttlAt(key, at),
      insertedAt: at,
      usedAt: at,
      uses: 1,
      renewedAt: at,
      nextUse: nextReadAfter(key, at),
    })
    return outcome
  })
}
