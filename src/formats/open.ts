import { InputError } from '../core/errors.ts'
import type { ByteStream, TraceInput } from '../core/format.ts'
import { MAGIC_BYTES, packingOf } from './packings.ts'
import { RawInput } from './raw-input.ts'

/** How much of the beginning is kept for detection. */
export const HEAD_BYTES = 1 << 16
/** What can be held in one piece. */
const LARGEST_WHOLE = 2 ** 31

/** An opened trace, to be closed whether it was read or not. */
export interface OpenedInput extends TraceInput {
  close(): Promise<void>
}

/**
 * Opens a file, or standard input where `path` is `-`, and undoes its packing, which is told by its first bytes. Nothing
 * is held in memory but the head and the chunk at hand.
 * @param stdin what `-` reads
 * @throws InputError for a file that is missing, unreadable, empty, a directory, packed in a way not undone here, or
 *   (while reading) packed data that is cut short or damaged
 */
export async function openInput(path: string, stdin?: ByteStream): Promise<OpenedInput> {
  const raw = await RawInput.open(path, stdin)
  let text: Peeked | undefined
  try {
    const start = await Peeked.of(raw.chunks(), MAGIC_BYTES)
    text = start
    if (start.head.length === 0)
      throw new InputError(path === '-' ? 'standard input is empty' : `'${path}' is empty`)
    const packing = packingOf(start.head)
    if (packing && !packing.unpack) {
      throw new InputError(
        `'${path}' is packed with zip, which is not undone here: unzip -p FILE | cachesim … --trace - reads it`,
      )
    }
    const unpacked = packing?.unpack ? packing.unpack(path, start.chunks()) : start.chunks()
    text = await Peeked.of(unpacked, HEAD_BYTES)
    if (text.head.length === 0) throw new InputError(`'${path}' is empty once unpacked`)
    return createInput(path, raw, text, start, packing?.name as TraceInput['compression'])
  } catch (error) {
    await text?.close()
    await raw.close()
    throw error
  }
}

function createInput(
  path: string,
  raw: RawInput,
  text: Peeked,
  start: Peeked,
  compression: TraceInput['compression'] = 'none',
): OpenedInput {
  const { total } = raw
  return {
    name: path,
    compression,
    head: text.head,
    isWhole: text.isWhole,
    chunks: () => text.chunks(),
    progress: () => ({ done: raw.done, total: raw.total }),
    ...(compression === 'none' &&
      total !== null && {
        file: {
          byteLength: total,
          slice: (from, to) => raw.slice(from, to),
          readInto: (target, from) => raw.readInto(target, from),
        },
      }),
    async whole() {
      const parts: Uint8Array[] = []
      let length = 0
      for await (const chunk of text.chunks()) {
        length += chunk.length
        if (length > LARGEST_WHOLE) {
          throw new InputError(
            `'${path}' is more than 2 GiB ${compression === 'none' ? 'from a pipe' : 'once unpacked'}: this format is read in places, so give it as a plain file`,
          )
        }
        parts.push(chunk)
      }
      return Buffer.concat(parts)
    },
    async close() {
      await text.close()
      await start.close()
      await raw.close()
    },
  }
}

/** Chunks of which the first bytes have been looked at; they come again. */
class Peeked {
  readonly head: Uint8Array
  /** Whether the head is all there is. */
  readonly isWhole: boolean
  readonly #seen: readonly Uint8Array[]
  readonly #rest: AsyncIterator<Uint8Array>

  static async of(chunks: AsyncIterable<Uint8Array>, bytes: number): Promise<Peeked> {
    const iterator = chunks[Symbol.asyncIterator]()
    const seen: Uint8Array[] = []
    let length = 0
    let ended = false
    // One byte more than the head tells whether it is all there is.
    while (length <= bytes) {
      const { done, value } = await iterator.next()
      if (done) {
        ended = true
        break
      }
      seen.push(value)
      length += value.length
    }
    return new Peeked(Buffer.concat(seen).subarray(0, bytes), ended, seen, iterator)
  }

  private constructor(
    head: Uint8Array,
    isWhole: boolean,
    seen: readonly Uint8Array[],
    rest: AsyncIterator<Uint8Array>,
  ) {
    this.head = head
    this.isWhole = isWhole
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
