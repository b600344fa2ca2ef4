import type { Random } from '../core/random.ts'
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
export interface KneeRange {
  /** Simulated sizes between which the knee lies with probability `level`; null where most of the curves have none. */
  readonly low: number | null
  readonly high: number | null
  readonly level: number
  /** Of the resampled curves, the share that has a knee at all. */
  readonly share: number
  /** Resampled curves. */
  readonly samples: number
}

const LEVEL = 0.95
const SAMPLES = 200
/** Fewer batches say too little of what another run would have given. */
const FEWEST_BATCHES = 5

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
  if (share < 0.5) return { low: null, high: null, ...common }
  knees.sort((a, b) => a - b)
  const beyond = Math.floor(((1 - LEVEL) / 2) * knees.length)
  return { low: knees[beyond]!, high: knees[knees.length - 1 - beyond]!, ...common }
}
