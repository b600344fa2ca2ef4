import { curveAnswers } from '../analysis/curve-answers.ts'
import { findKnee } from '../analysis/knee.ts'
import type { SweepPlan, SweepWindow } from '../core/result.ts'
import type { WindowPlan } from '../core/window-result.ts'
import type { WholeCurve } from './sweep-answers.ts'

/**
 * The curves in each window, their knees, and what it takes there to come near the ceiling.
 * @param curves one or more
 */
export function assembleWindows(
  { sensitivity, total }: SweepPlan,
  plans: readonly WindowPlan[],
  curves: readonly WholeCurve[],
): SweepWindow[] {
  const counted = curves[0]!.unlimited.windows!.requests
  return plans.map((plan, at) => {
    const requests = counted[at]!
    const rateOf = (hits: number) => (requests === 0 ? null : hits / requests)
    return {
      ...plan,
      requests,
      curves: curves.map(({ named, points: cells, unlimited }) => {
        const points = cells.map(({ run, windows }) => {
          const hits = windows!.hits[at]!
          return { size: run.size, hits, hitRate: rateOf(hits) }
        })
        const ceiling = rateOf(unlimited.windows!.hits[at]!)
        const sizes = points.map(({ size }) => size)
        const rates = points.map(({ hitRate }) => hitRate ?? 0)
        const knee = findKnee(sizes, rates, { sensitivity })
        return {
          ...named,
          ceiling,
          points,
          knee:
            requests === 0
              ? { size: null, hitRate: null, reason: 'the window has no reads' }
              : {
                  size: knee.size,
                  hitRate: knee.hitRate,
                  ...(knee.reason !== undefined && { reason: knee.reason }),
                },
          reaches: curveAnswers(sizes, rates, { ceiling: ceiling ?? 0, total }).reaches,
        }
      }),
    }
  })
}
