import { holds } from '../core/estimate-holds.ts'
import type { SweepEstimates } from '../core/estimate-result.ts'
import type { Run, SweepResult } from '../core/result.ts'
import { boundsLast, byPolicy } from '../core/run-groups.ts'
import { createSizeAxis } from './axis.ts'
import { ranked } from './compare-columns.ts'
import type { Curve } from './curves.ts'
import { describeChecks, describeEstimates, estimateColumns, estimatedPolicies } from './estimate-sheet.ts'
import { gridSlices, ttlAnswerColumns, ttlRateColumns } from './grid-sheet.ts'
import { paintHeat } from './heat.ts'
import { renderCurves } from './line-chart.ts'
import { formatLargeCount, formatSize } from './numbers.ts'
import { bestColumns, pointColumns } from './size-columns.ts'
import type { AnswerRow } from './sweep-columns.ts'
import { answerColumns, answerRows, describeMethods, rateColumns } from './sweep-columns.ts'
import type { Column, TableLook } from './table.ts'
import { type Look, renderRateBars, tableWithNote } from './terminal-pieces.ts'
import { renderPairs, wrap } from './text.ts'
import { windowTable } from './window-sheet.ts'

/** The charts and tables of a sweep, whatever it is over. */
export function renderSweep(sweep: SweepResult['simulated'], look: Look): string[][] {
  if (sweep.estimates) return renderEstimates(sweep.estimates, look)
  const policies = boundsLast(byPolicy(sweep.runs))
  if (policies.length === 0) return []
  if (sweep.settings.ttls !== undefined) return [...renderGrid(sweep, look), renderWindows(sweep, look)]
  const { colors, width } = look
  const answers = answerRows(sweep).map(({ kind }) => kind)
  const rates = policies.map(({ bound }) => (bound ? 'bound' : 'candidate'))
  const best = bestColumns(sweep)
  const points = pointColumns(sweep)
  return [
    renderSweepChart(sweep, look),
    tableWithNote(answerColumns(sweep), sweepTableLook(answers, look)),
    renderPairs(describeMethods(sweep), width, colors.dim, colors.dim),
    best.length === 0 ? [] : tableWithNote(best, look),
    points === undefined
      ? []
      : [
          ...wrap(points.title, width).map(colors.dim),
          ...tableWithNote(points.columns, look),
          ...wrap(points.worth, width).map(colors.dim),
        ],
    [
      colors.dim('hit rate in % by size'),
      ...tableWithNote(rateColumns(sweep, width), sweepTableLook(rates, look)),
    ],
    renderWindows(sweep, look),
  ]
}

/** Bounds are faint and below a rule, as is what is no policy. */
function sweepTableLook(kinds: readonly AnswerRow['kind'][], look: Look): TableLook {
  const first = kinds.findIndex((kind) => kind !== 'candidate')
  return {
    ...look,
    rulesBefore: first > 0 ? [first] : [],
    paintRow: (row, cell) => (kinds[row] === 'bound' ? look.colors.dim(cell) : cell),
  }
}

/** Sizes and TTLs: the best policy in full, of a few more the heat map. */
function renderGrid(sweep: SweepResult['simulated'], look: Look): string[][] {
  const { colors, width } = look
  const { shown, others } = gridSlices(sweep)
  const [best] = shown
  return [
    [
      ...wrap(`${best!.policy}, a curve for each TTL`, width).map(colors.bold),
      ...renderSweepChart(best!.sweep, look),
    ],
    tableWithNote(ttlAnswerColumns(best!), look),
    renderPairs(describeMethods(best!.sweep), width, colors.dim, colors.dim),
    ...shown.map((slice) => [
      ...wrap(`hit rate of ${slice.policy} in % by TTL and size`, width).map(colors.dim),
      ...tableWithNote(ttlRateColumns(slice, width, true), heatLook(look)),
    ]),
    others.length === 0
      ? []
      : wrap(`not shown: ${others.join(', ')}, which CSV and JSON have`, width).map(colors.dim),
  ]
}

function renderWindows(sweep: SweepResult['simulated'], look: Look): string[] {
  const table = windowTable(sweep, look.width, true)
  if (table === undefined) return []
  return [
    ...wrap(table.title, look.width).map(look.colors.dim),
    ...tableWithNote(table.columns, heatLook(look)),
  ]
}

function heatLook(look: Look): TableLook {
  return { ...look, paintRow: (_row, cell) => paintHeat(cell, look.colors) }
}

function renderSweepChart(sweep: SweepResult['simulated'], look: Look): string[] {
  const { sizeUnit } = sweep.runs[0]!
  const sizes = [...new Set(sweep.runs.map((run) => run.size))].sort((a, b) => a - b)
  if (sizes.length < 2) return renderRateBars(ranked(sweep.runs), look)
  const curves = boundsLast(byPolicy(sweep.runs)).map(({ policy, bound, runs }) => {
    const knee = sweep.knee.find((one) => one.policy === policy)
    const { low = null, high = null } = knee?.range ?? {}
    return {
      name: policy,
      bound,
      points: runs,
      knee: knee?.size ?? null,
      kneeRange: low === null || high === null ? undefined : { low, high },
    }
  })
  return renderSizeChart(curves, sizes, sizeUnit, look)
}

function renderSizeChart(
  curves: readonly Curve[],
  sizes: readonly number[],
  sizeUnit: Run['sizeUnit'],
  look: Look,
): string[] {
  const axis = createSizeAxis(sizes, sizeUnit)
  const caption = `cache size in ${sizeUnit}${axis.scale === 'log' ? ', log scale' : ''}`
  const formatTick = (size: number) =>
    sizeUnit === 'entries' && size >= 1e6 ? formatLargeCount(size) : formatSize(size, sizeUnit)
  return renderCurves(curves, axis, formatTick, caption, look)
}

/** What a sample says: the same chart, and rates with their margins. */
function renderEstimates(estimates: SweepEstimates, look: Look): string[][] {
  const { colors, width } = look
  const policies = estimatedPolicies(estimates)
  const sizes = estimates.sizes.map(({ size }) => size)
  const curves = policies.map(({ policy, bound, rates, knee }) => ({
    name: policy,
    bound,
    points: sizes.map((size, at) => ({ size, hitRate: rates[at]!.hitRate })),
    knee: knee.size,
  }))
  const rules = policies.flatMap(({ bound }, i) => (i > 0 && bound && !policies[i - 1]!.bound ? [i] : []))
  const paintRow = (row: number, cell: string, column: Column) => {
    const { bound, exact } = policies[row]!
    if (bound) return colors.dim(cell)
    return !holds(policies[row]!) && !exact && column.title[0] === 'numbers' ? colors.yellow(cell) : cell
  }
  return [
    sizes.length < 2 ? [] : renderSizeChart(curves, sizes, estimates.sizes[0]!.sizeUnit, look),
    [
      ...wrap(describeEstimates(estimates), width).map(colors.dim),
      ...tableWithNote(estimateColumns(estimates, width), { ...look, rulesBefore: rules, paintRow }),
    ],
    renderPairs(describeChecks(estimates), width, colors.dim, colors.dim),
  ]
}
