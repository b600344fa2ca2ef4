import type { Run } from '../core/result.ts'
import { formatMilliseconds, formatMoney, formatPercent, formatSeconds } from '../core/units.ts'
import { formatLargeCount, formatSize, NONE, percentDigits } from './numbers.ts'
import type { Column } from './table.ts'

/** The columns that compare policies, for the terminal and for Markdown. What nothing is known of has no column. */
export function compareColumns(runs: readonly Run[]): Column[] {
  const digits = percentDigits(runs.map((run) => run.hitRate))
  const percent = (fraction: number | null) => (fraction === null ? NONE : formatPercent(fraction, digits))
  const column = (
    title: readonly string[],
    drop: number,
    cell: (run: Run) => string,
    when = true,
    align: Column['align'] = 'right',
  ): Column[] => (when ? [{ title, drop, align, cells: runs.map(cell) }] : [])
  const differ = (value: (run: Run) => unknown) => new Set(runs.map(value)).size > 1
  const ttlsDiffer = differ((run) => run.ttlSeconds)
  const intervals = intervalTexts(runs, digits)
  return [
    ...column(
      [ttlsDiffer ? 'policy (TTL)' : 'policy'],
      0,
      (run) => (ttlsDiffer ? withTtl(run) : run.policy),
      true,
      'left',
    ),
    ...column(
      ['size'],
      0,
      (run) => formatSize(run.size, run.sizeUnit),
      differ((run) => run.size),
    ),
    ...column(['hit rate'], 0, (run) => `${percent(run.hitRate)}${intervals.get(run)}`),
    ...column(
      ['share', 'of best'],
      3,
      (run) => (run.shareOfOptimal === null ? NONE : formatPercent(run.shareOfOptimal)),
      runs.some((run) => run.shareOfOptimal !== null),
    ),
    ...column(
      ['byte', 'hit rate'],
      5,
      (run) => percent(run.byteHitRate),
      runs.some((run) => run.byteHitRate !== null),
    ),
    ...column(
      ['model time', 'saved'],
      4,
      (run) => percent(run.costHitRate),
      runs.some((run) => run.costHitRate !== null),
    ),
    ...column(['mean', 'latency'], 6, (run) => formatMilliseconds(run.latency.mean)),
    ...column(['p99'], 8, (run) => formatMilliseconds(run.latency.p99)),
    ...column(['latency', 'saved'], 1, (run) => formatSignedPercent(run.latency.reduction)),
    ...column(['calls', 'saved'], 7, (run) => formatLargeCount(run.model.callsSaved)),
    ...column(
      ['money', 'saved'],
      2,
      (run) => formatMoney(run.money.saved),
      runs.some((run) => run.money.spentWithout > 0),
    ),
  ]
}

/** Candidates from the highest hit rate to the lowest, then bounds; per size where there are several. */
export function ranked(runs: readonly Run[]): Run[] {
  return runs.toSorted(
    (a, b) => a.size - b.size || Number(a.bound) - Number(b.bound) || b.hitRate - a.hitRate,
  )
}

/** `−12.3 %` with a real minus sign where the cache makes it worse. */
function formatSignedPercent(fraction: number): string {
  return formatPercent(fraction)
    .replace(/^-(?=.*[1-9])/, '−')
    .replace(/^-/, '')
}

/** `ttl (10 min)`, `ttl (else 10 min)`: a column of its own would cost another one at 80 columns. */
export function withTtl({ policy, ttl, ttlSeconds }: Run): string {
  if (ttlSeconds === null) return policy
  return `${policy} (${ttl === 'recorded' ? 'else ' : ''}${formatSeconds(ttlSeconds)})`
}

/** ` ±0.4` behind every hit rate, all of one width; nothing where no run has an interval. */
function intervalTexts(runs: readonly Run[], digits: number): Map<Run, string> {
  const texts = runs.map(({ interval }) =>
    interval === null ? '' : ` ±${(((interval.high - interval.low) / 2) * 100).toFixed(digits)}`,
  )
  const width = Math.max(0, ...texts.map((text) => text.length))
  return new Map(runs.map((run, i) => [run, texts[i]!.padEnd(width)]))
}
