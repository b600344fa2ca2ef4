import { KeyLists } from '../core/key-lists.ts'
import { definePolicy, type EvictionPolicy, type PolicyContext } from '../core/policy.ts'
import { REQUESTS_PER_SECOND, secondsOf } from '../core/server-clock.ts'

// Lists.
const HOT = 1
const WARM = 2
const COLD = 3
/** Keys of one list that are looked at in a row, and rounds of that in a row. */
const LOOKED_AT = 5
const ROUNDS = 500
/** What the server refuses: shares of hot and warm that leave too little to cold, and factors of age of 0. */
const MOST_PERCENT = 80
const LEAST_FACTOR = 0.001
// Flags of a key, below the second it came in or became active at.
const FETCHED = 1
const ACTIVE = 2
const FLAGS = 2

interface Settings {
  readonly hotPercent: number
  readonly warmPercent: number
  readonly hotMaxFactor: number
  readonly warmMaxFactor: number
  readonly requestsPerSecond: number
}

/**
 * Three lists. A newcomer starts at the front of hot. From its second use on, a use makes a key active, and takes one in
 * cold to warm at once. At the end of hot an active key goes to warm, at that of warm back to the front; one that is not
 * goes to cold, once its list holds too much or the key is too old for it, compared with the last of cold. That one is
 * evicted.
 *
 * In memcached a thread moves keys between lists, many times a second when there is something to do; here it has its
 * turn after each request. There is one class of sizes, as where all values have about the same size: memcached keeps
 * such lists for each class, and the room of a class changes only slowly.
 */
class Memcached implements EvictionPolicy {
  private readonly lists: KeyLists
  private readonly context: PolicyContext
  private readonly settings: Settings
  private readonly secondsAt: (request: number) => number
  /** [keyCount] the second each key's time was set to, and flags. */
  private readonly notes: Uint32Array

  constructor(context: PolicyContext, settings: Settings) {
    this.lists = new KeyLists(context.memory, context.keyCount, COLD)
    this.notes = context.memory.uint32(context.keyCount)
    this.context = context
    this.settings = settings
    this.secondsAt = secondsOf(context, settings.requestsPerSecond)
  }

  touch(key: number, at: number): void {
    const now = Math.floor(this.secondsAt(at))
    if (this.context.isWrite(at)) {
      // A new item takes the place of the old one, of which nothing is kept.
      this.lists.remove(key)
      this.link(key, now)
    } else this.fetch(key, now)
    this.maintain(now)
  }

  insert(key: number, at: number): void {
    const now = Math.floor(this.secondsAt(at))
    this.link(key, now)
    this.maintain(now)
  }

  victim(_incoming: number, at: number): number {
    const { lists } = this
    while (lists.isEmpty(COLD)) {
      if (!lists.isEmpty(HOT)) this.pullHot(0, 0, Infinity)
      else {
        this.maintain(Math.floor(this.secondsAt(at)))
        if (lists.isEmpty(COLD)) return lists.last(WARM)
      }
    }
    return lists.last(COLD)
  }

  evict(incoming: number, at: number): number {
    const victim = this.victim(incoming, at)
    this.lists.remove(victim)
    return victim
  }

  remove(key: number): void {
    this.lists.remove(key)
  }

  private link(key: number, now: number): void {
    this.lists.pushFirst(HOT, key, this.context.sizeOf(key))
    this.notes[key] = now << FLAGS
  }

  private fetch(key: number, now: number): void {
    const { lists, notes } = this
    const note = notes[key]!
    if ((note & ACTIVE) !== 0) return
    if ((note & FETCHED) === 0) notes[key] = note | FETCHED
    else if (lists.listOf(key) === COLD) {
      lists.moveToFirst(WARM, key, lists.weightOf(key))
      notes[key] = (now << FLAGS) | FETCHED
    } else notes[key] = (now << FLAGS) | FETCHED | ACTIVE
  }

  /** The thread's turn. */
  private maintain(now: number): void {
    const { lists, notes } = this
    const { hotPercent, warmPercent, hotMaxFactor, warmMaxFactor } = this.settings
    const total = lists.weight(HOT) + lists.weight(WARM) + lists.weight(COLD)
    const coldAge = lists.isEmpty(COLD) ? 0 : now - (notes[lists.last(COLD)]! >>> FLAGS)
    const hotAge = Math.floor(coldAge * hotMaxFactor)
    const warmAge = Math.floor(coldAge * warmMaxFactor)
    const warmRoom = Math.floor((total * warmPercent) / 100)
    const hotRoom = Math.floor((total * hotPercent) / 100) || warmRoom
    for (let round = 0; round < ROUNDS; round++) {
      if (!this.pullHot(hotRoom, hotAge, now) && !this.pullWarm(warmRoom, warmAge, now)) return
    }
  }

  /** Looks at the last of hot; says whether it was moved. */
  private pullHot(room: number, maxAge: number, now: number): boolean {
    const { lists, notes } = this
    if (lists.isEmpty(HOT)) return false
    const key = lists.last(HOT)
    const note = notes[key]!
    if ((note & ACTIVE) !== 0) {
      notes[key] = note & ~ACTIVE
      lists.moveToFirst(WARM, key, lists.weightOf(key))
      return true
    }
    return this.retire(HOT, key, room, maxAge, now)
  }

  /** Looks at the last of warm, and past it while keys are active; says whether there was something to do. */
  private pullWarm(room: number, maxAge: number, now: number): boolean {
    const { lists, notes } = this
    if (lists.isEmpty(WARM)) return false
    let key = lists.last(WARM)
    for (let looked = 0; looked < LOOKED_AT; looked++) {
      const note = notes[key]!
      if ((note & ACTIVE) === 0) return this.retire(WARM, key, room, maxAge, now) || looked > 0
      const first = lists.first(WARM)
      const before = key === first ? key : lists.before(key)
      notes[key] = note & ~ACTIVE
      lists.moveToFirst(WARM, key, lists.weightOf(key))
      if (key === first) break
      key = before
    }
    return true
  }

  /** Takes a key to cold where its list holds too much, or the key is too old for it. */
  private retire(list: number, key: number, room: number, maxAge: number, now: number): boolean {
    const { lists } = this
    if (lists.weight(list) <= room && now - (this.notes[key]! >>> FLAGS) <= maxAge) return false
    lists.moveToFirst(COLD, key, lists.weightOf(key))
    return true
  }
}

export default definePolicy({
  name: 'memcached',
  summary:
    'Memcached with one slab class: a newcomer is hot, then cold unless it was used twice, which makes it warm; the last of cold goes',
  paper: 'Memcached 1.6: items.c; doc/new_lru.txt',
  parameters: {
    hotPercent: {
      type: 'integer',
      default: 20,
      minimum: 1,
      maximum: 79,
      description: 'most that hot may hold, in percent of all (hot_lru_pct)',
    },
    warmPercent: {
      type: 'integer',
      default: 40,
      minimum: 1,
      maximum: 79,
      description: 'most that warm may hold, in percent of all (warm_lru_pct)',
    },
    hotMaxFactor: {
      type: 'number',
      default: 0.2,
      minimum: LEAST_FACTOR,
      maximum: 1000,
      description: 'oldest that hot may hold, as a multiple of the age of the last of cold (hot_max_factor)',
    },
    warmMaxFactor: {
      type: 'number',
      default: 2,
      minimum: LEAST_FACTOR,
      maximum: 1000,
      description:
        'oldest that warm may hold, as a multiple of the age of the last of cold (warm_max_factor)',
    },
    requestsPerSecond: REQUESTS_PER_SECOND,
  },
  refuses: ({ hotPercent, warmPercent }) =>
    hotPercent + warmPercent > MOST_PERCENT
      ? `hotPercent=${hotPercent} and warmPercent=${warmPercent} come to ${hotPercent + warmPercent}: they must be ${MOST_PERCENT} at most together`
      : undefined,
  create: (context, settings) => new Memcached(context, settings),
})
