import type { Compression } from './trace.ts'

/** The endings of packed files, which stand behind the ending of the format: `trace.csv.gz`. */
const ENDINGS: ReadonlyMap<string, Compression> = new Map([
  ['gz', 'gzip'],
  ['zst', 'zstd'],
  ['xz', 'xz'],
  ['bz2', 'bzip2'],
])

/** A path without the ending of a packed file, and what that ending stands for, in upper or lower case. */
export function splitPackedEnding(path: string): {
  readonly path: string
  readonly compression: Compression
} {
  const dot = path.lastIndexOf('.')
  const compression = dot < 0 ? undefined : ENDINGS.get(path.slice(dot + 1).toLowerCase())
  return compression === undefined ? { path, compression: 'none' } : { path: path.slice(0, dot), compression }
}
