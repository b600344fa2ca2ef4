import { describeThrown, InputError, PolicyFault } from '../core/errors.ts'
import { checkNeeds, howToGive } from '../core/lacking.ts'
import { freshMemory, type Memory } from '../core/memory.ts'
import { describeValue } from '../core/options.ts'
import type { ParameterValues } from '../core/parameters.ts'
import type { EvictionPolicy, PolicyContext, PolicyDefinition, PolicyNeed } from '../core/policy.ts'
import type { Random } from '../core/random.ts'
import { Op, type Trace } from '../core/trace.ts'
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

/** Columns that are made from a trace, on shared memory. */
export interface MadeColumns {
  /** [requests] see `nextUseColumn` */
  readonly nextUse?: Uint32Array | undefined
  /** [requests] see `lifetimeColumn` */
  readonly lifetimes?: Float32Array | undefined
}

/** Columns that many replays of one trace share, each made when first asked for. */
export class TraceColumns {
  readonly trace: Trace
  #nextUse: Uint32Array | undefined
  #lifetimes: Float32Array | undefined

  /** @param made columns that were made before, perhaps by another thread */
  constructor(trace: Trace, made: MadeColumns = {}) {
    this.trace = trace
    this.#nextUse = made.nextUse
    this.#lifetimes = made.lifetimes
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
   * @throws PolicyFault where the policy throws, or gives up a key that is not resident
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
      const { failedAt, failedIn } = this.#state
      const policy = `policy '${this.#policyText}'`
      const where = `request ${failedAt} (counted from 0)`
      if (error instanceof this.#notResident) {
        const { victim } = error
        const allowed = 'evict must return a resident key, or the incoming one'
        throw new PolicyFault(
          Number.isInteger(victim)
            ? `${policy} gave up key ${victim}, which is not resident, at ${where}: ${allowed}`
            : `${policy} gave up ${describeValue(victim)}, which is no key, at ${where}: ${allowed}`,
          { cause: error },
        )
      }
      throw new PolicyFault(`${policy} failed in ${failedIn} at ${where}: ${describeThrown(error)}`, {
        cause: error,
      })
    }
  }
}

/**
 * Prepares a replay of `columns.trace` through an empty cache.
 * @param text the policy as the user wrote it, for messages
 * @param outcomes a [requests] array to write to; several replays, one after another, may share it
 * @param memory of which all else is made; default: arrays of its own
 * @throws InputError where the policy or the settings need what the trace does not have
 * @throws PolicyFault where the policy cannot be created
 */
export async function createReplay(
  columns: TraceColumns,
  policy: PolicyDefinition,
  parameters: ParameterValues<PolicyDefinition['parameters']>,
  settings: CacheSettings,
  random: Random,
  options: { readonly text?: string; readonly outcomes?: Uint8Array; readonly memory?: Memory } = {},
): Promise<Replay> {
  const { trace } = columns
  const { text = policy.name, outcomes = new Uint8Array(trace.length), memory = freshMemory } = options
  const { keyCount } = trace
  const { capacity, capacityUnit, ttlSeconds, recordedTtls = false } = settings
  const countBytes = capacityUnit === 'bytes'
  if (countBytes && !trace.sizes) {
    throw new InputError(
      `a size in bytes needs value sizes, which ${trace.name} does not have: ${howToGive('sizes', trace)}, or give the size in entries`,
    )
  }
  const needs = (need: PolicyNeed) => policy.needs.includes(need)
  checkNeeds(text, policy.needs, trace)
  if (recordedTtls && !trace.ttls) {
    throw new InputError(
      `recorded TTLs are asked for, which ${trace.name} does not have: give --ttl a duration`,
    )
  }
  const expires = recordedTtls || ttlSeconds !== undefined
  if (expires && !trace.times) {
    throw new InputError(
      `a TTL needs times, which ${trace.name} does not have: ${howToGive('times', trace)}, or leave it out`,
    )
  }
  if (needs('ttl') && !expires) {
    throw new InputError(`policy '${text}' needs a TTL: give --ttl`)
  }

  const keySizes = trace.sizes && (countBytes || needs('sizes')) ? memory.uint32(keyCount) : undefined
  const keyCosts = trace.costs && needs('costs') ? memory.float32(keyCount) : undefined
  const maxEntries = countBytes || policy.unbounded ? keyCount : Math.min(capacity, keyCount)
  let expiry: ExpiryQueue | undefined
  if (recordedTtls)
    expiry = new RecordedExpiry(memory, keyCount, maxEntries, columns.lifetimes, ttlSeconds ?? Infinity)
  else if (ttlSeconds !== undefined) expiry = new ConstantExpiry(memory, keyCount, ttlSeconds)
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
    giveUp(key) {
      if (!policy.givesUp) throw new Error('giveUp() is for policies with givesUp: true')
      loop.giveUp(state, key)
    },
    soonestToExpire() {
      if (expiry === undefined) throw new Error("soonestToExpire() is for policies with needs: ['ttl']")
      return expiry.soonest()
    },
    memory,
    random,
    keys: trace.keys,
    get nextUse() {
      if (!needs('future')) throw new Error("nextUse is for policies with needs: ['future']")
      return columns.nextUse
    },
    sizes: countBytes ? trace.sizes : undefined,
    ops: trace.ops,
  }
  const loop = await loadLoop(policy)
  const state: Loop.LoopState = {
    policy: createPolicy(policy, context, parameters, text),
    keys: trace.keys,
    times: trace.times,
    sizes: trace.sizes,
    costs: trace.costs,
    ops: trace.ops,
    outcomes,
    states: memory.uint8(keyCount),
    keySizes,
    keyCosts,
    expiry,
    renewOnHit: expiry !== undefined && settings.ttlMode === 'idle',
    capacity: policy.unbounded ? Infinity : capacity,
    countBytes,
    occupied: 0,
    evictions: 0,
    failedAt: 0,
    failedIn: 'touch',
  }
  return new Replay(loop, state, text, policy.givesUp)
}

/** @throws PolicyFault where `create` throws, or what it gives is no policy */
function createPolicy(
  definition: PolicyDefinition,
  context: PolicyContext,
  parameters: ParameterValues<PolicyDefinition['parameters']>,
  text: string,
): EvictionPolicy {
  let policy: Partial<Record<keyof EvictionPolicy, unknown>> | null | undefined
  try {
    policy = definition.create(context, parameters)
  } catch (error) {
    throw new PolicyFault(`policy '${text}' failed in create: ${describeThrown(error)}`, { cause: error })
  }
  try {
    return checkMethods(policy, text)
  } catch (error) {
    if (error instanceof PolicyFault) throw error
    // Of an object whose getters throw.
    throw new PolicyFault(
      `the methods that create of policy '${text}' gave cannot be read: ${describeThrown(error)}`,
      { cause: error },
    )
  }
}

/** @throws PolicyFault where one is missing, or none, or async */
function checkMethods(
  policy: Partial<Record<keyof EvictionPolicy, unknown>> | null | undefined,
  text: string,
): EvictionPolicy {
  const lacks = METHODS.find((method) => typeof policy?.[method] !== 'function')
  const wrong = OPTIONAL_METHODS.find((method) => !/function|undefined/.test(typeof policy?.[method]))
  const method = lacks ?? wrong
  if (method === undefined) {
    const late = [...METHODS, ...OPTIONAL_METHODS].find((one) => policy?.[one] instanceof ASYNC)
    if (late === undefined) return policy as EvictionPolicy
    throw new PolicyFault(
      `method '${late}' of policy '${text}' is async: it must be done, and have its answer, when it returns`,
    )
  }
  const gave = typeof policy === 'object' && policy !== null ? '' : `gave ${describeValue(policy)}, which `
  throw new PolicyFault(
    `create of policy '${text}' ${gave}has no method '${method}': it must return an object with ${METHODS.join(', ')}`,
  )
}

/** What `async` functions are made by; there is no other name for it. */
const ASYNC = (async () => {}).constructor as new () => unknown

const METHODS = ['touch', 'insert', 'evict', 'remove'] as const satisfies readonly (keyof EvictionPolicy)[]
const OPTIONAL_METHODS = ['admit', 'victim'] as const satisfies readonly (keyof EvictionPolicy)[]

/** The loops as an instance of their own for each policy: a module is loaded once per URL, the query included. */
function loadLoop(policy: PolicyDefinition): Promise<typeof Loop> {
  const url = new URL(import.meta.url.endsWith('.ts') ? './loop.ts' : './loop.js', import.meta.url)
  url.searchParams.set('policy', policy.name)
  const namesake = namesakeNumber(policy)
  if (namesake > 0) url.searchParams.set('namesake', String(namesake))
  return import(/* @vite-ignore */ url.href) as Promise<typeof Loop>
}

/** The policies there are of each name; what is no longer used leaves its place to the next. */
const namesakes = new Map<string, WeakRef<PolicyDefinition>[]>()

/** 0 for the first policy of its name, 1 for another, … Modules are never unloaded, so numbers are used again. */
function namesakeNumber(policy: PolicyDefinition): number {
  const known = namesakes.get(policy.name) ?? []
  namesakes.set(policy.name, known)
  const own = known.findIndex((other) => other.deref() === policy)
  if (own !== -1) return own
  const free = known.findIndex((other) => other.deref() === undefined)
  const number = free === -1 ? known.length : free
  known[number] = new WeakRef(policy)
  return number
}
