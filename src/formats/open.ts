import { InputError } from '../core/errors.ts'
import type { ByteStream, TraceInput } from '../core/format.ts'
import { packingOf, SIGNATURE_BYTES } from './packings.ts'
import { Peeked } from './peeked.ts'
import { openSource, type Source } from './source.ts'

/** How much of the beginning is kept for detection. */
export const HEAD_BYTES = 1 << 16
/** The most that is held in one piece. */
const WHOLE_BYTES = 2 ** 31

const ZIP = [0x50, 0x4b, 0x03, 0x04]

/** An opened trace, to be closed whether it was read or not. */
export interface OpenedInput extends TraceInput {
  close(): Promise<void>
}

/**
 * Opens a file, or standard input where `path` is `-`, and undoes what it is packed with, which is told by its first
 * bytes. Nothing is held in memory but the head, the chunk at hand, and what unpacking needs.
 * @param stdin what `-` reads
 * @throws InputError for a file that is missing, unreadable, empty, a directory, packed otherwise, or (while reading)
 *   packed data that are cut short or damaged
 */
export async function openInput(path: string, stdin?: ByteStream): Promise<OpenedInput> {
  const source = await openSource(path, stdin)
  let unpacked: Peeked | undefined
  async function close(): Promise<void> {
    // An unpacker may be waiting for bytes that never come: its source goes first.
    const closing = source.close()
    await unpacked?.close()
    await closing
  }
  try {
    const packed = await Peeked.of(source.chunks(), SIGNATURE_BYTES)
    if (packed.head.length === 0)
      throw new InputError(path === '-' ? 'standard input is empty' : `'${path}' is empty`)
    if (ZIP.every((byte, i) => packed.head[i] === byte)) throw zip(path)
    const packing = packingOf(packed.head)
    const chunks = packed.chunks()
    unpacked = await Peeked.of(packing ? packing.unpack(path, chunks) : chunks, HEAD_BYTES)
    if (unpacked.head.length === 0) throw new InputError(`'${path}' is empty once unpacked`)
    return { ...opened(path, source, unpacked, packing?.name ?? 'none'), close }
  } catch (error) {
    await close()
    throw error
  }
}

function opened(
  name: string,
  source: Source,
  unpacked: Peeked,
  compression: TraceInput['compression'],
): TraceInput {
  const { head, isWhole } = unpacked
  return {
    name,
    compression,
    head,
    isWhole,
    ...(compression === 'none' && source.file && { file: source.file }),
    chunks: () => unpacked.chunks(),
    whole: (limitBytes = WHOLE_BYTES) => wholeOf(name, unpacked.chunks(), limitBytes),
    progress: () => ({ done: source.done, total: source.byteLength }),
  }
}

async function wholeOf(
  name: string,
  chunks: AsyncIterable<Uint8Array>,
  limitBytes: number,
): Promise<Uint8Array> {
  const all: Uint8Array[] = []
  let length = 0
  for await (const chunk of chunks) {
    length += chunk.length
    if (length > limitBytes) {
      throw new InputError(
        `'${name}' has more than ${limitBytes / 2 ** 30} GiB, too much to be held in memory at once: give it as a file that is not packed, of which parts are read`,
      )
    }
    all.push(chunk)
  }
  return Buffer.concat(all, length)
}

function zip(path: string): InputError {
  return new InputError(
    `'${path}' is packed with zip, an archive of many files: unzip -p FILE | cachesim … --trace - reads it`,
  )
}
