import type { SweepEstimates } from '../core/estimate-result.ts'
import type { ReportOptions } from '../core/report.ts'
import { createColors } from './colors.ts'
import { describeEstimates, estimateColumns } from './estimate-sheet.ts'
import { renderTable } from './table.ts'
import { cleanResult, wrap } from './text.ts'

/** Fewer rows are not worth the sentence that says what they rest on. */
const FEW_ROWS = 3

/**
 * Estimates as they stand on a terminal until the exact numbers are there: lines, without their ends.
 * @param height most lines; where that is too few for all policies, the last of them
 */
export function renderFirstLook(
  given: SweepEstimates,
  { color, width, height }: ReportOptions & { readonly height: number },
): string[] {
  const estimates = cleanResult(given)
  const colors = createColors(color)
  const title = colors.bold('a first look, until the exact numbers are there')
  const sentence = wrap(describeEstimates(estimates), width).map(colors.dim)
  const { policies } = estimates
  const table = (count: number) => {
    const shown = { ...estimates, policies: policies.slice(policies.length - count) }
    return renderTable(estimateColumns(shown, width), { width, colors }).lines
  }
  const head = [title, ...sentence]
  const whole = table(policies.length)
  if (head.length + whole.length <= height) return [...head, ...whole]
  const besideRows = whole.length - policies.length + 1
  const room = height - besideRows
  const [above, rows] =
    room - head.length >= Math.min(FEW_ROWS, policies.length)
      ? [head, room - head.length]
      : [[title], room - 1]
  if (rows < 1) return []
  // Without the sentence, there may be room for all.
  if (rows >= policies.length) return [...above, ...whole]
  return [...above, ...table(rows), colors.dim(`… and ${policies.length - rows} more`)]
}
