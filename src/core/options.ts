import { describeValue } from './describe-value.ts'
import { InputError, unknownName } from './errors.ts'

export { describeValue } from './describe-value.ts'

/**
 * Options of the library's functions, checked where callers have no types: a name that does not exist would be ignored
 * in silence, a value of another type would fail far from here.
 */

/** What an option may be: in words, and as a test. */
export interface OptionKind {
  readonly mustBe: string
  holds(value: unknown): boolean
  /** Of a list: what each of its elements may be. */
  readonly element?: OptionKind | undefined
  /** Of an object: what it has. */
  readonly member?: PropertyKey | undefined
}

export type OptionKinds<T> = Readonly<Record<keyof T, OptionKind>>

const isText = (value: unknown) => typeof value === 'string'
const isNumber = (value: unknown) => typeof value === 'number'
const isListOf = (holds: (value: unknown) => boolean) => (value: unknown) =>
  Array.isArray(value) && value.every(holds)

/** Examples stand in the message as they would be written. */
export const text = (example: string): OptionKind => ({
  mustBe: `a text such as '${example}'`,
  holds: isText,
})
export const numberOrText = (...examples: readonly [string, string]): OptionKind => ({
  mustBe: `a number or a text, such as ${examples[0]} or '${examples[1]}'`,
  holds: (value) => isNumber(value) || isText(value),
})
export const texts = (example: string): OptionKind => ({
  mustBe: `a list of texts, such as ['${example}']`,
  holds: isListOf(isText),
  element: text(example),
})
export const flag: OptionKind = { mustBe: 'true or false', holds: (value) => typeof value === 'boolean' }
export const callback: OptionKind = { mustBe: 'a function', holds: (value) => typeof value === 'function' }
export const oneOf = (...names: readonly string[]): OptionKind => ({
  mustBe: names.map((name) => `'${name}'`).join(' or '),
  holds: (value) => names.includes(value as string),
})
/** A whole number of 0 or more. */
export const count: OptionKind = {
  mustBe: 'a whole number of 0 or more',
  holds: (value) => Number.isSafeInteger(value) && (value as number) >= 0,
}
/** A whole number of 1 or more. */
export const positiveCount: OptionKind = {
  mustBe: 'a whole number of 1 or more',
  holds: (value) => Number.isSafeInteger(value) && (value as number) >= 1,
}
/** An object, or a list, that has something. */
export const having = (mustBe: string, member: PropertyKey): OptionKind => ({
  mustBe,
  holds: (value) => typeof value === 'object' && value !== null && member in value,
  member,
})
export const either = (...kinds: readonly OptionKind[]): OptionKind => ({
  mustBe: kinds.map(({ mustBe }) => mustBe).join(', or '),
  holds: (value) => kinds.some(({ holds }) => holds(value)),
  // What the list might have been instead is said too: `[1, 2]` may be meant for something else than a list of names.
  element: elementOf(kinds),
})
function elementOf(kinds: readonly OptionKind[]): OptionKind | undefined {
  const element = kinds.find((kind) => kind.element !== undefined)?.element
  const objects = kinds.filter((kind) => kind.member !== undefined).map(({ mustBe }) => mustBe)
  if (element === undefined || objects.length === 0) return element
  return { ...element, mustBe: `${element.mustBe} (or, instead of the list, ${objects.join(' or ')})` }
}
export const listOf = (kind: OptionKind): OptionKind => ({
  mustBe: `a list, each of it ${kind.mustBe}`,
  holds: isListOf(kind.holds),
  element: kind,
})

/**
 * @param owner what they are given to: `compare()`
 * @param required names that cannot be left out
 * @throws InputError for what is no object, a name that is not among `kinds` (with the nearest), and a value of another
 *   kind; undefined counts as left out
 */
export function checkOptions<T extends object>(
  owner: string,
  options: T,
  kinds: OptionKinds<T>,
  required: readonly (keyof T & string)[] = [],
): void {
  const known: Readonly<Record<string, OptionKind>> = kinds
  if (typeof options !== 'object' || options === null || Array.isArray(options))
    throw new InputError(
      `${owner} is given ${describeValue(options)}: it takes an object of ${Object.keys(known).join(', ')}`,
    )
  for (const [name, value] of Object.entries(options)) {
    const kind = Object.hasOwn(known, name) ? known[name]! : undefined
    if (kind === undefined) throw unknownName(`option of ${owner}`, name, Object.keys(known))
    if (value !== undefined && !kind.holds(value))
      throw new InputError(describeMismatch(`'${name}' of ${owner}`, value, kind))
  }
  for (const name of required) {
    if (options[name] === undefined)
      throw new InputError(`${owner} needs '${name}': it must be ${kinds[name].mustBe}`)
  }
}

/** What is wrong with a value; of a list, with the first of its elements that is wrong, counted from 0. */
function describeMismatch(what: string, value: unknown, { mustBe, element }: OptionKind): string {
  const at = Array.isArray(value) && element ? value.findIndex((each) => !element.holds(each)) : -1
  if (at !== -1) return describeMismatch(`element ${at} of ${what}`, (value as unknown[])[at], element!)
  return `${what} is ${describeValue(value)}: it must be ${mustBe}`
}

/** @throws InputError where what `owner` is given, beside its options, is of another kind */
export function checkArgument(owner: string, value: unknown, kind: OptionKind): void {
  if (!kind.holds(value))
    throw new InputError(`${owner} is given ${describeValue(value)}: it takes ${kind.mustBe}`)
}
