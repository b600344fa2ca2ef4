import { FEW_ENTRIES, type RateEstimate, ROUNDING, type ScalingCheck } from './estimate-margin.ts'

/**
 * Hit rates of miniatures, corrected by those of whole caches at a few of the sizes. There a miniature's error is known,
 * and that of sizes in between is taken to lie on a straight line over the logarithm of size: a difference estimator
 * (Cochran, "Sampling Techniques", 1977, section 7.9, with a slope of 1). An infinite cache has no error.
 *
 * What is left is judged by five signs, as none of them is enough: the luck of the draw; how much a smaller miniature
 * differs at about that size, which is known of every size; the same on average over all sizes; what an entry more or less
 * changes, as policies divide theirs into parts of whole entries; and the errors that had to be corrected. They are weighed
 * so that margins cover 90 % for every policy (docs/sampling.md). Where everything fits, other sizes tell nothing.
 */

/** Standard errors in a margin: nine times in ten by Student's t, where 20 groups of keys tell them (see `HitTally`). */
const STANDARD_ERRORS = 1.73
/** What the largest error of a smaller miniature near the size counts, and their mean over all sizes. */
const SMALLER_ERRORS = 2
const SMALLER_MEAN = 1.5
/** Near: no more than so many times the size, or as much smaller; and the next sizes of the list on both sides. */
const NEAR = 2.6
/** The two miniatures differ by as many standard errors through the draw alone. */
const NOISE = 2
/**
 * Of miniatures with few entries the smaller one has next to none, and is off by far more than they are. Its errors
 * count less, and are no sign for larger sizes.
 */
const FEW_ENTRIES_SHARE = 0.15
/** What the errors of the nearest whole caches count, and the largest of all. */
const NEAREST_CHECK = 0.75
const LARGEST_CHECK = 0.5
/**
 * Of a policy that draws at random another seed gives another rate, on the whole trace too: by this many standard errors of
 * the sample.
 */
const OTHER_SEED = 0.8

/** What is found nowhere to be off by more than this, a fifth of a point, needs no further check. */
const LITTLE = 0.002
/** What such an estimate may be off by without its being seen. */
const UNCHECKED = 0.0025

/** What a miniature says of a size. */
export interface MiniatureRate {
  /** Of the whole cache, in any unit. */
  readonly size: number
  readonly rate: number
  /** Of the draw of the keys. */
  readonly standardError: number
  /** Entries that the miniature holds, on average. */
  readonly entries: number
  /** The rate of a smaller miniature less that of this one. */
  readonly smallerError: number
  /** Of the whole cache, where that was replayed. */
  readonly whole?: { readonly hitRate: number; readonly drawsAtRandom: boolean } | undefined
}

/**
 * @param miniatures in ascending order of size
 * @param largest the size of a cache that holds everything
 */
export function correctRates(miniatures: readonly MiniatureRate[], largest: number): RateEstimate[] {
  const checks = scalingChecks(miniatures)
  const greatest = Math.max(0, ...checks.map(({ error }) => Math.abs(error)))
  const smaller = miniatures.map(smallerBeyondNoise)
  const many = smaller.filter((_, at) => miniatures[at]!.entries >= FEW_ENTRIES)
  const unchecked = isSettled(miniatures) ? UNCHECKED : 0
  const mean = many.reduce((sum, error) => sum + error, 0) / Math.max(1, many.length)
  const rates = miniatures.map(({ size, rate, whole }) =>
    whole === undefined ? Math.min(1, Math.max(0, rate - errorAt(checks, size, largest))) : whole.hitRate,
  )
  return miniatures.map(({ size, standardError, entries, whole }, at) => {
    const hitRate = rates[at]!
    if (whole !== undefined) {
      const spread = whole.drawsAtRandom ? OTHER_SEED * standardError : 0
      return { hitRate, margin: spread + ROUNDING }
    }
    const near = smaller.filter(
      (_, other) => Math.abs(other - at) <= 1 || isNear(miniatures[other]!.size, size),
    )
    const found =
      size >= largest
        ? Math.hypot(STANDARD_ERRORS * standardError, SMALLER_ERRORS * smaller[at]!)
        : Math.hypot(
            STANDARD_ERRORS * standardError,
            SMALLER_ERRORS * Math.max(...near),
            SMALLER_MEAN * mean,
            ofAnEntry(miniatures, at),
            NEAREST_CHECK * nearestError(checks, size),
            LARGEST_CHECK * greatest,
            unchecked,
          )
    // Less than an entry says nothing, but that the rate is somewhere below that of the next size.
    const unknown = entries < 1 ? Math.max(hitRate, (rates[at + 1] ?? 1) - hitRate) : 0
    // A sample of a few keys may know nothing at all.
    return { hitRate, margin: Math.min(1, Math.max(found, unknown) + ROUNDING) }
  })
}

/**
 * Whether the miniature has been checked at a size, and nothing found there, nor by the smaller one at any size; or at two
 * sizes, which say more than the smaller one.
 */
export function isSettled(miniatures: readonly MiniatureRate[]): boolean {
  const checks = scalingChecks(miniatures)
  const many = miniatures.filter(({ entries }) => entries >= FEW_ENTRIES)
  return (
    checks.length > 0 &&
    checks.every(({ error }) => Math.abs(error) <= LITTLE) &&
    (checks.length > 1 || many.every((miniature) => smallerBeyondNoise(miniature) <= LITTLE))
  )
}

/**
 * Which size to replay a whole cache at: what a miniature is off by is seen where its curve climbs, and missed where that is
 * flat. So the way from the smallest size to the largest is counted half in sizes and half in what the curve climbs.
 * @param share of the way
 * @returns the index of the size that is nearest, of those that were not replayed yet; undefined where all were
 */
export function sizeAlong(miniatures: readonly MiniatureRate[], share: number): number | undefined {
  const last = miniatures.length - 1
  let climb = 0
  const climbs = miniatures.map(({ rate }, at) => {
    climb += Math.max(0, rate - (miniatures[at - 1]?.rate ?? rate))
    return climb
  })
  const offBy = (at: number) => {
    const inSizes = at / Math.max(1, last)
    const way = climb === 0 ? inSizes : (inSizes + climbs[at]! / climb) / 2
    return Math.abs(way - share)
  }
  const left = [...miniatures.keys()].filter((at) => miniatures[at]!.whole === undefined)
  return left.length === 0 ? undefined : left.reduce((a, b) => (offBy(b) < offBy(a) ? b : a))
}

/** The errors of the miniatures whose whole caches were replayed. */
export function scalingChecks(miniatures: readonly MiniatureRate[]): ScalingCheck[] {
  return miniatures.flatMap(({ size, rate, entries, whole }) =>
    whole === undefined ? [] : [{ size, error: rate - whole.hitRate, entries }],
  )
}

function smallerBeyondNoise({ smallerError, standardError, entries }: MiniatureRate): number {
  const beyond = Math.max(0, Math.abs(smallerError) - NOISE * standardError)
  return entries < FEW_ENTRIES ? FEW_ENTRIES_SHARE * beyond : beyond
}

function isNear(size: number, other: number): boolean {
  return size <= other * NEAR && other <= size * NEAR
}

/** What one entry more or less in the miniature changes, as its curve climbs about a size; 0 where it has none. */
function ofAnEntry(miniatures: readonly MiniatureRate[], at: number): number {
  const { entries } = miniatures[at]!
  const below = miniatures[Math.max(0, at - 1)]!
  const above = miniatures[Math.min(miniatures.length - 1, at + 1)]!
  const start = Math.max(1, below.size)
  if (entries < 1 || above.size <= start) return 0
  return Math.max(0, above.rate - below.rate) / Math.log(above.size / start) / entries
}

/** The larger of the errors on both sides of a size. */
function nearestError(checks: readonly ScalingCheck[], size: number): number {
  const above = checks.find((check) => check.size > size)
  const below = checks.findLast((check) => check.size < size)
  return Math.max(Math.abs(above?.error ?? 0), Math.abs(below?.error ?? 0))
}

/** The error between two checks; below the first it is as there, and it falls to none at the largest size. */
function errorAt(checks: readonly ScalingCheck[], size: number, largest: number): number {
  const above = checks.find((check) => check.size >= size) ?? { size: largest, error: 0 }
  const below = checks.findLast((check) => check.size <= size) ?? above
  if (above.size <= below.size) return size >= largest ? 0 : below.error
  const start = Math.max(1, below.size)
  const share = Math.log(size / start) / Math.log(above.size / start)
  return below.error + (above.error - below.error) * Math.min(1, share)
}
