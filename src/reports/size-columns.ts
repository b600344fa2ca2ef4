import type { BestRange, Run, SweepResult } from '../core/result.ts'
import { formatBytes, formatMoney, formatPercent, formatSeconds } from '../core/units.ts'
import { listOf } from '../core/words.ts'
import { formatLargeCount, formatShare, formatSize, NONE, percentDigits } from './numbers.ts'
import type { Column } from './table.ts'

type Sweep = SweepResult['simulated']

/** Policies of a list that are named. */
const MOST_NAMES = 4
/** Levels of hit rate that are shown: the highest, where points are dear. */
const MOST_POINTS = 8

/** Which policy is best where, one row a range of sizes; none where it is the same everywhere. */
export function bestColumns({ best = [], envelope, runs }: Sweep): Column[] {
  const [first] = runs
  if (best.length < 2 || first === undefined || envelope === undefined) return []
  const largest = runs.reduce((a, b) => (a.size >= b.size ? a : b))
  const whole = largest.size / largest.sizeShare
  const digits = percentDigits(envelope.points.map(({ hitRate }) => hitRate))
  const column = (title: string[], drop: number, cell: (range: BestRange) => string): Column => ({
    title,
    align: 'right',
    drop,
    cells: best.map(cell),
  })
  const left = (of: Column): Column => ({ ...of, align: 'left' })
  const size = (value: number) => formatSize(value, first.sizeUnit)
  /** Hit rates at the simulated sizes within a range. */
  const rates = ({ from, to }: BestRange) => {
    const within = envelope.points.filter((point) => from <= point.size && point.size <= to)
    return within.length === 0
      ? NONE
      : [...new Set([within[0]!, within.at(-1)!].map(({ hitRate }) => formatPercent(hitRate, digits)))].join(
          ' to ',
        )
  }
  return [
    left(column(['best policy'], 0, ({ policy }) => policy)),
    column(['from'], 0, ({ from }) => size(from)),
    column(['to'], 0, ({ to }) => size(to)),
    column(['share of', first.sizeUnit === 'bytes' ? 'all bytes' : 'the keys'], 3, ({ from, to }) =>
      [from, to].map((value) => formatShare(value / whole)).join(' to '),
    ),
    column(['hit rate'], 2, rates),
    ...(best.some(({ ties }) => ties.length > 0)
      ? [left(column(['as good'], 1, ({ ties }) => listOf(ties, MOST_NAMES)))]
      : []),
  ]
}

/** What more hits cost in size, on the curve of the best, a column a hit rate; undefined where no level lies on it. */
export function pointColumns(sweep: Sweep): { title: string; columns: Column[]; worth: string } | undefined {
  const { runs, workload } = sweep
  const [first] = runs
  const of = bestCurve(sweep)
  const costs = of?.pointCosts?.slice(-MOST_POINTS) ?? []
  if (first === undefined || of === undefined || costs.length === 0) return undefined
  const unit = first.sizeUnit
  const step = costs[0]!.nextHitRate - costs[0]!.hitRate
  const points = Number((step * 100).toFixed(4))
  const more = `${points} ${points === 1 ? 'point' : 'points'} more`
  const digits = costs.every(({ hitRate }) => Number.isInteger(Number((hitRate * 100).toFixed(4)))) ? 0 : 2
  const bytesEach =
    workload.totalBytes === null || unit === 'bytes' ? null : workload.totalBytes / workload.keys
  const rows = (size: string, extra: string, memory: string, extraMemory: string) =>
    bytesEach === null ? [size, extra] : [size, extra, memory, extraMemory]
  const bytes = (size: number) => formatBytes(Math.ceil(size * (bytesEach ?? 0)))
  const extra = (size: number | null, format: (size: number) => string) =>
    size === null ? NONE : `+${format(size)}`
  const inUnit = (size: number) => roughSize(size, unit)
  return {
    title: `what more hits cost in size, ${of.name === BEST_OF_ALL ? 'with the best policy at each' : `with ${of.name}`}`,
    worth: worthOfPoint(first),
    columns: [
      {
        title: ['hit rate'],
        align: 'left',
        drop: 0,
        cells: rows(unit === 'bytes' ? 'size' : 'entries', more, 'memory, about', more),
      },
      ...costs.map(
        ({ hitRate, size, extraSize }, at): Column => ({
          title: [formatPercent(hitRate, digits)],
          align: 'right',
          drop: costs.length - 1 - at,
          cells: rows(inUnit(size), extra(extraSize, inUnit), bytes(size), extra(extraSize, bytes)),
        }),
      ),
    ],
  }
}

const BEST_OF_ALL = 'best of all'

/** Of several candidates the best at each size, else the one there is, else the first bound. */
function bestCurve({ envelope, best, curves, runs }: Sweep) {
  if (best?.length === 1) {
    const [{ policy }] = best as [BestRange]
    return named(policy)
  }
  if (envelope !== undefined) return { name: BEST_OF_ALL, ...envelope }
  const candidates = new Set(runs.filter(({ bound }) => !bound).map(({ policy }) => policy))
  // Of a part, any of its policies says little.
  if (candidates.size > 1) return undefined
  return named([...candidates][0] ?? curves[0]?.policy)

  function named(policy: string | undefined) {
    const curve = curves.find((one) => one.policy === policy)
    return curve && { name: curve.policy, ...curve }
  }
}

/** What 1 % of the requests is in the model's time and money. */
function worthOfPoint({ requests, model, money }: Run): string {
  const worth = [
    `${formatLargeCount(Math.round(requests / 100))} model calls`,
    ...(model.secondsWithout > 0 ? [`${formatSeconds(model.secondsWithout / 100)} of the model`] : []),
    ...(money.spentWithout > 0 ? [formatMoney(money.spentWithout / 100)] : []),
  ]
  return `a point of hit rate is worth ${listOf(worth)}`
}

/** Whole entries; of a few, with what is behind the point. */
function roughSize(size: number, unit: Run['sizeUnit']): string {
  if (unit === 'bytes') return formatSize(Math.ceil(size), unit)
  return size < 10 ? String(Number(size.toPrecision(2))) : formatSize(size, unit)
}
