import { InputError } from '../core/errors.ts'
import type { ReadOptions } from '../core/format.ts'
import { guessColumn, listNames, type Role } from './column-names.ts'
import { namedColumns } from './columns.ts'
import { createLookup, isObject, pathsOf, textOf } from './json-value.ts'
import { opOf } from './ops.ts'
import { quote } from './text.ts'

/** Which members of the objects are what, as dotted paths. */
export interface JsonColumns {
  readonly key: readonly string[]
  readonly time?: string
  readonly size?: string
  readonly cost?: string
  readonly op?: string
  readonly ttl?: string
  readonly notes: readonly string[]
}

/**
 * The members the user named, and for the others the ones whose names say what they are in the first object.
 * @param lines the first of the file
 * @throws InputError where nothing says which member is the key
 */
export function findMembers(lines: readonly string[], options: ReadOptions, file: string): JsonColumns {
  const first = firstObject(lines)
  const paths = first === undefined ? [] : pathsOf(first)
  const leaves = paths.map((path) => path.slice(path.lastIndexOf('.') + 1))
  const given = namedColumns(options)
  const taken = paths.flatMap((path, index) => (given.includes(path) ? [index] : []))
  const notes: string[] = []
  const guess = (role: Role): string | undefined => {
    const whole = guessColumn(role, paths, taken)
    const index = whole >= 0 ? whole : guessColumn(role, leaves, taken)
    const path = paths[index]
    if (first === undefined || path === undefined) return undefined
    const value = createLookup(path)(first)
    if (role === 'op' && opOf(textOf(value)) === undefined) return undefined
    if (typeof value === 'object') return undefined
    taken.push(index)
    notes.push(`'${path}' is taken as the ${role}, by its name`)
    return path
  }
  const keyPath = options.key?.length ? undefined : guess('key')
  const key = options.key?.length ? options.key : keyPath === undefined ? [] : [keyPath]
  if (key.length === 0) {
    const members = paths.length > 0 ? ` (the first has: ${listNames(paths)})` : whatIsThere(lines)
    throw new InputError(
      `the objects in '${file}' have no member known to be a key: name it with --key${members}`,
    )
  }
  const time = options.time ?? guess('time')
  const size = options.valueSize ?? guess('size')
  const cost = options.cost ?? guess('cost')
  const op = options.op ?? guess('op')
  const ttl = options.ttlColumn ?? guess('ttl')
  return {
    key,
    ...(time && { time }),
    ...(size && { size }),
    ...(cost && { cost }),
    ...(op && { op }),
    ...(ttl && { ttl }),
    notes,
  }
}

function firstObject(lines: readonly string[]): Readonly<Record<string, unknown>> | undefined {
  for (const line of lines) {
    try {
      const value = JSON.parse(line) as unknown
      if (isObject(value)) return value
    } catch {
      // The reader says what is wrong with the line, and where it is.
    }
  }
  return undefined
}

function whatIsThere([line]: readonly string[]): string {
  return line === undefined ? '' : `; the first line is no JSON object: ${quote(line)}`
}
