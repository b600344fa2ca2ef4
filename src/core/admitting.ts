import type { AdmissionContext, AdmissionDefinition, AdmissionFilter } from './admission.ts'
import { InputError } from './errors.ts'
import type { Parameters, ParameterValues } from './parameters.ts'
import {
  type EvictionPolicy,
  type PolicyContext,
  type PolicyDefinition,
  type PolicyNeed,
  trustPolicy,
} from './policy.ts'

/** A policy or a filter, with the settings it runs with. */
export interface Chosen<D extends { readonly parameters: Parameters }> {
  /** As the user wrote it: `lru`, `max-size(64KiB)`. */
  readonly text: string
  readonly definition: D
  readonly parameters: ParameterValues<D['parameters']>
}

/**
 * A policy behind admission filters, as a policy: `lru+tinylfu`. A key comes in only if all filters let it. Each request
 * is noted by all filters, whichever declines it. Where room must be made, the victims that the policy names are weighed
 * one by one, as they come: in bytes those that lost are gone by the time that the newcomer loses to another. A
 * newcomer that is declined before room is made never comes to the policy's notice.
 * @throws InputError where a filter stands twice, or behind a bound, which would be none any more; later, when the policy is created, where a filter weighs victims that
 *   the policy does not name
 */
export function admitting(
  policy: Chosen<PolicyDefinition>,
  filters: readonly Chosen<AdmissionDefinition>[],
): PolicyDefinition {
  const name = [policy, ...filters].map(({ text }) => text).join('+')
  const names = filters.map(({ definition }) => definition.name)
  const twice = names.find((one, at) => names.indexOf(one) < at)
  if (twice !== undefined) throw new InputError(`admission filter '${twice}' stands twice in '${name}'`)
  if (policy.definition.bound)
    throw new InputError(
      `'${policy.text}' is a bound, which an admission filter can only make worse, so that it would bound nothing: leave out +${filters.map(({ text }) => text).join('+')}`,
    )
  const needs = new Set([policy, ...filters].flatMap(({ definition }) => definition.needs))
  return trustPolicy({
    name,
    summary: [policy, ...filters].map(({ definition }) => definition.summary).join('; '),
    parameters: {},
    needs: [...needs],
    bound: false,
    unbounded: policy.definition.unbounded,
    givesUp: policy.definition.givesUp,
    create: (context) => new Admitting(context, policy, filters),
  })
}

class Admitting implements EvictionPolicy {
  private readonly policy: EvictionPolicy
  private readonly noting: readonly Required<Pick<AdmissionFilter, 'request'>>[]
  private readonly admits: readonly Required<Pick<AdmissionFilter, 'admit'>>[]
  private readonly weighs: readonly Required<Pick<AdmissionFilter, 'prefers'>>[]
  private residents = 0

  constructor(
    context: PolicyContext,
    { text, definition, parameters }: Chosen<PolicyDefinition>,
    chosen: readonly Chosen<AdmissionDefinition>[],
  ) {
    const seen = seenFor(context, definition.needs)
    const giveUp = (key: number) => {
      this.residents--
      context.giveUp(key)
    }
    this.policy = definition.create(Object.create(seen, { giveUp: { value: giveUp } }), parameters)
    const filters = chosen.map((filter) => {
      const own: AdmissionContext = Object.create(seenFor(context, filter.definition.needs), {
        residents: { value: () => this.residents },
      })
      return filterOf(filter.definition.create(own, filter.parameters), filter.text)
    })
    this.noting = filters.filter((filter) => filter.request !== undefined) as typeof this.noting
    this.admits = filters.filter((filter) => filter.admit !== undefined) as typeof this.admits
    this.weighs = filters.filter((filter) => filter.prefers !== undefined) as typeof this.weighs
    // What names no victim does not name one behind filters either.
    if (this.policy.victim === undefined) Object.defineProperty(this, 'victim', { value: undefined })
    const weighing = chosen.find((_, at) => filters[at]!.prefers !== undefined)
    if (weighing !== undefined && this.policy.victim === undefined)
      throw new InputError(
        `admission filter '${weighing.text}' weighs a newcomer against its victim, which policy '${text}' does not name: it needs a method victim()`,
      )
  }

  touch(key: number, at: number): void {
    for (const filter of this.noting) filter.request(key, at, true)
    this.policy.touch(key, at)
  }

  admit(key: number, at: number): boolean {
    for (const filter of this.noting) filter.request(key, at, false)
    for (const filter of this.admits) if (!answered(filter.admit(key, at), 'admit')) return false
    const { policy } = this
    return policy.admit === undefined || policy.admit(key, at)
  }

  insert(key: number, at: number): void {
    this.residents++
    this.policy.insert(key, at)
  }

  victim(incoming: number, at: number): number {
    const victim = this.policy.victim!(incoming, at)
    if (victim === incoming) return incoming
    for (const filter of this.weighs)
      if (!answered(filter.prefers(incoming, victim, at), 'prefers')) return incoming
    return victim
  }

  evict(incoming: number, at: number): number {
    const { policy, weighs } = this
    if (weighs.length > 0) {
      const victim = policy.victim!(incoming, at)
      // Where the policy itself declines the newcomer, it is told to.
      if (victim !== incoming)
        for (const filter of weighs)
          if (!answered(filter.prefers(incoming, victim, at), 'prefers')) return incoming
    }
    const victim = policy.evict(incoming, at)
    if (victim !== incoming) this.residents--
    return victim
  }

  remove(key: number): void {
    this.residents--
    this.policy.remove(key)
  }
}

const METHODS = ['request', 'admit', 'prefers'] as const satisfies readonly (keyof AdmissionFilter)[]

/** @throws InputError where what `create` gave is no filter: one without a method would let everything in, unseen */
function filterOf(given: AdmissionFilter, text: string): AdmissionFilter {
  const methods = METHODS.filter((method) => given?.[method] !== undefined)
  const wrong = methods.find((method) => typeof given[method] !== 'function')
  if (wrong !== undefined)
    throw new InputError(
      `'${wrong}' of admission filter '${text}' is no method: leave it out, or let it be one`,
    )
  if (methods.length > 0) return given
  throw new InputError(
    `create of admission filter '${text}' must return an object with at least one of ${METHODS.join(', ')}`,
  )
}

/** @throws Error where a filter's answer is neither yes nor no, such as a promise, which would count as yes */
function answered(answer: boolean, method: keyof AdmissionFilter): boolean {
  if (typeof answer !== 'boolean')
    throw new Error(`${method} of an admission filter must return true or false`)
  return answer
}

/**
 * What one of several parts sees of a context made for the needs of all: sizes and costs count as 1 for one that would
 * not be given them alone. A filter by size must not make `arc` weigh its entries.
 */
function seenFor(context: PolicyContext, needs: readonly PolicyNeed[]): PolicyContext {
  const alone = () => 1
  return Object.create(context, {
    ...(context.capacityUnit === 'entries' && !needs.includes('sizes') && { sizeOf: { value: alone } }),
    ...(!needs.includes('costs') && { costOf: { value: alone } }),
  })
}
