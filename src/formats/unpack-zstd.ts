import { Decompress } from 'fzstd'
import xxhash from 'xxhash-wasm'
import { InputError } from '../core/errors.ts'
import { throughTool } from './unpack-tool.ts'

const MAGIC = 0xfd2fb528
const SKIPPABLE = 0x184d2a50
/** What the zstd tool takes without being asked for more. */
const LARGEST_WINDOW = 2 ** 27
const LARGEST_BLOCK = 2 ** 17
const BLOCK_HEADER = 3
const SKIP_AT_ONCE = 2 ** 16

type Chunks = AsyncIterable<Uint8Array>

/** Undoes zstd: with the system's own tool, which is the fastest, or where there is none by itself. */
export function unzstd(path: string, chunks: Chunks): Chunks {
  return throughTool('zstd', path, chunks, (rest) => unzstdFrames(path, rest))
}

/**
 * Undoes zstd (RFC 8878) frame by frame, so that several frames one after the other are read whole, the content of each
 * is held against its checksum and its length where it has them, and an end in the middle is noticed: the decoder alone
 * does none of that.
 * @throws InputError for data that is cut short or damaged, or needs a dictionary or a window above 128 MiB
 */
export async function* unzstdFrames(path: string, chunks: Chunks): AsyncGenerator<Uint8Array> {
  const bytes = new ByteReader(path, chunks)
  const hashes = await xxhash()
  while (!(await bytes.isAtEnd())) {
    const magic = word(await bytes.take(4))
    if ((magic & 0xfffffff0) >>> 0 === SKIPPABLE) {
      for (let left = word(await bytes.take(4)); left > 0; left -= SKIP_AT_ONCE)
        await bytes.take(Math.min(left, SKIP_AT_ONCE))
      continue
    }
    if (magic !== MAGIC) throw damaged(path, 'what follows belongs to no frame')
    const header = await readFrameHeader(path, bytes)
    const unpacked: Uint8Array[] = []
    const decoder = new Decompress((chunk) => unpacked.push(chunk))
    const hash = hashes.create64()
    let length = 0
    const decode = function* (piece: Uint8Array, isLast: boolean) {
      try {
        decoder.push(piece, isLast)
      } catch (error) {
        throw damaged(path, (error as Error).message)
      }
      for (const chunk of unpacked.splice(0)) {
        hash.update(chunk)
        length += chunk.length
        if (chunk.length > 0) yield chunk
      }
    }
    yield* decode(header.bytes, false)
    for (let isLast = false; !isLast; ) {
      const start = await bytes.take(BLOCK_HEADER)
      const fields = start[0]! | (start[1]! << 8) | (start[2]! << 16)
      const kind = (fields >> 1) & 3
      const size = fields >> 3
      if (kind === 3 || size > LARGEST_BLOCK) throw damaged(path, 'a block of no known kind')
      isLast = (fields & 1) === 1
      // Of a run of one byte that byte alone is stored.
      const body = await bytes.take(kind === 1 ? 1 : size)
      yield* decode(Buffer.concat([start, body]), false)
    }
    yield* decode(new Uint8Array(0), true)
    if (header.contentSize !== undefined && header.contentSize !== length)
      throw damaged(path, 'its length is not as recorded')
    if (header.hasChecksum && word(await bytes.take(4)) !== Number(hash.digest() & 0xffff_ffffn)) {
      throw damaged(path, 'its checksum is wrong')
    }
  }
}

async function readFrameHeader(path: string, bytes: ByteReader) {
  const [descriptor] = await bytes.take(1)
  const [sizeFlag, isSingle, hasChecksum, dictionaryFlag] = [
    descriptor! >> 6,
    (descriptor! & 32) > 0,
    (descriptor! & 4) > 0,
    descriptor! & 3,
  ]
  if ((descriptor! & 8) > 0) throw damaged(path, 'its frame header is of no known kind')
  const window = isSingle ? new Uint8Array(0) : await bytes.take(1)
  const dictionary = await bytes.take([0, 1, 2, 4][dictionaryFlag]!)
  if (dictionary.some((byte) => byte !== 0)) {
    throw new InputError(
      `'${path}' was packed by zstd with a dictionary, without which it cannot be unpacked: zstd -D DICTIONARY -dc FILE | cachesim … --trace -`,
    )
  }
  const size = await bytes.take(sizeFlag === 0 && isSingle ? 1 : [0, 2, 4, 8][sizeFlag]!)
  const contentSize = size.length === 0 ? undefined : number(size) + (size.length === 2 ? 256 : 0)
  const [log, eighths] = [10 + ((window[0] ?? 0) >> 3), (window[0] ?? 0) & 7]
  const windowSize = isSingle ? contentSize! : 2 ** log + (2 ** log / 8) * eighths
  if (windowSize > LARGEST_WINDOW && !isSingle) {
    throw new InputError(
      `'${path}' was packed by zstd with a window of ${windowSize / 2 ** 20} MiB, and at most 128 MiB is unpacked here: zstd --long=31 -dc FILE | cachesim … --trace -`,
    )
  }
  // Without the mark of a checksum, which is checked here.
  const magic = [0x28, 0xb5, 0x2f, 0xfd]
  return {
    hasChecksum,
    contentSize,
    bytes: Uint8Array.from([...magic, descriptor! & ~4, ...window, ...dictionary, ...size]),
  }
}

/** Takes so many bytes at a time from chunks of any length. */
class ByteReader {
  readonly #path: string
  readonly #chunks: AsyncIterator<Uint8Array>
  #chunk: Uint8Array = new Uint8Array(0)
  #at = 0

  constructor(path: string, chunks: Chunks) {
    this.#path = path
    this.#chunks = chunks[Symbol.asyncIterator]()
  }

  async isAtEnd(): Promise<boolean> {
    while (this.#at === this.#chunk.length) {
      const { done, value } = await this.#chunks.next()
      if (done) return true
      this.#chunk = value
      this.#at = 0
    }
    return false
  }

  /** @throws InputError where there are not so many */
  async take(count: number): Promise<Uint8Array> {
    const parts: Uint8Array[] = []
    for (let left = count; left > 0; ) {
      if (await this.isAtEnd())
        throw new InputError(`'${this.#path}' is cut short: the zstd data ends in the middle`)
      const part = this.#chunk.subarray(this.#at, this.#at + left)
      parts.push(part)
      this.#at += part.length
      left -= part.length
    }
    return parts.length === 1 ? parts[0]! : Buffer.concat(parts)
  }
}

function word(bytes: Uint8Array): number {
  return number(bytes) >>> 0
}

/** Little-endian; exact up to 2^53. */
function number(bytes: Uint8Array): number {
  return bytes.reduceRight((value, byte) => value * 256 + byte, 0)
}

function damaged(path: string, why: string): InputError {
  return new InputError(`'${path}' is damaged: the zstd data cannot be unpacked (${why})`)
}
