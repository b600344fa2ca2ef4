import { type CurveName, describeTtl, isOfCurve } from '../core/grid-ttl.ts'
import type { CurveAnswers, Knee, Run, SweepWindow } from '../core/result.ts'
import { bestFirst, byCurve, type RunGroup } from '../core/run-groups.ts'
import { formatPercent, plural } from '../core/units.ts'
import { describeSize } from './sizes.ts'

/** A window falls short where more than this share of the hit rate over the whole is missing for want of size. */
const TOLERANCE = 0.1
/** Sizes that a knee takes. */
const FEWEST_SIZES = 3
/** Reads that a window must have to be judged. */
const FEWEST_READS = 100

/**
 * Whether the size that is right for the whole trace is right in each window too, in sentences, for the curve that serves
 * most on average. A window with fewer hits falls short only as far as a larger cache would have them there: a cold one, or
 * one with many new keys, has fewer whatever the size. What a cache that never evicts would serve is no yardstick beyond
 * that, for it grows with the trace where nothing else changes.
 */
export function windowVerdict(
  windows: readonly SweepWindow[],
  runs: readonly Run[],
  knees: readonly Knee[],
  answers: readonly CurveAnswers[],
): string[] {
  const best = bestFirst(byCurve(runs))[0]!
  const isBest = (curve: CurveName) => isOfCurve(best, curve)
  const inWindows = windows.flatMap(({ curves, requests }, at) => {
    const curve = curves.find(isBest)!
    return requests < FEWEST_READS || curve.ceiling === null || curve.ceiling === 0
      ? []
      : [{ ...curve, ceiling: curve.ceiling, number: at + 1 }]
  })
  const knee = knees.find(isBest)!
  const answer = answers.find(isBest)!
  const isGrid = answer.ttl !== undefined
  const tooFew = windows.filter(({ requests }) => requests < FEWEST_READS).length
  const unjudged =
    tooFew === 0
      ? []
      : [
          `${plural(tooFew, 'window')} with fewer than ${FEWEST_READS} requests ${tooFew === 1 ? 'is' : 'are'} not judged.`,
        ]
  if (inWindows.length === 0) return unjudged
  return [
    ...holds(best, knee, answer, inWindows, isGrid),
    ...(best.runs.length < FEWEST_SIZES
      ? []
      : kneesMove(
          inWindows.map(({ number, knee: { size } }) => ({ number, size })),
          best.runs[0]!.sizeUnit,
        )),
    ...unjudged,
  ]
}

interface WindowCurve {
  /** From 1. */
  readonly number: number
  readonly ceiling: number
  readonly points: SweepWindow['curves'][number]['points']
}

function holds(
  { policy, ttl, ttlSeconds, runs }: RunGroup,
  knee: Knee,
  { reaches }: CurveAnswers,
  windows: readonly WindowCurve[],
  isGrid: boolean,
): string[] {
  const size = knee.size ?? reaches.find(({ share }) => share === 0.95)?.size ?? null
  if (size === null) return []
  const rateAt = (points: readonly { readonly size: number; readonly hitRate: number | null }[]) =>
    points.find((point) => point.size === size)!.hitRate!
  const whole = rateAt(runs)
  const measured = windows.map((window) => {
    const rate = rateAt(window.points)
    const target = Math.min(whole, window.ceiling)
    return { ...window, rate, target, missing: target - rate }
  })
  const worst = measured.reduce((most, window) => (window.missing > most.missing ? window : most))
  const short = measured.filter(({ missing }) => missing > TOLERANCE * whole)
  const { sizeUnit } = runs[0]!
  const withTtl = isGrid ? ` ${describeTtl({ ttl, ttlSeconds })}` : ''
  const serves = `${policy} at ${describeSize(size, sizeUnit)}${withTtl} serves ${formatPercent(whole)} of the requests over the whole trace`
  if (short.length === 0) {
    const rates = measured.map(({ rate }) => rate)
    const [least, most] = [Math.min(...rates), Math.max(...rates)]
    const range = [...new Set([least, most].map((rate) => formatPercent(rate)))].join(' to ')
    const why = least < whole * (1 - TOLERANCE) ? '; where it serves less, size is not why' : ''
    return [`The size holds over time: ${serves} and ${range} in single windows${why}.`]
  }
  const enough = worst.points.find(({ hitRate }) => hitRate! >= worst.target * (1 - 1e-12))
  const takes = enough ? `takes ${describeSize(enough.size, sizeUnit)}` : 'is beyond the largest size'
  const much =
    worst.target < whole
      ? `the ${formatPercent(worst.target)} that any cache could serve there ${takes}`
      : `as much ${takes} there`
  const others =
    short.length === 1
      ? ''
      : ` In ${short.length} of ${plural(windows.length, 'window')} more than a tenth is missing for want of size.`
  return [
    `The size does not hold over time: ${serves}, but ${formatPercent(worst.rate)} in window ${worst.number}; ${much}.${others}`,
  ]
}

/** Between which sizes the knee of single windows moves. */
function kneesMove(
  windows: readonly { readonly number: number; readonly size: number | null }[],
  unit: Run['sizeUnit'],
): string[] {
  const found = windows.flatMap(({ number, size }) => (size === null ? [] : [{ number, size }]))
  if (found.length === 0) return ['No single window has a knee.']
  const least = found.reduce((a, b) => (b.size < a.size ? b : a))
  const most = found.reduce((a, b) => (b.size > a.size ? b : a))
  if (least.size === most.size)
    return [`The knee stays at ${describeSize(least.size, unit)} in every window that has one.`]
  return [
    `The knee moves between ${describeSize(least.size, unit)} (window ${least.number}) and ${describeSize(most.size, unit)} (window ${most.number}).`,
  ]
}
