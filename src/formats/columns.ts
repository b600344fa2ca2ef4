import { InputError } from '../core/errors.ts'
import type { ReadOptions, TimeUnit } from '../core/format.ts'
import type { TraceSource } from '../core/trace.ts'
import {
  FLAGS,
  findColumn,
  guessColumn,
  hasKnownName,
  listNames,
  OTHER_ROLES,
  type Role,
  type Unit,
  unitInName,
} from './column-names.ts'
import { opOf } from './ops.ts'
import { quote } from './text.ts'

/** Which columns of a table are what: 0-based indexes, and names for messages (numbers where there is no header). */
export interface TableColumns {
  readonly names: readonly string[]
  readonly hasHeader: boolean
  readonly key: readonly number[]
  readonly time?: number
  readonly size?: number
  readonly cost?: number
  readonly op?: number
  readonly ttl?: number
  readonly notes: readonly string[]
}

/**
 * Finds the columns of a table: those the user named, and for those nobody named the ones whose header says what they
 * are. What was guessed is in `notes`.
 * @param records the first record and, where there is one, the second
 * @throws InputError for a column that is not there, or a table that does not say which column is the key
 */
export function findColumns(
  records: readonly (readonly string[])[],
  options: ReadOptions,
  file: string,
): TableColumns {
  const [first = [], second] = records
  const hasHeader = isHeader(first, second, options)
  const names = first.map((cell, i) => (hasHeader ? cell.trim() : String(i + 1)))
  const notes: string[] = []
  const single = first.length === 1
  if (!hasHeader) notes.push('no header: the first line is taken as data')
  if (!hasHeader && !single && !options.key?.length) {
    const row = first.map((cell, i) => `${i + 1}: ${quote(cell)}`).join(', ')
    throw new InputError(
      `'${file}' has ${first.length} columns and no header that is recognised: say by number which is the key, such as --key 2 --time 1; the first row is ${row}`,
    )
  }
  const header = hasHeader ? { sample: second } : undefined
  const found = mapRoles(names, options, file, single, header, notes)
  return { names, hasHeader, ...found, notes }
}

type Found = { key: number[] } & { [Role in (typeof OTHER_ROLES)[number]]?: number }

/**
 * Which columns are what: those the user named, and for the others the ones whose names say what they are.
 * @param single the only column is the key whatever its name
 * @param header present where the names are names; `sample` has the cells of a first row, where they are known; `paths`:
 *   they are dotted, and the last step may say what a column is
 * @param notes what was guessed is added
 * @param unfit columns that are not to be guessed
 */
export function mapRoles(
  names: readonly string[],
  options: ReadOptions,
  file: string,
  single: boolean,
  header: { readonly sample: readonly string[] | undefined; readonly paths?: boolean } | undefined,
  notes: string[],
  unfit: readonly number[] = [],
): Found {
  const given: Partial<Record<Role, string | undefined>> = {
    time: options.time,
    size: options.valueSize,
    cost: options.cost,
    op: options.op,
    ttl: options.ttlColumn,
  }
  const found: Found = { key: (options.key ?? []).map((name) => findColumn(name, names, FLAGS.key, file)) }
  const taken = [...unfit, ...found.key]
  for (const role of OTHER_ROLES) {
    const name = given[role]
    if (name === undefined) continue
    found[role] = findColumn(name, names, FLAGS[role], file)
    taken.push(found[role])
  }
  const leaves = header?.paths ? names.map((name) => name.slice(name.lastIndexOf('.') + 1)) : undefined
  const guess = (role: Role): number => {
    let index = header ? guessColumn(role, names, taken) : -1
    if (index < 0 && header && leaves) index = guessColumn(role, leaves, taken)
    if (index < 0) return index
    const word = header?.sample?.[index]
    if (role === 'op' && word !== undefined && opOf(word) === undefined) {
      notes.push(
        `column '${names[index]}' is not taken as operations: ${quote(word)} is no word for read, write or delete`,
      )
      return -1
    }
    taken.push(index)
    notes.push(`column '${names[index]}' is taken as the ${role}, by its name`)
    return index
  }
  if (found.key.length === 0) {
    const index = single ? 0 : guess('key')
    if (index < 0) {
      throw new InputError(
        `'${file}' has no column known to be a key: name it with --key (columns: ${listNames(names)})`,
      )
    }
    found.key.push(index)
    taken.push(index)
  }
  for (const role of OTHER_ROLES) {
    if (given[role] !== undefined) continue
    const index = guess(role)
    if (index >= 0) found[role] = index
  }
  return found
}

/**
 * Is the first record a header? It is where the user names a column by one of its cells; else where no cell is a number
 * or a date and a name is one known for columns, or the record below has numbers where this one has words.
 */
function isHeader(
  first: readonly string[],
  second: readonly string[] | undefined,
  options: ReadOptions,
): boolean {
  const named = namedColumns(options)
  const cells = first.map((cell) => cell.trim().toLowerCase())
  if (named.some((name) => name && !/^\d+$/.test(name) && cells.includes(name.toLowerCase()))) return true
  if (first.some(isValue) || cells.every((cell) => cell === '')) return false
  return hasKnownName(cells) || (second?.some(isValue) ?? false)
}

/** The columns that the user named. */
export function namedColumns(options: ReadOptions): (string | undefined)[] {
  const { key = [], time, valueSize, cost, op, ttlColumn } = options
  return [...key, time, valueSize, cost, op, ttlColumn]
}

/** A number or something that begins like a date: never a name. */
function isValue(cell: string): boolean {
  return /^\s*[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?\s*$/i.test(cell) || /^\s*\d{4}[-/]\d\d[-/]\d\d/.test(cell)
}

/** Factor from the unit of a cost column to milliseconds, and a note where the user did not name the unit. */
export function costFactor(
  options: ReadOptions,
  column: string,
): { readonly factor: number; readonly note?: string } {
  const factors = { ns: 1e-6, '100ns': 1e-4, us: 1e-3, ms: 1, s: 1e3, min: 60e3 }
  if (options.costUnit) return { factor: factors[options.costUnit] }
  const unit = unitInName(column)
  if (unit) return { factor: factors[unit], note: `costs are taken in ${unit}, by the name of the column` }
  return { factor: 1, note: 'costs are taken in ms (--cost-unit says otherwise)' }
}

/** Factor from the unit of a TTL column, which its name may say, to seconds. */
export function ttlFactor(column: string): number {
  const seconds: Record<Unit, number> = { ns: 1e-9, us: 1e-6, ms: 1e-3, s: 1, min: 60 }
  return seconds[unitInName(column) ?? 's']
}

/** The unit that the name of a time column says. */
export function timeUnitInName(column: string): TimeUnit | undefined {
  const unit = unitInName(column)
  return unit === 'min' ? undefined : unit
}

/** Columns by role, for the account of how the trace was read. */
export function describeColumns(
  key: readonly string[],
  others: Readonly<Record<string, string | undefined>>,
): TraceSource['columns'] {
  const named = Object.entries(others).filter((entry): entry is [string, string] => entry[1] !== undefined)
  return { key: key.length === 1 ? key[0]! : key, ...Object.fromEntries(named) }
}
