/** Values inside one parsed line of JSON: looked up by path, and turned to text that equal values share. */

const MAX_DEPTH = 100

/** A value that is not read, because too many arrays and objects lie within each other. */
export class TooDeep extends Error {
  constructor() {
    super(`nested more than ${MAX_DEPTH} levels deep`)
  }
}

export type JsonObject = Readonly<Record<string, unknown>>

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Looks up a dotted path: a member of exactly that name first, else one step a dot. Undefined where there is none. */
export function createLookup(path: string): (row: JsonObject) => unknown {
  const steps = path.split('.')
  if (steps.length === 1) return (row) => own(row, path)
  return (row) => {
    const whole = own(row, path)
    if (whole !== undefined) return whole
    let value: unknown = row
    for (const step of steps) value = own(value, step)
    return value
  }
}

function own(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, name)
    ? (value as JsonObject)[name]
    : undefined
}

/** The dotted paths of all members that are not objects themselves. */
export function pathsOf(row: JsonObject, prefix = '', depth = 0): string[] {
  return Object.entries(row).flatMap(([name, value]) =>
    isObject(value) && depth < MAX_DEPTH
      ? pathsOf(value, `${prefix}${name}.`, depth + 1)
      : [`${prefix}${name}`],
  )
}

/**
 * The text of a value: strings, numbers and booleans as they read (so 1 and "1" are one key), null and what is absent
 * as nothing, arrays and objects as JSON with members in order of their names, so that equal ones are one key.
 * @throws TooDeep
 */
export function textOf(value: unknown): string {
  if (typeof value === 'string') return value
  if (value === undefined || value === null) return ''
  return typeof value === 'object' ? stableJson(value, 0) : String(value)
}

function stableJson(value: unknown, depth: number): string {
  if (depth > MAX_DEPTH) throw new TooDeep()
  if (Array.isArray(value)) return `[${value.map((item) => stableJson(item, depth + 1)).join(',')}]`
  if (!isObject(value)) return JSON.stringify(value)
  const members = Object.keys(value)
    .sort()
    .map((name) => `${JSON.stringify(name)}:${stableJson(value[name], depth + 1)}`)
  return `{${members.join(',')}}`
}

/** Could `value` have lost digits when it was parsed? A double holds integers up to 2^53; neighbours beyond are one. */
export function mayBeRounded(value: unknown, depth = 0): boolean {
  if (typeof value === 'number') return Math.abs(value) > Number.MAX_SAFE_INTEGER
  if (typeof value !== 'object' || value === null) return false
  return depth > MAX_DEPTH || Object.values(value).some((inner) => mayBeRounded(inner, depth + 1))
}

const STRING_OR_LONG_INTEGER = /"(?:[^"\\]|\\.)*"|-?\d{16,}(?![\d.eE])/g

/** Parses one line of JSON with the integers that a double cannot hold as strings. @throws SyntaxError */
export function parseExactly(line: string): unknown {
  const quoted = line.replace(STRING_OR_LONG_INTEGER, (found, at: number) =>
    found.startsWith('"') || /[\d.eE+-]/.test(line[at - 1] ?? '') || Number.isSafeInteger(Number(found))
      ? found
      : `"${found}"`,
  )
  return JSON.parse(quoted)
}
