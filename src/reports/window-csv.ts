import { isOfCurve } from '../core/grid-ttl.ts'
import type { Run, SweepResult, SweepWindow } from '../core/result.ts'

type Cell = string | number | boolean | null | undefined

interface Point {
  readonly run: Run
  readonly at: number
  readonly window: SweepWindow
  readonly curve: SweepWindow['curves'][number]
  readonly hits: number
  readonly hitRate: number | null
}

/** Behind those that runs have. */
const windowColumns: Readonly<Record<string, (point: Point) => Cell>> = {
  window: ({ at }) => at + 1,
  window_from: ({ window }) => window.from,
  window_to: ({ window }) => window.to,
  window_from_seconds: ({ window }) => window.fromSeconds,
  window_to_seconds: ({ window }) => window.toSeconds,
  window_distinct_keys: ({ window }) => window.distinctKeys,
  window_new_keys: ({ window }) => window.newKeys,
  window_ceiling: ({ curve }) => curve.ceiling,
}

/** What is known of a window, of the columns that runs have; the others are of the whole. */
const runColumns: Readonly<Record<string, (point: Point) => Cell>> = {
  policy: ({ run }) => run.policy,
  bound: ({ run }) => run.bound,
  size: ({ run }) => run.size,
  size_unit: ({ run }) => run.sizeUnit,
  size_share: ({ run }) => run.sizeShare,
  ttl_seconds: ({ run }) => run.ttlSeconds,
  ttl: ({ run }) => run.ttl,
  requests: ({ window }) => window.requests,
  hits: ({ hits }) => hits,
  misses: ({ window, hits }) => window.requests - hits,
  hit_rate: ({ hitRate }) => hitRate,
  is_knee: ({ run, curve }) => run.size === curve.knee.size,
}

/**
 * The rows of a sweep, titles first. Where it has windows, those of the whole trace, whose `window` is empty, are followed
 * by a row a policy, size and window.
 */
export function withWindows(
  titles: readonly string[],
  rows: readonly Cell[][],
  { runs, windows }: SweepResult['simulated'],
): Cell[][] {
  if (windows === undefined) return [[...titles], ...rows]
  const points = windows.flatMap((window, at) =>
    window.curves.flatMap((curve) =>
      runs
        .filter((run) => isOfCurve(run, curve))
        .map((run): Point => {
          const { hits, hitRate } = curve.points.find(({ size }) => size === run.size)!
          return { run, at, window, curve, hits, hitRate }
        }),
    ),
  )
  const more = Object.values(windowColumns)
  return [
    [...titles, ...Object.keys(windowColumns)],
    ...rows.map((row) => [...row, ...more.map(() => undefined)]),
    ...points.map((point) => [
      ...titles.map((title) => runColumns[title]?.(point)),
      ...more.map((cell) => cell(point)),
    ]),
  ]
}
