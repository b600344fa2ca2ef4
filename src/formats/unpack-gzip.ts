import { pipeline } from 'node:stream'
import { createGunzip } from 'node:zlib'
import { InputError } from '../core/errors.ts'
import { CHUNK_BYTES, codeOf } from './raw-input.ts'

/** Undoes gzip. Several members one after the other are one text; zeros after the last are padding. */
export async function* gunzip(path: string, chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  // The pipeline hands an error of either side to the reader of the last.
  const unpacked = pipeline(chunks, createGunzip({ chunkSize: CHUNK_BYTES }), () => {})
  try {
    yield* unpacked as unknown as AsyncIterable<Uint8Array>
  } catch (error) {
    const code = codeOf(error)
    if (code === 'Z_BUF_ERROR')
      throw new InputError(`'${path}' is cut short: the gzip data ends in the middle`)
    if (code?.startsWith('Z_'))
      throw new InputError(
        `'${path}' is damaged: the gzip data cannot be unpacked (${(error as Error).message})`,
      )
    throw error
  }
}
