import type { CurveAnswers } from '../core/result.ts'

/** The shares of the ceiling that are asked for. */
const SHARES = [0.9, 0.95, 0.99]

/**
 * What a hit-rate curve says whatever range was swept, beside the knee, which moves with it: the smallest size that
 * reaches 90, 95 and 99 % of the ceiling, and the largest size whose last step still paid. Both name simulated sizes.
 *
 * @param sizes strictly increasing, entries or bytes
 * @param hitRates fraction at each size
 * @param options.ceiling hit rate of a cache that never evicts
 * @param options.total distinct keys, or the bytes of all their values: the unit of `sizes`
 * @param options.minimumGain points of hit rate per 1 % of `total` a step must gain; default 0.1. The first step starts
 *   at size 0 with hit rate 0.
 */
export function curveAnswers(
  sizes: ArrayLike<number>,
  hitRates: ArrayLike<number>,
  options: { readonly ceiling: number; readonly total: number; readonly minimumGain?: number | undefined },
): Omit<CurveAnswers, 'policy' | 'pointCosts'> {
  const { ceiling, total, minimumGain = 0.1 } = options
  const reaches = SHARES.map((share) => {
    for (let i = 0; i < sizes.length; i++) {
      // A hair less, so that a rate that is exactly that share is not lost to rounding.
      if (ceiling > 0 && hitRates[i]! >= share * ceiling * (1 - 1e-12)) return { share, size: sizes[i]! }
    }
    return { share, size: null }
  })
  let worthwhile: number | null = null
  for (let i = 0; i < sizes.length; i++) {
    const grown = (sizes[i]! - (i > 0 ? sizes[i - 1]! : 0)) / total
    const gained = hitRates[i]! - (i > 0 ? hitRates[i - 1]! : 0)
    // Points per 1 % are a ratio of percentages: the hundreds cancel.
    if (grown > 0 && gained / grown >= minimumGain * (1 - 1e-12)) worthwhile = sizes[i]!
  }
  return { ceiling, reaches, worthwhile: { minimumGain, size: worthwhile } }
}
