import type { SweepEstimates } from '../core/estimate-result.ts'
import type { ReportOptions } from '../core/report.ts'
import { createColors } from './colors.ts'
import { describeEstimates, estimateColumns } from './estimate-sheet.ts'
import { renderTable } from './table.ts'
import { cleanResult, wrap } from './text.ts'

/** Estimates as they stand on a terminal until the exact numbers are there: lines, without their ends. */
export function renderFirstLook(given: SweepEstimates, { color, width }: ReportOptions): string[] {
  const estimates = cleanResult(given)
  const colors = createColors(color)
  const columns = estimateColumns(estimates, width)
  return [
    colors.bold('a first look, until the exact numbers are there'),
    ...wrap(describeEstimates(estimates), width).map(colors.dim),
    ...renderTable(columns, { width, colors }).lines,
  ]
}
