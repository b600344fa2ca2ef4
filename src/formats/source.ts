import { constants, type ReadStream } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { Readable } from 'node:stream'
import { fileReason, InputError } from '../core/errors.ts'
import type { ByteStream, RandomAccess } from '../core/format.ts'

export const CHUNK_BYTES = 1 << 18

/** Bytes as they lie in a file or come on standard input. */
export interface Source {
  /** Bytes in all; null where that is not known, as for standard input and pipes. */
  readonly byteLength: number | null
  /** Bytes read so far. */
  readonly done: number
  /** Present for regular files. */
  readonly file?: RandomAccess
  /** Can be consumed once. */
  chunks(): AsyncGenerator<Uint8Array>
  /** Lets go of the file, or of standard input, also in the middle of a read. */
  close(): Promise<void>
}

/**
 * @param stdin what `-` reads
 * @throws InputError for a file that is missing, unreadable or a directory
 */
export async function openSource(path: string, stdin: ByteStream | undefined): Promise<Source> {
  if (path !== '-') return FileSource.open(path)
  if (!stdin) throw new InputError("'-' reads standard input, and there is none here")
  return new StreamSource(stdin)
}

class StreamSource implements Source {
  readonly byteLength = null
  done = 0
  readonly #stream: Readable

  constructor(stream: ByteStream) {
    this.#stream = stream instanceof Readable ? stream : Readable.from(stream)
  }

  async *chunks(): AsyncGenerator<Uint8Array> {
    try {
      for await (const given of this.#stream) {
        const chunk: Uint8Array = typeof given === 'string' ? Buffer.from(given) : given
        this.done += chunk.length
        yield chunk
      }
    } catch (error) {
      throw readError('standard input', error)
    }
  }

  async close(): Promise<void> {
    this.#stream.destroy()
  }
}

class FileSource implements Source {
  readonly byteLength: number | null
  readonly file?: RandomAccess
  readonly #path: string
  readonly #handle: FileHandle
  #stream: ReadStream | undefined
  #done = 0

  static async open(path: string): Promise<FileSource> {
    let handle: FileHandle | undefined
    try {
      handle = await open(path, constants.O_RDONLY)
      const status = await handle.stat()
      if (status.isDirectory()) throw Object.assign(new Error(), { code: 'EISDIR' })
      // Files of the system, such as those in /proc, are regular and say that they are empty.
      return new FileSource(path, handle, status.isFile() && status.size > 0 ? status.size : null)
    } catch (error) {
      await handle?.close()
      throw readError(`'${path}'`, error)
    }
  }

  private constructor(path: string, handle: FileHandle, byteLength: number | null) {
    this.#path = path
    this.#handle = handle
    this.byteLength = byteLength
    if (byteLength !== null) {
      this.file = {
        byteLength,
        slice: (start, end) => this.#slice(byteLength, start, end),
        readInto: (target, start) => this.#readInto(target, start),
      }
    }
  }

  get done(): number {
    return Math.min(this.#done, this.byteLength ?? this.#done)
  }

  async *chunks(): AsyncGenerator<Uint8Array> {
    this.#stream = this.#handle.createReadStream({ highWaterMark: CHUNK_BYTES, autoClose: false })
    try {
      for await (const chunk of this.#stream) {
        this.#done += chunk.length
        yield chunk
      }
    } catch (error) {
      throw readError(`'${this.#path}'`, error)
    }
  }

  async #slice(byteLength: number, start: number, end = byteLength): Promise<ArrayBuffer> {
    const [first, last] = [start, end].map((place) =>
      Math.min(Math.max(place < 0 ? byteLength + place : place, 0), byteLength),
    ) as [number, number]
    const bytes = new Uint8Array(Math.max(last - first, 0))
    await this.#readInto(bytes, first)
    return bytes.buffer
  }

  async #readInto(target: Uint8Array, start: number): Promise<void> {
    for (let filled = 0; filled < target.length; ) {
      // The system reads less than 2 GiB at once.
      const length = Math.min(target.length - filled, 1 << 30)
      const { bytesRead } = await this.#handle
        .read(target, filled, length, start + filled)
        .catch((error: unknown) => {
          throw readError(`'${this.#path}'`, error)
        })
      if (bytesRead === 0) {
        throw new InputError(
          `'${this.#path}' has become shorter while it was read: ${this.byteLength} bytes at first, ${start + filled} now`,
        )
      }
      filled += bytesRead
      this.#done += bytesRead
    }
  }

  async close(): Promise<void> {
    this.#stream?.destroy()
    await this.#handle.close()
  }
}

function readError(subject: string, error: unknown): unknown {
  const hasCode = error instanceof Error && 'code' in error && typeof error.code === 'string'
  return hasCode ? new InputError(`cannot read ${subject}: ${fileReason(error, 'read')}`) : error
}
