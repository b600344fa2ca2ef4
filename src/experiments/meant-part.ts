import { admissions } from '../admissions/index.ts'
import { nearestName } from '../core/errors.ts'
import { policies } from '../policies/index.ts'
import { OTHER_NAMES } from '../policies/other-names.ts'

/** The part of a chain such as `lru+tinylfu` that stands where the other kind should, as far as one can tell. */
function meant(name: string): string | undefined {
  return nearestName(name, [...policies.names, ...admissions.names], OTHER_NAMES)
}

/** How a name is one of the other kind, in words: it is it, or nearly. */
function isOrMeans(name: string, one: string, wanted: string, kind: string): string {
  return name === one ? `'${name}' is ${kind}` : `'${name}' is no ${wanted}, but '${one}' is ${kind}`
}

/** Why a chain begins with no policy, where that is meant to be an admission filter, and how it should stand. */
export function describeFilterFirst([head, ...others]: readonly [string, ...string[]]): string | undefined {
  const name = nameOf(head)
  const filter = meant(name)
  if (filter === undefined || policies.has(filter)) return undefined
  const chain = others.map(meantSpec)
  const at = chain.findIndex(({ name }) => policies.has(name))
  const [policy] = at === -1 ? [{ text: policies.names[0]! }] : chain.splice(at, 1)
  const filters = [head.replace(name, filter), ...chain.map(({ text }) => text)]
  return `${isOrMeans(name, filter, 'policy', 'an admission filter')}, which needs a policy before it: write ${[policy!.text, ...filters].join('+')}`
}

/** The name of a part, whatever its settings. */
export function nameOf(text: string): string {
  return text.replace(/\(.*/s, '').trim()
}

/** A part of a chain with the name it was meant to have. */
function meantSpec(text: string): { readonly name: string; readonly text: string } {
  const name = nameOf(text)
  const right = meant(name) ?? name
  return { name: right, text: text.replace(name, right) }
}

/** Why a name is no admission filter, where it is meant to be a policy. */
export function describePolicyBehind(name: string): string | undefined {
  const policy = meant(name)
  if (policy === undefined || admissions.has(policy)) return undefined
  return `${isOrMeans(name, policy, 'admission filter', 'a policy')}, which cannot stand behind +: admission filters are ${admissions.names.join(', ')}`
}
