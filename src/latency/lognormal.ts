/*
 * A lognormal distribution given by two percentiles: its logarithm is normal, and two points of a normal distribution
 * determine it. Durations of model calls and sizes of responses have such long right tails.
 */
import { InputError } from '../core/errors.ts'
import type { LatencyDefinition } from '../core/latency.ts'
import { normalQuantile } from './normal-quantile.ts'
import { drawNormal } from './ziggurat.ts'

interface Percentile {
  /** As written: `p99`. */
  readonly name: string
  /** 0 to 100, both excluded. */
  readonly percent: number
  readonly text: string
  readonly value: number
}

const lognormal: LatencyDefinition = {
  name: 'lognormal',
  summary: 'a long right tail, given by any two percentiles',
  usage: 'lognormal:p50=120ms,p99=900ms',
  create(argumentText, parse, what) {
    const [low, high] = readPercentiles(argumentText, parse, what)
    const lowQuantile = normalQuantile(low.percent / 100)
    const sigma = Math.log(high.value / low.value) / (normalQuantile(high.percent / 100) - lowQuantile)
    const mu = Math.log(low.value) - sigma * lowQuantile
    // Nobody draws seven standard deviations, and single precision ends at e^88.
    if (mu + 7 * sigma > 88) {
      throw new InputError(
        `${what} 'lognormal:${argumentText}' spreads too far: its percentiles must lie closer together`,
      )
    }
    return {
      text: `lognormal:${argumentText}`,
      sample: (random) => Math.exp(mu + sigma * drawNormal(random)),
    }
  },
}

/** Two percentiles, the lower first. */
function readPercentiles(
  text: string,
  parse: (quantity: string) => number,
  what: string,
): [Percentile, Percentile] {
  const shown = `${what} 'lognormal:${text}'`
  const given = text
    .split(',')
    .filter((piece) => piece.trim() !== '')
    .map((piece) => readPercentile(piece, parse, shown))
  const [first, second, third] = given.sort((a, b) => a.percent - b.percent)
  if (!first || !second || third) {
    const missing = given.length === 1 ? ` (${first?.name === 'p50' ? 'p99' : 'p50'} is missing)` : ''
    const rule = 'it needs two percentiles, such as p50 and p99'
    throw new InputError(`${shown} gives ${given.length} percentiles${missing}: ${rule}`)
  }
  if (first.percent === second.percent) throw new InputError(`${shown} gives ${first.name} twice`)
  if (second.value <= first.value) {
    throw new InputError(
      `${shown}: ${second.name} (${second.text}) must be above ${first.name} (${first.text})`,
    )
  }
  return [first, second]
}

function readPercentile(piece: string, parse: (quantity: string) => number, shown: string): Percentile {
  const match = /^\s*(p(\d+(?:\.\d+)?))\s*=\s*(.+?)\s*$/.exec(piece)
  const percent = Number(match?.[2])
  if (!match || !(percent > 0 && percent < 100)) {
    throw new InputError(
      `'${piece.trim()}' in ${shown} is not a percentile: write two of p1 to p99.9, such as p50=… and p99=…`,
    )
  }
  const text = match[3]!
  const value = parse(text)
  if (value <= 0) throw new InputError(`${match[1]} in ${shown} is '${text}': it must be above 0`)
  return { name: match[1]!, percent, text, value }
}

export default lognormal
