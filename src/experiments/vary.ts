import { InputError } from '../core/errors.ts'
import type { Change } from './scenario-file.ts'

/** Variants in one table: more are no table any more. */
const MOST_VARIANTS = 200

/** What one `--vary` says: a path, and the values it takes in turn. */
function parseVary(text: string): Change[] {
  const match = /^\s*([^=\s]+)\s*=\s*(.+?)\s*$/s.exec(text)
  if (!match)
    throw new InputError(
      `--vary '${text}' is not understood: write a path and its values, such as instances=1,2,4`,
    )
  const [, path = '', list = ''] = match
  if (path === 'seed')
    throw new InputError(`--vary '${text}' would compare luck: --repeat takes several seeds`)
  if (path === 'story' || path === '$schema')
    throw new InputError(`--vary '${text}' changes nothing that is simulated: '${path}' is for readers`)
  const range = /^(\d+)\.\.(\d+)$/.exec(list)
  if (range) {
    const [from, to] = [Number(range[1]), Number(range[2])]
    if (from > to)
      throw new InputError(`--vary '${text}' runs backwards: the first number must not be above the last`)
    if (to - from >= MOST_VARIANTS)
      throw new InputError(`--vary '${text}' has ${to - from + 1} values: ${MOST_VARIANTS} are the most`)
    return Array.from({ length: to - from + 1 }, (_, at) => ({ path, value: from + at }))
  }
  // Commas separate values, but neither those in brackets nor those before another percentile of a distribution.
  const values = list.split(/,(?![^(]*\))(?!\s*p\d+(?:\.\d+)?\s*=)/).map((value) => value.trim())
  if (values.some((value) => value === ''))
    throw new InputError(
      `--vary '${text}' has an empty value: write them with a comma between two, such as lru,lfu`,
    )
  const twice = values.find((value, at) => values.indexOf(value) !== at)
  if (twice !== undefined) throw new InputError(`--vary '${text}' names '${twice}' twice`)
  return values.map((value) => ({ path, value: scalar(value) }))
}

/** As YAML would have it. */
function scalar(text: string): string | number | boolean {
  if (text === 'true' || text === 'false') return text === 'true'
  return /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : text
}

/**
 * Every combination of the values, those of the last path changing fastest; one without changes where nothing varies.
 * @throws InputError for what is not understood, a path twice, and more variants than a table can show
 */
export function variantsOf(texts: readonly string[]): Change[][] {
  const lists = texts.map(parseVary)
  const paths = lists.map(([first]) => first!.path)
  const twice = paths.find((path, at) => paths.indexOf(path) !== at)
  if (twice !== undefined)
    throw new InputError(`--vary '${twice}' is given twice: give all its values at once`)
  const [inner, outer] = paths
    .flatMap((path) => paths.map((other) => [path, other] as const))
    .find(([path, other]) => path.startsWith(`${other}.`)) ?? ['', '']
  if (inner !== '')
    throw new InputError(`--vary '${outer}' replaces what --vary '${inner}' sets: vary one of them`)
  const count = lists.reduce((product, { length }) => product * length, 1)
  if (count > MOST_VARIANTS)
    throw new InputError(`--vary asks for ${count} variants: ${MOST_VARIANTS} are the most`)
  return lists.reduce<Change[][]>(
    (variants, list) => variants.flatMap((variant) => list.map((change) => [...variant, change])),
    [[]],
  )
}
