import type { Inspection } from '../core/result.ts'
import { inSteps, type Steps } from './steps.ts'

/** Counts on a logarithmic scale. */
export type Bins = NonNullable<Inspection['reuseDistance']>['histogram']

/** A histogram of whole numbers in bins of 0, 1, 2–3, 4–7 and so on, up to the largest. */
export function powersOfTwo(histogram: ArrayLike<number>): Bins {
  const bins: Bins = []
  for (let from = 0; from < histogram.length; from = Math.max(1, 2 * from)) {
    const to = from === 0 ? 1 : 2 * from
    let count = 0
    for (let value = from; value < Math.min(to, histogram.length); value++) count += histogram[value]!
    bins.push({ from, to, count })
  }
  while (bins.at(-1)?.count === 0) bins.pop()
  return bins
}

const powersOfTen = (from: number, to: number, digits: readonly number[]): number[] =>
  Array.from({ length: to - from + 1 }, (_, at) =>
    digits.map((digit) => Number(`${digit}e${from + at}`)),
  ).flat()

const MINUTE = 60
const HOUR = 3600
const DAY = 86_400

/** Where bins of seconds end: 1, 2 and 5 times powers of ten up to 10 s, then as clocks and calendars have it. */
const EDGES = [
  0,
  ...powersOfTen(-6, 0, [1, 2, 5]),
  ...[10, 30],
  ...[1, 2, 5, 10, 30].map((minutes) => minutes * MINUTE),
  ...[1, 2, 6, 12].map((hours) => hours * HOUR),
  ...powersOfTen(0, 5, [1, 2, 5]).map((days) => days * DAY),
  Number.MAX_VALUE,
]

/** Bits of a float that tell sign, exponent and eighths: a bin is found by them, give or take one. */
const COARSE_SHIFT = 20

/**
 * Counts seconds in bins that grow as the time does, from the first that holds one to the last. What is written 0.02 lies
 * in the bin from 0.02 on, although neither is exact.
 * @param values floats of 0 or more
 */
export function* binsOfSeconds(values: Float32Array): Steps<Bins> {
  const edges = Float32Array.from(EDGES)
  const bits = new Uint32Array(values.buffer, values.byteOffset, values.length)
  const start = new Uint8Array(1 << (32 - COARSE_SHIFT))
  const word = new Uint32Array(1)
  const float = new Float32Array(word.buffer)
  for (let coarse = 0, edge = 0; coarse < 0x7f80_0000 >>> COARSE_SHIFT; coarse++) {
    word[0] = coarse << COARSE_SHIFT
    while (edges[edge + 1]! <= float[0]!) edge++
    start[coarse] = edge
  }
  const counts = new Float64Array(EDGES.length - 1)
  yield* inSteps(values.length, (from, to) => {
    for (let i = from; i < to; i++) {
      let edge = start[bits[i]! >>> COARSE_SHIFT]!
      while (values[i]! >= edges[edge + 1]!) edge++
      counts[edge]!++
    }
  })
  const bins = Array.from(counts, (count, at) => ({ from: EDGES[at]!, to: EDGES[at + 1]!, count }))
  const first = counts.findIndex((count) => count > 0)
  return first < 0 ? [] : bins.slice(first, counts.findLastIndex((count) => count > 0) + 1)
}
