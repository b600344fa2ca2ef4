import type { EvictionPolicy } from '../core/policy.ts'
import type { ExpiryQueue } from './expiry.ts'

// The hot loops. This module is loaded once for every policy, each time as an instance of its own (see replay.ts): a
// call site that has seen five kinds of policy is several times slower than one that has seen a single kind. For that
// reason it imports types only and keeps nothing at module level.

/** What a request finds: how its key stands before it. The numbers count misses by kind in `outcomes`. */
export const Found = {
  /** Never requested before: a compulsory miss. */
  absent: 0,
  resident: 1,
  /** Evicted or not admitted: a capacity miss. */
  evicted: 2,
  expired: 3,
  /** Deleted. */
  invalidated: 4,
  /** In `outcomes` only: a write or a delete, neither hit nor miss. */
  uncounted: 5,
} as const

/** The state of one replay, between two calls of a loop. */
export interface LoopState {
  readonly policy: EvictionPolicy
  readonly keys: Uint32Array
  readonly times: Float64Array | undefined
  readonly sizes: Uint32Array | undefined
  readonly costs: Float32Array | undefined
  readonly ops: Uint8Array | undefined
  /** [length] what each request found. */
  readonly outcomes: Uint8Array
  /** [keyCount] how each key stands now. */
  readonly states: Uint8Array
  /** [keyCount] bytes of each resident value, where someone asks. */
  readonly keySizes: Uint32Array | undefined
  /** [keyCount] milliseconds each resident value took, where someone asks. */
  readonly keyCosts: Float32Array | undefined
  readonly expiry: ExpiryQueue | undefined
  readonly renewOnHit: boolean
  readonly capacity: number
  readonly countBytes: boolean
  occupied: number
  evictions: number
  /** Where a loop has thrown: the request, and the method of the policy that was called last. */
  failedAt: number
  failedIn: keyof EvictionPolicy
}

/** Thrown where a policy names a victim that is not resident: a key, or what is none. */
export class NotResident extends Error {
  readonly victim: unknown

  constructor(victim: unknown) {
    super(`${String(victim)} is not resident`)
    this.victim = victim
  }
}

/**
 * Requests from … to − 1 where all are reads, nothing expires, every key may come in, none leaves but by `evict`, and
 * capacity is in entries.
 */
export function replayReads(state: LoopState, from: number, to: number): void {
  const { policy, keys, outcomes, states, capacity } = state
  let { occupied, evictions } = state
  let at = from
  let call: keyof EvictionPolicy = 'touch'
  try {
    for (; at < to; at++) {
      const key = keys[at]!
      const found = states[key]!
      outcomes[at] = found
      if (found === 1 /* resident */) {
        call = 'touch'
        policy.touch(key, at)
        continue
      }
      if (occupied === capacity) {
        call = 'evict'
        const victim = policy.evict(key, at)
        if (victim === key) {
          states[key] = 2 /* evicted */
          continue
        }
        if (states[victim] !== 1) throw new NotResident(victim)
        states[victim] = 2
        evictions++
      } else {
        occupied++
      }
      states[key] = 1
      call = 'insert'
      policy.insert(key, at)
    }
  } catch (error) {
    state.failedAt = at
    state.failedIn = call
    throw error
  }
  state.occupied = occupied
  state.evictions = evictions
}

/** Requests from … to − 1 with all there can be: writes and deletes, expiry, admission, capacity in bytes. */
export function replayAll(state: LoopState, from: number, to: number): void {
  const { policy, keys, times, sizes, costs, ops, outcomes, states } = state
  const { keySizes, keyCosts, expiry, renewOnHit, capacity, countBytes } = state
  const asks = policy.admit !== undefined
  let at = from
  let call: keyof EvictionPolicy = 'touch'
  try {
    for (; at < to; at++) {
      const key = keys[at]!
      const op = ops === undefined ? 0 /* read */ : ops[at]!
      const now = times === undefined ? 0 : times[at]!
      let found = states[key]!
      if (found === 1 && expiry !== undefined && expiry.expiresAt[key]! <= now) {
        call = 'remove'
        leave(state, key, 3 /* expired */)
        found = 3
      }
      if (op === 2 /* delete */) {
        outcomes[at] = 5 /* uncounted */
        call = 'remove'
        if (found === 1) leave(state, key, 4 /* invalidated */)
        else if (found !== 0) states[key] = 4
        continue
      }
      outcomes[at] = op === 0 ? found : 5
      const size = countBytes ? sizes![at]! : 1
      if (found === 1) {
        if (op === 0) {
          if (renewOnHit) expiry!.renew(key, now)
          call = 'touch'
          policy.touch(key, at)
          continue
        }
        // A write over a resident value: in place if the new one fits, else it leaves and comes in like any other.
        const grown = state.occupied - (countBytes ? keySizes![key]! : 1) + size
        if (grown <= capacity) {
          state.occupied = grown
          if (keySizes !== undefined) keySizes[key] = sizes![at]!
          if (keyCosts !== undefined) keyCosts[key] = costs![at]!
          if (expiry !== undefined) expiry.rewrite(key, now, at)
          call = 'touch'
          policy.touch(key, at)
          continue
        }
        call = 'remove'
        leave(state, key, 2)
      }
      // From here on the key is absent and asks to come in. A value larger than the cache never does.
      states[key] = 2
      if (size > capacity) continue
      if (keySizes !== undefined) keySizes[key] = sizes![at]!
      if (keyCosts !== undefined) keyCosts[key] = costs![at]!
      call = 'admit'
      if (asks) {
        const admits = policy.admit!(key, at)
        if (typeof admits !== 'boolean') throw new Error('it must return true or false')
        if (!admits) continue
      }
      if (expiry !== undefined) {
        expiry.announce(key, now, at)
        // Expired entries leave before live ones are evicted.
        while (state.occupied + size > capacity && !expiry.isEmpty()) {
          const soonest = expiry.soonest()
          if (expiry.expiresAt[soonest]! > now) break
          call = 'remove'
          leave(state, soonest, 3)
        }
      }
      let admitted = true
      while (state.occupied + size > capacity) {
        call = 'evict'
        const victim = policy.evict(key, at)
        if (victim === key) {
          admitted = false
          break
        }
        giveUp(state, victim)
      }
      if (!admitted) continue
      states[key] = 1
      state.occupied += size
      if (expiry !== undefined) expiry.insert(key)
      call = 'insert'
      policy.insert(key, at)
    }
  } catch (error) {
    state.failedAt = at
    state.failedIn = call
    throw error
  }
}

/** A resident key is evicted. Not for `replayReads`, which counts on its own. */
export function giveUp(state: LoopState, key: number): void {
  if (state.states[key] !== 1) throw new NotResident(key)
  state.states[key] = 2
  state.occupied -= state.countBytes ? state.keySizes![key]! : 1
  state.evictions++
  if (state.expiry !== undefined) state.expiry.remove(key)
}

/** A resident key leaves for another reason than eviction, which the policy is told. */
function leave(state: LoopState, key: number, as: number): void {
  state.states[key] = as
  state.occupied -= state.countBytes ? state.keySizes![key]! : 1
  if (state.expiry !== undefined) state.expiry.remove(key)
  state.policy.remove(key)
}
