import { InputError, nearestName } from '../core/errors.ts'

/** What a column can be to a trace. */
export type Role = 'key' | 'time' | 'size' | 'cost' | 'op' | 'ttl'
export type Unit = 's' | 'ms' | 'us' | 'ns' | 'min'

/** Flags by which a column is named. */
export const FLAGS: Record<Role, string> = {
  key: '--key',
  time: '--time',
  size: '--value-size',
  cost: '--cost',
  op: '--op',
  ttl: '--ttl-column',
}

/** The roles that a column other than the key can have. */
export const OTHER_ROLES = ['time', 'size', 'cost', 'op', 'ttl'] as const

/** Names that say what a column is, the surest first; units (`latency_ms`) are taken off before times and costs. */
const KNOWN: Record<Role, readonly string[]> = {
  key: [
    ...[
      'key',
      'cache_key',
      'request_key',
      'key_id',
      'obj_id',
      'object_id',
      'obj',
      'object',
      'item_id',
      'item',
      'lbn',
      'lba',
    ],
    ...['id', 'url', 'uri', 'path', 'query', 'prompt', 'document_id', 'doc_id', 'content_id', 'page'],
  ],
  time: [
    ...['time', 'timestamp', 'ts', 'datetime', 'date_time', 'date', 'event_time', 'time_stamp', 'created_at'],
    ...[
      'created',
      'gmt_create',
      'arrival_time',
      'arrival',
      'arrived_at',
      'start_time',
      'started_at',
      'epoch',
    ],
  ],
  size: [
    ...['size', 'bytes', 'value_size', 'size_bytes', 'value_bytes', 'obj_size', 'object_size', 'item_size'],
    ...['content_length', 'response_size', 'response_bytes', 'body_bytes'],
  ],
  cost: [
    ...[
      'cost',
      'latency',
      'duration',
      'elapsed',
      'model_latency',
      'inference_time',
      'inference',
      'compute_time',
    ],
    ...['exec_time', 'execution_time', 'response_time', 'elapsed_time', 'processing_time'],
  ],
  op: ['op', 'operation'],
  ttl: ['ttl', 'time_to_live', 'expires_in', 'max_age'],
}

const UNIT_WORDS: Record<string, Unit> = {
  ...{ ns: 'ns', nanos: 'ns', nanoseconds: 'ns', us: 'us', micros: 'us', microseconds: 'us' },
  ...{ ms: 'ms', msec: 'ms', millis: 'ms', milliseconds: 'ms' },
  ...{ s: 's', sec: 's', secs: 's', seconds: 's', min: 'min', minutes: 'min' },
}

/** `latencyMs`, `Latency (ms)` and `latency-ms` are all `latency_ms`. */
function normalise(name: string): string {
  return name
    .replace(/([a-z])([A-Z])/g, '$1_$2')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '_')
    .replace(/^_|_$/g, '')
}

/** The unit at the end of a column's name, as in `latency_ms` or `time(s)`. */
export function unitInName(name: string): Unit | undefined {
  const word = /_([a-z]+)$/.exec(normalise(name))?.[1]
  return word !== undefined && Object.hasOwn(UNIT_WORDS, word) ? UNIT_WORDS[word] : undefined
}

/** The index of the column whose name says that it is a `role`, or -1. Columns in `taken` are passed over. */
export function guessColumn(role: Role, names: readonly string[], taken: readonly number[] = []): number {
  const plain = names.map((name) => {
    const normal = normalise(name)
    const withoutUnit = unitInName(name) && (role === 'time' || role === 'cost' || role === 'ttl')
    return withoutUnit ? normal.slice(0, normal.lastIndexOf('_')) : normal
  })
  for (const known of KNOWN[role]) {
    const index = plain.findIndex((name, i) => name === known && !taken.includes(i))
    if (index >= 0) return index
  }
  return -1
}

/** Does any of the names say what its column is? */
export function hasKnownName(names: readonly string[]): boolean {
  return (Object.keys(KNOWN) as Role[]).some((role) => guessColumn(role, names) >= 0)
}

/**
 * The index of a column given by name (upper and lower case are one where that is unambiguous) or 1-based number.
 * @throws InputError listing the columns there are
 */
export function findColumn(given: string, names: readonly string[], flag: string, file: string): number {
  const exact = indexesOf(names, (name) => name === given)
  const matches =
    exact.length > 0 ? exact : indexesOf(names, (name) => name.toLowerCase() === given.toLowerCase())
  if (matches.length > 1) {
    const numbers = matches.map((index) => index + 1).join(' and ')
    throw new InputError(
      `${flag} '${given}' is ambiguous: columns ${numbers} of '${file}' have that name; give the number`,
    )
  }
  if (matches.length === 1) return matches[0]!
  if (/^\d{1,9}$/.test(given) && Number(given) >= 1 && Number(given) <= names.length) return Number(given) - 1
  throw missingColumn(given, names, flag, file)
}

/** The error for a column that is not there. */
export function missingColumn(
  given: string,
  names: readonly string[],
  flag: string,
  file: string,
): InputError {
  const nearest = nearestName(given, names)
  const hint = nearest === undefined ? '' : `; did you mean '${nearest}'?`
  return new InputError(
    `${flag}: there is no column '${given}' in '${file}'${hint} (columns: ${listNames(names)})`,
  )
}

/** The names for a message, cut short where there are very many. */
export function listNames(names: readonly string[]): string {
  const shown = names.slice(0, 40).map((name) => (name.length > 60 ? `${name.slice(0, 57)}…` : name))
  return shown.join(', ') + (names.length > 40 ? ` and ${names.length - 40} more` : '')
}

function indexesOf(names: readonly string[], test: (name: string) => boolean): number[] {
  return names.flatMap((name, index) => (test(name) ? [index] : []))
}
