import { constants } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { pipeline, type Readable } from 'node:stream'
import { createGunzip } from 'node:zlib'
import { fileReason, InputError } from '../core/errors.ts'
import type { RandomAccess, TraceInput } from '../core/format.ts'

/** How much of the beginning is kept for detection. */
export const HEAD_BYTES = 1 << 16
const CHUNK_BYTES = 1 << 18

/** Packings known by their first bytes. Only gzip is undone here; the others are named in the error. */
const ANY = undefined
const MAGIC: readonly {
  readonly name: string
  readonly bytes: readonly (number | undefined)[]
  readonly undo?: string
}[] = [
  { name: 'gzip', bytes: [0x1f, 0x8b] },
  { name: 'zstd', bytes: [0x28, 0xb5, 0x2f, 0xfd], undo: 'zstd -dc' },
  { name: 'xz', bytes: [0xfd, 0x37, 0x7a, 0x58, 0x5a], undo: 'xz -dc' },
  { name: 'bzip2', bytes: [0x42, 0x5a, 0x68, ANY, 0x31, 0x41, 0x59], undo: 'bzip2 -dc' },
  { name: 'zip', bytes: [0x50, 0x4b, 0x03, 0x04], undo: 'unzip -p' },
]

/** An opened trace, to be closed whether it was read or not. */
export interface OpenedInput extends TraceInput {
  close(): Promise<void>
}

/**
 * Opens a file, or standard input where `path` is `-`, and undoes gzip, which is told by its first bytes; several gzip
 * members one after the other are one text. Nothing is held in memory but the head and the chunk at hand.
 * @param stdin what `-` reads
 * @throws InputError for a file that is missing, unreadable, empty, a directory, packed otherwise, or (while reading)
 *   a gzip that is cut short or damaged
 */
export async function openInput(path: string, stdin?: Readable): Promise<OpenedInput> {
  const raw = rawChunks(path, stdin)
  const start = await Peeked.of(
    raw,
    MAGIC.reduce((most, { bytes }) => Math.max(most, bytes.length), 0),
  )
  let text = start
  const packing = MAGIC.find(({ bytes }) => bytes.every((byte, i) => byte === ANY || start.head[i] === byte))
  try {
    if (packing?.undo !== undefined) {
      throw new InputError(
        `'${path}' is packed with ${packing.name}: only gzip is undone here; ${packing.undo} FILE | cachesim … --trace - reads it`,
      )
    }
    if (start.head.length === 0)
      throw new InputError(path === '-' ? 'standard input is empty' : `'${path}' is empty`)
    text = await Peeked.of(packing ? gunzip(path, start.chunks()) : start.chunks(), HEAD_BYTES)
    if (text.head.length === 0) throw new InputError(`'${path}' is empty once unpacked`)
  } catch (error) {
    await text.close()
    await start.close()
    throw error
  }
  const file = packing || path === '-' ? undefined : await openRandomly(path)
  return {
    name: path,
    compression: packing ? 'gzip' : 'none',
    head: text.head,
    chunks: () => text.chunks(),
    ...(file && { file }),
    whole: () => collect(text.chunks()),
    close: async () => {
      await file?.close()
      await text.close()
      await start.close()
    },
  }
}

/** A regular file for reading at any place; undefined for pipes and devices. */
async function openRandomly(path: string): Promise<(RandomAccess & { close(): Promise<void> }) | undefined> {
  const file = await openFile(path)
  const stat = await file.stat()
  if (!stat.isFile()) {
    await file.close()
    return undefined
  }
  const readInto = async (target: Uint8Array, start: number): Promise<void> => {
    for (let done = 0; done < target.length; ) {
      const { bytesRead } = await file.read(target, done, target.length - done, start + done)
      if (bytesRead === 0) throw new InputError(`'${path}' has become shorter while it was read`)
      done += bytesRead
    }
  }
  return {
    byteLength: stat.size,
    async slice(start, end = stat.size) {
      const bytes = new Uint8Array(Math.max(0, Math.min(end, stat.size) - start))
      await readInto(bytes, start)
      return bytes.buffer
    },
    readInto,
    close: () => file.close(),
  }
}

async function collect(chunks: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const all: Uint8Array[] = []
  for await (const chunk of chunks) all.push(chunk)
  return Buffer.concat(all)
}

/** Chunks of which the first bytes have been looked at; they come again. */
class Peeked {
  readonly head: Uint8Array
  readonly #seen: readonly Uint8Array[]
  readonly #rest: AsyncIterator<Uint8Array>

  static async of(chunks: AsyncIterable<Uint8Array>, bytes: number): Promise<Peeked> {
    const iterator = chunks[Symbol.asyncIterator]()
    const seen: Uint8Array[] = []
    let length = 0
    while (length < bytes) {
      const { done, value } = await iterator.next()
      if (done) break
      seen.push(value)
      length += value.length
    }
    return new Peeked(Buffer.concat(seen).subarray(0, bytes), seen, iterator)
  }

  private constructor(head: Uint8Array, seen: readonly Uint8Array[], rest: AsyncIterator<Uint8Array>) {
    this.head = head
    this.#seen = seen
    this.#rest = rest
  }

  async *chunks(): AsyncGenerator<Uint8Array> {
    yield* this.#seen
    for (let next = await this.#rest.next(); !next.done; next = await this.#rest.next()) yield next.value
  }

  async close(): Promise<void> {
    await this.#rest.return?.()
  }
}

async function* rawChunks(path: string, stdin: Readable | undefined): AsyncGenerator<Uint8Array> {
  if (path === '-') {
    if (!stdin) throw new InputError("'-' reads standard input, and there is none here")
    for await (const chunk of stdin) yield typeof chunk === 'string' ? Buffer.from(chunk) : chunk
    return
  }
  const file = await openFile(path)
  try {
    for await (const chunk of file.createReadStream({ highWaterMark: CHUNK_BYTES, autoClose: false }))
      yield chunk
  } catch (error) {
    throw readError(path, error)
  } finally {
    await file.close()
  }
}

async function openFile(path: string): Promise<FileHandle> {
  let file: FileHandle | undefined
  try {
    file = await open(path, constants.O_RDONLY)
    if ((await file.stat()).isDirectory()) throw Object.assign(new Error(), { code: 'EISDIR' })
    return file
  } catch (error) {
    await file?.close()
    throw readError(path, error)
  }
}

function readError(path: string, error: unknown): unknown {
  const code = codeOf(error)
  if (code === undefined) return error
  return new InputError(`cannot read '${path}': ${fileReason(error, 'read')}`)
}

async function* gunzip(path: string, chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
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

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined
}
