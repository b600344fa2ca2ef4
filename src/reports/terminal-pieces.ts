/* What several parts of the report for a terminal are made of. */
import type { Run } from '../core/result.ts'
import { formatPercent } from '../core/units.ts'
import { renderBars } from './bar-chart.ts'
import type { Colors } from './colors.ts'
import { formatSize, percentDigits } from './numbers.ts'
import type { Column, TableLook } from './table.ts'
import { renderTable } from './table.ts'
import { wrap } from './text.ts'

/** How wide, and in which colours. */
export interface Look {
  readonly width: number
  readonly colors: Colors
}

/** A table, and under it what there was no room for. */
export function tableWithNote(columns: readonly Column[], look: TableLook): string[] {
  const { lines, left } = renderTable(columns, look)
  if (left.length === 0) return lines
  const names = left.map((column) => column.title.join(' ')).join(', ')
  return [
    ...lines,
    ...wrap(`not shown at this width: ${names}`, look.width).map((line) => look.colors.dim(line)),
  ]
}

/** A bar for each run. */
export function renderRateBars(runs: readonly Run[], { width, colors }: Look): string[] {
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
