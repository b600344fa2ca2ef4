import { callback, checkOptions, listOf, type OptionKinds, oneOf, text } from './options.ts'
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

/** What a definition holds, for callers without types. */
const DEFINITION_OPTIONS: OptionKinds<AdmissionDefinition> = {
  name: text('mine'),
  summary: text('admits every second key'),
  paper: text('Einziger, Friedman, Manes 2017'),
  parameters: PARAMETERS_OPTION,
  needs: listOf(oneOf(...POLICY_NEEDS)),
  create: callback,
}

/**
 * Declares an admission filter: the default export of a filter's file.
 *
 * @example
 * export default defineAdmission({
 *   name: 'even',
 *   summary: 'admits keys of even ids',
 *   create: () => ({ admit: (key) => key % 2 === 0 }),
 * })
 * @throws InputError where the definition lacks something, or holds what it cannot
 */
export function defineAdmission<const P extends Parameters = Record<never, never>>(definition: {
  readonly name: string
  readonly summary: string
  readonly paper?: string
  readonly parameters?: P
  readonly needs?: readonly PolicyNeed[]
  create(context: AdmissionContext, parameters: ParameterValues<P>): AdmissionFilter
}): AdmissionDefinition<P> {
  checkOptions('defineAdmission()', definition, DEFINITION_OPTIONS, ['name', 'summary', 'create'])
  checkName('defineAdmission()', definition.name)
  return {
    ...definition,
    parameters: definition.parameters ?? ({} as P),
    needs: definition.needs ?? [],
  }
}
