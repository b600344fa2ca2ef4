import type { SweepEstimates } from '../core/estimate-result.ts'
import type { ReportDefinition, ReportOptions } from '../core/report.ts'
import type {
  BenchResult,
  CompareResult,
  Measured,
  Result,
  Run,
  SimulateResult,
  SweepResult,
} from '../core/result.ts'
import { boundsLast, byPolicy } from '../core/run-groups.ts'
import { formatPercent, formatSeconds } from '../core/units.ts'
import { createSizeAxis } from './axis.ts'
import { renderBars } from './bar-chart.ts'
import { benchTables, describeBench } from './bench-columns.ts'
import type { Colors } from './colors.ts'
import { createColors } from './colors.ts'
import { compareColumns, ranked } from './compare-columns.ts'
import { findDisagreements } from './consistency.ts'
import type { Curve } from './curves.ts'
import { describeChecks, describeEstimates, estimateColumns, estimatedPolicies } from './estimate-sheet.ts'
import type { Fact } from './fact.ts'
import { describeResult } from './facts.ts'
import { gridSlices, ttlAnswerColumns, ttlRateColumns } from './grid-sheet.ts'
import { paintHeat } from './heat.ts'
import { renderInspection } from './inspect-sheet.ts'
import { renderCurves } from './line-chart.ts'
import { formatLargeCount, formatSize, percentDigits } from './numbers.ts'
import { verdictOf, warningsOf } from './said.ts'
import { renderServiceChart, tierColumns, variantColumns, withAndWithoutColumns } from './service-sheet.ts'
import { bestColumns, pointColumns } from './size-columns.ts'
import type { AnswerRow } from './sweep-columns.ts'
import { answerColumns, answerRows, describeMethods, rateColumns } from './sweep-columns.ts'
import type { Column, TableLook } from './table.ts'
import { renderTable } from './table.ts'
import { cleanResult, cutMiddle, fill, hang, padRight, renderPairs, wrap } from './text.ts'
import { describeTies } from './ties.ts'
import { windowTable } from './window-sheet.ts'

/** What a person sees: header, table, chart, verdict, warnings. Everything stands two columns in, under its title. */
const INDENT = '  '
const NARROWEST = 40

const terminal: ReportDefinition = {
  name: 'terminal',
  summary: 'header, table, chart, verdict and warnings for a terminal',
  extension: 'txt',
  commands: ['compare', 'sweep', 'inspect', 'bench', 'simulate'],
  render(result, options) {
    return renderTerminal(cleanResult(result), options)
  },
}
export default terminal

function renderTerminal(result: Result, options: ReportOptions): string {
  const colors = createColors(options.color)
  const width = Math.max(NARROWEST, options.width) - INDENT.length
  const look = { width, colors }
  const { workload } = result.simulated
  const verdict = verdictOf(result)
  const blocks = [
    renderFacts(describeResult(result), look),
    ...renderBody(result, look),
    // How the trace was understood: what was guessed wrongly would make all of the above wrong.
    (workload.source?.notes ?? []).flatMap((note) => hang('note: ', wrap(note, width - 6), colors.dim)),
    result.command === 'inspect'
      ? renderAdvice(verdict, look)
      : verdict.flatMap((sentence) => wrap(sentence, width)).map((line) => colors.bold(line)),
    [...warningsOf(result), ...findDisagreements(result)].flatMap((warning) => renderWarning(warning, look)),
    result.measured === undefined ? [] : [colors.dim(describeMeasured(result.measured))],
    result.command === 'inspect' ? renderCommand(result.simulated.compareCommand, look) : [],
  ]
  const name = cutMiddle(workload.name, width - result.command.length)
  const title = `${colors.bold(colors.cyan(result.command))} ${colors.bold(name)}`
  const body = blocks
    .filter((block) => block.length > 0)
    .map((block) => block.map((line) => (line === '' ? '' : `${INDENT}${line}`)).join('\n'))
    .join('\n\n')
  return `${title}\n${body}\n`
}

interface Look {
  readonly width: number
  readonly colors: Colors
}

function renderBody(result: Result, look: Look): string[][] {
  switch (result.command) {
    case 'compare':
      return renderCompare(result.simulated, look)
    case 'sweep':
      return renderSweep(result.simulated, look)
    case 'inspect':
      return renderInspection(result.simulated, look)
    case 'bench':
      return renderBench(result, look)
    case 'simulate':
      return renderService(result.simulated, look)
  }
}

function renderFacts(facts: readonly Fact[], { width, colors }: Look): string[] {
  const labelWidth = Math.max(...facts.map((fact) => fact.label.length)) + 2
  return facts.flatMap(({ label, items }) => {
    const pieces = items.flatMap(({ text, assumed }) => {
      const [last = '', ...before] = wrap(text + (assumed ? ' (assumed)' : ''), width - labelWidth).reverse()
      return [...before.reverse(), last.replace(/\(assumed\)$/, colors.yellow('(assumed)'))]
    })
    return fill(pieces, colors.dim(' · '), width - labelWidth).map(
      (line, i) => colors.dim(padRight(i === 0 ? label : '', labelWidth)) + line,
    )
  })
}

function renderCompare({ runs, comparisons }: CompareResult['simulated'], look: Look): string[][] {
  if (runs.length === 0) return []
  const { colors } = look
  const rows = ranked(runs)
  const best = rows.find((run) => !run.bound)
  const rules = rows.flatMap((run, i) => (i > 0 && run.bound !== rows[i - 1]!.bound ? [i] : []))
  const paintRow = (row: number, cell: string, column: Column) => {
    if (rows[row]!.bound) return colors.dim(cell)
    if (rows[row] === best && (column.title[0] === 'hit rate' || column.title[0] === 'policy')) {
      return colors.green(cell)
    }
    return cell
  }
  return [
    [
      ...tableWithNote(compareColumns(rows), { ...look, rulesBefore: rules, paintRow }),
      ...wrap(describeTies(rows, comparisons) ?? '', look.width)
        .filter((line) => line !== '')
        .map(colors.dim),
    ],
    renderRateBars(rows, look),
  ]
}

function renderService(simulated: SimulateResult['simulated'], look: Look): string[][] {
  const { variants } = simulated
  if (variants.length > 1) return [tableWithNote(variantColumns(variants), look)]
  const [variant] = variants
  return [
    tableWithNote(withAndWithoutColumns(variant!), look),
    ...(variant!.with.tiers.length === 0 ? [] : [tableWithNote(tierColumns(variant!), look)]),
    renderServiceChart(simulated, look),
  ]
}

function renderRateBars(runs: readonly Run[], { width, colors }: Look): string[] {
  const digits = percentDigits(runs.map((run) => run.hitRate))
  const severalSizes = new Set(runs.map((run) => run.size)).size > 1
  const bars = runs.map((run) => ({
    label: severalSizes ? `${run.policy} ${formatSize(run.size, run.sizeUnit)}` : run.policy,
    value: run.hitRate,
    text: formatPercent(run.hitRate, digits),
    faint: run.bound,
  }))
  return [colors.dim('hit rate'), ...renderBars(bars, width, colors)]
}

function renderSweep(sweep: SweepResult['simulated'], look: Look): string[][] {
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
    const { bound, scales, exact } = policies[row]!
    if (bound) return colors.dim(cell)
    return !scales && !exact && column.title[0] === 'numbers' ? colors.yellow(cell) : cell
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

/** From here on a policy that others slow down stands out. */
const NOTABLE_SLOWDOWN = 0.25

function renderBench(result: BenchResult, look: Look): string[][] {
  const { colors, width } = look
  return [
    ...benchTables(result).map(({ title, columns, speeds, notes }) => {
      const firstPackage = speeds.findIndex((speed) => speed?.kind === 'package')
      const paintRow = (row: number, cell: string, column: Column) => {
        const speed = speeds[row]
        if (speed?.kind === 'package') return colors.dim(cell)
        const slow = (speed?.slowdown ?? 0) > NOTABLE_SLOWDOWN
        return slow && column.title[0] === 'longer than' ? colors.yellow(cell) : cell
      }
      return [
        colors.dim(title),
        ...tableWithNote(columns, { ...look, rulesBefore: firstPackage > 0 ? [firstPackage] : [], paintRow }),
        ...notes.flatMap((note) => wrap(note, width)).map(colors.dim),
      ]
    }),
    renderPairs(describeBench(result), width, colors.dim, colors.dim),
  ]
}

/** A table, and under it what there was no room for. */
function tableWithNote(columns: readonly Column[], look: TableLook): string[] {
  const { lines, left } = renderTable(columns, look)
  if (left.length === 0) return lines
  const names = left.map((column) => column.title.join(' ')).join(', ')
  return [
    ...lines,
    ...wrap(`not shown at this width: ${names}`, look.width).map((line) => look.colors.dim(line)),
  ]
}

function renderWarning(warning: string, { width, colors }: Look): string[] {
  return hang('warning: ', wrap(warning, width - 'warning: '.length), colors.yellow)
}

function renderAdvice(sentences: readonly string[], { width, colors }: Look): string[] {
  const bullet = '• '
  return [
    colors.bold('advice'),
    ...sentences.flatMap((sentence) => hang(bullet, wrap(sentence, width - bullet.length), colors.cyan)),
  ]
}

/** A command to be copied: lines that a shell reads as one, as long as its words are. */
function renderCommand(pieces: readonly string[] | null, { width, colors }: Look): string[] {
  if (pieces === null) return []
  const lines = fill(pieces, ' ', width - ' \\'.length - INDENT.length)
  return [
    colors.bold('compare policies on it'),
    ...lines.map((line, i) => `${i > 0 ? INDENT : ''}${line}${i < lines.length - 1 ? ' \\' : ''}`),
  ]
}

function describeMeasured(measured: Measured): string {
  const took = `took ${formatSeconds(measured.totalSeconds)}`
  const speed = Number(measured.requestsPerSecond.toPrecision(3))
  return speed > 0 ? `${took}, ${formatLargeCount(speed)} requests/s replayed` : took
}
