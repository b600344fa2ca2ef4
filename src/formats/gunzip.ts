import { createGunzip } from 'node:zlib'
import { CHUNK_BYTES } from './source.ts'
import { cutShort, damaged } from './unpack-errors.ts'

/**
 * Undoes gzip (RFC 1952). Several members one after the other are one text. Zeros behind the last are padding, as tapes
 * have it; anything else there is an error, also behind the zeros, where zlib would stop reading without a word.
 */
export async function* gunzip(file: string, chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const unpacker = createGunzip({ chunkSize: CHUNK_BYTES })
  let stopped = false
  /** Where the last byte lies that is not zero: the data reaches at least to there. */
  let end = 0
  let failure: unknown

  async function feed(): Promise<void> {
    let position = 0
    try {
      for await (const chunk of chunks) {
        const last = chunk.findLastIndex((byte) => byte !== 0)
        if (last >= 0) end = position + last + 1
        position += chunk.length
        if (stopped) return
        // Once the last member has ended, only what follows it is looked at.
        if (!unpacker.destroyed && !unpacker.write(chunk)) await roomOrEnd()
      }
      unpacker.end()
    } catch (error) {
      failure = error
      unpacker.destroy()
    }
  }

  function roomOrEnd(): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        unpacker.off('drain', done).off('close', done)
        resolve()
      }
      unpacker.on('drain', done).on('close', done)
    })
  }

  const feeding = feed()
  try {
    yield* unpacker as AsyncIterable<Uint8Array>
    await feeding
    if (failure !== undefined) throw failure
  } catch (thrown) {
    const error = failure ?? thrown
    const { code, message } = error as NodeJS.ErrnoException
    if (code === 'Z_BUF_ERROR') throw cutShort(file, 'gzip')
    if (code?.startsWith('Z_')) throw damaged(file, 'gzip', message)
    throw error
  } finally {
    stopped = true
    unpacker.destroy()
  }
  if (end > unpacker.bytesWritten) throw damaged(file, 'gzip', 'something follows its end')
}
