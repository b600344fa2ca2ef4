import type { Colors } from './colors.ts'
import { cutMiddle, displayWidth, padLeft, padRight } from './text.ts'

/** Horizontal bars in eighths of a character, each with what it falls short of the longest as a faint track. */
export interface Bar {
  readonly label: string
  /** 0 or more. */
  readonly value: number
  /** The value as it is to be read. */
  readonly text: string
  /** A limit rather than a candidate: drawn faint. */
  readonly faint: boolean
}

const EIGHTHS = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉']
const WIDEST = 60

/** The lines of a bar chart. The longest bar, usually the bound, fills the width: it is the ceiling. */
export function renderBars(bars: readonly Bar[], width: number, colors: Colors): string[] {
  const labelWidth = Math.min(Math.max(...bars.map((bar) => displayWidth(bar.label))), Math.floor(width / 3))
  const textWidth = Math.max(...bars.map((bar) => displayWidth(bar.text)))
  const length = Math.max(4, Math.min(WIDEST, width - labelWidth - textWidth - 4))
  const ceiling = Math.max(...bars.map((bar) => bar.value)) || 1
  return bars.map((bar) => {
    const label = padRight(cutMiddle(bar.label, labelWidth), labelWidth)
    const text = padLeft(bar.text, textWidth)
    if (bar.faint) {
      const filled = '░'.repeat(Math.round((bar.value / ceiling) * length))
      return colors.dim(`${label}  ${padRight(filled, length)}  ${text}`)
    }
    const filled = drawBar(bar.value / ceiling, length)
    const track = '·'.repeat(length - filled.length)
    return `${label}  ${colors.cyan(filled)}${colors.dim(track)}  ${text}`
  })
}

/** A bar of `share` (0 … 1) of `length` characters; a value above 0 is never drawn as nothing. */
export function drawBar(share: number, length: number): string {
  const eighths = share > 0 ? Math.max(1, Math.round(share * length * 8)) : 0
  return '█'.repeat(Math.floor(eighths / 8)) + EIGHTHS[eighths % 8]
}
