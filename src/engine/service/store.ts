import { freshMemory } from '../../core/memory.ts'
import type { EvictionPolicy, PolicyContext } from '../../core/policy.ts'
import type { Random } from '../../core/random.ts'
import type { Trace } from '../../core/trace.ts'
import { ConstantExpiry, type ExpiryQueue, RecordedExpiry } from '../expiry.ts'
import type { TraceColumns } from '../replay.ts'
import { MovedExpiry } from './moved-expiry.ts'
import type { TierSettings } from './settings.ts'

/** How a store answers a lookup: as the replay counts misses (see `Found`), and one more. */
export const Answer = {
  /** Never seen here. */
  absent: 0,
  fresh: 1,
  /** Evicted or not admitted. */
  evicted: 2,
  expired: 3,
  invalidated: 4,
  /** Past its TTL, and near enough to it to be served. */
  stale: 5,
} as const

/** What stores are told beside their tier's settings. */
export interface StoreSettings {
  /** Versions that a key can have, each an entry of its own: ids are version · keyCount + key. */
  readonly versions: number
  /** Seconds past its TTL that an entry is served while it is refreshed, or only where the model fails. */
  readonly staleWhileRevalidate: number
  readonly staleIfError: number
  /** Whether anyone asks how long entries took to compute, or of which model they are. */
  readonly keepsDeltas: boolean
  readonly keepsVersions: boolean
  /** The first request that counts. */
  readonly countFrom: number
}

/**
 * One cache in time: residency, policy, admission, capacity and expiry, for lookups and stores that come apart. It does
 * at each moment what the loops of the replay do for a request: where nothing takes time the two agree to the hit.
 *
 * An entry that may be served past its TTL is kept that much longer, and expires for good only then.
 */
export class Store {
  /** [ids] how each key stands, as `Answer`. */
  readonly states: Uint8Array
  /** Lookups by their answer, of the requests that count. */
  readonly answers = new Float64Array(6)
  /** Since the first of these came. */
  evictions = 0
  occupied = 0
  /** [ids] seconds the resident value took to compute; empty where nobody asks. */
  readonly deltas: Float32Array
  /** [ids] updates of the model that had been when the resident value was computed; empty where there are none. */
  readonly versions: Uint16Array
  /** Where what is evicted goes; undefined: nowhere. */
  next: Store | undefined
  /** Above 0 while it cannot be reached. */
  down = 0
  private readonly countFrom: number
  private readonly policy: EvictionPolicy
  private readonly expiry: ExpiryQueue | undefined
  private readonly moved: MovedExpiry | undefined
  private readonly trace: Trace
  private readonly sizes: Uint32Array
  private readonly costs: Float32Array
  private readonly keepsSizes: boolean
  private readonly keepsCosts: boolean
  private readonly countBytes: boolean
  private readonly capacity: number
  /** Of the lookup or the write that goes on: for policies that give up keys in it. */
  private now = 0
  private request = 0
  private at = 0
  private writing = false
  private readonly renewOnHit: boolean
  /** Seconds that an entry is kept past its TTL, and of them those in which it is served. */
  private readonly grace: number
  private readonly staleWhileRevalidate: number
  private readonly seesFuture: boolean

  constructor(
    columns: TraceColumns,
    tier: TierSettings,
    settings: StoreSettings,
    random: Random,
    moves: boolean,
  ) {
    const { trace } = columns
    const ids = trace.keyCount * settings.versions
    const { capacity, capacityUnit, policy, ttlSeconds, recordedTtls } = tier
    const needs = (need: (typeof policy.definition.needs)[number]) => policy.definition.needs.includes(need)
    this.trace = trace
    this.capacity = policy.definition.unbounded ? Infinity : capacity
    this.countBytes = capacityUnit === 'bytes'
    this.keepsSizes = trace.sizes !== undefined && (this.countBytes || moves || needs('sizes'))
    this.keepsCosts = needs('costs')
    this.seesFuture = needs('future')
    this.states = new Uint8Array(ids)
    this.sizes = new Uint32Array(this.keepsSizes ? ids : 0)
    this.costs = new Float32Array(this.keepsCosts ? ids : 0)
    this.deltas = new Float32Array(settings.keepsDeltas ? ids : 0)
    this.countFrom = settings.countFrom
    this.versions = new Uint16Array(settings.keepsVersions ? ids : 0)
    const expires = recordedTtls || ttlSeconds !== undefined
    this.renewOnHit = expires && tier.renewOnHit
    this.staleWhileRevalidate = expires ? settings.staleWhileRevalidate : 0
    this.grace = expires ? Math.max(settings.staleWhileRevalidate, settings.staleIfError) : 0
    const maxEntries = this.countBytes ? ids : Math.min(this.capacity, ids)
    if (recordedTtls) {
      const { grace } = this
      const lifetimes = grace === 0 ? columns.lifetimes : columns.lifetimes.map((ttl) => ttl + grace)
      this.expiry = new RecordedExpiry(
        freshMemory,
        ids,
        maxEntries,
        lifetimes,
        (ttlSeconds ?? Infinity) + grace,
      )
    } else if (ttlSeconds !== undefined) {
      this.moved = moves ? new MovedExpiry(freshMemory, ids, maxEntries, ttlSeconds + this.grace) : undefined
      this.expiry = this.moved ?? new ConstantExpiry(freshMemory, ids, ttlSeconds + this.grace)
    }
    const { expiry, sizes, costs } = this
    const context: PolicyContext = {
      capacity,
      capacityUnit,
      maxEntries,
      keyCount: ids,
      requests: trace.length,
      sizeOf: this.keepsSizes ? (id) => sizes[id]! : () => 1,
      costOf: this.keepsCosts ? (id) => costs[id]! : () => 1,
      expiresAt: expiry ? (id) => expiry.expiresAt[id]! : () => Infinity,
      timeOf: (request) => trace.times![request]!,
      isWrite: () => this.writing,
      giveUp: (id) => this.evict(id, this.now, this.request, this.at),
      soonestToExpire: () => expiry!.soonest(),
      memory: freshMemory,
      random,
      keys: trace.keys,
      get nextUse() {
        return columns.nextUse
      },
      sizes: this.countBytes ? trace.sizes : undefined,
      ops: trace.ops,
    }
    this.policy = policy.definition.create(context, policy.parameters)
  }

  /**
   * A lookup, which is counted.
   * @param request whose it is
   * @param at the last request that has arrived: the clock of policies that count requests
   */
  find(id: number, now: number, request: number, at: number): number {
    this.now = now
    this.request = request
    this.at = at
    this.writing = false
    const answer = this.look(id, now)
    if (request >= this.countFrom) this.answers[answer]!++
    if (answer === Answer.fresh || answer === Answer.stale) {
      if (this.renewOnHit && answer === Answer.fresh) this.expiry!.renew(id, now)
      this.policy.touch(id, this.seesFuture ? request : at)
    }
    return answer
  }

  /** What a lookup would find; an entry that is past all use leaves. */
  look(id: number, now: number): number {
    const state = this.states[id]!
    const { expiry } = this
    if (state !== 1) {
      // An older version of the key was here: what makes this a miss is the new model.
      const { keyCount } = this.trace
      return state === 0 && id >= keyCount && this.states[id - keyCount] !== 0 ? Answer.invalidated : state
    }
    if (expiry === undefined) return Answer.fresh
    const left = expiry.expiresAt[id]! - now
    if (left <= 0) {
      this.leave(id, Answer.expired)
      return Answer.expired
    }
    if (left > this.grace) return Answer.fresh
    return left > this.grace - this.staleWhileRevalidate ? Answer.stale : Answer.expired
  }

  /** Whether there is anything that may be served where the model fails. */
  holds(id: number, now: number): boolean {
    return this.states[id] === 1 && (this.expiry === undefined || this.expiry.expiresAt[id]! > now)
  }

  /** Seconds until a resident entry is past its TTL; negative once it is. */
  timeLeft(id: number, now: number): number {
    return this.expiry === undefined ? Infinity : this.expiry.expiresAt[id]! - this.grace - now
  }

  /** The moment a resident entry leaves, for the tier it moves to. */
  expiresAt(id: number): number {
    return this.expiry === undefined ? Infinity : this.expiry.expiresAt[id]!
  }

  /**
   * A value is written: over the one that is there, or as an entry of its own where the policy lets it in.
   * @param request a request for its key, which says its size and its TTL
   * @param delta seconds it took to compute
   * @param version updates of the model that had been when it was computed
   * @param expiresAt of an entry that moves here from another tier: when it leaves at the latest
   * @param movedBytes its size; −1 for a new one, whose size is the request's
   */
  write(
    id: number,
    now: number,
    request: number,
    at: number,
    delta: number,
    version: number,
    expiresAt = Infinity,
    movedBytes = -1,
  ): void {
    const { trace, expiry, states, policy } = this
    const clock = this.seesFuture ? request : at
    this.now = now
    this.request = request
    this.at = at
    this.writing = true
    const bytes = movedBytes >= 0 || trace.sizes === undefined ? movedBytes : trace.sizes[request]!
    const size = this.countBytes ? bytes : 1
    const cost = movedBytes >= 0 || trace.costs === undefined ? 1000 * delta : trace.costs[request]!
    if (this.moved !== undefined) this.moved.latest = expiresAt
    if (states[id] === 1 && expiry !== undefined && expiry.expiresAt[id]! <= now)
      this.leave(id, Answer.expired)
    if (states[id] === 1) {
      const grown = this.occupied - (this.countBytes ? this.sizes[id]! : 1) + size
      if (grown <= this.capacity) {
        this.occupied = grown
        this.note(id, bytes, cost, delta, version)
        if (expiry !== undefined) expiry.rewrite(id, now, request)
        policy.touch(id, clock)
        return
      }
      this.leave(id, Answer.evicted)
    }
    // From here on as the replay's loop does for a miss.
    states[id] = Answer.evicted
    if (size > this.capacity) return
    this.note(id, bytes, cost, delta, version)
    if (policy.admit !== undefined && !policy.admit(id, clock)) return
    if (expiry !== undefined) {
      expiry.announce(id, now, request)
      while (this.occupied + size > this.capacity && !expiry.isEmpty()) {
        const soonest = expiry.soonest()
        if (expiry.expiresAt[soonest]! > now) break
        this.leave(soonest, Answer.expired)
      }
    }
    while (this.occupied + size > this.capacity) {
      const victim = policy.evict(id, clock)
      if (victim === id) return
      this.evict(victim, now, request, at)
    }
    states[id] = 1
    this.occupied += size
    if (expiry !== undefined) expiry.insert(id)
    policy.insert(id, clock)
  }

  /** A resident entry leaves for another reason than eviction. */
  leave(id: number, as: number): void {
    this.states[id] = as
    this.occupied -= this.countBytes ? this.sizes[id]! : 1
    if (this.expiry !== undefined) this.expiry.remove(id)
    this.policy.remove(id)
  }

  /** A key is deleted. */
  invalidate(id: number): void {
    if (this.states[id] === 1) this.leave(id, Answer.invalidated)
    else if (this.states[id] !== 0) this.states[id] = Answer.invalidated
  }

  /**
   * Forgets what is there: all of it, or the keys of a mask.
   * @param affected [keyCount] 1 for those that go
   */
  forget(affected?: Uint8Array): void {
    const { states } = this
    const { keyCount } = this.trace
    for (let id = 0; id < states.length; id++) {
      if (states[id] === 1 && (affected === undefined || affected[id % keyCount] === 1))
        this.leave(id, Answer.invalidated)
    }
  }

  private evict(victim: number, now: number, request: number, at: number): void {
    const { next } = this
    if (this.states[victim] !== 1) throw new Error(`evicted key ${victim}, which is not resident`)
    this.states[victim] = Answer.evicted
    this.occupied -= this.countBytes ? this.sizes[victim]! : 1
    if (at >= this.countFrom) this.evictions++
    const expiresAt = this.expiresAt(victim)
    if (this.expiry !== undefined) this.expiry.remove(victim)
    if (next === undefined || next.down > 0 || expiresAt <= now) return
    const bytes = this.bytesOf(victim)
    next.write(
      victim,
      now,
      request,
      at,
      this.deltas[victim] ?? 0,
      this.versions[victim] ?? 0,
      expiresAt,
      bytes,
    )
  }

  /** Bytes of a resident value; 0 where nobody asks. */
  bytesOf(id: number): number {
    return this.keepsSizes ? this.sizes[id]! : 0
  }

  private note(id: number, bytes: number, cost: number, delta: number, version: number): void {
    if (this.keepsSizes) this.sizes[id] = bytes
    if (this.keepsCosts) this.costs[id] = cost
    if (this.deltas.length > 0) this.deltas[id] = delta
    if (this.versions.length > 0) this.versions[id] = version
  }
}
