import { admissions } from '../admissions/index.ts'
import { admitting, type Chosen } from '../core/admitting.ts'
import { InputError } from '../core/errors.ts'
import { checkNeeds, lackedColumn } from '../core/lacking.ts'
import { checkArgument, either, having, listOf, type OptionKind, text } from '../core/options.ts'
import {
  type ParameterValues,
  parseSpec,
  resolveParameters,
  splitChain,
  splitList,
} from '../core/parameters.ts'
import { completePolicy, type PolicyDefinition, type PolicyDraft } from '../core/policy.ts'
import type { Trace } from '../core/trace.ts'
import { policies as registry } from '../policies/index.ts'
import optimal from '../policies/optimal.ts'
import { ADMISSION_OPTION, type AdmissionChoice, chooseAdmission } from './admission.ts'
import { describeFilterFirst, nameOf } from './meant-part.ts'
import {
  absolutePath,
  describePolicyFile,
  loadPolicyFile,
  type PolicyPath,
  policyPath,
} from './policy-file.ts'

/** What is compared unless said otherwise; the last is the bound. */
const DEFAULT_POLICIES = ['lru', 'lfu', 'fifo', 'random', 'ttl', 'optimal']

/**
 * A policy with the settings it runs with: `lru`, `optimal(bypass=false)`, `lru+max-size(64KiB)`; a file stands as the name
 * its policy gives itself.
 */
export interface ChosenPolicy extends Chosen<PolicyDefinition> {
  /** How another thread comes by the same (see `findPolicy`); undefined where it is known here only. */
  readonly origin: PolicyOrigin | undefined
}

/** Where a policy comes from that can be named: the registry, or a file. */
export interface PolicyOrigin {
  /** As chosen, with its settings and filters. */
  readonly text: string
  /** The file that the policy is in; undefined for the registry. */
  readonly file: PolicySource | undefined
}

/** A file, as it was when its policy was chosen. */
export interface PolicySource extends PolicyPath {
  /** SHA-256 of its bytes. */
  readonly digest: string
}

/** A policy definition, or its name or file with settings, and behind + the admission filters it is to have. */
export type PolicyChoice = string | PolicyDefinition | PolicyDraft

/** The same, for callers without types. */
const POLICY_OPTION = either(text('lru'), having('a policy of definePolicy()', 'create'))
export const POLICIES_OPTION: OptionKind = either(text('lru,lfu'), listOf(POLICY_OPTION))

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
 * @returns what gives the policies for a trace, and throws an InputError where it lacks what one named needs
 * @throws InputError for a name, a file or a setting that does not exist, and for a policy named twice
 */
export async function choosePolicies(
  choice: string | readonly PolicyChoice[] | undefined,
  folder?: string,
): Promise<(trace: Trace) => PolicyList> {
  const given =
    choice === undefined ? DEFAULT_POLICIES : typeof choice === 'string' ? splitList(choice) : choice
  const { list, names } = await loadFiles(given, folder)
  const implied = new Set(
    choice === undefined ? DEFAULT_POLICIES : list.includes('all') ? registry.names : [],
  )
  const chosen = list
    .flatMap((item) => (item === 'all' ? registry.names : [item]))
    .map((item) => choosePolicy(item, names))
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
      !implied.has(text) || lackedColumn(definition.needs, trace) === undefined
    const policies = chosen.filter(served)
    for (const { text, definition } of policies) checkNeeds(text, definition.needs, trace)
    return { policies, leftOut: chosen.filter((policy) => !served(policy)) }
  }
}

/** What names of policies stand for. */
interface PolicyNames {
  /** @throws InputError for a name that stands for nothing */
  find(name: string): PolicyDefinition
  /** The file that a policy is in. */
  fileOf(name: string): PolicySource | undefined
}

const REGISTERED: PolicyNames = { find: (name) => registry.get(name), fileOf: () => undefined }

/**
 * The same list with every file's path replaced by the name its policy gives itself, and what these names stand for.
 * @throws InputError for a file that holds no policy, or one with another's name
 */
async function loadFiles(
  given: readonly PolicyChoice[],
  folder: string | undefined,
): Promise<{ readonly list: PolicyChoice[]; readonly names: PolicyNames }> {
  const files = new Map<string, { readonly source: PolicySource; readonly definition: PolicyDefinition }>()
  const list: PolicyChoice[] = []
  for (const item of given) {
    const path = typeof item === 'string' ? policyPath(item) : undefined
    if (path === undefined) {
      list.push(item)
      continue
    }
    const absolute = absolutePath(path, folder)
    const known = [...files.values()].find(({ source }) => source.absolute === absolute)
    const { digest, definition } = known
      ? { digest: known.source.digest, definition: known.definition }
      : await describePolicyFile({ absolute, path })
    const { name } = definition
    const other = files.get(name)
    if (registry.has(name) || (other !== undefined && other !== known)) {
      const taken = other === undefined ? 'a policy of cachesim' : `'${other.source.path}'`
      throw new InputError(
        `'name' of the policy file '${path}' is '${name}', as of ${taken}: give it another`,
      )
    }
    files.set(name, known ?? { source: { absolute, path, digest }, definition })
    list.push(name + (item as string).trim().slice(path.length))
  }
  const names: PolicyNames = {
    find: (name) => files.get(name)?.definition ?? registry.get(name),
    fileOf: (name) => files.get(name)?.source,
  }
  return { list, names }
}

/**
 * The policy that another thread has chosen, complete.
 * @throws InputError where its file is not the one any more that was chosen
 */
export async function findPolicy({ text, file }: PolicyOrigin): Promise<ChosenPolicy> {
  if (file === undefined) return choosePolicy(text)
  const { digest, definition } = await loadPolicyFile(file)
  if (digest !== file.digest)
    throw new InputError(`the policy file '${file.path}' was changed while it was in use: run it again`)
  return choosePolicy(text, { find: () => definition, fileOf: () => file })
}

/**
 * One policy, by name or in a file, to be run in this thread.
 * @throws InputError for a name, a file or a setting that does not exist, and for several policies
 */
export async function loadPolicy(text: string): Promise<ChosenPolicy> {
  const { list, names } = await loadFiles([text], undefined)
  const chosen = choosePolicy(list[0]!, names)
  return chosen.origin!.file === undefined ? chosen : findPolicy(chosen.origin!)
}

/**
 * One policy, by name with settings, and admission filters behind +; or as a definition with its defaults.
 * @param names what names stand for; default: the registered policies
 * @throws InputError for a name or a setting that does not exist, and for a filter that stands twice
 */
export function choosePolicy(choice: PolicyChoice, names = REGISTERED): ChosenPolicy {
  if (typeof choice !== 'string') {
    const definition: PolicyDefinition = completePolicy(choice, 'the policy')
    const { name: text } = definition
    const parameters = resolveParameters(definition.parameters, {}, text)
    return { text, definition, parameters: accepted(text, definition, parameters), origin: undefined }
  }
  const [head, ...filters] = splitChain(choice)
  if (head === '' || filters.includes(''))
    throw new InputError(
      `'${choice}' is not understood: write a policy, + and an admission filter, such as lru+${admissions.names[0]}`,
    )
  // Before its settings are read, which a filter may leave the name out of.
  const isInFile = names.fileOf(nameOf(head!)) !== undefined
  const mistake = isInFile ? undefined : describeFilterFirst([head!, ...filters])
  if (mistake !== undefined) throw new InputError(mistake)
  const { name, arguments: given } = parseSpec(head!)
  const definition = names.find(name)
  const parameters = resolveParameters(definition.parameters, given, `policy '${name}'`)
  const text = head!.replaceAll(/\s+/g, '')
  const alone = { text, definition, parameters: accepted(text, definition, parameters) }
  const chosen = filters.length === 0 ? alone : choosePolicy(admitting(alone, filters.map(chooseAdmission)))
  return { ...chosen, origin: { text: chosen.text, file: names.fileOf(name) } }
}

/** @throws InputError for settings that the policy refuses together */
function accepted<V extends ParameterValues<PolicyDefinition['parameters']>>(
  text: string,
  definition: PolicyDefinition,
  parameters: V,
): V {
  const wrong = definition.refuses?.(parameters)
  if (wrong !== undefined) throw new InputError(`policy '${text}' cannot be: ${wrong}`)
  return parameters
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

/** Belady's MIN with bypass: of the bounds that a cache of the size can reach, none is as high in entries. */
export function isTheBound({ definition, parameters }: ChosenPolicy): boolean {
  return definition === optimal && (parameters as ParameterValues<typeof optimal.parameters>).bypass
}
