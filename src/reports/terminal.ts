import type { ReportDefinition, ReportOptions } from '../core/report.ts'
import type { BenchResult, CompareResult, Measured, Result, SimulateResult } from '../core/result.ts'
import { formatSeconds } from '../core/units.ts'
import { benchTables, describeBench } from './bench-columns.ts'
import { createColors } from './colors.ts'
import { compareColumns, ranked } from './compare-columns.ts'
import { findDisagreements } from './consistency.ts'
import type { Fact } from './fact.ts'
import { describeResult } from './facts.ts'
import { renderInspection } from './inspect-sheet.ts'
import { formatLargeCount } from './numbers.ts'
import { verdictOf, warningsOf } from './said.ts'
import { renderServiceChart } from './service-chart.ts'
import { tierColumns, variantColumns, withAndWithoutColumns } from './service-sheet.ts'
import type { Column } from './table.ts'
import { type Look, renderRateBars, tableWithNote } from './terminal-pieces.ts'
import { renderSweep } from './terminal-sweep.ts'
import { cleanResult, cutMiddle, fill, hang, padRight, renderPairs, wrap } from './text.ts'
import { describeTies } from './ties.ts'

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
    result.measured === undefined ? [] : wrap(describeMeasured(result.measured), width).map(colors.dim),
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
