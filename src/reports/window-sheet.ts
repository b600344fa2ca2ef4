import { describeTtl, isOfCurve } from '../core/grid-ttl.ts'
import type { SweepResult, SweepWindow } from '../core/result.ts'
import { bestFirst, byCurve } from '../core/run-groups.ts'
import { formatCount, formatPercent, formatSeconds } from '../core/units.ts'
import { rateBySize } from './grid-sheet.ts'
import { formatSize, NONE, percentDigits } from './numbers.ts'
import type { Column } from './table.ts'

/** The curve that serves most in each window of the trace, for people; the others are in the numbers. */
export interface WindowTable {
  readonly title: string
  readonly columns: Column[]
}

/** Sizes that are shown even where other columns have to go for them. */
const LEAST_SIZES = 5

/**
 * A row a window: hit rate by size, the ceiling, and which size is right there.
 * @param width limits how many sizes are chosen
 * @param shaded whether numbers stand in blocks of a heat map
 * @returns undefined where no windows were asked for
 */
export function windowTable(
  { windows, runs, settings }: SweepResult['simulated'],
  width: number,
  shaded: boolean,
): WindowTable | undefined {
  const best = bestFirst(byCurve(runs)).find((group) =>
    windows?.[0]?.curves.some((curve) => isOfCurve(group, curve)),
  )
  if (windows === undefined || best === undefined) return undefined
  const unit = runs[0]!.sizeUnit
  const curves = windows.map(({ curves }) => curves.find((curve) => isOfCurve(best, curve))!)
  const sizes = curves[0]!.points.map(({ size }) => size)
  const digits = percentDigits(curves.flatMap(({ points }) => points.map(({ hitRate }) => hitRate ?? 0)))
  const size = (value: number | null | undefined) => (value == null ? NONE : formatSize(value, unit))
  const column = (
    title: readonly string[],
    drop: number,
    cell: (window: SweepWindow, at: number) => string,
  ): Column => ({ title, align: 'right', drop, cells: windows.map(cell) })
  const before = [
    column(['window'], 0, (_, at) => String(at + 1)),
    column([windows[0]!.fromSeconds === null ? 'from request' : 'from'], 1, ({ from, fromSeconds }) =>
      fromSeconds === null ? formatCount(from) : formatSeconds(fromSeconds),
    ),
    column(['requests'], 3, ({ requests }) => formatCount(requests)),
    column(['new', 'keys'], 4, ({ newKeys }) => formatCount(newKeys)),
  ]
  const after = [
    column(['ceiling'], 0, (_, at) => {
      const { ceiling } = curves[at]!
      return ceiling === null ? NONE : formatPercent(ceiling, digits)
    }),
    column(['95 % of', 'ceiling'], 2, (_, at) =>
      size(curves[at]!.reaches.find(({ share }) => share === 0.95)?.size),
    ),
    column(['knee'], 0, (_, at) => size(curves[at]!.knee.size)),
  ]
  const needed = (most: number) =>
    [...before, ...after]
      .filter(({ drop }) => drop <= most)
      .reduce(
        (sum, { title, cells }) => sum + 2 + Math.max(...[...title, ...cells].map(({ length }) => length)),
        0,
      )
  const widest = shaded ? 6 + digits : 4 + digits
  const rates = rateBySize(
    sizes,
    curves.map(
      ({ points }) =>
        (at) =>
          points.find((point) => point.size === at)!.hitRate,
    ),
    {
      room: Math.max(width - needed(Infinity), Math.min(width - needed(0), LEAST_SIZES * (widest + 2))),
      digits,
      unit,
      shaded,
    },
  )
  const named = settings.ttls ? `${best.policy} ${describeTtl(best)}` : best.policy
  return {
    title: `hit rate of ${named} in % by window of the trace (the cache stays warm) and size`,
    columns: [...before, ...rates, ...after],
  }
}
