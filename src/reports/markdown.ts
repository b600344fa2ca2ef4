import type { ReportDefinition } from '../core/report.ts'
import type { InspectResult, Result, SimulateResult, SweepResult } from '../core/result.ts'
import { formatCount, formatSeconds } from '../core/units.ts'
import { benchTables, describeBench } from './bench-columns.ts'
import { compareColumns, ranked } from './compare-columns.ts'
import { findDisagreements } from './consistency.ts'
import { describeChecks, describeEstimates, estimateColumns } from './estimate-sheet.ts'
import { describeResult } from './facts.ts'
import { gridSlices, ttlAnswerColumns, ttlRateColumns } from './grid-sheet.ts'
import {
  describeWithin,
  formatDistance,
  formatRoundSeconds,
  histogramColumns,
  inspectionFindings,
  keyColumnColumns,
  popularityColumns,
  quantileColumns,
  topKeyColumns,
} from './inspect-sheet.ts'
import { verdictOf, warningsOf } from './said.ts'
import { tierColumns, variantColumns, withAndWithoutColumns } from './service-sheet.ts'
import { bestColumns, pointColumns } from './size-columns.ts'
import { answerColumns, describeMethods, rateColumns } from './sweep-columns.ts'
import type { Column } from './table.ts'
import { cleanResult } from './text.ts'
import { describeTies } from './ties.ts'
import { variedPaths, varies } from './varied.ts'
import { windowTable } from './window-sheet.ts'

/** GitHub-flavoured Markdown, to paste into a pull request: the answer first, then the tables, then how it was got. */
const markdown: ReportDefinition = {
  name: 'markdown',
  summary: 'verdict and tables to paste into a pull request',
  extension: 'md',
  commands: ['compare', 'sweep', 'inspect', 'bench', 'simulate'],
  render(result) {
    return renderMarkdown(cleanResult(result))
  },
}
export default markdown

/** As wide as a rate table gets: Markdown has no terminal, readers have screens. */
const RATE_TABLE_WIDTH = 100
const KEY_WIDTH = 60

function renderMarkdown(result: Result): string {
  const { workload } = result.simulated
  const warnings = [...warningsOf(result), ...findDisagreements(result)]
  const facts = describeResult(result).map(({ label, items }) => {
    const texts = items.map(({ text, assumed }) => escapeProse(text) + (assumed ? ' *(assumed)*' : ''))
    return `- **${label}**: ${texts.join(' · ')}`
  })
  const blocks = [
    [`## cachesim ${result.command}: ${escapeProse(workload.name)}`],
    ...verdictOf(result).map((sentence) => [escapeProse(sentence)]),
    warnings
      .map((warning) => `> **Warning:** ${escapeProse(warning)}`)
      .flatMap((line, i) => (i > 0 ? ['>', line] : [line])),
    ...renderTables(result),
    facts,
    result.command === 'inspect' ? commandBlock(result.simulated.compareCommand) : [],
  ]
  return `${blocks
    .filter((block) => block.length > 0)
    .map((block) => block.join('\n'))
    .join('\n\n')}\n`
}

function renderTables(result: Result): string[][] {
  switch (result.command) {
    case 'compare': {
      const rows = ranked(result.simulated.runs)
      if (rows.length === 0) return []
      const ties = describeTies(rows, result.simulated.comparisons)
      return [pipeTable(compareColumns(rows)), ties === undefined ? [] : [escapeProse(ties)]]
    }
    case 'sweep': {
      const { estimates } = result.simulated
      if (estimates)
        return [
          [`${escapeProse(describeEstimates(estimates))}:`],
          pipeTable(estimateColumns(estimates, RATE_TABLE_WIDTH)),
          describeChecks(estimates).map(([term, text]) => `- **${term}**: ${escapeProse(text)}`),
        ]
      if (result.simulated.runs.length === 0) return []
      if (result.simulated.settings.ttls !== undefined)
        return [...gridTables(result.simulated), ...windowTables(result.simulated)]
      const best = bestColumns(result.simulated)
      const points = pointColumns(result.simulated)
      return [
        pipeTable(answerColumns(result.simulated)),
        describeMethods(result.simulated).map(([term, text]) => `- **${term}**: ${escapeProse(text)}`),
        ...(best.length === 0 ? [] : [pipeTable(best)]),
        ...(points === undefined
          ? []
          : [
              [`${escapeProse(capitalised(points.title))}:`],
              pipeTable(points.columns),
              [`${escapeProse(capitalised(points.worth))}.`],
            ]),
        ['Hit rate in % by size:'],
        pipeTable(rateColumns(result.simulated, RATE_TABLE_WIDTH)),
        ...windowTables(result.simulated),
      ]
    }
    case 'simulate':
      return serviceTables(result.simulated)
    case 'inspect': {
      const { simulated } = result
      const { source } = simulated.workload
      const quantiles = quantileColumns(simulated)
      const [names, ...rest] = topKeyColumns(simulated, KEY_WIDTH)
      return [
        inspectionFindings(simulated).map(([name, finding]) => `- **${name}**: ${escapeProse(finding)}`),
        ...(quantiles === undefined ? [] : [pipeTable(quantiles)]),
        ...(simulated.inspection.reuseSeconds === null
          ? []
          : [[`- **reuses within**: ${describeWithin(simulated).join(' · ')}`]]),
        ...inspectionTables(simulated).map((columns) => pipeTable(columns)),
        ...(simulated.inspection.topKeys.length === 0 ? [] : [pipeTable([names!, ...rest], codeCell)]),
        (source?.notes ?? []).map((note) => `- ${escapeProse(note)}`),
        (source?.badRowSamples ?? []).map(
          ({ line, reason }) => `- bad row, line ${formatCount(line)}: ${escapeProse(reason)}`,
        ),
      ]
    }
    case 'bench':
      return [
        ...benchTables(result).flatMap(({ title, columns, notes }) => [
          [`${escapeProse(title)}:`],
          pipeTable(columns),
          notes.map((note) => `- ${escapeProse(note)}`),
        ]),
        describeBench(result).map(([term, text]) => `- **${escapeProse(term)}**: ${escapeProse(text)}`),
      ]
  }
}

/** Sizes and TTLs: the best policy's answers, and what a few serve. */
function gridTables(sweep: SweepResult['simulated']): string[][] {
  const { shown, others } = gridSlices(sweep)
  const [best] = shown
  return [
    [`${escapeProse(best!.policy)}:`],
    pipeTable(ttlAnswerColumns(best!)),
    describeMethods(best!.sweep).map(([term, text]) => `- **${term}**: ${escapeProse(text)}`),
    ...shown.flatMap((slice) => [
      [`Hit rate of ${escapeProse(slice.policy)} in % by TTL and size:`],
      pipeTable(ttlRateColumns(slice, RATE_TABLE_WIDTH, false)),
    ]),
    others.length === 0 ? [] : [`Not shown: ${escapeProse(others.join(', '))}, which CSV and JSON have.`],
  ]
}

function windowTables(sweep: SweepResult['simulated']): string[][] {
  const table = windowTable(sweep, RATE_TABLE_WIDTH, false)
  return table === undefined
    ? []
    : [[`${escapeProse(table.title.replace(/^h/, 'H'))}:`], pipeTable(table.columns)]
}

function serviceTables({ variants, service }: SimulateResult['simulated']): string[][] {
  const [variant] = variants
  return [
    ...(variants.length > 1
      ? [pipeTable(variantColumns(variants), codeCell)]
      : [
          pipeTable(withAndWithoutColumns(variant!)),
          ...(variant!.with.tiers.length === 0 ? [] : [pipeTable(tierColumns(variant!))]),
        ]),
    (varies(variedPaths(variants), 'events') ? [] : service.events).map(
      ({ at, text }) => `- ${formatSeconds(at)}: ${escapeProse(text)}`,
    ),
  ]
}

function capitalised(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}

/** The command to run next, in a fence longer than any in it. */
function commandBlock(pieces: readonly string[] | null): string[] {
  if (pieces === null) return []
  const command = pieces.join(' ')
  const fence = '`'.repeat(Math.max(3, longestRun(command) + 1))
  return [`${fence}sh`, command, fence]
}

/** What the terminal draws, as tables. */
function inspectionTables(simulated: InspectResult['simulated']): Column[][] {
  const { reuseDistance, reuseSeconds } = simulated.inspection
  return [
    histogramColumns('reuse distance', reuseDistance?.histogram, formatDistance),
    histogramColumns('time between uses', reuseSeconds?.histogram, formatRoundSeconds),
    popularityColumns(simulated),
    keyColumnColumns(simulated, KEY_WIDTH),
  ].filter((columns) => columns !== undefined)
}

/** A pipe table; `first` writes the cells of the first column. */
function pipeTable(columns: readonly Column[], first: (text: string) => string = escapeProse): string[] {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`
  const rows = columns[0]!.cells.map((_, row) =>
    line(columns.map((column, i) => (i === 0 ? first : escapeProse)(column.cells[row]!.trimEnd()))),
  )
  const titles = columns.map((column) => escapeProse(column.title.join(' ').replace('- ', '')))
  return [line(titles), line(columns.map(({ align }) => (align === 'left' ? ':---' : '---:'))), ...rows]
}

/**
 * Text that Markdown takes as it stands: no emphasis, links, tags, cells or formulas come of it. What would do nothing
 * where it stands is left alone: an underscore within a word, a dollar sign by itself.
 */
function escapeProse(text: string): string {
  const formulas = text.indexOf('$') !== text.lastIndexOf('$')
  return text
    .replace(formulas ? /[\\`*~<>[\]|&$]/g : /[\\`*~<>[\]|&]/g, '\\$&')
    .replace(/(?<![\p{L}\p{N}])_|_(?![\p{L}\p{N}])/gu, '\\_')
    .replace(/\s+/g, ' ')
    .trim()
}

/** A code span within a table cell: fenced by more backticks than it holds, pipes escaped as GFM wants even there. */
function codeCell(text: string): string {
  const fence = '`'.repeat(longestRun(text) + 1)
  const gap = /^[` ]|[` ]$/.test(text) ? ' ' : ''
  return text === '' ? '*(empty)*' : `${fence}${gap}${text.replaceAll('|', '\\|')}${gap}${fence}`
}

/** Of backticks. */
function longestRun(text: string): number {
  return Math.max(0, ...(text.match(/`+/g) ?? []).map((run) => run.length))
}
