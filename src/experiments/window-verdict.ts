import { type CurveName, describeTtl, isOfCurve } from '../core/grid-ttl.ts'
import type { CurveAnswers, Knee, Run, SweepWindow } from '../core/result.ts'
import { bestFirst, byCurve, type RunGroup } from '../core/run-groups.ts'
import { formatPercent, plural } from '../core/units.ts'
import { describeSize } from './sizes.ts'

/** Shares of the ceiling that differ by more than this, as fractions, are not the same any more. */
const TOLERANCE = 0.1

/**
 * Whether the size that is right for the whole trace is right in each window too, in sentences, for the curve that serves
 * most on average. Shares of a window's own ceiling are compared, because a cold window cannot reach what a warm one can.
 */
export function windowVerdict(
  windows: readonly SweepWindow[],
  runs: readonly Run[],
  knees: readonly Knee[],
  answers: readonly CurveAnswers[],
): string[] {
  const best = bestFirst(byCurve(runs))[0]!
  const isBest = (curve: CurveName) => isOfCurve(best, curve)
  const inWindows = windows.flatMap(({ curves }, at) => {
    const curve = curves.find(isBest)!
    return curve.ceiling === null || curve.ceiling === 0
      ? []
      : [{ ...curve, ceiling: curve.ceiling, number: at + 1 }]
  })
  const knee = knees.find(isBest)!
  const answer = answers.find(isBest)!
  const isGrid = answer.ttl !== undefined
  if (inWindows.length === 0) return []
  return [
    ...holds(best, knee, answer, inWindows, isGrid),
    ...kneesMove(
      inWindows.map(({ number, knee: { size } }) => ({ number, size })),
      best.runs[0]!.sizeUnit,
    ),
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
  { ceiling, reaches }: CurveAnswers,
  windows: readonly WindowCurve[],
  isGrid: boolean,
): string[] {
  const near = reaches.find(({ share }) => share === 0.95)
  const size = knee.size ?? near?.size ?? null
  if (size === null || ceiling === 0) return []
  const rateAt = (points: readonly { readonly size: number; readonly hitRate: number | null }[]) =>
    points.find((point) => point.size === size)!.hitRate!
  const whole = rateAt(runs) / ceiling
  const shares = windows.map((window) => ({ ...window, share: rateAt(window.points) / window.ceiling }))
  const worst = shares.reduce((least, window) => (window.share < least.share ? window : least))
  const short = shares.filter(({ share }) => share < whole - TOLERANCE)
  const { sizeUnit } = runs[0]!
  const percent = (share: number) => formatPercent(share, 0)
  const where = `${policy} at ${describeSize(size, sizeUnit)}${isGrid ? ` ${describeTtl({ ttl, ttlSeconds })}` : ''}`
  const serves = `${where} serves ${percent(whole)} of what a cache that never evicts would over the whole trace`
  if (short.length === 0) {
    const count = windows.length === 1 ? 'the one window with hits' : `each of ${windows.length} windows`
    return [`The size holds over time: ${serves}, and at least ${percent(worst.share)} in ${count}.`]
  }
  const asMuch = worst.points.find(({ hitRate }) => hitRate! >= whole * worst.ceiling * (1 - 1e-12))
  const takes = asMuch
    ? `takes ${describeSize(asMuch.size, sizeUnit)} there`
    : 'is beyond the largest size there'
  const others =
    short.length === 1
      ? ''
      : ` (${short.length} of ${plural(windows.length, 'window')} fall short by more than ${100 * TOLERANCE} points)`
  return [
    `The size does not hold over time: ${serves}, but ${percent(worst.share)} in window ${worst.number}${others}; as much ${takes}.`,
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
