import { plot } from 'asciichart'
import type { SizeAxis } from './axis.ts'

/**
 * Curves over cache size as characters. asciichart draws each curve by itself; the layers are laid over each other here,
 * so that it is known which cell belongs to which curve. Every curve carries its letter again and again, each at columns
 * of its own: without colours, and where curves run into one, the reader can still tell which is which.
 */
export interface Curve {
  readonly name: string
  /** Ascending in size; hit rates are fractions. */
  readonly points: readonly { readonly size: number; readonly hitRate: number }[]
  readonly knee: number | null
  /** Sizes between which the knee lies, as far as that is known. */
  readonly kneeRange?: { readonly low: number; readonly high: number } | undefined
  /** A limit rather than a candidate: drawn faint and below the others. */
  readonly bound: boolean
}

/** One character of the plot and the number of the curve it belongs to. */
export interface Cell {
  readonly glyph: string
  readonly curve: number
}

/** Where the knee of a curve was marked. */
export interface PlacedKnee {
  readonly column: number
  /** Columns between which it may lie. */
  readonly from: number
  readonly to: number
  readonly curve: number
}

/** Rows from the lowest up; empty cells are undefined. */
type Cells = (Cell | undefined)[][]
type Heights = readonly (number | undefined)[]

const SOLID = ['│', '│', '─', '─', '─', '╰', '╭', '╮', '╯', '│']
const DOTTED = ['┆', '┆', '┄', '┄', '┄', '╰', '╭', '╮', '╯', '┆']
const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'

/** What marks the knee on its curve. */
export const KNEE = '◆'

/** The letter of the curve numbered `curve`. */
export function letterOf(curve: number): string {
  return LETTERS[curve % LETTERS.length]!
}

/** The column a size falls on. */
export function columnOf(axis: SizeAxis, size: number, columns: number): number {
  return Math.max(0, Math.min(columns - 1, Math.round(axis.position(size) * columns - 0.5)))
}

/**
 * All curves on `rows` + 1 rows of `columns` characters, lettered where there are several, with their knees by column.
 * @param rateTicks percentages; the first is the lowest row, the last the highest
 */
export function drawCurves(
  curves: readonly Curve[],
  axis: SizeAxis,
  columns: number,
  rows: number,
  rateTicks: readonly number[],
): { cells: Cells; knees: PlacedKnee[] } {
  const values = curves.map((curve) => resample(curve, axis, columns, rows, rateTicks))
  const cells: Cells = Array.from({ length: rows + 1 }, () => Array(columns).fill(undefined))
  layOver(curves, values, cells)
  const knees = placeKnees(curves, values, axis, cells)
  if (curves.length > 1) writeLetters(values, cells)
  return { cells, knees }
}

/** Heights in rows at columns 0 … columns (both ends), undefined where the curve has no points. */
function resample(
  curve: Curve,
  axis: SizeAxis,
  columns: number,
  rows: number,
  rateTicks: readonly number[],
): Heights {
  const low = rateTicks[0]!
  const span = rateTicks.at(-1)! - low
  const points = curve.points.map(({ size, hitRate }) => ({
    column: axis.position(size) * columns,
    height: ((hitRate * 100 - low) / span) * rows,
  }))
  let next = 0
  return Array.from({ length: columns + 1 }, (_, column) => {
    while (next < points.length - 1 && points[next]!.column < column - 1e-6) next++
    const right = points[next]!
    const left = points[Math.max(0, next - 1)]!
    if (column < points[0]!.column - 0.5 || column > points.at(-1)!.column + 0.5) return undefined
    const part = right.column > left.column ? (column - left.column) / (right.column - left.column) : 1
    return left.height + (right.height - left.height) * Math.min(1, Math.max(0, part))
  })
}

function layOver(curves: readonly Curve[], values: readonly Heights[], cells: Cells): void {
  const rows = cells.length - 1
  const order = curves.map((_, i) => i).reverse()
  for (const curve of [...order.filter((i) => curves[i]!.bound), ...order.filter((i) => !curves[i]!.bound)]) {
    const heights = values[curve]!
    const first = heights.findIndex((height) => height !== undefined)
    const drawn = heights.filter((height) => height !== undefined)
    if (drawn.length < 2) continue
    const lines = plot(drawn, {
      min: 0,
      max: rows,
      height: rows,
      offset: 2,
      format: () => ' ',
      symbols: curves[curve]!.bound ? DOTTED : SOLID,
    }).split('\n')
    for (let row = 0; row <= rows; row++) {
      ;[...lines[rows - row]!.slice(2)].forEach((glyph, i) => {
        if (glyph !== ' ') cells[row]![first + i] = { glyph, curve }
      })
    }
  }
}

/** Writes every curve's letter along it, at columns no other curve uses. */
function writeLetters(values: readonly Heights[], cells: Cells): void {
  const period = Math.max(12, 2 * values.length)
  values.forEach((heights, curve) => {
    const start = Math.floor(((curve + 0.5) * period) / values.length)
    for (let column = start; column < heights.length - 1; column += period) {
      const height = heights[column + 1]
      if (height === undefined) continue
      const row = cells[Math.round(height)]!
      if (row[column]?.glyph !== KNEE) row[column] = { glyph: letterOf(curve), curve }
    }
  })
}

/** Marks the knee on each curve that has one. */
function placeKnees(
  curves: readonly Curve[],
  values: readonly Heights[],
  axis: SizeAxis,
  cells: Cells,
): PlacedKnee[] {
  const knees: PlacedKnee[] = []
  curves.forEach((curve, i) => {
    if (curve.knee === null) return
    const columns = cells[0]!.length
    const column = columnOf(axis, curve.knee, columns)
    const { low, high } = curve.kneeRange ?? { low: curve.knee, high: curve.knee }
    const height = values[i]![column + 1] ?? values[i]![column]
    if (height === undefined) return
    cells[Math.round(height)]![column] = { glyph: KNEE, curve: i }
    knees.push({
      column,
      from: Math.min(column, columnOf(axis, low, columns)),
      to: Math.max(column, columnOf(axis, high, columns)),
      curve: i,
    })
  })
  return knees.sort((a, b) => a.column - b.column)
}
