/* The kinds of values that a scenario's settings have: durations, shares, latencies. */
import { z } from 'zod'
import { InputError, type OtherNames } from '../core/errors.ts'
import { parseCount, parseDuration } from '../core/units.ts'
import { parseLatency } from '../latency/index.ts'
import { mustBe, mustBeOneOf, parsed } from './recipe-fields.ts'

export function whole(name: string, most: number, description: string, least = 1) {
  return parsed(name, `a whole number from ${least} to ${most}`, (text) => {
    const value = parseCount(text, `'${name}'`)
    if (value < least || value > most)
      throw new InputError(`'${name}' is ${text}: it must be a whole number from ${least} to ${most}`)
    return value
  }).meta({ description })
}

/** A count, or a word that stands for one without a limit: Infinity. */
export function wholeOrUnlimited(name: string, most: number, least: number) {
  const range = most < Number.MAX_SAFE_INTEGER ? `from ${least} to ${most}` : `of ${least} or more`
  const expected = `a whole number ${range}, or 'unlimited' (or 'none')`
  return parsed(name, expected, (text) => {
    if (text === 'unlimited' || text === 'none') return Infinity
    if (!/^[\d_]+(\.\d+)?(e\d+)?\s*[kMG]?$/.test(text.trim()))
      throw new InputError(mustBe(name, expected)({ input: text }))
    const value = parseCount(text, `'${name}'`)
    if (value < least || value > most)
      throw new InputError(`'${name}' is ${text}: it must be ${range}, or 'unlimited'`)
    return value
  })
}

export function duration(name: string, description: string, { positive = false } = {}) {
  return parsed(name, 'a duration such as 30s or 10m', (text) => {
    const seconds = parseDuration(text, `'${name}'`)
    if (positive && seconds === 0) throw new InputError(`'${name}' is 0: it must be above 0`)
    return seconds
  }).meta({ description })
}

/** A duration, or a word that stands for none. */
export function durationOrNone(name: string, description: string) {
  return parsed(name, "a duration such as 30s, or 'none'", (text) => {
    if (text === 'none') return Infinity
    const seconds = parseDuration(text, `'${name}'`)
    if (seconds === 0) throw new InputError(`'${name}' is 0: it must be above 0, or 'none'`)
    return seconds
  }).meta({ description: `${description}; none: no end to it` })
}

export function latency(name: string, description: string, { recorded = false } = {}) {
  return parsed(
    name,
    'a duration or a distribution, such as 2ms or lognormal:p50=120ms,p99=900ms',
    (text) => {
      const model = parseLatency(text, 'duration', `'${name}'`)
      if (model.recorded && !recorded)
        throw new InputError(`'${name}' cannot be 'recorded': the recorded costs are the model's`)
      return model
    },
  ).meta({ description })
}

export function share(name: string, description: string, { below1 = false } = {}) {
  return parsed(name, 'a share such as 1% or 0.01', (text) => {
    const match = /^\+?(\d+\.?\d*|\.\d+)\s*(%?)$/.exec(text.trim())
    const value = match ? Number(match[1]) / (match[2] === '%' ? 100 : 1) : Number.NaN
    if (!(value >= 0 && value <= 1) || (below1 && value === 1))
      throw new InputError(
        `'${name}' is '${text}': it must be a share from 0 to 1${below1 ? ', below 1' : ''}, such as 1%`,
      )
    return value
  }).meta({ description })
}

export function factor(name: string, description: string) {
  const error = mustBe(name, 'a number above 0')
  return z.number({ error }).positive({ error }).meta({ description })
}

export function flag(name: string, description: string) {
  return z.boolean({ error: mustBe(name, 'true or false') }).meta({ description })
}

export function choice<const T extends readonly [string, ...string[]]>(
  name: string,
  values: T,
  description: string,
  otherNames: OtherNames = {},
) {
  return z.enum(values, { error: mustBeOneOf(name, values, undefined, otherNames) }).meta({ description })
}

export const text = (name: string, example: string, description: string) =>
  z.string({ error: mustBe(name, `a text such as ${example}`) }).meta({ description })
/** A number stands for itself where a command line would have it as a text: of a column, of a count. */
export const word = (name: string, example: string, description: string) =>
  parsed(name, `a text such as ${example}`, (value) => value).meta({ description })
/** One or several of them. */
export const words = (name: string, example: string, description: string) =>
  z
    .union([z.string(), z.number(), z.array(z.union([z.string(), z.number()]))], {
      error: mustBe(name, `a text or a list of texts, such as ${example}`),
    })
    .transform((value) => (Array.isArray(value) ? value : [value]).map(String))
    .meta({ description })
