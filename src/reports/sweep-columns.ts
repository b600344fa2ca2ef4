import type { CurveAnswers, Knee, KneePoint, Run, SweepResult } from '../core/result.ts'
import { boundsLast, byPolicy } from '../core/run-groups.ts'
import { spreadEvenly } from '../core/spread-evenly.ts'
import { formatPercent, plural } from '../core/units.ts'
import { listOf } from '../core/words.ts'
import { withTtl } from './compare-columns.ts'
import { formatShare, formatSize, NONE, percentDigits } from './numbers.ts'
import type { Column } from './table.ts'
import { displayWidth } from './text.ts'

type Sweep = SweepResult['simulated']

/** A row of the answers: a policy, or the best of the candidates at each size. */
export interface AnswerRow {
  readonly name: string
  readonly kind: 'candidate' | 'best of all' | 'bound'
  readonly knee: KneePoint | undefined
  readonly answers: Pick<CurveAnswers, 'reaches' | 'worthwhile'> | undefined
  /** At the largest size. */
  readonly lastRate: number | undefined
}

/** Candidates, the best of them at each size unless that is always the same, bounds. */
export function answerRows(sweep: Sweep): AnswerRow[] {
  const { envelope } = sweep
  const showTtl = ttlsDiffer(sweep)
  const largest = Math.max(...sweep.runs.map((run) => run.size))
  const policies = boundsLast(byPolicy(sweep.runs)).map(
    ({ policy, bound, runs }): AnswerRow => ({
      name: showTtl ? withTtl(runs[0]!) : policy,
      kind: bound ? 'bound' : 'candidate',
      knee: sweep.knee.find((knee) => knee.policy === policy),
      answers: sweep.curves.find((curve) => curve.policy === policy),
      lastRate: runs.find((run) => run.size === largest)?.hitRate,
    }),
  )
  const severalBest = new Set(envelope?.points.map(({ policy }) => policy)).size > 1
  const best: AnswerRow[] =
    envelope === undefined || !severalBest
      ? []
      : [
          {
            name: 'best of all',
            kind: 'best of all',
            knee: envelope.knee,
            answers: envelope,
            lastRate: envelope.points.at(-1)?.hitRate,
          },
        ]
  const bounds = policies.filter(({ kind }) => kind === 'bound')
  return [...policies.filter(({ kind }) => kind !== 'bound'), ...best, ...bounds]
}

/** The knee, how sure it is, and the answers that do not depend on the range. */
export function answerColumns(sweep: Sweep): Column[] {
  const rows = answerRows(sweep)
  if (rows.length === 0) return []
  const unit = sweep.runs[0]!.sizeUnit
  const digits = percentDigits(sweep.runs.map((run) => run.hitRate))
  const size = (value: number | null | undefined) => (value == null ? NONE : formatSize(value, unit))
  const rate = (value: number | null | undefined) => (value == null ? NONE : formatPercent(value, digits))
  const cells = (cell: (row: AnswerRow) => string) => rows.map(cell)
  const shares = [...new Set(sweep.curves.flatMap((curve) => curve.reaches.map((reach) => reach.share)))]
  const largest = Math.max(...sweep.runs.map((run) => run.size))
  const ranges = cells(({ knee }) => formatKneeRange(knee, unit))
  const isAnyUncertain = rows.some(({ knee }) => knee?.range?.uncertain)
  return [
    {
      title: [ttlsDiffer(sweep) ? 'policy (TTL)' : 'policy'],
      align: 'left',
      drop: 0,
      cells: cells(({ name }) => name),
    },
    { title: ['knee'], align: 'right', drop: 0, cells: cells(({ knee }) => size(knee?.size)) },
    ...(ranges.some((range) => range !== '')
      ? [{ title: ['knee', 'between'], align: 'right' as const, drop: isAnyUncertain ? 4 : 8, cells: ranges }]
      : []),
    {
      title: ['hit rate', 'at knee'],
      align: 'right',
      drop: 2,
      cells: cells(({ knee }) => rate(knee?.hitRate)),
    },
    ...shares.map(
      (share, i): Column => ({
        title: [`${formatShare(share)} of`, 'ceiling'],
        align: 'right',
        drop: i === 0 ? 3 : shares.length - i === 1 ? 6 : 5,
        cells: cells(({ answers }) => size(answers?.reaches.find((reach) => reach.share === share)?.size)),
      }),
    ),
    {
      title: ['worth-', 'while'],
      align: 'right',
      drop: 1,
      cells: cells(({ answers }) => size(answers?.worthwhile.size)),
    },
    {
      title: ['hit rate', `at ${formatSize(largest, unit)}`],
      align: 'right',
      drop: 7,
      cells: cells(({ lastRate }) => rate(lastRate)),
    },
  ]
}

/** One row a policy, one column a size, hit rates in percent. `width` limits how many sizes are chosen. */
export function rateColumns(sweep: Sweep, width: number): Column[] {
  const policies = boundsLast(byPolicy(sweep.runs))
  const sizes = [...new Set(sweep.runs.map((run) => run.size))].sort((a, b) => a - b)
  if (policies.length === 0) return []
  const unit = sweep.runs[0]!.sizeUnit
  const digits = percentDigits(sweep.runs.map((run) => run.hitRate))
  const widest = Math.max('100.0'.length + digits - 1, ...sizes.map((size) => formatSize(size, unit).length))
  const names = Math.max(...policies.map(({ policy }) => displayWidth(policy)))
  const room = Math.max(2, Math.floor((width - Math.min(names, width / 3)) / (widest + 2)))
  return [
    { title: ['policy'], align: 'left', drop: 0, cells: policies.map(({ policy }) => policy) },
    ...spreadEvenly(sizes, room).map(
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
  const known = answerRows(sweep).find((row) => formatKneeRange(row.knee, unit) !== '')?.knee?.range
  if (known != null) {
    methods.push([
      'between',
      `where ${formatPercent(known.level, 0)} of the knees of ${known.samples} curves lie that were resampled from parts of the run`,
    ])
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
  const uncertain = sweep.knee.filter(({ size, range }) => size !== null && range?.uncertain)
  if (uncertain.length > 0) {
    methods.push([
      'uncertain',
      `the ${uncertain.length === 1 ? 'knee' : 'knees'} of ${namesOf(uncertain, sweep)}`,
    ])
  }
  const none = sweep.knee.filter(({ size }) => size === null)
  for (const reason of new Set(none.map(({ reason }) => reason))) {
    const alike = none.filter((knee) => knee.reason === reason)
    methods.push(['no knee', `${namesOf(alike, sweep)}${reason ? `: ${reason}` : ''}`])
  }
  return methods
}

/** Where the knee lies by the resampled curves; nothing where they all agree. */
function formatKneeRange(knee: KneePoint | undefined, unit: Run['sizeUnit']): string {
  const { low = null, high = null } = knee?.range ?? {}
  if (low === null || high === null || low === high) return ''
  return `${formatSize(low, unit)}–${formatSize(high, unit)}`
}

/** Policies of a list that are named. */
const MOST_NAMES = 8

function namesOf(knees: readonly Knee[], sweep: Sweep): string {
  if (knees.length > 1 && knees.length === sweep.knee.length)
    return `all ${plural(knees.length, 'policy', 'policies')}`
  return listOf(
    knees.map(({ policy }) => policy),
    MOST_NAMES,
  )
}

function ttlsDiffer({ runs }: Sweep): boolean {
  return new Set(runs.map((run) => run.ttlSeconds)).size > 1
}
