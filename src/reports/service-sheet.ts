/* The tables of a simulated service: its figures, its tiers, and variants of it side by side. */
import type { ServiceRun, ServiceVariant } from '../core/service-result.ts'
import { formatCount, formatMilliseconds, formatMoney, formatPercent, formatSeconds } from '../core/units.ts'
import { formatLargeCount, NONE } from './numbers.ts'
import type { Column } from './table.ts'

const milliseconds = (value: number | undefined) => (value === undefined ? NONE : formatMilliseconds(value))
const percent = (value: number | null) => (value === null ? NONE : formatPercent(value))
const count = (value: number) => formatLargeCount(Math.round(value))

/** A figure, and how it is written. */
type Row = readonly [name: string, cell: (run: ServiceRun) => string, shows?: (run: ServiceRun) => boolean]

const ROWS: readonly Row[] = [
  ['answers', (run) => formatCount(Math.round(run.answers))],
  ['mean latency', (run) => milliseconds(run.latency?.mean)],
  ['p50', (run) => milliseconds(run.latency?.p50)],
  ['p90', (run) => milliseconds(run.latency?.p90)],
  ['p95', (run) => milliseconds(run.latency?.p95)],
  ['p99', (run) => milliseconds(run.latency?.p99)],
  ['p99.9', (run) => milliseconds(run.latency?.p999)],
  ['slowest', (run) => milliseconds(run.latency?.max)],
  ['within the SLO', (run) => percent(run.withinSlo)],
  ['failed requests', (run) => formatCount(Math.round(run.failures)), (run) => run.failures > 0],
  ['availability', (run) => formatPercent(run.availability, 2), (run) => run.failures > 0],
  [
    '… while the model was down',
    (run) => percent(run.availabilityInOutages),
    (run) => run.availabilityInOutages !== null && run.failures > 0,
  ],
  ['answered by a cache', (run) => percent(run.hitRate)],
  [
    'delayed hits',
    (run) => formatCount(Math.round(run.answersFrom.delayedHits)),
    (run) => run.answersFrom.delayedHits > 0,
  ],
  ['stale answers', (run) => formatCount(Math.round(run.stale.answers)), (run) => run.stale.answers > 0],
  ['model calls', (run) => formatCount(Math.round(run.model.calls))],
  [
    'duplicate computations',
    (run) => formatCount(Math.round(run.model.duplicateCalls)),
    (run) => run.model.duplicateCalls > 0,
  ],
  [
    'calls behind an answer',
    (run) => formatCount(Math.round(run.model.refreshCalls)),
    (run) => run.model.refreshCalls > 0,
  ],
  [
    'calls of the warm-up',
    (run) => formatCount(Math.round(run.model.warmUpCalls)),
    (run) => run.model.warmUpCalls > 0,
  ],
  [
    'failed calls',
    (run) => formatCount(Math.round(run.model.failedCalls)),
    (run) => run.model.failedCalls > 0,
  ],
  [
    'calls refused by the queue',
    (run) => formatCount(Math.round(run.failuresBy.queueFull)),
    (run) => run.failuresBy.queueFull > 0,
  ],
  [
    'calls that waited too long',
    (run) => formatCount(Math.round(run.failuresBy.timeout)),
    (run) => run.failuresBy.timeout > 0,
  ],
  ['model busy', (run) => formatSeconds(run.model.seconds)],
  ['utilisation', (run) => percent(run.model.utilisation), (run) => run.model.utilisation !== null],
  [
    'mean wait in the queue',
    (run) => formatMilliseconds(run.model.meanQueueingMs),
    (run) => run.model.peakQueue > 0,
  ],
  ...(['p50', 'p95', 'p99'] as const).map(
    (quantile): Row => [
      `… ${quantile}`,
      (run) => formatMilliseconds(run.model.queueingMs[quantile]),
      (run) => run.model.peakQueue > 0,
    ],
  ),
  ['longest queue', (run) => formatCount(Math.round(run.model.peakQueue)), (run) => run.model.peakQueue > 0],
  ['most calls at once', (run) => formatCount(Math.round(run.model.peakConcurrency))],
  ['most requests in flight', (run) => formatCount(Math.round(run.peakInFlight))],
  ['money', (run) => formatMoney(run.money)],
]

/** With caches and without, a figure a row. */
export function withAndWithoutColumns({ with: run, without }: ServiceVariant): Column[] {
  const runs = without === null ? [run] : [run, without]
  const rows = ROWS.filter(([, , shows]) => shows === undefined || runs.some(shows))
  const column = (title: string, of: ServiceRun): Column => ({
    title: [title],
    align: 'right',
    drop: 0,
    cells: rows.map(([, cell]) => cell(of)),
  })
  return [
    { title: ['figure'], align: 'left', drop: 0, cells: rows.map(([name]) => name) },
    column('with', run),
    ...(without === null ? [] : [column('without', without)]),
  ]
}

/** What each tier did. */
export function tierColumns({ with: { tiers, answersFrom } }: ServiceVariant): Column[] {
  const column = (title: readonly string[], cell: (at: number) => string, drop = 0): Column => ({
    title,
    align: 'right',
    drop,
    cells: tiers.map((_, at) => cell(at)),
  })
  const ifAny = (title: readonly string[], of: (tier: (typeof tiers)[number]) => number): Column[] =>
    tiers.some((tier) => of(tier) > 0) ? [column(title, (at) => count(of(tiers[at]!)), 1)] : []
  return [
    { title: ['tier'], align: 'left', drop: 0, cells: tiers.map(({ name }) => name) },
    column(['lookups'], (at) => count(tiers[at]!.lookups)),
    column(['hits'], (at) => count(tiers[at]!.hits)),
    column(['hit rate'], (at) =>
      tiers[at]!.lookups === 0 ? NONE : formatPercent(tiers[at]!.hits / tiers[at]!.lookups),
    ),
    column(['first', 'seen'], (at) => count(tiers[at]!.missKinds.compulsory), 2),
    column(['evicted'], (at) => count(tiers[at]!.missKinds.capacity), 2),
    column(['expired'], (at) => count(tiers[at]!.missKinds.expired), 2),
    column(['invali-', 'dated'], (at) => count(tiers[at]!.missKinds.invalidated), 2),
    ...ifAny(['found', 'down'], ({ skipped, timeouts }) => skipped - timeouts),
    ...ifAny(['timed', 'out'], ({ timeouts }) => timeouts),
    column(
      ['share of', 'answers'],
      (at) => {
        const all = answersFrom.tiers.reduce(
          (sum, hits) => sum + hits,
          answersFrom.delayedHits + answersFrom.computed,
        )
        return all === 0 ? NONE : formatPercent(answersFrom.tiers[at]! / all)
      },
      1,
    ),
  ]
}

/** Variants side by side, a row each. */
export function variantColumns(variants: readonly ServiceVariant[]): Column[] {
  const half = (variant: ServiceVariant, figure: string, format: (value: number) => string) => {
    const interval = variant.intervals?.[figure]
    return interval === undefined ? '' : ` ±${format((interval.high - interval.low) / 2)}`
  }
  const column = (
    title: readonly string[],
    drop: number,
    cell: (run: ServiceRun, variant: ServiceVariant) => string,
    when = true,
  ): Column[] =>
    when
      ? [{ title, align: 'right', drop, cells: variants.map((variant) => cell(variant.with, variant)) }]
      : []
  const some = (of: (run: ServiceRun) => number) => variants.some(({ with: run }) => of(run) > 0)
  // The paths are the same in every row: they stand in the title.
  const paths = variants[0]!.changes.map(({ path }) => path)
  return [
    {
      title: paths,
      align: 'left',
      drop: 0,
      cells: variants.map(({ changes, label, with: { overloaded } }) => {
        const values = changes.map(({ value }) => value).join(' · ') || label
        return overloaded ? `${values} (overloaded)` : values
      }),
    },
    ...column(
      ['mean'],
      1,
      (run, variant) =>
        `${milliseconds(run.latency?.mean)}${half(variant, 'latencyMean', formatMilliseconds)}`,
    ),
    ...column(['p50'], 8, (run) => milliseconds(run.latency?.p50)),
    ...column(
      ['p99'],
      0,
      (run, variant) => `${milliseconds(run.latency?.p99)}${half(variant, 'latencyP99', formatMilliseconds)}`,
    ),
    ...column(['within', 'SLO'], 5, (run) => percent(run.withinSlo)),
    ...column(['from', 'cache'], 2, (run) => percent(run.hitRate)),
    ...column(
      ['model', 'calls'],
      1,
      (run, variant) => `${count(run.model.calls)}${half(variant, 'modelCalls', count)}`,
    ),
    ...column(
      ['dupli-', 'cates'],
      4,
      (run) => count(run.model.duplicateCalls),
      some((run) => run.model.duplicateCalls),
    ),
    ...column(
      ['stale'],
      4,
      (run) => count(run.stale.answers),
      some((run) => run.stale.answers),
    ),
    ...column(
      ['failed'],
      3,
      (run) => count(run.failures),
      some((run) => run.failures),
    ),
    ...column(
      ['load'],
      6,
      (run) => percent(run.model.offeredLoad),
      variants.some(({ with: run }) => run.model.offeredLoad !== null),
    ),
    ...column(
      ['longest', 'queue'],
      7,
      (run) => count(run.model.peakQueue),
      some((run) => run.model.peakQueue),
    ),
    ...column(
      ['money'],
      3,
      (run) => formatMoney(run.money),
      some((run) => run.money),
    ),
  ]
}
