import type { Colors } from './colors.ts'
import { displayWidth, padLeft, padRight, wrap } from './text.ts'

/**
 * Several figures over the same time, one line each, with marks where something happened: what goes up when, and with
 * what, shows at a glance, which one chart of many units would not.
 */
export interface Spark {
  readonly name: string
  /** One a part of the time; null: nothing to show there. */
  readonly values: readonly (number | null)[]
  /** How the highest is written. */
  format(value: number): string
  /** What a full block stands for; default: the highest of the values. */
  readonly top?: number
  readonly paint?: (text: string) => string
}

export interface Mark {
  /** Share of the time that has passed by then. */
  readonly at: number
  readonly text: string
}

const BLOCKS = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'] as const

/** @param ends the first and the last moment, as they are written */
export function renderSparks(
  sparks: readonly Spark[],
  marks: readonly Mark[],
  ends: readonly [string, string],
  look: { readonly width: number; readonly colors: Colors },
): string[] {
  const { width, colors } = look
  const names = Math.max(...sparks.map(({ name }) => displayWidth(name))) + 2
  const tops = sparks.map((spark) => {
    const most = Math.max(0, ...spark.values.filter((value) => value !== null))
    return `max ${spark.format(most)}`
  })
  // Where there is hardly room for the curves, they go before the words.
  const beside = width - names - 2 - Math.max(...tops.map(displayWidth))
  const showsTops = beside >= 16
  const columns = Math.max(4, Math.min(sparks[0]!.values.length, showsTops ? beside : width - names - 3))
  const lines = sparks.map((spark, i) => {
    const values = squeeze(spark.values, columns)
    const top = spark.top ?? Math.max(0, ...values.filter((value) => value !== null))
    const line = values.map((value) => (value === null ? ' ' : blockOf(value, top))).join('')
    return `${colors.dim(padRight(spark.name, names))}${(spark.paint ?? ((text) => text))(line)}${showsTops ? colors.dim(`  ${tops[i]!}`) : ''}`
  })
  const indent = ' '.repeat(names)
  const [begin, end] = ends
  lines.push(colors.dim(`${indent}${begin}${padLeft(end, Math.max(1, columns - displayWidth(begin)))}`))
  if (marks.length === 0) return lines
  const row = Array.from({ length: columns + 3 }, () => ' ')
  marks.forEach(({ at }, number) => {
    const sign = `▲${number + 1}`
    let column = Math.max(0, Math.min(columns - 1, Math.floor(at * columns)))
    // What stands there already is not written over.
    while (column < columns && [...sign].some((_, i) => row[column + i] !== ' ')) column++
    for (const [i, character] of [...sign].entries()) if (column + i < row.length) row[column + i] = character
  })
  lines.splice(-1, 0, colors.yellow(`${indent}${row.join('')}`.trimEnd()))
  for (const [number, { text }] of marks.entries()) {
    const [first = '', ...rest] = wrap(text, width - names - 4)
    lines.push(
      `${indent}${colors.yellow(`▲${number + 1}`)} ${first}`,
      ...rest.map((line) => `${indent}   ${line}`),
    )
  }
  return lines
}

function blockOf(value: number, top: number): string {
  if (top <= 0 || value <= 0) return BLOCKS[0]
  return BLOCKS[Math.min(7, Math.max(value > 0 ? 1 : 0, Math.round((value / top) * 7)))]!
}

/** As many values as there are columns: of those that share one the highest, so that no peak is lost. */
function squeeze(values: readonly (number | null)[], columns: number): (number | null)[] {
  if (values.length <= columns) return [...values]
  return Array.from({ length: columns }, (_, column) => {
    const part = values
      .slice(
        Math.floor((column * values.length) / columns),
        Math.floor(((column + 1) * values.length) / columns),
      )
      .filter((value) => value !== null)
    return part.length === 0 ? null : Math.max(...part)
  })
}
