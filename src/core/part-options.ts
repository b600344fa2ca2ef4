import { InputError } from './errors.ts'
import { describeValue, type OptionKind } from './options.ts'

/** Of parts that callers without types may define: their parameters. */
export const PARAMETERS_OPTION: OptionKind = {
  mustBe: 'an object of parameters',
  holds: (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
}

/**
 * @param owner what is given the name: `definePolicy()`
 * @throws InputError for a name that could not be told from what stands beside it on the command line
 */
export function checkName(owner: string, name: string): void {
  if (/^[^(),=+\s/\\]+$/.test(name)) return
  throw new InputError(
    `'name' of ${owner} is ${describeValue(name)}: it must be a name without blanks, brackets, slashes, commas, + and =`,
  )
}
