import { InputError } from '../core/errors.ts'

/**
 * What a cache saves: time and money. A hit pays the lookup; a miss pays lookup + model + store; without a cache every
 * request pays the model. All times in one unit, such as milliseconds.
 */

/**
 * The hit rate at which the cache neither helps nor harms the mean latency: r* with
 * lookup + (1 − r*)(model + store) = model, so r* = (lookup + store) / (model + store). Below it requests are slower
 * with the cache than without; above 1 means the cache never pays.
 * @param lookup mean time of a lookup
 * @param model mean time of the model
 * @param store mean time of storing an answer
 * @returns null where the model takes no time: there is nothing to save
 */
export function breakEvenHitRate(lookup: number, model: number, store: number): number | null {
  return model > 0 ? (lookup + store) / (model + store) : null
}

/**
 * 1 − with / without: the share of the mean latency that is gone; negative where the cache makes it worse. 0 where
 * there was none to begin with.
 */
export function latencyReduction(meanWith: number, meanWithout: number): number {
  return meanWithout > 0 ? 1 - meanWith / meanWithout : 0
}

/** What the model costs: so much a call, or so much for each hour it runs. */
export interface Price {
  /** As it was given. */
  readonly text: string
  /** Dollars for `calls` calls that took `modelSeconds` together. */
  dollars(calls: number, modelSeconds: number): number
}

const SECONDS: Readonly<Record<string, number>> = {
  ms: 1e-3,
  s: 1,
  sec: 1,
  min: 60,
  m: 60,
  h: 3600,
  hour: 3600,
  d: 86_400,
  day: 86_400,
}

/**
 * Reads `0.002` (dollars a call; also `0.002/call`) or `0.36/h` (dollars for an hour of model time; also /s, /min, /d).
 * A `$` in front is allowed, as are `_` between digits and `2e-5`.
 * @param what the name of the thing in the error message
 * @throws InputError for a negative price or one that is not understood
 */
export function parsePrice(text: string, what = '--miss-cost'): Price {
  const given = text.trim()
  const match = /^\$?\s*([+-]?(?:\d[\d_]*\.?\d*|\.\d+)(?:e[+-]?\d+)?)\s*(?:\/\s*([a-z]+))?$/i.exec(given)
  const unit = match?.[2]?.toLowerCase()
  const perCall = unit === undefined || unit === 'call'
  const seconds = perCall ? 1 : Object.hasOwn(SECONDS, unit) ? SECONDS[unit] : undefined
  if (!match || seconds === undefined) {
    throw new InputError(
      `${what} '${text}' is not understood: write dollars a call, such as 0.002, or for model time, such as 0.36/h`,
    )
  }
  const amount = Number(match[1]!.replaceAll('_', ''))
  if (amount < 0) throw new InputError(`${what} '${text}' is negative: it must be 0 or more`)
  if (!Number.isFinite(amount)) throw new InputError(`${what} '${text}' is too large`)
  return {
    text: given,
    dollars: perCall
      ? (calls) => amount * calls
      : (_calls, modelSeconds) => (amount * modelSeconds) / seconds,
  }
}
