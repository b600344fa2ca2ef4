import { constants } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { fileReason, InputError } from '../core/errors.ts'
import type { ByteStream } from '../core/format.ts'

/** Bytes read at a time. */
export const CHUNK_BYTES = 1 << 18

/** A file, or standard input, as it lies there. */
export class RawInput {
  /** Bytes handed out so far, and of the whole: null where nobody knows. */
  done = 0
  total: number | null = null
  readonly #path: string
  readonly #stdin: ByteStream | undefined
  #file: FileHandle | undefined

  /** @throws InputError for a file that is missing, unreadable or a directory */
  static async open(path: string, stdin: ByteStream | undefined): Promise<RawInput> {
    const input = new RawInput(path, path === '-' ? stdin : undefined)
    if (path !== '-') await input.#open()
    else if (!stdin) throw new InputError("'-' reads standard input, and there is none here")
    return input
  }

  private constructor(path: string, stdin: ByteStream | undefined) {
    this.#path = path
    this.#stdin = stdin
  }

  /** Whether it is a regular file, of which any part can be read. */
  get isFile(): boolean {
    return this.total !== null
  }

  async #open(): Promise<void> {
    try {
      this.#file = await open(this.#path, constants.O_RDONLY)
      const stat = await this.#file.stat()
      if (stat.isDirectory()) throw Object.assign(new Error(), { code: 'EISDIR' })
      if (stat.isFile()) this.total = stat.size
    } catch (error) {
      await this.#file?.close()
      throw readError(this.#path, error)
    }
  }

  async *chunks(): AsyncGenerator<Uint8Array> {
    for await (const chunk of this.#stream()) {
      this.done += chunk.length
      yield chunk
    }
  }

  async *#stream(): AsyncGenerator<Uint8Array> {
    if (this.#stdin) {
      for await (const chunk of this.#stdin) yield typeof chunk === 'string' ? Buffer.from(chunk) : chunk
      return
    }
    try {
      yield* this.#file!.createReadStream({ highWaterMark: CHUNK_BYTES, autoClose: false, start: 0 })
    } catch (error) {
      throw readError(this.#path, error)
    }
  }

  /**
   * Bytes start … end − 1 of a regular file.
   * @throws InputError where the file is shorter by now
   */
  async slice(start: number, end = this.total!): Promise<ArrayBuffer> {
    const bytes = new Uint8Array(Math.max(0, Math.min(end, this.total!) - start))
    await this.readInto(bytes, start)
    return bytes.buffer
  }

  /**
   * Fills `target` with the bytes from `start` on.
   * @throws InputError where the file is shorter by now
   */
  async readInto(target: Uint8Array, start: number): Promise<void> {
    try {
      for (let at = 0; at < target.length; ) {
        const { bytesRead } = await this.#file!.read(
          target,
          at,
          Math.min(target.length - at, 2 ** 30),
          start + at,
        )
        if (bytesRead === 0) throw new InputError(`'${this.#path}' became shorter while it was read`)
        at += bytesRead
        this.done = Math.min(this.total!, this.done + bytesRead)
      }
    } catch (error) {
      throw readError(this.#path, error)
    }
  }

  async close(): Promise<void> {
    await this.#file?.close()
    this.#file = undefined
  }
}

function readError(path: string, error: unknown): unknown {
  if (codeOf(error) === undefined) return error
  return new InputError(`cannot read '${path}': ${fileReason(error, 'read')}`)
}

/** The code of an error of the system or of a library of Node. */
export function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined
}
