import { bestBySize, type ShownLead } from '../analysis/best-by-size.ts'
import { pairedInterval } from '../analysis/confidence.ts'
import { curveAnswers } from '../analysis/curve-answers.ts'
import { findKnee } from '../analysis/knee.ts'
import { kneeRange } from '../analysis/knee-range.ts'
import { pointCosts } from '../analysis/point-costs.ts'
import type { CurveName } from '../core/grid-ttl.ts'
import { createRandom } from '../core/random.ts'
import type { BestRange, CurveAnswers, Envelope, Knee, SweepPlan } from '../core/result.ts'
import type { CellResult } from './runner.ts'

/** A curve whose cells are all there. */
export interface WholeCurve {
  /** What it is known by. */
  readonly named: CurveName
  readonly bound: boolean
  /** [sizes] */
  readonly points: readonly CellResult[]
  /** A cache that never evicts, with the same TTL. */
  readonly unlimited: CellResult
}

/** What a sweep says of its curves. */
export interface SweepAnswers {
  readonly knee: Knee[]
  readonly curves: CurveAnswers[]
  /** Only for several candidates, and where there is one TTL. */
  readonly envelope?: Envelope
  readonly best?: BestRange[]
}

/** @param curves of the plan's policies, or of those that have all their cells */
export function sweepAnswers(plan: SweepPlan, curves: readonly WholeCurve[]): SweepAnswers {
  const sizes = plan.sizes.map(({ capacity }) => capacity)
  // Levels are shared by curves that are looked at together: of several TTLs each has its own.
  const highest = ({ ttl, ttlSeconds }: CurveName) => {
    const beside = curves.filter(({ named }) => named.ttl === ttl && named.ttlSeconds === ttlSeconds)
    return Math.max(0, ...beside.map(ceilingOf))
  }
  const ratesOf = (points: readonly CellResult[]) => points.map(({ run }) => run.hitRate)
  const kneeOf = (points: readonly CellResult[]) => {
    const { sensitivity } = plan
    return {
      ...findKnee(sizes, ratesOf(points), { sensitivity }),
      range: kneeRange(
        sizes,
        points.map(({ hits }) => hits),
        points[0]!.requests,
        // Anew for every curve: what is drawn for one does not depend on what others there are.
        createRandom(plan.workload.seed, 'knee'),
        { sensitivity },
      ),
    }
  }
  const answersOf = (points: readonly CellResult[], ceiling: number, level: number) => ({
    ...curveAnswers(sizes, ratesOf(points), { ...plan, ceiling }),
    pointCosts: pointCosts(sizes, ratesOf(points), level),
  })
  const knee = curves.map(({ named, points }) => ({ ...named, ...kneeOf(points) }))
  const answers = curves.map((curve) => ({
    ...curve.named,
    ...answersOf(curve.points, ceilingOf(curve), highest(curve.named)),
  }))
  const candidates = curves.filter(({ bound }) => !bound)
  const all = plan.policies.filter(({ bound }) => !bound).length
  if (plan.settings.ttls || candidates.length < 2 || candidates.length < all) return { knee, curves: answers }

  const points = bestPoints(candidates)
  const level = 1 - 0.05 / ((candidates.length - 1) * sizes.length)
  return {
    knee,
    curves: answers,
    envelope: {
      points: points.map(({ run: { size, policy, hitRate } }) => ({ size, policy, hitRate })),
      knee: kneeOf(points),
      ...answersOf(points, Math.max(...candidates.map(ceilingOf)), highest(candidates[0]!.named)),
    },
    best: bestBySize(
      sizes,
      candidates.map(({ named, points }) => ({ policy: named.policy, hitRates: ratesOf(points) })),
      (curve, at) => shownLead(points[at]!, candidates[curve]!.points[at]!, level),
    ),
  }
}

function ceilingOf({ unlimited }: WholeCurve): number {
  return unlimited.run.hitRate
}

/**
 * By how much the best cell at a size is shown to be ahead of another.
 * @param level of confidence at which all pairs of the sweep together are right 95 % of the time (Bonferroni): some
 *   of many would else be told apart by chance. Seeds are few, and would then tell nothing apart.
 */
function shownLead(best: CellResult, other: CellResult, level: number): ShownLead | undefined {
  const { hits, requests, method } = best
  const single = pairedInterval(hits, other.hits, requests, method)?.low
  if (single === undefined) return undefined
  const joint = method === 'repeats' ? single : pairedInterval(hits, other.hits, requests, method, level)!.low
  return { joint, single }
}

/** The best cell at each size; of several as good that of the policy before. */
function bestPoints(candidates: readonly WholeCurve[]): CellResult[] {
  const best: CellResult[] = []
  candidates[0]!.points.forEach((_, at) => {
    const cells = candidates.map(({ points }) => points[at]!)
    const most = Math.max(...cells.map(({ run }) => run.hitRate))
    const leading = cells.filter(({ run }) => run.hitRate === most)
    best.push(leading.find(({ run }) => run.policy === best.at(-1)?.run.policy) ?? leading[0]!)
  })
  return best
}
