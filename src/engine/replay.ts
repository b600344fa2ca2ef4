import { InputError } from '../core/errors.ts'
import type { ParameterValues } from '../core/parameters.ts'
import type { PolicyContext, PolicyDefinition, PolicyNeed } from '../core/policy.ts'
import type { Random } from '../core/random.ts'
import { createColumn, Op, type Trace } from '../core/trace.ts'
import { ConstantExpiry, type ExpiryQueue, RecordedExpiry } from './expiry.ts'
import { lifetimeColumn } from './lifetimes.ts'
import type * as Loop from './loop.ts'
import { nextUseColumn } from './next-use.ts'

/** Requests a call of the loop replays: short enough that V8 soon swaps the running loop for the optimised one. */
const CHUNK = 1 << 14

/** A cache, as one replay simulates it. */
export interface CacheSettings {
  /** Entries, or bytes where `capacityUnit` says so. */
  readonly capacity: number
  readonly capacityUnit: 'entries' | 'bytes'
  /** Seconds an entry lives; absent: for ever. */
  readonly ttlSeconds?: number | undefined
  /**
   * An entry lives as long as the request that writes it says, or if that says nothing, as one for its key said last;
   * `ttlSeconds` then holds for the rest.
   */
  readonly recordedTtls?: boolean
  /**
   * Whether an entry's life is counted from its write or from its last use. A hit from which it is counted lets it live
   * as long again as its write did, whatever the hit itself says; from the write, a hit changes nothing.
   */
  readonly ttlMode?: 'write' | 'idle'
}

/** Columns that many replays of one trace share, each made when first asked for. */
export class TraceColumns {
  readonly trace: Trace
  #nextUse: Uint32Array | undefined
  #lifetimes: Float32Array | undefined

  constructor(trace: Trace) {
    this.trace = trace
  }

  get nextUse(): Uint32Array {
    this.#nextUse ??= nextUseColumn(this.trace)
    return this.#nextUse
  }

  /** Only for a trace that has TTLs. */
  get lifetimes(): Float32Array {
    this.#lifetimes ??= lifetimeColumn(this.trace, this.trace.ttls!)
    return this.#lifetimes
  }
}

/**
 * One policy replaying one trace through one cache. `advance` moves it on; `outcomes` says what every request found so
 * far (see `Found`).
 */
export class Replay {
  /** [requests] what each request found. */
  readonly outcomes: Uint8Array
  readonly length: number
  position = 0
  readonly #state: Loop.LoopState
  readonly #loop: (state: Loop.LoopState, from: number, to: number) => void
  readonly #policyText: string
  readonly #notResident: typeof Loop.NotResident

  /** @internal use `createReplay` */
  constructor(loop: typeof Loop, state: Loop.LoopState, policyText: string, givesUp: boolean) {
    this.#state = state
    this.outcomes = state.outcomes
    this.length = state.keys.length
    this.#policyText = policyText
    this.#notResident = loop.NotResident
    // The plain loop makes room before it asks whether anything fits: not for a cache of no size.
    const plain =
      state.ops === undefined &&
      state.expiry === undefined &&
      state.policy.admit === undefined &&
      !givesUp &&
      !state.countBytes &&
      state.capacity > 0
    this.#loop =
      plain && state.keySizes === undefined && state.keyCosts === undefined
        ? loop.replayReads
        : loop.replayAll
  }

  get done(): boolean {
    return this.position === this.length
  }

  /** Keys given up so far. */
  get evictions(): number {
    return this.#state.evictions
  }

  /** Entries, or bytes, resident now. */
  get occupied(): number {
    return this.#state.occupied
  }

  /**
   * Replays the next `count` requests, or all that are left.
   * @throws Error where the policy gives up a key that is not resident
   */
  advance(count = Infinity): void {
    const end = Math.min(this.length, this.position + count)
    try {
      while (this.position < end) {
        const to = Math.min(end, this.position + CHUNK)
        this.#loop(this.#state, this.position, to)
        this.position = to
      }
    } catch (error) {
      if (!(error instanceof this.#notResident)) throw error
      throw new Error(`policy '${this.#policyText}' ${error.message}`, { cause: error })
    }
  }
}

/**
 * Prepares a replay of `columns.trace` through an empty cache.
 * @param text the policy as the user wrote it, for messages
 * @param outcomes a [requests] array to write to; several replays, one after another, may share it
 * @throws InputError where the policy or the settings need what the trace does not have
 */
export async function createReplay(
  columns: TraceColumns,
  policy: PolicyDefinition,
  parameters: ParameterValues<PolicyDefinition['parameters']>,
  settings: CacheSettings,
  random: Random,
  { text = policy.name, outcomes = createColumn(Uint8Array, columns.trace.length) } = {},
): Promise<Replay> {
  const { trace } = columns
  const { keyCount } = trace
  const { capacity, capacityUnit, ttlSeconds, recordedTtls = false } = settings
  const countBytes = capacityUnit === 'bytes'
  if (countBytes && !trace.sizes) {
    throw new InputError(
      `a size in bytes needs value sizes, which ${trace.name} does not have: give --value-size, or a size in entries`,
    )
  }
  const needs = (need: PolicyNeed) => policy.needs.includes(need)
  if (recordedTtls && !trace.ttls) {
    throw new InputError(
      `recorded TTLs are asked for, which ${trace.name} does not have: give --ttl a duration`,
    )
  }
  const expires = recordedTtls || ttlSeconds !== undefined
  if (expires && !trace.times) {
    const [what, otherwise] = needs('ttl') ? [`policy '${text}'`, 'another policy'] : ['a TTL', 'no --ttl']
    throw new InputError(
      `${what} needs times, which ${trace.name} does not have: give --time, or ${otherwise}`,
    )
  }
  for (const column of ['sizes', 'costs'] as const) {
    if (needs(column) && !trace[column]) {
      throw new InputError(`policy '${text}' needs ${column}, which ${trace.name} does not have`)
    }
  }
  if (needs('ttl') && !expires) {
    throw new InputError(`policy '${text}' needs a TTL: give --ttl`)
  }

  const keySizes = trace.sizes && (countBytes || needs('sizes')) ? new Uint32Array(keyCount) : undefined
  const keyCosts = trace.costs && needs('costs') ? new Float32Array(keyCount) : undefined
  const maxEntries = countBytes ? keyCount : Math.min(capacity, keyCount)
  let expiry: ExpiryQueue | undefined
  if (recordedTtls)
    expiry = new RecordedExpiry(keyCount, maxEntries, columns.lifetimes, ttlSeconds ?? Infinity)
  else if (ttlSeconds !== undefined) expiry = new ConstantExpiry(keyCount, ttlSeconds)
  const context: PolicyContext = {
    capacity,
    capacityUnit,
    maxEntries,
    keyCount,
    requests: trace.length,
    sizeOf: keySizes ? (key) => keySizes[key]! : () => 1,
    costOf: keyCosts ? (key) => keyCosts[key]! : () => 1,
    expiresAt: expiry ? (key) => expiry.expiresAt[key]! : () => Infinity,
    timeOf: (request) => trace.times?.[request] ?? 0,
    isWrite: (request) => trace.ops?.[request] === Op.write,
    giveUp: (key, at) => loop.giveUp(state, key, at),
    soonestToExpire: () => expiry!.soonest(),
    random,
    keys: trace.keys,
    get nextUse() {
      return columns.nextUse
    },
  }
  const loop = await loadLoop(policy.name)
  const state: Loop.LoopState = {
    policy: policy.create(context, parameters),
    keys: trace.keys,
    times: trace.times,
    sizes: trace.sizes,
    costs: trace.costs,
    ops: trace.ops,
    outcomes,
    states: new Uint8Array(keyCount),
    keySizes,
    keyCosts,
    expiry,
    renewOnHit: expiry !== undefined && settings.ttlMode === 'idle',
    capacity,
    countBytes,
    occupied: 0,
    evictions: 0,
  }
  return new Replay(loop, state, text, policy.givesUp)
}

/** The loops as an instance of their own for each policy: a module is loaded once per URL, the query included. */
function loadLoop(policyName: string): Promise<typeof Loop> {
  const url = new URL(import.meta.url.endsWith('.ts') ? './loop.ts' : './loop.js', import.meta.url)
  url.searchParams.set('policy', policyName)
  return import(/* @vite-ignore */ url.href) as Promise<typeof Loop>
}
