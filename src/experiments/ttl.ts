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
 * @param text `10m`, `recorded` or `none`; undefined: the trace's own TTLs, where it has any
 * @throws InputError for a value that is not understood, or needs what the trace does not have
 */
export function resolveTtl(text: string | undefined, trace: Trace): TtlSettings {
  const kind = text ?? (trace.ttls && trace.times ? 'recorded' : 'none')
  if (kind === 'none') return { ttl: 'none', ttlSeconds: undefined, someUntold: true }
  if (kind === 'recorded') {
    if (!trace.ttls) {
      throw new InputError(
        `--ttl recorded needs TTLs, which ${trace.name} does not have: give one for all, such as 10m, or leave out --ttl`,
      )
    }
    if (!trace.times) throw needsTimes('--ttl recorded', trace)
    return { ttl: 'recorded', ttlSeconds: undefined, someUntold: hasUntold(trace, trace.ttls) }
  }
  if (!/\d/.test(kind)) {
    throw new InputError(
      `--ttl '${kind}' is not understood: write a duration such as 10m, 'recorded' or 'none'`,
    )
  }
  const ttlSeconds = parseDuration(kind, '--ttl')
  if (ttlSeconds === 0) {
    throw new InputError(`--ttl '${kind}' lets nothing live: it must be above 0, 'recorded' or 'none'`)
  }
  if (!trace.times) throw needsTimes('--ttl', trace)
  return { ttl: 'constant', ttlSeconds, someUntold: false }
}

/** The TTL a policy runs with: as it was set; a policy that cannot do without gives untold entries its own default. */
export function ttlOf(
  { definition }: ChosenPolicy,
  { ttl, ttlSeconds, someUntold }: TtlSettings,
): Pick<TtlSettings, 'ttl' | 'ttlSeconds'> {
  if (!someUntold || !definition.needs.includes('ttl')) return { ttl, ttlSeconds }
  return { ttl: ttl === 'none' ? 'constant' : ttl, ttlSeconds: DEFAULT_TTL_SECONDS }
}

function needsTimes(flag: string, trace: Trace): InputError {
  return new InputError(
    `${flag} needs times, which ${trace.name} does not have: ${howToGive('times', trace)}, or leave out --ttl`,
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
