import { InputError } from '../core/errors.ts'
import { either, listOf, numberOrText, type OptionKinds, text, texts } from '../core/options.ts'
import { POLICIES_OPTION, type PolicyChoice } from './policies.ts'
import { SETTINGS_OPTIONS, type SettingsOptions } from './settings.ts'
import { WORKLOAD_OPTIONS, type WorkloadOptions } from './workload.ts'

/** What a sweep is asked: all that its result follows from. Values are written as on the command line. */
export interface SweepQuestion extends WorkloadOptions, SettingsOptions {
  readonly policies?: string | readonly PolicyChoice[] | undefined
  /** A list (`100,1000,5%`) or a logarithmic range (`0.1%..50%:24`); default: up to the working set. */
  readonly sizes?: string | readonly (string | number)[] | undefined
  /** Kneedle's S: how flat the curve must become before a bend counts as the knee; default 1. */
  readonly sensitivity?: number | string | undefined
  /** Points of hit rate that 1 % of the keys must still bring to be worth it; default 0.1. */
  readonly minGain?: number | string | undefined
  /** `10s,1m,10m,1h,none`: every policy with every TTL, in place of `ttl`. */
  readonly ttls?: string | readonly string[] | undefined
  /** The curves in each of so many equal parts of the trace too: of its time, or without times of its requests. */
  readonly windows?: number | string | undefined
}

/** The same, for callers without types. */
export const QUESTION_OPTIONS: OptionKinds<SweepQuestion> = {
  ...WORKLOAD_OPTIONS,
  ...SETTINGS_OPTIONS,
  policies: POLICIES_OPTION,
  sizes: either(text('0.1%..50%:24'), listOf(numberOrText('1000', '5%'))),
  sensitivity: numberOrText('1', '1'),
  minGain: numberOrText('0.1', '0.1'),
  ttls: either(text('10s,10m,none'), texts('10m')),
  windows: numberOrText('12', '12'),
}

/**
 * The question as plain data, for another process to ask it. A trace that only this one has, in memory or on standard
 * input, is left out: who asks must have it too.
 * @throws InputError for a policy that only this process knows
 */
export function sendable(options: SweepQuestion): SweepQuestion {
  const { policies, trace } = options
  if (policies !== undefined && typeof policies !== 'string') {
    const own = policies.find((policy) => typeof policy !== 'string')
    if (own !== undefined)
      throw new InputError(
        `policy '${own.name}' is known to this process only: --queue needs a name or a file, which workers find`,
      )
  }
  const inMemory = typeof trace === 'object' && 'keyCount' in trace
  const here = inMemory || [trace].flat().includes('-')
  const names = Object.keys(QUESTION_OPTIONS) as (keyof SweepQuestion)[]
  return Object.fromEntries(
    names
      .filter((name) => name !== 'stdin' && !(here && name === 'trace') && options[name] !== undefined)
      .map((name) => [name, options[name]]),
  )
}
