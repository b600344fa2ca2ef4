import { describeThrown, InputError } from './errors.ts'
import { callback, checkOptions, listOf, type OptionKinds, oneOf, text } from './options.ts'
import { checkDeclarations, copyDeclarations } from './parameter-declarations.ts'
import type { Parameters, ParameterValues } from './parameters.ts'
import { checkName, PARAMETERS_OPTION } from './part-options.ts'
import { POLICY_NEEDS, type PolicyContext, type PolicyNeed } from './policy.ts'
import type { Part } from './registry.ts'

/**
 * An admission filter decides which keys a cache takes in at all, in front of any eviction policy. It sees each request
 * once, hit or miss, save those for values larger than the whole cache. A value written over
 * a resident one takes its place unasked. Every method may be left out.
 */
export interface AdmissionFilter {
  /** Notes a request, before anything is decided about it. `at` is its index in the trace. */
  request?(key: number, at: number, resident: boolean): void
  /** Whether an absent key may come in, room or not. Asked after `request`, unless a filter before has declined. */
  admit?(key: number, at: number): boolean
  /**
   * Whether a newcomer is worth more than the resident key that would make way for it. Asked for each victim in turn,
   * and so only where there is no room.
   */
  prefers?(incoming: number, victim: number, at: number): boolean
}

/** What a filter is created with. Sizes and costs are those of the trace where the filter needs them. */
export interface AdmissionContext extends PolicyContext {
  /** Keys that are resident now. */
  residents(): number
}

/** A filter as it is registered. */
export interface AdmissionDefinition<P extends Parameters = Parameters> extends Part {
  /** Where it was published: authors, year, title. */
  readonly paper?: string
  /** The first may be given without its name: `max-size(64KiB)`. */
  readonly parameters: P
  readonly needs: readonly PolicyNeed[]
  create(context: AdmissionContext, parameters: ParameterValues<P>): AdmissionFilter
}

/** A filter as it is written down: what is left out is none. */
export interface AdmissionDraft<P extends Parameters = Parameters> extends Part {
  readonly paper?: string | undefined
  readonly parameters?: P | undefined
  readonly needs?: readonly PolicyNeed[] | undefined
  create(context: AdmissionContext, parameters: ParameterValues<P>): AdmissionFilter
}

/** What a draft holds, for callers without types. */
const DRAFT_OPTIONS: OptionKinds<AdmissionDraft> = {
  name: text('mine'),
  summary: text('admits every second key'),
  paper: text('Einziger, Friedman, Manes 2017'),
  parameters: PARAMETERS_OPTION,
  needs: listOf(oneOf(...POLICY_NEEDS)),
  create: callback,
}

/**
 * Declares an admission filter, for `withAdmission`.
 *
 * @example
 * export default defineAdmission({
 *   name: 'even',
 *   summary: 'admits keys of even ids',
 *   create: () => ({ admit: (key) => key % 2 === 0 }),
 * })
 * @throws InputError where the draft lacks something, or holds what it cannot
 */
export function defineAdmission<const P extends Parameters = Record<never, never>>(
  draft: AdmissionDraft<P>,
): AdmissionDefinition<P> {
  return completeAdmission(draft, 'defineAdmission()')
}

/** What `completeAdmission` gave: not what merely looks like it. */
const complete = new WeakSet<object>()

/**
 * A definition from a draft that may come from anywhere; one that is complete already is itself.
 * @param owner what is given the draft, for messages
 * @throws InputError where it is no draft, lacks something, or holds what it cannot
 */
export function completeAdmission<P extends Parameters>(
  draft: AdmissionDraft<P>,
  owner: string,
): AdmissionDefinition<P> {
  if (typeof draft === 'object' && draft !== null && complete.has(draft))
    return draft as AdmissionDefinition<P>
  try {
    checkOptions<AdmissionDraft>(owner, draft as unknown as AdmissionDraft, DRAFT_OPTIONS, [
      'name',
      'summary',
      'create',
    ])
    const { name, summary, paper, parameters = {} as P, needs = [] } = draft
    checkName(owner, name)
    checkDeclarations(parameters, owner)
    const definition: AdmissionDefinition<P> = {
      name,
      summary,
      ...(paper !== undefined && { paper }),
      parameters: copyDeclarations(parameters),
      needs: [...needs],
      create: (context, values) => draft.create(context, values),
    }
    complete.add(definition)
    return definition
  } catch (error) {
    if (error instanceof InputError) throw error
    throw new InputError(`${owner} cannot be read: ${describeThrown(error)}`, { cause: error })
  }
}
