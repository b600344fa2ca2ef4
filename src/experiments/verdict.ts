import type { Comparison, CurveAnswers, Inspection, Knee, Run } from '../core/result.ts'
import {
  formatBytes,
  formatCount,
  formatMilliseconds,
  formatMoney,
  formatPercent,
  formatPoints,
} from '../core/units.ts'

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
  const tied = others.filter(({ policy }) =>
    comparisons.some(
      ({ better, worse, tie }) =>
        tie && [better, worse].includes(winner.policy) && [better, worse].includes(policy),
    ),
  )
  const beaten = others.filter((run) => !tied.includes(run))
  const rival = beaten.find(({ policy }) => policy === 'lru') ?? beaten[0]
  const serves = `${winner.policy} serves ${formatPercent(winner.hitRate)} of the requests`
  const margin = rival ? `, ${formatPoints(winner.hitRate - rival.hitRate)} more than ${rival.policy}` : ''
  const limit = `the best possible is ${formatPercent(best.hitRate)}`
  if (tied.length === 0) return `${serves}${margin}; ${limit}.`
  const names = listOf(tied.map(({ policy }) => policy))
  return `${serves}${margin}; ${names} ${tied.length === 1 ? 'ties' : 'tie'} with it (the difference lies within the 95 % interval); ${limit}.`
}

function benefit({ policy, latency, money, breakEvenHitRate, requests, hitRate }: Run): string {
  const means = `${formatMilliseconds(latency.meanWithout)} to ${formatMilliseconds(latency.mean)}`
  if (latency.reduction < 0) {
    const needed =
      breakEvenHitRate === null
        ? ''
        : breakEvenHitRate > 1
          ? ': a lookup takes longer than the model, so no hit rate makes it pay'
          : `: it would pay above a hit rate of ${formatPercent(breakEvenHitRate)}, and ${policy} reaches ${formatPercent(hitRate)}`
    return `Not worth it for latency: the mean goes from ${means}${needed}.`
  }
  const saved =
    money.spentWithout === 0
      ? ''
      : ` and saves ${formatMoney(money.saved)} of the ${formatMoney(money.spentWithout)} that ${formatCount(requests)} predictions cost`
  return `It takes the mean latency from ${means} (${formatPercent(latency.reduction)} less)${saved}.`
}

/** A sweep's answer in sentences: the knee of the best curve, and what it takes to get most of what there is. */
export function sweepVerdict(
  runs: readonly Run[],
  knees: readonly Knee[],
  curves: readonly CurveAnswers[],
): string[] {
  const leading = leadingPolicy(runs)
  if (leading === undefined) return []
  const { policy, unit } = leading
  const knee = knees.find((candidate) => candidate.policy === policy)!
  const curve = curves.find((candidate) => candidate.policy === policy)!
  const size = (value: number) => (unit === 'bytes' ? formatBytes(value) : `${formatCount(value)} entries`)
  const bend =
    knee.size === null
      ? `Its curve has no knee: ${knee.reason}.`
      : `Its knee is at ${size(knee.size)}, where it serves ${formatPercent(knee.hitRate!)} of the requests.`
  const most = curve.reaches.filter((reach) => reach.size !== null)
  const reach =
    most.length === 0
      ? `No size in the range reaches ${formatPercent(curve.reaches[0]!.share, 0)} of the ceiling of ${formatPercent(curve.ceiling)}.`
      : `Of the ceiling of ${formatPercent(curve.ceiling)}, ${listOf(most.map((reached) => `${formatPercent(reached.share, 0)} takes ${size(reached.size!)}`))}.`
  return [`Over all sizes ${policy} serves most on average.`, bend, reach]
}

/** The policy a server could run with the highest mean hit rate over all sizes. */
function leadingPolicy(
  runs: readonly Run[],
): { readonly policy: string; readonly unit: Run['sizeUnit'] } | undefined {
  const sums = new Map<string, number>()
  for (const run of runs) if (!run.bound) sums.set(run.policy, (sums.get(run.policy) ?? 0) + run.hitRate)
  const [first] = [...sums].sort((a, b) => b[1] - a[1])
  return first && { policy: first[0], unit: runs[0]!.sizeUnit }
}

function ranked(runs: readonly Run[]): Run[] {
  return runs.filter(({ bound }) => !bound).sort((a, b) => b.hitRate - a.hitRate)
}

/** `a`, `a and b`, `a, b and c` */
function listOf(items: readonly string[]): string {
  return items.length < 2 ? items.join('') : `${items.slice(0, -1).join(', ')} and ${items.at(-1)}`
}

/** What a workload's shape means for a cache, in sentences. */
export function inspectVerdict({
  hitRateCeiling,
  oneHitKeys,
  reuseDistance,
  distinctKeys,
}: Inspection): string[] {
  if (reuseDistance === null)
    return ['No key comes twice: no cache of whole predictions can serve anything here.']
  const { p50, p90 } = reuseDistance.quantiles
  const sentences = [
    `No cache can serve more than ${formatPercent(hitRateCeiling)} of the requests: the rest are first sights.`,
    `Half of all reuses have at most ${formatCount(p50)} other keys between them and nine tenths at most ${formatCount(p90)}: an lru cache of that many entries would serve them.`,
  ]
  if (oneHitKeys.shareOfKeys > 0.5) {
    sentences.push(
      `${formatPercent(oneHitKeys.shareOfKeys)} of the ${formatCount(distinctKeys)} keys come only once: if that is more than you expect, the key may hold something that differs with every request.`,
    )
  }
  return sentences
}
