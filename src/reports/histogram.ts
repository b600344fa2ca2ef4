import type { Colors } from './colors.ts'
import { displayWidth, padLeft } from './text.ts'

/** Counts of values from … to, ascending and without a gap. */
export interface Bin {
  readonly from: number
  readonly to: number
  readonly count: number
}

const EIGHTHS = [' ', '▁', '▂', '▃', '▄', '▅', '▆', '▇', '█']
const HEIGHT = 6
const WIDEST_BAR = 6

/**
 * A histogram as upright bars in eighths of a character, every bin as wide as any other, with the ends of bins under
 * them as far as there is room. The scale is the share of all that is counted.
 */
export function renderHistogram(
  given: readonly Bin[],
  formatEdge: (value: number) => string,
  { width, colors }: { readonly width: number; readonly colors: Colors },
): string[] {
  const total = given.reduce((sum, { count }) => sum + count, 0)
  const room = width - displayWidth('100 % ┤')
  const bins = joined(given, Math.floor(room / 2))
  const most = Math.max(...bins.map(({ count }) => count))
  const barWidth = Math.max(1, Math.min(WIDEST_BAR, Math.floor(room / bins.length)))
  // A gap between bars, where it leaves more bar than gap.
  const gap = barWidth > 2 ? 1 : 0
  const scale = [`${formatTop(most / total)} %`, '0 %']
  const scaleWidth = Math.max(...scale.map(displayWidth))
  const lines: string[] = []
  for (let row = HEIGHT - 1; row >= 0; row--) {
    const bars = bins.map(({ count }) => {
      const eighths = count === 0 ? 0 : Math.max(1, Math.round((count / most) * HEIGHT * 8))
      const glyph = EIGHTHS[Math.max(0, Math.min(8, eighths - 8 * row))]!
      return glyph.repeat(barWidth - gap) + ' '.repeat(gap)
    })
    const label = row === HEIGHT - 1 ? `${padLeft(scale[0]!, scaleWidth)} ┤` : `${' '.repeat(scaleWidth)} │`
    lines.push(`${colors.dim(label)}${colors.cyan(bars.join('').trimEnd())}`)
  }
  const { ticks, labels } = edgesUnder(bins, barWidth, formatEdge, room)
  lines.push(colors.dim(`${padLeft(scale[1]!, scaleWidth)} └${ticks}`))
  lines.push(colors.dim(' '.repeat(scaleWidth + 1) + labels))
  return lines
}

/** The bins, neighbours put together until there are at most `most`. */
function joined(bins: readonly Bin[], most: number): readonly Bin[] {
  if (bins.length <= most) return bins
  const pairs: Bin[] = []
  for (let at = 0; at < bins.length; at += 2) {
    const [one, other] = [bins[at]!, bins[at + 1]]
    pairs.push(other ? { from: one.from, to: other.to, count: one.count + other.count } : one)
  }
  return joined(pairs, most)
}

function formatTop(share: number): string {
  return String(Number((share * 100).toPrecision(2)))
}

/** The axis and what stands under it: the ends of bins, each centred under its tick where the one before leaves room. */
function edgesUnder(
  bins: readonly Bin[],
  barWidth: number,
  formatEdge: (value: number) => string,
  room: number,
): { readonly ticks: string; readonly labels: string } {
  const ticks = Array<string>(bins.length * barWidth).fill('─')
  let labels = ''
  const edges = [...bins.map(({ from }) => from), bins.at(-1)!.to]
  edges.forEach((edge, at) => {
    const text = formatEdge(edge)
    const column = at * barWidth
    const start = Math.max(0, column - Math.floor(text.length / 2))
    if ((labels !== '' && start < labels.length + 2) || start + text.length > room + 1) return
    labels = labels.padEnd(start) + text
    if (column > 0) ticks[column - 1] = '┴'
  })
  return { ticks: ticks.join(''), labels }
}
