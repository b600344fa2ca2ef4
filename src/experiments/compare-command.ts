import type { Inspection } from '../core/result.ts'
import type { WorkloadOptions } from './workload.ts'

/** What the user may say of a workload that a comparison must be told again, in the order of the help. */
const FLAGS = [
  'workload',
  'requests',
  'keys',
  'alpha',
  'rate',
  'seed',
  'trace',
  'format',
  'key',
  'keyHash',
  'time',
  'timeUnit',
  'valueSize',
  'cost',
  'costUnit',
  'op',
  'ttlColumn',
  'where',
  'from',
  'to',
  'skip',
  'limit',
  'sample',
  'sort',
  'maxBadRows',
] as const satisfies readonly (keyof WorkloadOptions)[]

/** What a comparison of this workload should run with. */
export interface Suggestion {
  readonly policies: readonly string[]
  /** As `--ttl` takes it, counted from the last use; undefined: none. */
  readonly ttl: string | undefined
}

/**
 * The `cachesim compare` that fits a workload, as pieces for a shell; null where there is nothing to compare, or the
 * trace lies in memory, where no command can reach it.
 */
export function compareCommand(
  options: WorkloadOptions,
  inspection: Inspection,
  { policies, ttl }: Suggestion,
): string[] | null {
  if (inspection.hitRateCeiling === 0 || isInMemory(options.trace)) {
    return null
  }
  const given = FLAGS.flatMap((name) => pieces(name, options[name]))
  const workload =
    options.trace === undefined && options.workload === undefined ? pieces('workload', 'zipf') : []
  return [
    'cachesim compare',
    ...workload,
    ...given,
    ...pieces('policies', policies.join(',')),
    ...(inspection.lruSize ? pieces('size', inspection.lruSize.entries) : []),
    ...(ttl === undefined ? [] : [...pieces('ttl', ttl), ...pieces('ttlMode', 'idle')]),
    ...(inspection.costMilliseconds === null ? [] : pieces('missLatency', 'recorded')),
  ]
}

function isInMemory(trace: WorkloadOptions['trace']): boolean {
  return typeof trace === 'object' && 'keyCount' in trace
}

function pieces(name: string, value: unknown): string[] {
  const flag = `--${name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`
  if (value === undefined || value === false) return []
  if (value === true) return [flag]
  if (Array.isArray(value) && name === 'key') return pieces(name, value.join(','))
  if (Array.isArray(value) && name === 'trace')
    return [`${flag} ${value.map((file) => shellWord(String(file))).join(' ')}`]
  if (Array.isArray(value)) return value.flatMap((one) => pieces(name, one))
  const text = String(value)
  // What begins with a dash would be taken for a flag of its own.
  return [text.startsWith('-') && text !== '-' ? shellWord(`${flag}=${text}`) : `${flag} ${shellWord(text)}`]
}

/** One word to a POSIX shell, whatever is in it. */
function shellWord(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`
}
