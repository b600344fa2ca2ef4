import type { Comparison, CurveAnswers, Knee, Run } from '../core/result.ts'
import { formatMilliseconds, formatMoney, formatPercent, formatPoints, plural } from '../core/units.ts'
import { describeSize } from './sizes.ts'

/**
 * A comparison's answer in sentences: who serves most and by how much, what that buys, and whether it pays at all.
 * @param best the bound at the same size
 */
export function compareVerdict(
  runs: readonly Run[],
  comparisons: readonly Comparison[],
  best: Run,
): string[] {
  const [winner, ...others] = ranked(runs)
  if (winner === undefined) return [`The best possible hit rate is ${formatPercent(best.hitRate)}.`]
  return [leader(winner, others, comparisons, best), benefit(winner)]
}

function leader(winner: Run, others: readonly Run[], comparisons: readonly Comparison[], best: Run): string {
  const tied = others.filter(
    ({ policy, hitRate }) =>
      hitRate === winner.hitRate ||
      comparisons.some(
        ({ better, worse, tie }) =>
          tie && [better, worse].includes(winner.policy) && [better, worse].includes(policy),
      ),
  )
  const beaten = others.filter((run) => !tied.includes(run))
  const rival = beaten.find(({ policy }) => policy === 'lru') ?? beaten[0]
  const serves = `${winner.policy} serves ${formatPercent(winner.hitRate)} of the requests`
  const points = rival ? formatPoints(winner.hitRate - rival.hitRate) : ''
  // What rounds to nothing is not worth a word.
  const margin = rival && points !== formatPoints(0) ? `, ${points} more than ${rival.policy}` : ''
  // Where the bound is a heuristic, as in bytes, it can be passed.
  const limit =
    best.hitRate < winner.hitRate
      ? `the bound, here a heuristic, serves ${formatPercent(best.hitRate)}`
      : `the best possible is ${formatPercent(best.hitRate)}`
  if (tied.length === 0) return `${serves}${margin}; ${limit}.`
  const names = listOf(tied.map(({ policy }) => policy))
  const within = tied.every(({ hitRate }) => hitRate === winner.hitRate)
    ? ''
    : ' (the difference lies within the 95 % interval)'
  return `${serves}${margin}; ${names} ${tied.length === 1 ? 'ties' : 'tie'} with it${within}; ${limit}.`
}

function benefit(run: Run): string {
  const { latency, money, requests } = run
  const means = `${formatMilliseconds(latency.meanWithout)} to ${formatMilliseconds(latency.mean)}`
  const saves = `saves ${formatMoney(money.saved)} of the ${formatMoney(money.spentWithout)} that ${plural(requests, 'prediction')} cost`
  if (isSlower(run)) {
    const still = money.saved > 0 ? ` It still ${saves}.` : ''
    return `Not worth it for latency: the mean goes from ${means}${whyWorse(run)}.${still}`
  }
  const saved = money.spentWithout > 0 ? ` and ${saves}` : ''
  return `It takes the mean latency from ${means} (${formatPercent(Math.max(0, latency.reduction))} less)${saved}.`
}

/** Whether the mean latency is worse than without a cache, by more than rounding. */
export function isSlower({ latency }: Run): boolean {
  return latency.mean > latency.meanWithout * (1 + 1e-9)
}

function whyWorse({ policy, breakEvenHitRate, hitRate }: Run): string {
  if (breakEvenHitRate === null) return ', as the model takes no time'
  if (breakEvenHitRate >= 1) {
    return ': a lookup takes as long as the model or longer, so no hit rate makes it pay'
  }
  // The break-even is that of hits as costly as any request.
  if (hitRate >= breakEvenHitRate) {
    return `: ${policy} reaches ${formatPercent(hitRate)}, above the break-even hit rate of ${formatPercent(breakEvenHitRate)}, but with requests that the model answers faster than others`
  }
  return `: it would pay above a hit rate of ${formatPercent(breakEvenHitRate)}, and ${policy} reaches ${formatPercent(hitRate)}`
}

/** A sweep's answer in sentences: the knee of the best curve, and what it takes to get most of what there is. */
export function sweepVerdict(
  runs: readonly Run[],
  knees: readonly Knee[],
  curves: readonly CurveAnswers[],
): string[] {
  const { policy, sentence } = leadingPolicy(runs)
  const { sizeUnit } = runs[0]!
  const knee = knees.find((candidate) => candidate.policy === policy)!
  const curve = curves.find((candidate) => candidate.policy === policy)!
  if (curve.ceiling === 0) return ['Even a cache that never evicts serves nothing here.']
  const size = (value: number) => describeSize(value, sizeUnit)
  const bend =
    knee.size === null
      ? `Its curve has no knee: ${knee.reason}.`
      : `Its knee is at ${size(knee.size)}, where it serves ${formatPercent(knee.hitRate!)} of the requests.`
  const most = curve.reaches.filter((reach) => reach.size !== null)
  const reach =
    most.length === 0
      ? `No size in the range reaches ${formatPercent(curve.reaches[0]!.share, 0)} of the ceiling of ${formatPercent(curve.ceiling)}.`
      : `Of the ceiling of ${formatPercent(curve.ceiling)}, ${listOf(most.map((reached) => `${formatPercent(reached.share, 0)} takes ${size(reached.size!)}`))}.`
  return [sentence, bend, reach]
}

/** The policy with the highest mean hit rate over all sizes, of those a server could run where there is one. */
function leadingPolicy(runs: readonly Run[]): { readonly policy: string; readonly sentence: string } {
  const real = runs.filter(({ bound }) => !bound)
  const sums = new Map<string, number>()
  for (const { policy, hitRate } of real.length > 0 ? real : runs) {
    sums.set(policy, (sums.get(policy) ?? 0) + hitRate)
  }
  const most = Math.max(...sums.values())
  const leading = [...sums].filter(([, sum]) => sum === most).map(([policy]) => policy)
  const policy = leading[0]!
  if (real.length === 0) return { policy, sentence: `${policy} is a bound, which no server can run.` }
  if (sums.size === 1) return { policy, sentence: `This is ${policy} alone.` }
  const others = leading.length === 1 ? '' : `, as much as ${listOf(leading.slice(1))}`
  return { policy, sentence: `Over all sizes ${policy} serves most on average${others}.` }
}

function ranked(runs: readonly Run[]): Run[] {
  return runs.filter(({ bound }) => !bound).sort((a, b) => b.hitRate - a.hitRate)
}

/** `a`, `a and b`, `a, b and c` */
export function listOf(items: readonly string[]): string {
  return items.length < 2 ? items.join('') : `${items.slice(0, -1).join(', ')} and ${items.at(-1)}`
}
