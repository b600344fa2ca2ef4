import { InputError } from '../core/errors.ts'
import { either, having, listOf, type OptionKind, text } from '../core/options.ts'
import { type ParameterValues, parseSpec, resolveParameters, splitList } from '../core/parameters.ts'
import { completePolicy, type PolicyDefinition, type PolicyDraft, type PolicyNeed } from '../core/policy.ts'
import type { Trace } from '../core/trace.ts'
import { policies as registry } from '../policies/index.ts'
import optimal from '../policies/optimal.ts'
import { absolutePath, loadPolicyFile, policyPath } from './policy-file.ts'

/** What is compared unless said otherwise; the last is the bound. */
const DEFAULT_POLICIES = ['lru', 'lfu', 'fifo', 'random', 'ttl', 'optimal']

/** A policy with the settings it runs with. */
export interface ChosenPolicy {
  /** As the user wrote it: `lru`, `optimal(bypass=false)`; a file stands as the name its policy gives itself. */
  readonly text: string
  readonly definition: PolicyDefinition
  readonly parameters: ParameterValues<PolicyDefinition['parameters']>
}

/** A policy definition, or its name or file with settings. */
export type PolicyChoice = string | PolicyDefinition | PolicyDraft

/** The same, for callers without types. */
export const POLICIES_OPTION: OptionKind = either(
  text('lru,lfu'),
  listOf(either(text('lru'), having('a policy of definePolicy()', 'create'))),
)

/** The policies of a run, and those the trace cannot serve. */
export interface PolicyList {
  readonly policies: readonly ChosenPolicy[]
  /** Left out, because nobody asked for them by name and the trace lacks what they need. */
  readonly leftOut: readonly ChosenPolicy[]
}

/**
 * The policies named in a list such as `lru,./mine.js(k=3),optimal(bypass=false)`; `all` stands for every one that is
 * registered. Where none is named, the default ones, as far as the trace has what they need.
 * @param folder that files are relative to; default: the working directory
 * @throws InputError for a name, a file or a setting that does not exist, and for a policy named twice
 */
export async function choosePolicies(
  choice: string | readonly PolicyChoice[] | undefined,
  folder?: string,
): Promise<(trace: Trace) => PolicyList> {
  const given =
    choice === undefined ? DEFAULT_POLICIES : typeof choice === 'string' ? splitList(choice) : choice
  const { list, find } = await loadFiles(given, folder)
  const implied = new Set(
    choice === undefined ? DEFAULT_POLICIES : list.includes('all') ? registry.names : [],
  )
  const chosen = list
    .flatMap((item) => (item === 'all' ? registry.names : [item]))
    .map((item) => choosePolicy(item, find))
  if (chosen.length === 0) {
    throw new InputError(
      `no policy is named: --policies takes a list of ${registry.names.join(', ')}, or files such as ./mine.js`,
    )
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
 * The same list with every file's path replaced by the name its policy gives itself, and where to find these names.
 * @throws InputError for a file that holds no policy, or one with another's name
 */
async function loadFiles(given: readonly PolicyChoice[], folder: string | undefined) {
  const files = new Map<
    string,
    { readonly path: string; readonly from: string; readonly definition: PolicyDefinition }
  >()
  const list: PolicyChoice[] = []
  for (const item of given) {
    const path = typeof item === 'string' ? policyPath(item) : undefined
    if (path === undefined) {
      list.push(item)
      continue
    }
    const from = absolutePath(path, folder)
    const definition = await loadPolicyFile(from, path)
    const { name } = definition
    const other = files.get(name)
    if (registry.has(name) || (other !== undefined && other.from !== from)) {
      const taken = other === undefined ? 'a policy of cachesim' : `'${other.path}'`
      throw new InputError(
        `'name' of the policy file '${path}' is '${name}', as of ${taken}: give it another`,
      )
    }
    files.set(name, { path, from, definition })
    list.push(name + (item as string).trim().slice(path.length))
  }
  return { list, find: (name: string) => files.get(name)?.definition ?? registry.get(name) }
}

/**
 * One policy, by name with settings or as a definition with its defaults.
 * @param find what a name stands for
 */
export function choosePolicy(
  choice: PolicyChoice,
  find = (name: string): PolicyDefinition => registry.get(name),
): ChosenPolicy {
  if (typeof choice !== 'string') {
    const isComplete = (given: PolicyChoice): given is PolicyDefinition => 'needs' in (given as object)
    const definition = isComplete(choice) ? choice : completePolicy(choice, 'the policy')
    const { name: text, parameters } = definition
    return { text, definition, parameters: resolveParameters(parameters, {}, text) }
  }
  const { name, arguments: given } = parseSpec(choice)
  const definition = find(name)
  const parameters = resolveParameters(definition.parameters, given, `policy '${name}'`)
  return { text: choice.replaceAll(/\s+/g, ''), definition, parameters }
}

/** Belady's MIN with bypass: no other bound is as high. */
export function isTheBound({ definition, parameters }: ChosenPolicy): boolean {
  return definition === optimal && (parameters as ParameterValues<typeof optimal.parameters>).bypass
}
