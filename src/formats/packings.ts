import type { Compression } from '../core/trace.ts'
import { gunzip } from './gunzip.ts'
import { unpackWith } from './unpack-tool.ts'
import { unzstd } from './unzstd.ts'

/** A packing of whole files. */
export interface Packing {
  readonly name: Exclude<Compression, 'none'>
  /** The bytes a file begins with: at each place those that may stand there. */
  readonly signature: readonly (readonly number[])[]
  /** A file that ends after so many bytes of the signature is taken for a part of a packed one, not for text. */
  readonly leastBytes: number
  /** @throws InputError while reading, for data that are cut short or damaged */
  unpack(file: string, chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array>
}

const only = (...bytes: readonly number[]) => bytes.map((byte) => [byte])
const range = (first: number, last: number) => Array.from({ length: last - first + 1 }, (_, i) => first + i)

/** Sources: RFC 1952; RFC 8878, 3.1 (frame and skippable frame); the .xz file format 1.2.1, 2.1.1.1; bzip2 1.0.8. */
const PACKINGS: readonly Packing[] = [
  { name: 'gzip', signature: only(0x1f, 0x8b, 0x08), leastBytes: 2, unpack: gunzip },
  { name: 'zstd', signature: only(0x28, 0xb5, 0x2f, 0xfd), leastBytes: 2, unpack: unzstd },
  {
    name: 'zstd',
    signature: [range(0x50, 0x5f), ...only(0x2a, 0x4d, 0x18)],
    leastBytes: 4,
    unpack: unzstd,
  },
  {
    name: 'xz',
    signature: only(0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00),
    leastBytes: 2,
    unpack: unpackWith('xz'),
  },
  // A block, and the end of a file without one.
  ...[
    [0x31, 0x41, 0x59, 0x26, 0x53, 0x59],
    [0x17, 0x72, 0x45, 0x38, 0x50, 0x90],
  ].map(
    (magic): Packing => ({
      name: 'bzip2',
      signature: [...only(0x42, 0x5a, 0x68), range(0x31, 0x39), ...only(...magic)],
      leastBytes: 4,
      unpack: unpackWith('bzip2'),
    }),
  ),
]

/** The most bytes that `packingOf` looks at. */
export const SIGNATURE_BYTES = Math.max(...PACKINGS.map(({ signature }) => signature.length))

/** What a file with these first bytes is packed with; undefined: not with anything known here. */
export function packingOf(head: Uint8Array): Packing | undefined {
  return PACKINGS.find(
    ({ signature, leastBytes }) =>
      head.length >= Math.min(leastBytes, signature.length) &&
      signature.every((allowed, i) => i >= head.length || allowed.includes(head[i]!)),
  )
}
