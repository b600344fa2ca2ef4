import { InputError } from '../core/errors.ts'
import type { Trace } from '../core/trace.ts'
import { shortestFloat } from './column-values.ts'
import { OP_NAMES } from './ops.ts'

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
 * @param unwritable what is replaced, where a file can hold more
 */
export function distinctNames(trace: Trace, unwritable = /[\p{Surrogate}\0]/gu): (key: number) => string {
  const { keyNames } = trace
  if (!keyNames) return String
  const names: string[] = []
  const given = new Set<string>()
  for (let key = 0; key < trace.keyCount; key++) {
    const plain = keyNames.nameOf(key).replace(unwritable, '\ufffd')
    let name = plain
    for (let number = 2; given.has(name); number++) name = `${plain}~${number}`
    given.add(name)
    names.push(name)
  }
  return (key) => names[key]!
}

/** The columns of a trace as they are written, in order: header and text of row `i`. Numbers read back to the bit. */
export function writtenColumns(trace: Trace): { readonly header: string; text(row: number): string }[] {
  const { keys, times, sizes, costs, ops } = trace
  const nameOf = distinctNames(trace)
  return [
    ...(times ? [{ header: 'time', text: (row: number) => String(times[row]) }] : []),
    { header: 'key', text: (row) => nameOf(keys[row]!) },
    ...(sizes ? [{ header: 'size', text: (row: number) => String(sizes[row]) }] : []),
    ...(costs ? [{ header: 'cost_ms', text: (row: number) => shortestFloat(costs[row]!) }] : []),
    ...(ops ? [{ header: 'op', text: (row: number) => OP_NAMES[ops[row]!]! }] : []),
  ]
}

/** @throws InputError for a trace that has more than keys, which `format` cannot hold */
export function requireKeysOnly(trace: Trace, format: string): void {
  const more = (['times', 'sizes', 'costs', 'ops'] as const).filter((column) => trace[column])
  if (more.length > 0) {
    throw new InputError(
      `format '${format}' holds keys only, and '${trace.name}' has ${more.join(', ')}: write csv, tsv or jsonl`,
    )
  }
}
