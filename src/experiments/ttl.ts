import { InputError } from '../core/errors.ts'
import { howToGive } from '../core/lacking.ts'
import { DEFAULT_TTL_SECONDS } from '../core/policy.ts'
import type { Settings as SettingsDescription } from '../core/result.ts'
import { Op, type Trace } from '../core/trace.ts'
import { parseDuration } from '../core/units.ts'
import type { ChosenPolicy } from './policies.ts'

/** How long entries live. */
export interface TtlSettings {
  readonly ttl: SettingsDescription['ttl']
  /** Of every entry; where TTLs are recorded, of those nobody gave one. Undefined: for ever. */
  readonly ttlSeconds: number | undefined
  /** Whether some entries are given no TTL, not even an endless one. */
  readonly someUntold: boolean
}

/**
 * A TTL as it stands on the command line: `recorded`, `none`, or the seconds of a duration such as `10m`.
 * @param flag what it was given to, for messages
 * @throws InputError for what is not understood, and for one that lets nothing live
 */
export function parseTtl(text: string, flag: string): 'recorded' | 'none' | number {
  if (text === 'none' || text === 'recorded') return text
  if (!/\d/.test(text)) {
    throw new InputError(
      `${flag} '${text}' is not understood: write a duration such as 10m, 'recorded' or 'none'`,
    )
  }
  const seconds = parseDuration(text, flag)
  if (seconds === 0) {
    throw new InputError(`${flag} '${text}' lets nothing live: it must be above 0, 'recorded' or 'none'`)
  }
  return seconds
}

/**
 * @param text `10m`, `recorded` or `none`; undefined: the trace's own TTLs, where it has any
 * @throws InputError for a value that is not understood, or needs what the trace does not have
 */
export function resolveTtl(text: string | undefined, trace: Trace, flag = '--ttl'): TtlSettings {
  const kind = parseTtl(text ?? (trace.ttls && trace.times ? 'recorded' : 'none'), flag)
  if (kind === 'none') return { ttl: 'none', ttlSeconds: undefined, someUntold: true }
  if (kind === 'recorded') {
    if (!trace.ttls) {
      throw new InputError(
        `${flag} recorded needs TTLs, which ${trace.name} does not have: give one for all, such as 10m, or leave out ${flag}`,
      )
    }
    if (!trace.times) throw needsTimes(`${flag} recorded`, flag, trace)
    return { ttl: 'recorded', ttlSeconds: undefined, someUntold: hasUntold(trace, trace.ttls) }
  }
  if (!trace.times) throw needsTimes(flag, flag, trace)
  return { ttl: 'constant', ttlSeconds: kind, someUntold: false }
}

/** The TTL a policy runs with: as it was set; a policy that cannot do without gives untold entries its own default. */
export function ttlOf(
  { definition }: ChosenPolicy,
  { ttl, ttlSeconds, someUntold }: TtlSettings,
): Pick<TtlSettings, 'ttl' | 'ttlSeconds'> {
  if (!someUntold || !definition.needs.includes('ttl')) return { ttl, ttlSeconds }
  return { ttl: ttl === 'none' ? 'constant' : ttl, ttlSeconds: DEFAULT_TTL_SECONDS }
}

function needsTimes(what: string, flag: string, trace: Trace): InputError {
  return new InputError(
    `${what} needs times, which ${trace.name} does not have: ${howToGive('times', trace)}, or leave out ${flag}`,
  )
}

/** Whether a request that says no TTL can bring in a key before any request has said one for it. */
function hasUntold({ keys, keyCount, ops, length }: Trace, ttls: Float32Array): boolean {
  const told = new Uint8Array(keyCount)
  for (let at = 0; at < length; at++) {
    if (ops !== undefined && ops[at] === Op.delete) continue
    const key = keys[at]!
    if (!Number.isNaN(ttls[at]!)) told[key] = 1
    else if (told[key] === 0) return true
  }
  return false
}
