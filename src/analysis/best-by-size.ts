import type { BestRange } from '../core/result.ts'

/**
 * Which policy is best where: the fewest ranges of sizes in each of which one policy is, at every simulated size, not
 * shown to be worse than the best there by more than a margin: of all comparisons together or, where it is far behind, by
 * the one at that size. Noise, and leads that are not worth a change, so make no range of their own. Of as few ranges those are taken that lose least against the best at each size, which puts their
 * borders where the curves cross: found by dynamic programming over the sizes.
 */

/** The hit rates of one policy. */
export interface RateCurve {
  readonly policy: string
  /** [sizes] fractions */
  readonly hitRates: readonly number[]
}

/** A lead that is worth a change: 0.1 points, or 1 % of a low hit rate. */
const MARGIN = [0.001, 0.01] as const
/** Noise may hide much: a policy that much behind, shown or not, is not said to be as good. A point, or 10 %. */
const FAR_BEHIND = [0.01, 0.1] as const

/** By how much the best at a size is shown to be ahead of another policy: the lower end of an interval of their difference. */
export interface ShownLead {
  /** As one comparison of all those that are made. */
  readonly joint: number
  /** As if it were the only one. */
  readonly single: number
}

/** How a range that ends at a size may best have come about. */
interface Way {
  readonly ranges: number
  /** Sum of what the ranges' policies lack of the best at each size. */
  readonly lost: number
  /** Policy at the size before. */
  readonly before: number
}

/**
 * @param sizes strictly increasing, above 0
 * @param curves one or more
 * @param shownLead of the best at a size (its place in `sizes`) ahead of a policy (its place in `curves`); undefined where
 *   that is not known: the lead itself
 * @returns ranges in ascending order, each from where the one before ends; the first and the last go as far as the sizes
 */
export function bestBySize(
  sizes: readonly number[],
  curves: readonly RateCurve[],
  shownLead: (curve: number, at: number) => ShownLead | undefined,
): BestRange[] {
  const best = sizes.map((_, at) => Math.max(...curves.map(({ hitRates }) => hitRates[at]!)))
  const lack = (curve: number, at: number) => best[at]! - curves[curve]!.hitRates[at]!
  const exceeds = (difference: number, at: number, [points, share]: readonly [number, number]) =>
    difference > 0 && difference >= Math.min(points, share * best[at]!)
  const asGood = curves.map((_, curve) =>
    sizes.map((_, at) => {
      const lead = lack(curve, at)
      const { joint, single } = shownLead(curve, at) ?? { joint: lead, single: lead }
      return !exceeds(joint, at, MARGIN) && !(single > 0 && exceeds(lead, at, FAR_BEHIND))
    }),
  )
  const chosen = choosePolicies(sizes, curves, best, asGood)
  const starts = chosen.flatMap((policy, at) => (policy === chosen[at - 1] ? [] : [at]))
  const borders = starts.slice(1).map((start) => {
    const [a, b] = [curves[chosen[start - 1]!]!.hitRates, curves[chosen[start]!]!.hitRates]
    return crossing(sizes, start - 1, a, b)
  })
  return starts.map((start, range) => {
    const end = starts[range + 1] ?? sizes.length
    const policy = chosen[start]!
    const within = [...sizes.keys()].slice(start, end)
    const ties = curves.flatMap((curve, other) =>
      other !== policy &&
      within.every((at) => asGood[other]![at] && !exceeds(lack(other, at), at, FAR_BEHIND))
        ? [curve.policy]
        : [],
    )
    return {
      from: range === 0 ? sizes[0]! : borders[range - 1]!,
      to: borders[range] ?? sizes.at(-1)!,
      policy: curves[policy]!.policy,
      ties,
    }
  })
}

/** [sizes] the policy that stands for each. */
function choosePolicies(
  sizes: readonly number[],
  curves: readonly RateCurve[],
  best: readonly number[],
  asGood: readonly (readonly boolean[])[],
): number[] {
  const ways: (Way | undefined)[][] = []
  for (const at of sizes.keys()) {
    const cheapest = at === 0 ? -1 : cheapestOf(ways[at - 1]!)
    ways.push(
      curves.map(({ hitRates }, curve): Way | undefined => {
        if (!asGood[curve]![at]) return undefined
        const lost = best[at]! - hitRates[at]!
        if (at === 0) return { ranges: 1, lost, before: -1 }
        const change = ways[at - 1]![cheapest]!
        const changed = { ranges: change.ranges + 1, lost: change.lost + lost, before: cheapest }
        const stay = ways[at - 1]![curve]
        const stayed = stay && { ranges: stay.ranges, lost: stay.lost + lost, before: curve }
        return stayed && !isCheaper(changed, stayed) ? stayed : changed
      }),
    )
  }
  const chosen = [cheapestOf(ways.at(-1)!)]
  for (let at = sizes.length - 1; at > 0; at--) chosen.unshift(ways[at]![chosen[0]!]!.before)
  return chosen
}

/** The first of the cheapest: at every size there is a best. */
function cheapestOf(ways: readonly (Way | undefined)[]): number {
  return ways.reduce(
    (cheapest, way, curve) => (way && (cheapest < 0 || isCheaper(way, ways[cheapest]!)) ? curve : cheapest),
    -1,
  )
}

function isCheaper(a: Way, b: Way): boolean {
  return a.ranges < b.ranges || (a.ranges === b.ranges && a.lost < b.lost)
}

/**
 * Where curve `a` falls below `b` between the size `at` and the next: by straight lines on an axis of the logarithm of
 * the size. Halfway where noise hides which of them is above.
 */
function crossing(sizes: readonly number[], at: number, a: readonly number[], b: readonly number[]): number {
  const ahead = a[at]! - b[at]!
  const behind = b[at + 1]! - a[at + 1]!
  const share = ahead >= 0 && behind >= 0 && ahead + behind > 0 ? ahead / (ahead + behind) : 0.5
  return Math.round(sizes[at]! * (sizes[at + 1]! / sizes[at]!) ** share)
}
