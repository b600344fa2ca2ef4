import type { Output } from './io.ts'
import type { ProgressBar } from './progress.ts'

/** The chunks as they are, with their bytes counted; of text its characters, since all but a few names are one byte each. */
function* counted(
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

/**
 * Writes a trace, telling of its progress, which is over then.
 * @param chunks of the file, made as they are written; told what is lost in the format
 * @returns what was lost, in sentences
 */
export async function writeTrace(
  output: Output,
  chunks: (note: (text: string) => void) => Iterable<string | Uint8Array>,
  progress: ProgressBar,
): Promise<string[]> {
  const notes: string[] = []
  try {
    const made = chunks((text) => notes.push(text))
    await output.write(counted(made, progress))
  } finally {
    progress.stop()
  }
  return notes
}
