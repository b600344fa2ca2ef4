import { sizeFor } from '../analysis/point-costs.ts'
import type { BestRange, CurveAnswers, Envelope, KneePoint, Run } from '../core/result.ts'
import { formatPercent, formatPoints } from '../core/units.ts'
import { listOf } from '../core/words.ts'
import { describeSize } from './sizes.ts'
import type { SweepAnswers } from './sweep-answers.ts'

/** Policies of a list that are named. */
const MOST_NAMES = 6
/** Ranges of sizes that fit into a sentence. */
const MOST_RANGES = 3

type Describe = (size: number) => string

/** A sweep's answer in sentences: who is best where, the knee of the best curve, and what most of what there is takes. */
export function sweepVerdict(runs: readonly Run[], { knee, curves, envelope, best }: SweepAnswers): string[] {
  const { policy, isAlone, sentence } = leadingPolicy(runs, envelope, best)
  const { sizeUnit } = runs[0]!
  const size: Describe = (value) => describeSize(Math.max(1, Math.round(value)), sizeUnit)
  const own = runs.filter((run) => run.policy === policy)
  const curve = curves.find((candidate) => candidate.policy === policy)!
  if (curve.ceiling === 0) return ['Even a cache that never evicts serves nothing here.']
  const point = knee.find((candidate) => candidate.policy === policy)!
  const of = (what: string) => (isAlone ? `Its ${what}` : `The ${what} of ${policy}`)
  return [
    sentence(size),
    kneeSentence(of, point, own, size) + kneeOfAll(envelope, point, size),
    reachSentence(curve, size),
  ]
}

function kneeSentence(
  of: (what: string) => string,
  { size: at, hitRate, reason, range }: KneePoint,
  own: readonly Run[],
  size: Describe,
): string {
  if (at === null) return `${of('curve')} has no knee: ${reason}.`
  const rate = formatPercent(hitRate!)
  const between = (low: number, word: string, high: number) =>
    `${size(low).replace(/ entr(y|ies)$/, '')} ${word} ${size(high)}`
  if (range?.uncertain) {
    const here = `${of('knee')} is uncertain: it is at ${size(at)} here (${rate} of the requests), and`
    if (range.low === null || range.high === null)
      return `${here} most of the curves resampled from this run have none.`
    const none = range.share < 1 ? `; ${formatPercent(1 - range.share, 0)} of them have none` : ''
    return `${here} between ${between(range.low, 'and', range.high)} in ${formatPercent(range.level, 0)} of the curves resampled from this run${none}.`
  }
  const spread = range && range.low !== range.high ? ` (${between(range.low!, 'to', range.high!)})` : ''
  const beyond = sizeFor(
    own.map((run) => run.size),
    own.map((run) => run.hitRate),
    hitRate! + 0.01,
  )
  const more = beyond === null ? '' : `; a point more takes ${size(beyond - at)} more`
  return `${of('knee')} is at ${size(at)}${spread}, where it serves ${rate} of the requests${more}.`
}

/** The knee of the best at each size, where it is another. */
function kneeOfAll(envelope: Envelope | undefined, own: KneePoint, size: Describe): string {
  const at = envelope?.knee.size
  if (at == null || at === own.size) return ''
  return ` That of the best at each size is at ${size(at)} (${formatPercent(envelope!.knee.hitRate!)}).`
}

function reachSentence(curve: CurveAnswers, size: Describe): string {
  const most = curve.reaches.filter((reach) => reach.size !== null)
  return most.length === 0
    ? `No size in the range reaches ${formatPercent(curve.reaches[0]!.share, 0)} of the ceiling of ${formatPercent(curve.ceiling)}.`
    : `Of the ceiling of ${formatPercent(curve.ceiling)}, ${listOf(most.map((reached) => `${formatPercent(reached.share, 0)} takes ${size(reached.size!)}`))}.`
}

interface Leader {
  readonly policy: string
  /** The sentence speaks of no other. */
  readonly isAlone: boolean
  readonly sentence: (size: Describe) => string
}

/** The policy with the highest mean hit rate over all sizes, of those a server could run where there is one. */
function leadingPolicy(
  runs: readonly Run[],
  envelope: Envelope | undefined,
  best: readonly BestRange[] | undefined,
): Leader {
  const real = runs.filter(({ bound }) => !bound)
  const sums = new Map<string, number>()
  for (const { policy, hitRate } of real.length > 0 ? real : runs) {
    sums.set(policy, (sums.get(policy) ?? 0) + hitRate)
  }
  const most = Math.max(...sums.values())
  const [policy] = [...sums].find(([, sum]) => sum === most)!
  if (real.length === 0)
    return { policy, isAlone: true, sentence: () => `${policy} is a bound, which no server can run.` }
  if (best === undefined || envelope === undefined)
    return { policy, isAlone: true, sentence: () => `This is ${policy} alone.` }
  const behind = (of: string) => {
    const own = runs.filter((run) => run.policy === of)
    return formatPoints(Math.max(...envelope.points.map(({ hitRate }, at) => hitRate - own[at]!.hitRate)))
  }
  // What rounds to nothing is not worth a word.
  const nothing = formatPoints(0)
  const [first, ...others] = best
  if (others.length === 0) {
    const { policy, ties } = first!
    const lag = behind(policy) === nothing ? '' : `, or not shown to be behind (${behind(policy)} at most)`
    return {
      policy,
      isAlone: ties.length === 0,
      sentence: () => `${policy} is best at every size${lag}${asGood(ties)}.`,
    }
  }
  const lag = behind(policy) === nothing ? '' : `, never more than ${behind(policy)} below the best`
  return {
    policy,
    isAlone: false,
    sentence: (size) => `Over all sizes ${policy} serves most on average${lag}: ${whoIsBest(best, size)}.`,
  }
}

/** `up to 110 entries s3-fifo is best (sieve as good), from there on cacheus` */
function whoIsBest(best: readonly BestRange[], size: Describe): string {
  const [first] = best
  const last = best.at(-1)!
  const tied = ({ ties }: BestRange) => (ties.length === 0 ? '' : ` (${listOf(ties, MOST_NAMES)} as good)`)
  if (best.length > MOST_RANGES) {
    return `which one is best changes ${best.length - 1} times, from ${first!.policy} up to ${size(first!.to)} to ${last.policy} from ${size(last.from)} on`
  }
  const between = best
    .slice(1, -1)
    .map((range) => `from there to ${size(range.to)} ${range.policy}${tied(range)}`)
  return [
    `up to ${size(first!.to)} ${first!.policy} is best${tied(first!)}`,
    ...between,
    `from there on ${last.policy}${tied(last)}`,
  ].join(', ')
}

function asGood(ties: readonly string[]): string {
  return ties.length === 0
    ? ''
    : `, and ${listOf(ties, MOST_NAMES)} ${ties.length === 1 ? 'is' : 'are'} as good`
}
