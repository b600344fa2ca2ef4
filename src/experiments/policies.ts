import { admissions } from '../admissions/index.ts'
import { admitting, type Chosen } from '../core/admitting.ts'
import { InputError } from '../core/errors.ts'
import { checkArgument, either, having, listOf, type OptionKind, text } from '../core/options.ts'
import {
  type ParameterValues,
  parseSpec,
  resolveParameters,
  splitChain,
  splitList,
} from '../core/parameters.ts'
import type { PolicyDefinition, PolicyNeed } from '../core/policy.ts'
import type { Trace } from '../core/trace.ts'
import { policies as registry } from '../policies/index.ts'
import optimal from '../policies/optimal.ts'
import { ADMISSION_OPTION, type AdmissionChoice, chooseAdmission } from './admission.ts'

/** What is compared unless said otherwise; the last is the bound. */
const DEFAULT_POLICIES = ['lru', 'lfu', 'fifo', 'random', 'ttl', 'optimal']

/** A policy with the settings it runs with: `lru`, `optimal(bypass=false)`, `lru+max-size(64KiB)`. */
export interface ChosenPolicy extends Chosen<PolicyDefinition> {
  /** Whether `choosePolicy(text)` gives the same, as on another thread. */
  readonly byName: boolean
}

/** A policy definition, or its name with settings, and behind + the admission filters it is to have. */
export type PolicyChoice = string | PolicyDefinition

/** The same, for callers without types. */
const POLICY_OPTION = either(text('lru'), having('a policy of definePolicy()', 'bound'))
export const POLICIES_OPTION: OptionKind = either(text('lru,lfu'), listOf(POLICY_OPTION))

/** The policies of a run, and those the trace cannot serve. */
export interface PolicyList {
  readonly policies: readonly ChosenPolicy[]
  /** Left out, because nobody asked for them by name and the trace lacks what they need. */
  readonly leftOut: readonly ChosenPolicy[]
}

/**
 * The policies named in a list such as `lru,optimal(bypass=false)`; `all` stands for every one there is. Where none is
 * named, the default ones, as far as the trace has what they need.
 * @throws InputError for a name or a setting that does not exist, and for a policy named twice
 */
export function choosePolicies(
  choice: string | readonly PolicyChoice[] | undefined,
): (trace: Trace) => PolicyList {
  const list =
    choice === undefined ? DEFAULT_POLICIES : typeof choice === 'string' ? splitList(choice) : choice
  const implied = new Set(
    choice === undefined ? DEFAULT_POLICIES : list.includes('all') ? registry.names : [],
  )
  const chosen = list.flatMap((item) => (item === 'all' ? registry.names : [item])).map(choosePolicy)
  if (chosen.length === 0) {
    throw new InputError(`no policy is named: --policies takes a list of ${registry.names.join(', ')}`)
  }
  const seen = new Set<string>()
  for (const { text } of chosen) {
    if (seen.has(text)) throw new InputError(`policy '${text}' stands twice in --policies`)
    seen.add(text)
  }
  return (trace) => {
    const served = ({ text, definition }: ChosenPolicy) =>
      !implied.has(text) || definition.needs.every((need) => meets(trace, need))
    return { policies: chosen.filter(served), leftOut: chosen.filter((policy) => !served(policy)) }
  }
}

function meets(trace: Trace, need: PolicyNeed): boolean {
  switch (need) {
    case 'ttl':
      return trace.times !== undefined
    case 'sizes':
    case 'costs':
      return trace[need] !== undefined
    case 'future':
      return true
  }
}

/**
 * One policy, by name with settings, and admission filters behind +; or as a definition with its defaults.
 * @throws InputError for a name or a setting that does not exist, and for a filter that stands twice
 */
export function choosePolicy(choice: PolicyChoice): ChosenPolicy {
  if (typeof choice !== 'string') {
    return {
      text: choice.name,
      definition: choice,
      parameters: resolveParameters(choice.parameters, {}, choice.name),
      byName: false,
    }
  }
  const [head, ...filters] = splitChain(choice)
  if (filters.length > 0) return withFilters(choice, head!, filters)
  const { name, arguments: given } = parseSpec(choice)
  if (admissions.has(name) && !registry.has(name))
    throw new InputError(
      `'${name}' is an admission filter, which needs a policy before it: write ${registry.names[0]}+${name}`,
    )
  const definition = registry.get(name)
  const parameters = resolveParameters(definition.parameters, given, `policy '${name}'`)
  return { text: choice.replaceAll(/\s+/g, ''), definition, parameters, byName: true }
}

/**
 * A policy behind admission filters, each a definition or a name with settings: for definitions of one's own, where
 * names alone could be joined by +.
 * @throws InputError as for a list of policies
 */
export function withAdmission(
  policy: PolicyChoice,
  ...filters: readonly AdmissionChoice[]
): PolicyDefinition {
  checkArgument('withAdmission()', policy, POLICY_OPTION)
  for (const filter of filters) checkArgument('withAdmission()', filter, ADMISSION_OPTION)
  if (filters.length === 0) throw new InputError('withAdmission() is given a policy, but no admission filter')
  return admitting(choosePolicy(policy), filters.map(chooseAdmission))
}

function withFilters(text: string, policy: string, filters: readonly string[]): ChosenPolicy {
  if (policy === '' || filters.includes(''))
    throw new InputError(
      `'${text}' is not understood: write a policy, + and an admission filter, such as lru+${admissions.names[0]}`,
    )
  return { ...choosePolicy(withAdmission(policy, ...filters)), byName: true }
}

/** Belady's MIN with bypass: of the bounds that a cache of the size can reach, none is as high in entries. */
export function isTheBound({ definition, parameters }: ChosenPolicy): boolean {
  return definition === optimal && (parameters as ParameterValues<typeof optimal.parameters>).bypass
}
