import type { SizeAxis } from './axis.ts'
import { linearTicks } from './axis.ts'
import type { Colors } from './colors.ts'
import { curveColor } from './colors.ts'
import type { Cell, Curve, PlacedKnee } from './curves.ts'
import { columnOf, drawCurves, KNEE, letterOf } from './curves.ts'
import { cutMiddle, displayWidth, fill, padLeft } from './text.ts'

/**
 * A chart of curves: the axes, their ticks and labels, the knees under the axis of sizes, the legend. The curves
 * themselves are drawn by curves.ts.
 */

/** The lines of a chart of at most `width` columns: title, curves, axes, knees, legend. */
export function renderCurves(
  curves: readonly Curve[],
  axis: SizeAxis,
  formatTick: (size: number) => string,
  caption: string,
  look: { readonly width: number; readonly colors: Colors },
): string[] {
  const { colors } = look
  const percents = curves.flatMap((curve) => curve.points.map((point) => point.hitRate * 100))
  const rateTicks = chooseRateTicks(Math.min(...percents), Math.max(...percents))
  const labels = rateTicks.map((tick) => `${tick} %`)
  const margin = Math.max(...labels.map(displayWidth)) + 1
  const perTick = Math.max(2, Math.round((look.width >= 70 ? 15 : 12) / (rateTicks.length - 1)))
  const columns = Math.max(16, Math.min(110, look.width - margin - 2))
  const rows = perTick * (rateTicks.length - 1)
  const { cells, knees } = drawCurves(curves, axis, columns, rows, rateTicks)
  const paint = (cell: Cell | undefined) =>
    cell === undefined ? ' ' : paintCurve(curves, colors, cell.curve)(cell.glyph)
  const lines = [colors.dim('hit rate')]
  for (let row = rows; row >= 0; row--) {
    const tick = row % perTick === 0 ? labels[row / perTick]! : ''
    const side = tick === '' ? '│' : '┤'
    lines.push(
      `${colors.dim(`${padLeft(tick, margin - 1)} ${side}`)}${cells[row]!.map(paint).join('')}`.trimEnd(),
    )
  }
  const indent = ' '.repeat(margin + 1)
  lines.push(
    ...renderSizeAxis(axis, columns, formatTick).map((line, i) =>
      colors.dim(i === 0 ? `${' '.repeat(margin)}└${line}` : `${indent}${line}`),
    ),
  )
  for (const line of renderKnees(knees, columns, curves, formatTick)) {
    lines.push(indent + line.replace(/▲(\S*)/g, (mark) => colors.bold(mark)))
  }
  const captionEnd = indent.length + Math.floor((columns + displayWidth(caption)) / 2)
  lines.push(colors.dim(padLeft(caption, Math.min(look.width, captionEnd))))
  if (curves.length > 1) lines.push('', ...renderLegend(curves, knees.length > 0, indent, look))
  return lines
}

function paintCurve(curves: readonly Curve[], colors: Colors, curve: number): (text: string) => string {
  return curves[curve]!.bound ? colors.dim : curveColor(colors, curve)
}

/** Round percentages around all values; from 0 unless the curves all lie high, and are not flat. */
function chooseRateTicks(min: number, max: number): number[] {
  const from = min < max / 2 || max - min < 0.001 ? 0 : min
  return linearTicks(from, Math.max(max, 0.01), 5).filter((tick) => tick <= 100)
}

/** Lines on which each text of `placed` starts at its column (or before, so as to end within `columns`). */
function placeTexts(placed: readonly { column: number; text: string }[], columns: number): string[] {
  const lines: string[] = []
  for (const { column, text } of placed) {
    const start = Math.max(0, Math.min(column, columns - displayWidth(text)))
    const free = lines.findIndex((line) => displayWidth(line) === 0 || displayWidth(line) + 1 <= start)
    const index = free === -1 ? lines.length : free
    lines[index] = (lines[index] ?? '') + padLeft('', start - displayWidth(lines[index] ?? '')) + text
  }
  return lines
}

/** `├──▲─┤ knee 1,234`, the ends where it may lie; the label to the right, or the left, or below, where there is room. */
function renderOneKnee({ column, from, to }: PlacedKnee, columns: number, label: string): string[] {
  const bar = Array.from({ length: to - from + 1 }, (_, i) => {
    if (from + i === column) return '▲'
    return i === 0 ? '├' : from + i === to ? '┤' : '─'
  }).join('')
  const room = displayWidth(label) + 1
  const line = padLeft('', from) + bar
  if (to + room < columns) return [`${line} ${label}`]
  return from >= room ? [`${padLeft(label, from - 1)} ${bar}`] : [line, padLeft(label, columns)]
}

function renderKnees(
  knees: readonly PlacedKnee[],
  columns: number,
  curves: readonly Curve[],
  formatSize: (size: number) => string,
): string[] {
  const [only] = knees
  if (curves.length === 1 && only !== undefined)
    return renderOneKnee(only, columns, `knee ${formatSize(curves[0]!.knee!)}`)
  const marks = new Map<number, string>()
  for (const { column, curve } of knees) marks.set(column, (marks.get(column) ?? '▲') + letterOf(curve))
  return placeTexts(
    [...marks].map(([column, text]) => ({ column, text })),
    columns,
  )
}

function renderSizeAxis(axis: SizeAxis, columns: number, formatTick: (size: number) => string): string[] {
  const choice = axis.tickChoices.find((ticks) => fitTicks(axis, ticks, columns, formatTick) !== undefined)
  const ticks = choice ?? axis.tickChoices.at(-1)!
  const line = Array.from({ length: columns }, () => '─')
  for (const tick of ticks) line[columnOf(axis, tick, columns)] = '┬'
  return [line.join(''), fitTicks(axis, ticks, columns, formatTick) ?? '']
}

/** The labels under their ticks, or undefined where they would touch. */
function fitTicks(
  axis: SizeAxis,
  ticks: readonly number[],
  columns: number,
  formatTick: (size: number) => string,
): string | undefined {
  let line = ''
  for (const tick of ticks) {
    const label = formatTick(tick)
    const centred = columnOf(axis, tick, columns) - Math.floor(label.length / 2)
    const start = Math.max(0, Math.min(columns - label.length, centred))
    if (line !== '' && start < line.length + 2) return undefined
    line = line.padEnd(start) + label
  }
  return line
}

function renderLegend(
  curves: readonly Curve[],
  hasKnee: boolean,
  indent: string,
  look: { readonly width: number; readonly colors: Colors },
): string[] {
  const room = look.width - indent.length
  const entries = curves.map((curve, i) => {
    const [line, suffix] = curve.bound ? ['┄', ' (bound)'] : ['─', '']
    const sample = paintCurve(curves, look.colors, i)(`${line}${letterOf(i)}${line}`)
    return `${sample} ${cutMiddle(curve.name, room - '─A─ '.length - suffix.length)}${suffix}`
  })
  if (hasKnee) entries.push(`${KNEE} knee, ▲ its size`)
  return fill(entries, '   ', room).map((line) => indent + line)
}
