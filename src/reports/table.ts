import Table from 'cli-table3'
import type { Colors } from './colors.ts'
import { cutMiddle, displayWidth } from './text.ts'

/**
 * Tables without boxes: a thin rule under the titles, numbers to the right. Columns, not rows, are what a table is made
 * of here, so that whole columns can go where the terminal is narrow: the least important first, and said so.
 */
export interface Column {
  /** The title, one string a line. */
  readonly title: readonly string[]
  readonly align: 'left' | 'right'
  /** 0: never left out; the highest is left out first. */
  readonly drop: number
  /** One a row. */
  readonly cells: readonly string[]
}

/** What a table looks like beyond its cells. Rows are numbered from 0, titles not counted. */
export interface TableLook {
  /** Columns of the terminal. */
  readonly width: number
  readonly colors: Colors
  /** Rows that have a rule above them. */
  readonly rulesBefore?: readonly number[]
  readonly paintRow?: (row: number, cell: string, column: Column) => string
}

const GAP = 2
const NARROWEST_NAME = 8
const noBorders = Object.fromEntries(
  [
    'top',
    'top-mid',
    'top-left',
    'top-right',
    'bottom',
    'bottom-mid',
    'bottom-left',
    'bottom-right',
    'left',
    'left-mid',
    'mid',
    'mid-mid',
    'right',
    'right-mid',
  ].map((name) => [name, '']),
)

/**
 * The lines of a table, and the columns it had no room for.
 * A first column that is too long even so is cut in the middle.
 */
export function renderTable(
  columns: readonly Column[],
  look: TableLook,
): { lines: string[]; left: readonly Column[] } {
  const shown = fitColumns(columns, look.width)
  const titleLines = Math.max(...shown.map((column) => column.title.length))
  const table = new Table({
    chars: { ...noBorders, middle: ' '.repeat(GAP) },
    style: { 'padding-left': 0, 'padding-right': 0, head: [], border: [] },
    colAligns: shown.map((column) => column.align),
  })
  table.push(
    shown.map((column) => ({
      content: column.title.map(look.colors.bold).join('\n'),
      vAlign: 'bottom' as const,
    })),
  )
  const paint = look.paintRow ?? ((_row: number, cell: string) => cell)
  for (let row = 0; row < shown[0]!.cells.length; row++) {
    table.push(shown.map((column) => paint(row, column.cells[row]!, column)))
  }
  const lines = table
    .toString()
    .split('\n')
    .map((line) => line.trimEnd())
  const rule = look.colors.dim('─'.repeat(tableWidth(shown)))
  for (const row of (look.rulesBefore ?? []).toReversed()) lines.splice(titleLines + row, 0, rule)
  lines.splice(titleLines, 0, rule)
  return { lines, left: columns.filter((column) => !shown.some(({ title }) => title === column.title)) }
}

function columnWidth(column: Column): number {
  return Math.max(...column.title.map(displayWidth), ...column.cells.map(displayWidth))
}

function tableWidth(columns: readonly Column[]): number {
  return columns.reduce((sum, column) => sum + columnWidth(column), GAP * (columns.length - 1))
}

function fitColumns(columns: readonly Column[], width: number): readonly Column[] {
  const shown = [...columns]
  const readable = shown[0] === undefined ? 0 : Math.min(columnWidth(shown[0]), width / 3)
  const needed = () => tableWidth(shown) - columnWidth(shown[0]!) + readable
  while (needed() > width) {
    const most = Math.max(...shown.map((column) => column.drop))
    if (most === 0) break
    shown.splice(
      shown.findLastIndex((column) => column.drop === most),
      1,
    )
  }
  const excess = tableWidth(shown) - width
  if (excess > 0) {
    const first = shown[0]!
    const room = Math.max(NARROWEST_NAME, columnWidth(first) - excess)
    shown[0] = { ...first, cells: first.cells.map((cell) => cutMiddle(cell, room)) }
  }
  return shown
}
