import type { Quantiles } from '../core/result.ts'
import { inSteps, type Steps, uncounted } from './steps.ts'

/**
 * Exact quantiles without sorting or copying: a radix select. The bits of non-negative floats order as the floats do,
 * so one pass counts the upper 16 bits, which tells in whose bucket each rank lies, and a second counts the lower 16
 * bits within those few buckets. Two passes whatever the values, memory for the counters only.
 *
 * Quantiles are by nearest rank: the smallest value with at least ⌈p·n⌉ values at or below it; always one of the values.
 */

/** The values whose quantiles can be taken: floats of 0 or more, or whole numbers. */
export type QuantileValues = Float32Array | Uint32Array

/**
 * @param values floats of 0 or more (Infinity is allowed), or unsigned integers
 * @param probabilities each from 0 (the smallest) to 1 (the largest), in any order
 * @param from first index, default 0
 * @param to one past the last index, default all
 * @returns a value for each probability; NaN where there are no values
 * @throws RangeError for NaN or negative values, or a probability outside 0 … 1
 */
export function quantiles(
  values: QuantileValues,
  probabilities: readonly number[],
  from = 0,
  to = values.length,
): number[] {
  const bits = new Uint32Array(values.buffer, values.byteOffset, values.length).subarray(from, to)
  const count = bits.length
  const ranks = probabilities.map((probability) => nearestRank(probability, count))
  if (count === 0) return ranks.map(() => Number.NaN)

  const upper = countUpper(bits)
  const integers = values instanceof Uint32Array
  if (!integers) checkFloats(values.subarray(from, to), upper)
  const mask = integers ? 0xffff_ffff : 0x7fff_ffff

  // The bucket of each rank, and the rank within it.
  const order = ranks.map((_, i) => i).sort((a, b) => ranks[a]! - ranks[b]!)
  const slots = new Int16Array(0x1_0000).fill(-1)
  const found = ranks.map(() => ({ bucket: 0, slot: 0, rank: 0 }))
  let below = 0
  let bucket = 0
  let slotCount = 0
  for (const i of order) {
    while (below + upper[bucket]! < ranks[i]!) below += upper[bucket++]!
    if (slots[bucket]! < 0) slots[bucket] = slotCount++
    found[i] = { bucket, slot: slots[bucket]!, rank: ranks[i]! - below }
  }

  const lower = new Uint32Array(slotCount * 0x1_0000)
  for (let i = 0; i < count; i++) {
    const value = bits[i]! & mask
    const slot = slots[value >>> 16]!
    if (slot >= 0) lower[slot * 0x1_0000 + (value & 0xffff)]!++
  }

  const word = new Uint32Array(1)
  const read = integers ? word : new Float32Array(word.buffer)
  return found.map(({ bucket: high, slot, rank }) => {
    let low = 0
    for (let seen = lower[slot * 0x1_0000]!; seen < rank; ) seen += lower[slot * 0x1_0000 + ++low]!
    word[0] = high * 0x1_0000 + low
    return read[0]!
  })
}

/**
 * How often each upper half occurs. Neighbours go into different counters: where they are alike, as they often are, one
 * increment would wait for the other.
 */
function countUpper(bits: Uint32Array): Uint32Array {
  const even = new Uint32Array(0x1_0000)
  const odd = new Uint32Array(0x1_0000)
  const pairs = bits.length & ~1
  for (let i = 0; i < pairs; i += 2) {
    even[bits[i]! >>> 16]!++
    odd[bits[i + 1]! >>> 16]!++
  }
  if (pairs < bits.length) even[bits[pairs]! >>> 16]!++
  for (let bucket = 0; bucket < even.length; bucket++) even[bucket]! += odd[bucket]!
  return even
}

/** Negative zeros count as zeros; negative values and NaN are errors. */
function checkFloats(values: QuantileValues, upper: Uint32Array): void {
  const suspicious = upper[0x7f80]! > 0 || upper.subarray(0x7f81).some((count) => count > 0)
  if (!suspicious) return
  for (let i = 0; i < values.length; i++) {
    if (!(values[i]! >= 0))
      throw new RangeError(`value ${i} is ${values[i]}: it must be a number of 0 or more`)
  }
  upper[0]! += upper[0x8000]!
  upper[0x8000] = 0
}

/** 1 … count: the smallest rank that is at least probability · count, not misled by the last bits of the product. */
export function nearestRank(probability: number, count: number): number {
  if (!(probability >= 0 && probability <= 1))
    throw new RangeError(`probability ${probability} is not in 0 … 1`)
  return Math.max(1, Math.ceil(probability * count * (1 - 1e-13)))
}

const PROBABILITIES = [0.01, 0.1, 0.25, 0.5, 0.75, 0.9, 0.99, 1]

function named(values: readonly number[], mean: number): Quantiles {
  const [p1, p10, p25, p50, p75, p90, p99, max] = values as [
    number,
    number,
    number,
    number,
    number,
    number,
    number,
    number,
  ]
  return { p1, p10, p25, p50, p75, p90, p99, max, mean }
}

/** Quantiles and mean of a column, in steps; null where it is empty. */
export function* summarise(values: QuantileValues): Steps<Quantiles | null> {
  if (values.length === 0) return null
  let sum = 0
  yield* inSteps(values.length, (from, to) => {
    for (let i = from; i < to; i++) sum += values[i]!
  })
  return named(quantiles(values, PROBABILITIES), sum / values.length)
}

/** Quantiles and mean of a histogram, `histogram[v]` being how often v occurs, in steps; null where all are 0. */
export function* summariseHistogram(histogram: ArrayLike<number>): Steps<Quantiles | null> {
  let count = 0
  let sum = 0
  yield* uncounted(
    inSteps(histogram.length, (from, to) => {
      for (let value = from; value < to; value++) {
        count += histogram[value]!
        sum += histogram[value]! * value
      }
    }),
  )
  if (count === 0) return null
  const ranks = PROBABILITIES.map((probability) => nearestRank(probability, count))
  const found: number[] = []
  let seen = 0
  yield* uncounted(
    inSteps(histogram.length, (from, to) => {
      for (let value = from; value < to; value++) {
        seen += histogram[value]!
        while (found.length < ranks.length && seen >= ranks[found.length]!) found.push(value)
      }
    }),
  )
  return named(found, sum / count)
}
