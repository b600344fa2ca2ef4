import type { Run, SweepResult } from '../core/result.ts'
import { formatPercent } from '../core/units.ts'
import { withTtl } from './compare-columns.ts'
import { formatShare, formatSize, NONE, percentDigits } from './numbers.ts'
import type { Column } from './table.ts'
import { displayWidth } from './text.ts'

type Sweep = SweepResult['simulated']

/** The runs of one policy, ascending in size. */
export interface PolicyRuns {
  readonly policy: string
  readonly bound: boolean
  readonly runs: readonly Run[]
}

/** The runs of a sweep by policy: candidates in the order they were given, then bounds. */
export function byPolicy(runs: readonly Run[]): PolicyRuns[] {
  const policies = [...new Set(runs.map((run) => run.policy))].map((policy) => {
    const own = runs.filter((run) => run.policy === policy).toSorted((a, b) => a.size - b.size)
    return { policy, bound: own[0]!.bound, runs: own }
  })
  return policies.toSorted((a, b) => Number(a.bound) - Number(b.bound))
}

/** One row a policy: the knee, and the answers that do not depend on the range. */
export function answerColumns(sweep: Sweep): Column[] {
  const policies = byPolicy(sweep.runs)
  if (policies.length === 0) return []
  const unit = sweep.runs[0]!.sizeUnit
  const digits = percentDigits(sweep.runs.map((run) => run.hitRate))
  const ttlsDiffer = new Set(sweep.runs.map((run) => run.ttlSeconds)).size > 1
  const kneeOf = (policy: string) => sweep.knee.find((knee) => knee.policy === policy)
  const curveOf = (policy: string) => sweep.curves.find((curve) => curve.policy === policy)
  const size = (value: number | null | undefined) => (value == null ? NONE : formatSize(value, unit))
  const rate = (value: number | null | undefined) => (value == null ? NONE : formatPercent(value, digits))
  const cells = (cell: (policy: PolicyRuns) => string) => policies.map(cell)
  const shares = [...new Set(sweep.curves.flatMap((curve) => curve.reaches.map((reach) => reach.share)))]
  const largest = Math.max(...sweep.runs.map((run) => run.size))
  return [
    {
      title: [ttlsDiffer ? 'policy (TTL)' : 'policy'],
      align: 'left',
      drop: 0,
      cells: cells(({ policy, runs }) => (ttlsDiffer ? withTtl(runs[0]!) : policy)),
    },
    { title: ['knee'], align: 'right', drop: 0, cells: cells(({ policy }) => size(kneeOf(policy)?.size)) },
    {
      title: ['hit rate', 'at knee'],
      align: 'right',
      drop: 2,
      cells: cells(({ policy }) => rate(kneeOf(policy)?.hitRate)),
    },
    ...shares.map(
      (share, i): Column => ({
        title: [`${formatShare(share)} of`, 'ceiling'],
        align: 'right',
        drop: i === 0 ? 3 : shares.length - i === 1 ? 5 : 4,
        cells: cells(({ policy }) =>
          size(curveOf(policy)?.reaches.find((reach) => reach.share === share)?.size),
        ),
      }),
    ),
    {
      title: ['worth-', 'while'],
      align: 'right',
      drop: 1,
      cells: cells(({ policy }) => size(curveOf(policy)?.worthwhile.size)),
    },
    {
      title: ['hit rate', `at ${formatSize(largest, unit)}`],
      align: 'right',
      drop: 6,
      cells: cells(({ runs }) => rate(runs.find((run) => run.size === largest)?.hitRate)),
    },
  ]
}

/** One row a policy, one column a size, hit rates in percent. `width` limits how many sizes are chosen. */
export function rateColumns(sweep: Sweep, width: number): Column[] {
  const policies = byPolicy(sweep.runs)
  const sizes = [...new Set(sweep.runs.map((run) => run.size))].sort((a, b) => a - b)
  if (policies.length === 0) return []
  const unit = sweep.runs[0]!.sizeUnit
  const digits = percentDigits(sweep.runs.map((run) => run.hitRate))
  const widest = Math.max('100.0'.length + digits - 1, ...sizes.map((size) => formatSize(size, unit).length))
  const names = Math.max(...policies.map(({ policy }) => displayWidth(policy)))
  const room = Math.max(2, Math.floor((width - Math.min(names, width / 3)) / (widest + 2)))
  return [
    { title: ['policy'], align: 'left', drop: 0, cells: policies.map(({ policy }) => policy) },
    ...spread(sizes, room).map(
      (size): Column => ({
        title: [formatSize(size, unit)],
        align: 'right',
        drop: 0,
        cells: policies.map(({ runs }) => {
          const run = runs.find((one) => one.size === size)
          return run === undefined ? NONE : (run.hitRate * 100).toFixed(digits)
        }),
      }),
    ),
  ]
}

/** At most `count` (2 or more) of `values`, evenly spread, the first and the last among them. */
export function spread<T>(values: readonly T[], count: number): T[] {
  if (values.length <= count) return [...values]
  return Array.from({ length: count }, (_, i) => values[Math.round((i * (values.length - 1)) / (count - 1))]!)
}

/** What the titles mean, and how the sizes under them were found: a term and a sentence each. */
export function describeMethods(sweep: Sweep): [string, string][] {
  const unit = sweep.runs[0]?.sizeUnit ?? 'entries'
  const [knee] = sweep.knee
  const [curve] = sweep.curves
  const methods: [string, string][] = []
  if (knee !== undefined) {
    const range = `${formatSize(knee.from, unit)} to ${formatSize(knee.to, unit)}`
    methods.push(['knee', `Kneedle, S = ${knee.sensitivity}, from ${range}; it moves with that range`])
  }
  if (curve !== undefined) {
    const step = `${curve.worthwhile.minimumGain} points per 1 % of the ${unit === 'bytes' ? 'bytes' : 'keys'}`
    methods.push(
      [
        'of ceiling',
        'smallest simulated size this near to a cache that never evicts (with the policy’s own TTL)',
      ],
      ['worthwhile', `largest size whose last step gained ${step}`],
    )
  }
  for (const { policy, reason } of sweep.knee.filter((one) => one.size === null)) {
    methods.push(['no knee', `${policy}${reason ? `: ${reason}` : ''}`])
  }
  return methods
}
