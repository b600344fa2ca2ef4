import type { Random } from '../core/random.ts'
import type { KneePoint } from '../core/result.ts'
import { findKnee } from './knee.ts'

/**
 * How sure a knee is: the curve is drawn again and again from resampled parts of the run, and each time its knee is
 * sought. The parts are consecutive batches of requests, taken whole and with replacement, so that what depends on each
 * other within a batch stays together: the block bootstrap (Carlstein, "The use of subseries values for estimating the
 * variance of a general statistic from a stationary sequence", Annals of Statistics 1986; Efron and Tibshirani, "An
 * Introduction to the Bootstrap", 1993, section 8.6). At all sizes the same batches are taken: their luck is common.
 *
 * It knows what this run knows. That the range of sizes ends where it does, and that knees are simulated sizes only, is
 * no part of it: a range of one size says that the knee lies nearer to it than to its neighbours.
 */
export type KneeRange = NonNullable<KneePoint['range']>

const LEVEL = 0.95
const SAMPLES = 200
/** Fewer batches say too little of what another run would have given. */
const FEWEST_BATCHES = 5
/** A knee jumps about where its range is wider than this, and not only because the sizes lie far apart. */
const WIDE = 2
/** Or where fewer of the curves have one. */
const MOST_OF_THEM = 0.9

/**
 * @param sizes the simulated sizes, strictly increasing
 * @param hits [sizes] of [batches]: hits at a size in each batch, in order of time
 * @param requests [batches] requests in each
 * @returns null with too few batches that have requests
 * @throws as `findKnee` does
 */
export function kneeRange(
  sizes: ArrayLike<number>,
  hits: readonly ArrayLike<number>[],
  requests: ArrayLike<number>,
  random: Random,
  options: { readonly sensitivity?: number | undefined; readonly samples?: number | undefined } = {},
): KneeRange | null {
  const { sensitivity, samples = SAMPLES } = options
  const batches = Array.from(requests, (_, batch) => batch).filter((batch) => requests[batch]! > 0)
  if (batches.length < FEWEST_BATCHES) return null
  const knees: number[] = []
  const curve = new Float64Array(sizes.length)
  for (let sample = 0; sample < samples; sample++) {
    const drawn = batches.map(() => batches[Math.floor(random() * batches.length)]!)
    const all = drawn.reduce((sum, batch) => sum + requests[batch]!, 0)
    for (let at = 0; at < sizes.length; at++) {
      curve[at] = drawn.reduce((sum, batch) => sum + hits[at]![batch]!, 0) / all
    }
    const { size } = findKnee(sizes, curve, { sensitivity })
    if (size !== null) knees.push(size)
  }
  const share = knees.length / samples
  const common = { level: LEVEL, share, samples }
  if (share < 0.5) return { low: null, high: null, ...common, uncertain: share > 1 - MOST_OF_THEM }
  knees.sort((a, b) => a - b)
  const beyond = Math.floor(((1 - LEVEL) / 2) * knees.length)
  const low = knees[beyond]!
  const high = knees[knees.length - 1 - beyond]!
  const between = Array.from(sizes).some((size) => low < size && size < high)
  return { low, high, ...common, uncertain: share < MOST_OF_THEM || (high > WIDE * low && between) }
}
