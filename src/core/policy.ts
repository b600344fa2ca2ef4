import { InputError } from './errors.ts'
import { callback, checkOptions, flag, listOf, type OptionKinds, oneOf, text } from './options.ts'
import type { Parameters, ParameterValues } from './parameters.ts'
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
   * Evicts a resident key that the policy has forgotten, whether there is need of room or not, while it is called for
   * request `at`. Only for a policy that says so (`givesUp`).
   */
  giveUp(key: number, at: number): void
  /**
   * The resident key that expires soonest, of several the one that came to that expiry first; where none ever does, the
   * one written longest ago. Needs 'ttl'.
   */
  soonestToExpire(): number
  /** The policy's own random stream. */
  readonly random: Random
  /** Keys of all requests, for policies that need 'future'. */
  readonly keys: Uint32Array
  /** [requests] index of the next read of the same key with no write or delete of it between, or NEVER. Needs 'future'. */
  readonly nextUse: Uint32Array
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
  /** True where keys are evicted without need of room (`giveUp`): the engine then counts with care. */
  readonly givesUp: boolean
  create(context: PolicyContext, parameters: ParameterValues<P>): EvictionPolicy
}

const NEEDS = ['future', 'sizes', 'costs', 'ttl'] as const satisfies readonly PolicyNeed[]

/** What a definition holds, for callers without types. */
const DEFINITION_OPTIONS: OptionKinds<PolicyDefinition> = {
  name: text('mine'),
  summary: text('evicts the key with the lowest id'),
  paper: text('Belady 1966'),
  parameters: {
    mustBe: 'an object of parameters',
    holds: (value) => typeof value === 'object' && value !== null,
  },
  needs: listOf(oneOf(...NEEDS)),
  bound: flag,
  givesUp: flag,
  create: callback,
}

/**
 * Declares a policy: the default export of a policy file.
 *
 * @example
 * export default definePolicy({
 *   name: 'mine',
 *   summary: 'evicts the key with the lowest id',
 *   create: (context) => new Mine(context.keyCount),
 * })
 * @throws InputError where the definition lacks something, or holds what it cannot
 */
export function definePolicy<const P extends Parameters = Record<never, never>>(definition: {
  readonly name: string
  readonly summary: string
  readonly paper?: string
  readonly parameters?: P
  readonly needs?: readonly PolicyNeed[]
  readonly bound?: boolean
  readonly givesUp?: boolean
  create(context: PolicyContext, parameters: ParameterValues<P>): EvictionPolicy
}): PolicyDefinition<P> {
  checkOptions('definePolicy()', definition, DEFINITION_OPTIONS, ['name', 'summary', 'create'])
  if (!/^[^(),=\s]+$/.test(definition.name))
    throw new InputError(
      `'name' of definePolicy() is '${definition.name}': it must be a name without blanks, brackets, commas and =`,
    )
  return {
    ...definition,
    parameters: definition.parameters ?? ({} as P),
    needs: definition.needs ?? [],
    bound: definition.bound ?? false,
    givesUp: definition.givesUp ?? false,
  }
}
