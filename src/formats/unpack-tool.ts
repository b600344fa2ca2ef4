import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { pipeline } from 'node:stream'
import { InputError } from '../core/errors.ts'
import { codeOf } from './raw-input.ts'

/** What the tool said is kept up to this many characters. */
const SAID = 500

/**
 * Undoes a packing with the system's own tool. It is fed as the reader asks, and is ended with it.
 * @param otherwise what to do where the tool is not installed; absent: that is an error
 * @throws InputError where the tool finds the data cut short or damaged, or is not there
 */
export async function* throughTool(
  tool: string,
  path: string,
  chunks: AsyncIterable<Uint8Array>,
  otherwise?: (chunks: AsyncIterable<Uint8Array>) => AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  const child = spawn(tool, ['-dc'], { stdio: 'pipe' })
  try {
    await once(child, 'spawn')
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw error
    if (otherwise) {
      yield* otherwise(chunks)
      return
    }
    throw new InputError(
      `'${path}' is packed with ${tool}, and this machine has no ${tool} to unpack it: install that, or unpack the file`,
    )
  }
  let said = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said = (said + text).slice(0, SAID)
  })
  const ended = once(child, 'close') as Promise<[number | null, string | null]>
  let failure: unknown
  // A tool that gives up early closes its input: what it says of the data counts then, and not the broken pipe.
  pipeline(chunks, child.stdin, (error) => {
    if (error && codeOf(error) !== 'EPIPE' && codeOf(error) !== 'ERR_STREAM_PREMATURE_CLOSE') {
      failure = error
      child.kill()
    }
  })
  try {
    yield* child.stdout as AsyncIterable<Uint8Array>
    const [code, signal] = await ended
    if (failure !== undefined) throw failure
    if (code === 0 && said === '') return
    const reason =
      said
        .trim()
        .split('\n')
        .at(-1)
        ?.replace(/^.*stdin[^:]*:\s*|^\w+:\s*/, '') || `ended with ${signal ?? code}`
    throw new InputError(`'${path}' is cut short or damaged: ${tool} cannot unpack it (${reason.trim()})`)
  } finally {
    // Whoever reads may have had enough.
    if (child.exitCode === null) child.kill()
  }
}
