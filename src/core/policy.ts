import { describeThrown, InputError } from './errors.ts'
import type { Memory } from './memory.ts'
import { callback, checkOptions, flag, listOf, type OptionKinds, oneOf, text } from './options.ts'
import { checkDeclarations, copyDeclarations } from './parameter-declarations.ts'
import type { Parameters, ParameterValues } from './parameters.ts'
import { checkName, PARAMETERS_OPTION } from './part-options.ts'
import type { Random } from './random.ts'
import type { Part } from './registry.ts'

/**
 * An eviction policy ranks resident keys and nothing else. Residency, capacity, expiry and counting belong to the
 * engine, which promises: `touch`, `remove` only for resident keys, `insert` only for absent ones, and room made
 * before an `insert`.
 */
export interface EvictionPolicy {
  /** A resident key was used. `at` is the request's index in the trace. */
  touch(key: number, at: number): void
  /** `key` has just become resident. */
  insert(key: number, at: number): void
  /**
   * Chooses the resident key to give up for `incoming`, forgets it and returns it. May return `incoming`: then nothing
   * is given up and the incoming key is not admitted.
   */
  evict(incoming: number, at: number): number
  /** `key` left for another reason: expired, invalidated, deleted. */
  remove(key: number): void
  /**
   * Whether an absent key may come in at all. Asked once for each miss whose value would fit into the empty cache,
   * before room is made, and where there is room too. Without this method every key may.
   */
  admit?(key: number, at: number): boolean
  /**
   * The key that `evict` would give up for `incoming`, which stays for now. What rearranges itself in the search for a
   * victim may do so here; `evict` for the same request, if it follows, returns the same key. Only admission filters
   * that weigh a newcomer against its victim ask.
   */
  victim?(incoming: number, at: number): number
}

/** What a policy is created with. Ids are dense: 0 … keyCount − 1. */
export interface PolicyContext {
  /** Capacity in entries, or in bytes where `capacityUnit` says so. */
  readonly capacity: number
  readonly capacityUnit: 'entries' | 'bytes'
  /** The most entries that can be resident at once: at most `keyCount`. */
  readonly maxEntries: number
  readonly keyCount: number
  /** Requests in the trace. */
  readonly requests: number
  /** Bytes of a resident key's value; 1 where the trace has no sizes. */
  sizeOf(key: number): number
  /** Milliseconds the model took when the key was last computed; 1 where the trace has no costs. */
  costOf(key: number): number
  /** The second at which a resident (or the incoming) key expires; Infinity without a TTL. */
  expiresAt(key: number): number
  /** The second at which a request arrives; 0 where the trace has no times. */
  timeOf(request: number): number
  /** Whether a request writes. `touch` is for reads and writes alike. */
  isWrite(request: number): boolean
  /**
   * Evicts a resident key that the policy has forgotten, whether there is need of room or not. To be called from `touch`,
   * `insert` and `evict`, by a policy that says so (`givesUp`).
   */
  giveUp(key: number): void
  /**
   * The resident key that expires soonest, of several the one that came to that expiry first; where none ever does, the
   * one written longest ago. Needs 'ttl'.
   */
  soonestToExpire(): number
  /**
   * For arrays as long as there are keys: a run of many replays uses the same memory for each. Arrays are no longer the
   * policy's own once its replay has ended.
   */
  readonly memory: Memory
  /** The policy's own random stream. */
  readonly random: Random
  /** Keys of all requests, for policies that need 'future'. */
  readonly keys: Uint32Array
  /** [requests] index of the next read of the same key with no write or delete of it between, or NEVER. Needs 'future'. */
  readonly nextUse: Uint32Array
  /** [requests] bytes of each request's value, where the capacity is in bytes. For policies that need 'future'. */
  readonly sizes?: Uint32Array | undefined
  /** [requests] what each request does (see `Op`), where not all are reads. For policies that need 'future'. */
  readonly ops?: Uint8Array | undefined
}

/** In a next-use column: the key is not read again, or is written or deleted first. */
export const NEVER = 0xffff_ffff

/** What a policy can ask of the trace or the settings; one that is not met is an error that names both. */
export type PolicyNeed =
  /** The next use of each request (`nextUse`): impossible for a real server, made for bounds. */
  | 'future'
  /** Sizes of values. */
  | 'sizes'
  /** Costs of computing. */
  | 'costs'
  /** A time to live, and so times. Entries that are given none take `DEFAULT_TTL_SECONDS`, and the output says so. */
  | 'ttl'

/** The TTL of a policy that needs one where neither flag, recipe nor trace gives any. */
export const DEFAULT_TTL_SECONDS = 600

/** A policy as it is registered. */
export interface PolicyDefinition<P extends Parameters = Parameters> extends Part {
  /** Where it was published: authors, year, title. */
  readonly paper?: string
  readonly parameters: P
  readonly needs: readonly PolicyNeed[]
  /** True for what no server can do, such as Belady's MIN: shown as a bound, never recommended. */
  readonly bound: boolean
  /**
   * True for a bound that no capacity holds back: it is replayed through a cache that holds everything, and is told the
   * capacity that was asked for.
   */
  readonly unbounded: boolean
  /** True where keys are evicted without need of room (`giveUp`): the engine then counts with care. */
  readonly givesUp: boolean
  /** What is wrong with settings that are allowed each and not together, in words; undefined where nothing is. */
  refuses?(parameters: ParameterValues<P>): string | undefined
  create(context: PolicyContext, parameters: ParameterValues<P>): EvictionPolicy
}

/** A policy as it is written down: what is left out is none, or false. */
export interface PolicyDraft<P extends Parameters = Parameters> extends Part {
  /** Where it was published: authors, year, title. */
  readonly paper?: string | undefined
  readonly parameters?: P | undefined
  readonly needs?: readonly PolicyNeed[] | undefined
  /** Default: true for a policy that needs 'future'. */
  readonly bound?: boolean | undefined
  readonly unbounded?: boolean | undefined
  readonly givesUp?: boolean | undefined
  refuses?(parameters: ParameterValues<P>): string | undefined
  create(context: PolicyContext, parameters: ParameterValues<P>): EvictionPolicy
}

export const POLICY_NEEDS = ['future', 'sizes', 'costs', 'ttl'] as const satisfies readonly PolicyNeed[]

/** What a draft holds, for callers without types. */
const DRAFT_OPTIONS: OptionKinds<PolicyDraft> = {
  name: text('mine'),
  summary: text('evicts the key with the lowest id'),
  paper: text('Belady 1966'),
  parameters: PARAMETERS_OPTION,
  needs: listOf(oneOf(...POLICY_NEEDS)),
  bound: flag,
  unbounded: flag,
  givesUp: flag,
  refuses: callback,
  create: callback,
}

/**
 * Declares a policy: the default export of a policy file. A plain object with the same fields is checked where it is
 * loaded; this function checks it at once, and knows the types of the parameters.
 *
 * @example
 * export default definePolicy({
 *   name: 'mine',
 *   summary: 'evicts the key with the lowest id',
 *   create: (context) => new Mine(context.keyCount),
 * })
 * @throws InputError where the draft lacks something, or holds what it cannot
 */
export function definePolicy<const P extends Parameters = Record<never, never>>(
  draft: PolicyDraft<P>,
): PolicyDefinition<P> {
  return completePolicy(draft, 'definePolicy()')
}

/** What `completePolicy` gave, or what was made of that: not what merely looks like it. */
const complete = new WeakSet<object>()

/** Takes a definition as it is from here on, whatever its name: one that was made of others. */
export function trustPolicy<D extends PolicyDefinition>(definition: D): D {
  complete.add(definition)
  return definition
}

/**
 * A definition from a draft that may come from anywhere; one that is complete already is itself.
 * @param owner what holds the draft, for messages: `the policy file './mine.js'`
 * @throws InputError where it is no draft, lacks something, or holds what it cannot
 */
export function completePolicy<P extends Parameters>(
  draft: PolicyDraft<P>,
  owner: string,
): PolicyDefinition<P> {
  if (typeof draft === 'object' && draft !== null && complete.has(draft)) return draft as PolicyDefinition<P>
  try {
    const definition = checkedPolicy(draft, owner)
    complete.add(definition)
    return definition
  } catch (error) {
    if (error instanceof InputError) throw error
    // What a stranger wrote may throw where it is only read.
    throw new InputError(`${owner} cannot be read: ${describeThrown(error)}`, { cause: error })
  }
}

function checkedPolicy<P extends Parameters>(draft: PolicyDraft<P>, owner: string): PolicyDefinition<P> {
  // Parameters are of P only to callers; what they are is checked below.
  checkOptions<PolicyDraft>(owner, draft as unknown as PolicyDraft, DRAFT_OPTIONS, [
    'name',
    'summary',
    'create',
  ])
  const { name, summary, paper, parameters = {} as P, needs = [], bound = needs.includes('future') } = draft
  const { unbounded = false, givesUp = false } = draft
  checkName(owner, name)
  checkDeclarations(parameters, owner)
  return {
    name,
    summary,
    ...(paper !== undefined && { paper }),
    parameters: copyDeclarations(parameters),
    needs: [...needs],
    bound,
    unbounded,
    givesUp,
    ...(draft.refuses !== undefined && { refuses: (values) => draft.refuses?.(values) }),
    create: (context, values) => draft.create(context, values),
  }
}
