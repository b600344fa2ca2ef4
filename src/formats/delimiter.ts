import { hasKnownName } from './column-names.ts'
import { HEAD_BYTES } from './open.ts'
import { RecordScanner } from './record-scanner.ts'

const SAMPLE = 10

/**
 * Which of the delimiters the text is a table of: the one that gives the most cells, the same number in each of the
 * first records, or at least a first record of names that are known for columns. Undefined where none does.
 */
export function sniffDelimiter(head: Uint8Array, delimiters: readonly string[]): string | undefined {
  let best: string | undefined
  let most = 1
  for (const delimiter of delimiters) {
    const records = firstRecords(head, delimiter, SAMPLE)
    const cells = records[0]?.length ?? 0
    const even = records.every((record) => record.length === cells)
    if (cells > most && (even || hasKnownName(records[0]!))) {
      best = delimiter
      most = cells
    }
  }
  return best
}

/** The texts of the first records of a table. */
export function firstRecords(head: Uint8Array, delimiter: string, limit: number): string[][] {
  const syntax = { delimiter: delimiter.charCodeAt(0), quotes: true }
  return RecordScanner.first(head, head.length < HEAD_BYTES, syntax, limit)
}
