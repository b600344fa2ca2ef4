import { InputError } from './errors.ts'
import { checkOptions, describeValue, flag, listOf, type OptionKinds, oneOf, text } from './options.ts'
import { type Parameter, type Parameters, resolveParameters } from './parameters.ts'

/*
 * Declarations of parameters, checked where they may come from callers without types.
 */

const number = {
  mustBe: 'a number',
  holds: (value: unknown) => typeof value === 'number' && !Number.isNaN(value),
}
const bounds = { minimum: number, maximum: number }
const type = oneOf('number', 'integer', 'bytes', 'duration', 'boolean', 'choice')
const description = text('keys that are drawn for each eviction')

const KINDS: { readonly [K in Parameter['type']]: OptionKinds<Record<string, unknown>> } = {
  number: { type, default: number, description, ...bounds },
  integer: { type, default: number, description, ...bounds },
  bytes: { type, default: text('64KiB'), description },
  duration: { type, default: text('200ms'), description },
  boolean: { type, default: flag, description },
  choice: { type, default: text('fast'), description, choices: listOf(text('fast')) },
}

/**
 * @param owner what declares them, for messages
 * @throws InputError for a declaration that lacks something, or whose default it does not allow itself
 */
export function checkDeclarations(parameters: Parameters, owner: string): void {
  for (const [name, declaration] of Object.entries(parameters)) {
    const what = `parameter '${name}' of ${owner}`
    if (!/^[^(),+=\s/\\]+$/.test(name))
      throw new InputError(`${what} must have a name without blanks, brackets, slashes, commas, + and =`)
    const given = (declaration as unknown as Record<string, unknown> | null)?.type
    if (!type.holds(given))
      throw new InputError(`'type' of ${what} is ${describeValue(given)}: it must be ${type.mustBe}`)
    const kinds = KINDS[given as Parameter['type']]
    const needed = Object.keys(kinds).filter((field) => !Object.hasOwn(bounds, field))
    checkOptions<Record<string, unknown>>(what, { ...declaration }, kinds, needed)
    resolveParameters({ [name]: declaration }, { [name]: declaration.default }, `the defaults of ${owner}`)
  }
}

/** Copies, so that what has been checked stays as it is, and is plain data. */
export function copyDeclarations<P extends Parameters>(parameters: P): P {
  const copies = Object.entries(parameters).map(([name, declaration]) => [name, { ...declaration }])
  return Object.fromEntries(copies) as P
}
