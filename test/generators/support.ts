import type { KeyStream } from '../../src/core/generator.ts'
import { createRandom } from '../../src/core/random.ts'
import { generators } from '../../src/generators/index.ts'
import { createKeyStream, type KeyPlan } from '../../src/generators/plan.ts'

export function stream(
  generator: string,
  keys: number,
  requests: number,
  parameters: Record<string, number | string> = {},
  seed = 'test',
): KeyStream {
  generators.get(generator)
  return createKeyStream({ generator, keys, parameters }, { requests, random: createRandom(seed, 'keys') })
}

/** All ids of a plan, asked for in pieces of odd lengths. */
export function drawPlan(plan: KeyPlan, requests: number, seed = 'test', piece = 997): Uint32Array {
  const keys = createKeyStream(plan, { requests, random: createRandom(seed, 'keys') })
  return drawAll(keys, requests, piece)
}

export function drawAll(keys: KeyStream, requests: number, piece = 997): Uint32Array {
  const ids = new Uint32Array(requests)
  for (let start = 0; start < requests; start += piece) keys.fill(ids.subarray(start, start + piece))
  return ids
}

export function countIds(ids: Uint32Array, space: number): Float64Array {
  const counts = new Float64Array(space)
  for (const id of ids) counts[id]!++
  return counts
}

/**
 * Pearson's statistic as a standard normal number (Wilson and Hilferty 1931). Neighbouring classes are joined until
 * ten draws are expected in each.
 */
export function chiSquareScore(counts: ArrayLike<number>, probabilities: ArrayLike<number>): number {
  let draws = 0
  for (let i = 0; i < counts.length; i++) draws += counts[i]!
  let statistic = 0
  let classes = 0
  let observed = 0
  let expected = 0
  for (let i = 0; i < counts.length; i++) {
    observed += counts[i]!
    expected += probabilities[i]! * draws
    if (expected >= 10) {
      statistic += (observed - expected) ** 2 / expected
      classes++
      observed = 0
      expected = 0
    }
  }
  if (expected > 0) {
    statistic += (observed - expected) ** 2 / Math.max(expected, 1e-9)
    classes++
  }
  const freedom = classes - 1
  const spread = 2 / (9 * freedom)
  return ((statistic / freedom) ** (1 / 3) - (1 - spread)) / Math.sqrt(spread)
}

/** Zipf's law in closed form. */
export function zipfProbabilities(keys: number, alpha: number): Float64Array {
  const weights = Float64Array.from({ length: keys }, (_, rank) => (rank + 1) ** -alpha)
  const total = weights.reduceRight((sum, weight) => sum + weight, 0)
  return weights.map((weight) => weight / total)
}

/** The largest distance of an empirical distribution from a law, times √n: above 1.95 once in a thousand samples. */
export function kolmogorovSmirnov(values: ArrayLike<number>, law: (value: number) => number): number {
  const sorted = Float64Array.from(values).sort()
  let distance = 0
  for (let i = 0; i < sorted.length; i++) {
    const expected = law(sorted[i]!)
    distance = Math.max(distance, expected - i / sorted.length, (i + 1) / sorted.length - expected)
  }
  return distance * Math.sqrt(sorted.length)
}
