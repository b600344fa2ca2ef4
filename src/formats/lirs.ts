import type { FormatDefinition } from '../core/format.ts'
import { formatCount } from '../core/units.ts'
import { isStar, problemOfDigits, trimCell } from './cells.ts'
import { firstLines } from './first-lines.ts'
import { readTable } from './table.ts'

/**
 * The traces of the LIRS paper (Jiang and Zhang, "LIRS: An Efficient Low Inter-reference Recency Set Replacement Policy",
 * SIGMETRICS 2002): one block number a line, with lines of a star that mark where a part begins. Without one there is
 * nothing to tell them from `lines`, which reads them just the same.
 */
const lirs: FormatDefinition = {
  name: 'lirs',
  summary: 'one block number a line, and lines of a star (*), which are marks and passed over',
  extensions: [],
  detect(head) {
    const looksRight = (lines: readonly string[]) =>
      lines.every((line) => /^[ \t]*(\d+|\*)[ \t]*$/.test(line))
    if (!looksRight(firstLines(head, 10))) return false
    const lines = firstLines(head, Infinity)
    return (
      looksRight(lines) && lines.some((line) => line.includes('*')) && lines.some((line) => /\d/.test(line))
    )
  },
  async read(input, options, sink) {
    let marks = 0
    await readTable(input, options, sink, {
      format: 'lirs',
      quotes: false,
      fixed: { names: ['block'], key: ['block'] },
      split(scanner) {
        trimCell(scanner, 0)
        if (!isStar(scanner)) return problemOfDigits(scanner, 0, 'block')
        marks++
        return null
      },
    })
    if (marks > 0)
      sink.note(
        `${formatCount(marks)} ${marks === 1 ? 'line is a mark' : 'lines are marks'} (*), passed over`,
      )
  },
}

export default lirs
