import { InputError } from '../core/errors.ts'
import { cutShort, damaged } from './unpack-errors.ts'

const IN_BYTES = 1 << 17
const OUT_BYTES = 1 << 17

/** Of `zstd_errors.h`, in which the numbers below 100 stay as they are. */
const ERRORS: Readonly<Record<number, string>> = {
  10: 'something else than zstd data follows',
  20: 'it is corrupt',
  22: 'the checksum is wrong',
}
const WINDOW_TOO_LARGE = 16
const DICTIONARY_WRONG = 32
const OUT_OF_MEMORY = 64

/**
 * Undoes zstd (RFC 8878) with the reference implementation, compiled to WebAssembly. Several frames one after the other
 * are one text, skippable frames are skipped, checksums are verified. In memory are at most the window, which may have
 * 128 MiB (`zstd --long=27`), and two buffers.
 */
export async function* unzstd(file: string, chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const decoder = new Decoder(await loadLibrary())
  try {
    for await (const chunk of chunks) {
      for (let from = 0; from < chunk.length; from += IN_BYTES) {
        yield* decoder.decode(chunk.subarray(from, from + IN_BYTES))
      }
    }
    if (!decoder.isAtEnd) throw cutShort(file, 'zstd')
  } catch (error) {
    throw error instanceof ZstdError ? explained(file, error.number) : error
  } finally {
    decoder.free()
  }
}

function explained(file: string, number: number): InputError {
  if (number === WINDOW_TOO_LARGE) {
    return new InputError(
      `'${file}' needs more than 128 MiB to be unpacked, as zstd --long=28 and above make it: unpack it with zstd -d --long=31 first`,
    )
  }
  if (number === DICTIONARY_WRONG) {
    return new InputError(
      `'${file}' is packed with a zstd dictionary, which is not in the file: unpack it with zstd -d -D DICTIONARY first`,
    )
  }
  if (number === OUT_OF_MEMORY)
    return new InputError(`'${file}': there is too little memory to undo its zstd`)
  return damaged(file, 'zstd', ERRORS[number] ?? `zstd error ${number}`)
}

class ZstdError extends Error {
  readonly number: number

  constructor(number: number) {
    super()
    this.number = number
  }
}

/** The functions of libzstd that are used; pointers are numbers. */
interface Library {
  readonly memory: { readonly buffer: ArrayBuffer }
  malloc(bytes: number): number
  free(pointer: number): void
  ZSTD_createDCtx(): number
  ZSTD_freeDCtx(context: number): void
  /** @returns 0 where a frame has ended, a hint above 0, or the negative number of an error */
  ZSTD_decompressStream(context: number, output: number, input: number): number
}

let library: Promise<Library> | undefined

/** Loads libzstd when it is first needed. */
function loadLibrary(): Promise<Library> {
  library ??= (async () => {
    const { ZSTDDecoder } = await import('zstddec/stream')
    // Its own streaming does not see errors, so that its functions are called from here.
    const loader = new ZSTDDecoder()
    let loaded: Library | undefined
    loader._init = (result: { readonly instance: { readonly exports: unknown } }) => {
      ZSTDDecoder.prototype._init(result)
      loaded = result.instance.exports as Library
    }
    await loader.init()
    return loaded!
  })()
  return library
}

/** One stream of zstd data: a context of libzstd, and its ZSTD_inBuffer and ZSTD_outBuffer with their bytes. */
class Decoder {
  /** Whether all frames that began have ended. */
  isAtEnd = true
  readonly #library: Library
  readonly #context: number
  readonly #buffers: number
  readonly #in: number
  readonly #out: number

  constructor(library: Library) {
    this.#library = library
    this.#context = library.ZSTD_createDCtx()
    // In one piece: the two structs of three 32-bit words each, what goes in, what comes out.
    this.#buffers = library.malloc(24 + IN_BYTES + OUT_BYTES)
    if (this.#context === 0 || this.#buffers === 0) {
      this.free()
      throw new ZstdError(OUT_OF_MEMORY)
    }
    this.#in = this.#buffers + 24
    this.#out = this.#in + IN_BYTES
  }

  /**
   * @param bytes at most IN_BYTES
   * @throws ZstdError
   */
  *decode(bytes: Uint8Array): Generator<Uint8Array> {
    const { memory, ZSTD_decompressStream } = this.#library
    new Uint8Array(memory.buffer).set(bytes, this.#in)
    let consumed = 0
    let written = 0
    do {
      // The memory may have grown, and is then another buffer.
      new Uint32Array(memory.buffer, this.#buffers, 6).set([
        ...[this.#in, bytes.length, consumed],
        ...[this.#out, OUT_BYTES, 0],
      ])
      const left = ZSTD_decompressStream(this.#context, this.#buffers + 12, this.#buffers)
      if (left < 0) throw new ZstdError(-left)
      this.isAtEnd = left === 0
      const after = new Uint32Array(memory.buffer, this.#buffers, 6)
      consumed = after[2]!
      written = after[5]!
      if (written > 0) yield new Uint8Array(memory.buffer).slice(this.#out, this.#out + written)
    } while (consumed < bytes.length || (written === OUT_BYTES && !this.isAtEnd))
  }

  free(): void {
    this.#library.free(this.#buffers)
    this.#library.ZSTD_freeDCtx(this.#context)
  }
}
