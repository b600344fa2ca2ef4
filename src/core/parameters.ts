import { InputError, unknownName } from './errors.ts'
import { parseBytes, parseDuration } from './units.ts'

/**
 * One setting of a policy, a generator or a latency model: its default and what is allowed. Declared once; the command
 * line (`lru-k(k=3)`), recipes, help texts and JSON Schemas are made from it.
 */
export type Parameter =
  | {
      readonly type: 'number' | 'integer'
      readonly default: number
      readonly description: string
      /** Inclusive bounds. */
      readonly minimum?: number
      readonly maximum?: number
    }
  | { readonly type: 'boolean'; readonly default: boolean; readonly description: string }
  | {
      readonly type: 'choice'
      readonly default: string
      readonly choices: readonly string[]
      readonly description: string
    }
  /** Written with a unit, as `64KiB` or `200ms`; the value is in bytes, or seconds. */
  | { readonly type: 'bytes'; readonly default: string; readonly description: string }
  | { readonly type: 'duration'; readonly default: string; readonly description: string }

export type Parameters = Readonly<Record<string, Parameter>>

/** The values of declared parameters: a number, a boolean or a string each. */
export type ParameterValues<P extends Parameters> = {
  readonly [K in keyof P]: P[K]['type'] extends 'boolean'
    ? boolean
    : P[K]['type'] extends 'choice'
      ? string
      : number
}

/** A name with arguments, as in `lru-k(k=3)`. */
export interface Spec {
  readonly name: string
  readonly arguments: Readonly<Record<string, string>>
}

/**
 * Reads `name` or `name(a=1,b=2)`.
 * @param firstSetting for a name, the setting that its first argument may be given for without saying so: `name(1,b=2)`
 * @throws InputError where brackets or an equals sign are missing, or an argument stands twice
 */
export function parseSpec(
  text: string,
  firstSetting: (name: string) => string | undefined = () => undefined,
): Spec {
  const match = /^\s*([^(),=\s]+)\s*(?:\((.*)\))?\s*$/s.exec(text)
  if (!match) throw new InputError(`'${text}' is not understood: write a name, or name(setting=value,…)`)
  const values = new Map<string, string>()
  for (const part of match[2]?.split(',') ?? []) {
    if (part.trim() === '') continue
    const pieces = part.split('=').map((piece) => piece.trim())
    const first = pieces.length === 1 && values.size === 0 ? firstSetting(match[1]!) : undefined
    const [key, value, ...rest] = first === undefined ? pieces : [first, ...pieces]
    if (!key || !value || rest.length > 0) {
      throw new InputError(`'${part.trim()}' in '${text}' is not understood: write setting=value`)
    }
    if (values.has(key)) throw new InputError(`'${key}' stands twice in '${text}'`)
    values.set(key, value)
  }
  return { name: match[1]!, arguments: Object.fromEntries(values) }
}

/** Splits `a,b(x=1,y=2),c` at the commas outside brackets. Empty pieces are left out. */
export function splitList(text: string): string[] {
  return text
    .split(/,(?![^(]*\))/)
    .map((piece) => piece.trim())
    .filter((piece) => piece !== '')
}

/** Splits `a(x=1)+b+c` at the plus signs outside brackets. */
export function splitChain(text: string): string[] {
  return text.split(/\+(?![^(]*\))/).map((piece) => piece.trim())
}

/**
 * The values of `parameters` with `given` over the defaults.
 * @param owner what they belong to, for messages: `policy 'lru-k'`
 * @throws InputError for an unknown name, a value of another type or out of range
 */
export function resolveParameters<P extends Parameters>(
  parameters: P,
  given: Readonly<Record<string, string | number | boolean>>,
  owner: string,
): ParameterValues<P> {
  const names = Object.keys(parameters)
  const values: Record<string, number | boolean | string> = {}
  for (const name of names) {
    const parameter = parameters[name]!
    values[name] = parseParameter(parameter, parameter.default, `'${name}' of ${owner}`)
  }
  for (const [name, value] of Object.entries(given)) {
    const parameter = Object.hasOwn(parameters, name) ? parameters[name] : undefined
    if (parameter === undefined) {
      const withDefaults = names.map((known) => `${known}=${parameters[known]!.default}`)
      throw unknownName(`setting of ${owner}`, name, names, withDefaults)
    }
    values[name] = parseParameter(parameter, value, `'${name}' of ${owner}`)
  }
  return values as ParameterValues<P>
}

function parseParameter(
  parameter: Parameter,
  value: string | number | boolean,
  what: string,
): number | boolean | string {
  switch (parameter.type) {
    case 'boolean':
      if (value === true || value === 'true') return true
      if (value === false || value === 'false') return false
      throw new InputError(`${what} is '${value}': it must be true or false`)
    case 'choice':
      if (parameter.choices.includes(String(value))) return String(value)
      throw unknownName(`value of ${what}`, String(value), parameter.choices)
    case 'bytes':
      return parseBytes(String(value), what)
    case 'duration':
      return parseDuration(String(value), what)
    default: {
      // An empty text would pass for 0, and true for 1.
      const number = typeof value === 'boolean' || String(value).trim() === '' ? Number.NaN : Number(value)
      const whole = parameter.type === 'integer'
      const { minimum = -Infinity, maximum = Infinity } = parameter
      if (
        !Number.isFinite(number) ||
        (whole && !Number.isInteger(number)) ||
        number < minimum ||
        number > maximum
      ) {
        throw new InputError(`${what} is '${value}': it must be ${describeRange(parameter)}`)
      }
      return number
    }
  }
}

/** What is allowed, in words: `a whole number from 1 to 8`, `true or false`. */
export function describeRange(parameter: Parameter): string {
  if (parameter.type === 'boolean') return 'true or false'
  if (parameter.type === 'choice') return parameter.choices.join(' or ')
  if (parameter.type === 'bytes') return 'bytes, such as 64KiB'
  if (parameter.type === 'duration') return 'a duration, such as 200ms'
  const kind = parameter.type === 'integer' ? 'a whole number' : 'a number'
  const { minimum, maximum } = parameter
  if (minimum !== undefined && maximum !== undefined) return `${kind} from ${minimum} to ${maximum}`
  if (minimum !== undefined) return `${kind} of ${minimum} or more`
  if (maximum !== undefined) return `${kind} of ${maximum} or less`
  return kind
}
