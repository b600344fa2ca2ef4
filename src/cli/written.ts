import type { ProgressBar } from './progress.ts'

/** The chunks as they are, with their bytes counted; of text its characters, since all but a few names are one byte each. */
export function* counted(
  chunks: Iterable<string | Uint8Array>,
  progress: ProgressBar,
): Generator<string | Uint8Array> {
  let done = 0
  for (const chunk of chunks) {
    done += chunk.length
    progress.update({ done, total: null, unit: 'bytes', label: 'written' })
    yield chunk
  }
}
