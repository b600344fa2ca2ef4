import type { Comparison, Run } from '../core/result.ts'

/** Pairs that are named. */
const MOST_PAIRS = 8

/**
 * Neighbours in the ranking that the requests cannot tell apart: the 95 % interval of their difference contains 0.
 * @param runs in the order of the table
 */
export function describeTies(runs: readonly Run[], comparisons: readonly Comparison[]): string | undefined {
  const ties = runs.slice(1).flatMap((run, i) => {
    const above = runs[i]!
    const tied = comparisons.some(
      ({ size, better, worse, tie }) =>
        tie && size === run.size && size === above.size && isPair(better, worse, run.policy, above.policy),
    )
    return tied ? [`${above.policy} = ${run.policy}`] : []
  })
  if (ties.length === 0) return undefined
  const more = ties.length > MOST_PAIRS ? ` and ${ties.length - MOST_PAIRS} more` : ''
  return `ties (95 % interval of the difference): ${ties.slice(0, MOST_PAIRS).join(', ')}${more}`
}

function isPair(a: string, b: string, c: string, d: string): boolean {
  return (a === c && b === d) || (a === d && b === c)
}
