import { InputError } from '../core/errors.ts'
import { OPTIONAL_COLUMNS, Op, type Trace } from '../core/trace.ts'
import { plural } from '../core/units.ts'
import { shortestFloat } from './column-values.ts'
import { OP_NAMES } from './ops.ts'
import { FOR_EVER } from './rules.ts'

/** Said where a format keeps the requests and not what they are part of. */
export const LOST_GROUPS = 'which keys one request asked for together is not kept: only arrow holds that'

const CHUNK_CHARACTERS = 1 << 16

/** Joins lines to chunks of some size, so that a writer is not called once a row. */
export function* inChunks(lines: Iterable<string>): Generator<string> {
  let chunk = ''
  for (const line of lines) {
    chunk += line
    if (chunk.length < CHUNK_CHARACTERS) continue
    yield chunk
    chunk = ''
  }
  if (chunk !== '') yield chunk
}

/**
 * The names of a trace's keys such that different keys have different names in UTF-8, which a file read back depends
 * on: what no text file holds (a NUL, half a surrogate pair) is replaced, and a name that has been given already gets a
 * number. Ids where the trace has no names.
 * @param note told of names that were replaced
 * @param unwritable what is replaced, where a file can hold more
 */
export function distinctNames(
  trace: Trace,
  note: (text: string) => void = () => {},
  unwritable = /[\p{Surrogate}\0]/gu,
): (key: number) => string {
  const { keyNames } = trace
  if (!keyNames) return String
  const names: string[] = []
  const given = new Set<string>()
  let replaced = 0
  for (let key = 0; key < trace.keyCount; key++) {
    const written = keyNames.nameOf(key)
    const plain = written.replace(unwritable, '\ufffd')
    if (plain !== written) replaced++
    let name = plain
    for (let number = 2; given.has(name); number++) name = `${plain}~${number}`
    given.add(name)
    names.push(name)
  }
  if (replaced > 0)
    note(
      `${plural(replaced, 'name')} of keys hold a NUL or half a character, which the file cannot: \ufffd stands for it`,
    )
  return (key) => names[key]!
}

/** The columns of a trace as they are written, in order: header and text of row `i`. Numbers read back to the bit. */
export function writtenColumns(
  trace: Trace,
  note: (text: string) => void = () => {},
  unwritable?: RegExp,
): { readonly header: string; text(row: number): string }[] {
  const { keys, times, sizes, costs, ops, ttls } = trace
  const nameOf = distinctNames(trace, note, unwritable)
  if (trace.groups) note(LOST_GROUPS)
  return [
    ...(times ? [{ header: 'time', text: (row: number) => String(times[row]) }] : []),
    { header: 'key', text: (row) => nameOf(keys[row]!) },
    ...(sizes ? [{ header: 'size', text: (row: number) => String(sizes[row]) }] : []),
    ...(costs ? [{ header: 'cost_ms', text: (row: number) => shortestFloat(costs[row]!) }] : []),
    ...(ops ? [{ header: 'op', text: (row: number) => OP_NAMES[ops[row]!]! }] : []),
    // Nothing where the request says nothing. None is the same to a cache as one that outlives everything.
    ...(ttls ? [{ header: 'ttl', text: (row: number) => ttlText(ttls[row]!) }] : []),
  ]
}

function ttlText(ttl: number): string {
  if (Number.isNaN(ttl)) return ''
  return ttl === Infinity ? FOR_EVER : shortestFloat(ttl)
}

/** @throws InputError for a trace that has more than keys, which `format` cannot hold */
export function requireKeysOnly(trace: Trace, format: string): void {
  const more = OPTIONAL_COLUMNS.filter((column) => column !== 'groups' && trace[column])
  if (more.length > 0) {
    throw new InputError(
      `format '${format}' holds keys only, and '${trace.name}' has ${more.join(', ')}: write csv, tsv, jsonl or arrow`,
    )
  }
}

/**
 * @param held the columns that the format has; operations that are all reads are none
 * @param others formats that can hold more, for the message
 * @throws InputError for a trace that has more
 */
export function requireColumns(
  trace: Trace,
  format: string,
  held: readonly (typeof OPTIONAL_COLUMNS)[number][],
  others: string,
): void {
  const more = OPTIONAL_COLUMNS.filter(
    (column) => !held.includes(column) && trace[column] && !isAllReads(trace, column),
  )
  if (more.length === 0) return
  throw new InputError(
    `format '${format}' holds no ${more.join(', ')}, which '${trace.name}' has: write ${others}`,
  )
}

function isAllReads({ ops }: Trace, column: string): boolean {
  return column === 'ops' && ops !== undefined && ops.every((op) => op === Op.read)
}

/** [keyCount] halves of the numbers that the keys' names are. */
export interface NumericIds {
  readonly low: Uint32Array
  readonly high: Uint32Array
}

/**
 * The names of the keys as numbers of 64 bits without sign; undefined where the trace has no names, one is no such number
 * as it would be written, or two are the same.
 */
export function numericIds({ keyNames, keyCount }: Trace): NumericIds | undefined {
  if (!keyNames) return undefined
  const ids = new BigUint64Array(keyCount)
  for (let key = 0; key < keyCount; key++) {
    const name = keyNames.nameOf(key)
    if (!/^(0|[1-9]\d{0,19})$/.test(name)) return undefined
    const id = BigInt(name)
    if (id > 0xffff_ffff_ffff_ffffn) return undefined
    ids[key] = id
  }
  const low = Uint32Array.from(ids, (id) => Number(id & 0xffff_ffffn))
  const high = Uint32Array.from(ids, (id) => Number(id >> 32n))
  ids.sort()
  return ids.some((id, i) => i > 0 && id === ids[i - 1]) ? undefined : { low, high }
}
