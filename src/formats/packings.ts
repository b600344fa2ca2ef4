import type { Compression } from '../core/trace.ts'
import { gunzip } from './unpack-gzip.ts'
import { throughTool } from './unpack-tool.ts'
import { unzstd } from './unpack-zstd.ts'

type Chunks = AsyncIterable<Uint8Array>

/** A way in which files are packed, told by their first bytes. */
export interface Packing {
  readonly name: Exclude<Compression, 'none'> | 'zip'
  /** The first bytes; undefined: any. */
  readonly magic: readonly (number | undefined)[]
  /** The ending of the names of such files, without the dot. */
  readonly ending: string
  /** The bytes unpacked; absent: not undone here, only recognised. */
  unpack?(path: string, chunks: Chunks): Chunks
}

const ANY = undefined

export const PACKINGS: readonly Packing[] = [
  { name: 'gzip', magic: [0x1f, 0x8b], ending: 'gz', unpack: gunzip },
  { name: 'zstd', magic: [0x28, 0xb5, 0x2f, 0xfd], ending: 'zst', unpack: unzstd },
  // A frame to be skipped, as pzstd and seekable files begin.
  { name: 'zstd', magic: [ANY, 0x2a, 0x4d, 0x18], ending: 'zst', unpack: unzstd },
  {
    name: 'xz',
    magic: [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00],
    ending: 'xz',
    unpack: (path, chunks) => throughTool('xz', path, chunks),
  },
  {
    name: 'bzip2',
    magic: [0x42, 0x5a, 0x68, ANY, 0x31, 0x41, 0x59],
    ending: 'bz2',
    unpack: (path, chunks) => throughTool('bzip2', path, chunks),
  },
  // Of nothing: the mark of an end follows at once.
  {
    name: 'bzip2',
    magic: [0x42, 0x5a, 0x68, ANY, 0x17, 0x72, 0x45],
    ending: 'bz2',
    unpack: (path, chunks) => throughTool('bzip2', path, chunks),
  },
  { name: 'zip', magic: [0x50, 0x4b, 0x03, 0x04], ending: 'zip' },
]

/** First bytes that tell every packing. */
export const MAGIC_BYTES = Math.max(...PACKINGS.map(({ magic }) => magic.length))

/** How a file that begins so is packed; undefined: not at all. */
export function packingOf(head: Uint8Array): Packing | undefined {
  return PACKINGS.find(
    ({ magic, ending }) =>
      magic.every((byte, i) => byte === ANY || head[i] === byte) &&
      // Of the first byte of a skippable frame only the upper half is fixed.
      (ending !== 'zst' || magic[0] !== ANY || (head[0]! & 0xf0) === 0x50),
  )
}

/** A name without the ending of its packing. */
export function withoutPacking(path: string): string {
  const ending = PACKINGS.find(
    (packing) => packing.unpack && path.toLowerCase().endsWith(`.${packing.ending}`),
  )?.ending
  return ending === undefined ? path : path.slice(0, -ending.length - 1)
}
