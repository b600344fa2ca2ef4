import { type Price, parsePrice } from '../analysis/savings.ts'
import { InputError } from '../core/errors.ts'
import { howToGive } from '../core/lacking.ts'
import type { LatencyModel } from '../core/latency.ts'
import { numberOrText, type OptionKinds, oneOf, text } from '../core/options.ts'
import type { Settings as SettingsDescription } from '../core/result.ts'
import type { Trace } from '../core/trace.ts'
import { parseCount, plural } from '../core/units.ts'
import { parseLatency } from '../latency/index.ts'
import { parseTtl, resolveTtl, type TtlSettings } from './ttl.ts'

/**
 * How the cache and the model behave, each as it stands on the command line. What is absent comes from the recipe. What
 * has a unit is a text with it; a bare number is a count or dollars.
 */
export interface SettingsOptions {
  /** Time to live: `10m` for every entry, `recorded` (the trace’s own; the default where it has any), or `none`. */
  readonly ttl?: string | undefined
  /** Whether an entry's life is counted from its write or from its last use. */
  readonly ttlMode?: 'write' | 'idle' | undefined
  /** Requests that fill the cache and are not counted: 10000 or `10%`. */
  readonly warmup?: string | number | undefined
  /** Of a lookup: `2ms`, `lognormal:p50=1ms,p99=5ms`. */
  readonly hitLatency?: string | undefined
  /** Of the model: the same, or `recorded`. */
  readonly missLatency?: string | undefined
  /** Of storing a prediction. */
  readonly storeLatency?: string | undefined
  /** Price of a prediction in dollars: 0.002 a call, `0.36/h` of the model's time. */
  readonly missCost?: string | number | undefined
  /** Seeds to repeat a synthetic workload with. */
  readonly repeat?: number | string | undefined
}

/** The same, for callers without types. */
export const SETTINGS_OPTIONS: OptionKinds<SettingsOptions> = {
  ttl: text('10m'),
  ttlMode: oneOf('write', 'idle'),
  warmup: numberOrText('1000', '10%'),
  hitLatency: text('2ms'),
  missLatency: text('120ms'),
  storeLatency: text('1ms'),
  missCost: numberOrText('0.002', '0.36/h'),
  repeat: numberOrText('5', '5'),
}

/** The settings of a run, understood. */
export interface Settings extends TtlSettings {
  readonly ttlMode: 'write' | 'idle'
  readonly warmupRequests: number
  readonly repeats: number
  readonly hitLatency: LatencyModel
  readonly missLatency: LatencyModel
  readonly storeLatency: LatencyModel
  readonly missCost: Price
  /** Equal parts of the trace, to count hits in each. */
  readonly windows?: number | undefined
  readonly description: SettingsDescription
}

const DEFAULTS = {
  hitLatency: '2ms',
  missLatency: 'lognormal:p50=120ms,p99=900ms',
  storeLatency: '0ms',
  missCost: '0.002',
}

/**
 * Looks at what the user said before there are requests, so that a slip costs no time.
 * @throws InputError for a value that is not understood
 */
export function checkSettings(given: SettingsOptions): void {
  const { ttl, warmup, missCost, repeat } = given
  if (ttl !== undefined) parseTtl(ttl, '--ttl')
  parseRepeats(repeat)
  for (const [name, flag] of [
    ['hitLatency', '--hit-latency'],
    ['missLatency', '--miss-latency'],
    ['storeLatency', '--store-latency'],
  ] as const) {
    const text = given[name]
    if (text !== undefined) parseLatency(text, 'duration', flag)
  }
  if (missCost !== undefined) parsePrice(String(missCost), '--miss-cost')
  if (warmup !== undefined && !PERCENTAGE.test(String(warmup))) parseCount(String(warmup), '--warmup')
}

/**
 * @param given what the user said
 * @param recipe what the workload's recipe says
 * @throws InputError for a value that is not understood, or needs what the trace does not have
 */
export function resolveSettings(given: SettingsOptions, recipe: SettingsOptions, trace: Trace): Settings {
  const assumed: string[] = []
  const textOf = (name: keyof typeof DEFAULTS, assumption: string): string => {
    const value = given[name] ?? recipe[name]
    if (value !== undefined) return String(value)
    assumed.push(name)
    return assumption
  }
  const ttlText = given.ttl ?? recipe.ttl
  const ttl = resolveTtl(ttlText, trace)
  if (ttlText === undefined && trace.ttls) assumed.push('ttl')
  const ttlMode = given.ttlMode ?? recipe.ttlMode ?? 'write'
  const repeats = parseRepeats(given.repeat)
  const hitLatency = parseLatency(textOf('hitLatency', DEFAULTS.hitLatency), 'duration', '--hit-latency')
  const missText = textOf('missLatency', trace.costs ? 'recorded' : DEFAULTS.missLatency)
  const missLatency = parseLatency(missText, 'duration', '--miss-latency')
  const storeLatency = parseLatency(
    textOf('storeLatency', DEFAULTS.storeLatency),
    'duration',
    '--store-latency',
  )
  for (const [flag, model] of [
    ['--hit-latency', hitLatency] as const,
    ['--store-latency', storeLatency] as const,
  ]) {
    if (model.recorded)
      throw new InputError(`${flag} cannot be 'recorded': the recorded costs are the model's`)
  }
  if (missLatency.recorded && !trace.costs) {
    throw new InputError(
      `--miss-latency recorded needs costs, which ${trace.name} does not have: ${howToGive('costs', trace)}, or give a latency such as 120ms`,
    )
  }
  const missCost = parsePrice(textOf('missCost', DEFAULTS.missCost), '--miss-cost')
  const warmupRequests = resolveWarmup(String(given.warmup ?? recipe.warmup ?? '0'), trace)
  return {
    ...ttl,
    ttlMode,
    warmupRequests,
    repeats,
    hitLatency,
    missLatency,
    storeLatency,
    missCost,
    description: {
      ttl: ttl.ttl,
      ttlSeconds: ttl.ttlSeconds ?? null,
      ttlMode,
      warmupRequests,
      repeats,
      hitLatency: hitLatency.text,
      missLatency: missLatency.text,
      storeLatency: storeLatency.text,
      missCost: missCost.text,
      assumed,
    },
  }
}

function parseRepeats(repeat: SettingsOptions['repeat']): number {
  const repeats = Number(repeat ?? 1)
  if (!Number.isInteger(repeats) || repeats < 1 || repeats > 10_000) {
    throw new InputError(`--repeat '${repeat}' must be a whole number from 1 to 10,000`)
  }
  return repeats
}

const PERCENTAGE = /^\s*(\d+\.?\d*)\s*%\s*$/

/**
 * How many requests a warm-up is.
 * @param text a number of them or a share: `10000`, `10%`
 * @throws InputError for what is neither, or leaves nothing to count
 */
export function resolveWarmup(text: string, trace: Trace): number {
  const percent = PERCENTAGE.exec(text)
  const requests = percent
    ? Math.floor((Number(percent[1]) / 100) * trace.length)
    : parseCount(text, '--warmup')
  if (requests >= trace.length) {
    throw new InputError(
      `--warmup '${text}' takes all ${plural(trace.length, 'request')}: nothing is left to count`,
    )
  }
  return requests
}
