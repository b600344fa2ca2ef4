import type { Result } from '../core/result.ts'
import { formatCount } from '../core/units.ts'

/** Sums that must agree. A report that finds them not to says so rather than show figures that contradict each other. */
export function findDisagreements(result: Result): string[] {
  if (result.command === 'inspect') return []
  return result.simulated.runs.flatMap((run) => {
    const { compulsory, capacity, expired, invalidated } = run.missKinds
    const kinds = compulsory + capacity + expired + invalidated
    const where = `${run.policy} at ${formatCount(run.size)} ${run.sizeUnit}`
    return [
      ...(run.hits + run.misses === run.requests
        ? []
        : [
            `these results contradict themselves: ${where} has ${formatCount(run.hits)} hits and ${formatCount(run.misses)} misses in ${formatCount(run.requests)} requests`,
          ]),
      ...(kinds === run.misses
        ? []
        : [
            `these results contradict themselves: the kinds of misses of ${where} add up to ${formatCount(kinds)}, not ${formatCount(run.misses)}`,
          ]),
    ]
  })
}
