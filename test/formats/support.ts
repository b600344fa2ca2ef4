import type { Readable } from 'node:stream'
import { Readable as NodeReadable } from 'node:stream'
import type { Trace } from '../../src/core/trace.ts'
import { type ReadTraceOptions, readTrace } from '../../src/formats/index.ts'

type Options = Omit<ReadTraceOptions, 'stdin'>

/** Reads text or bytes as if they came on standard input, in one chunk or cut at the given places. */
export function read(
  content: string | Uint8Array,
  options: Options = {},
  cuts: readonly number[] = [],
): Promise<Trace> {
  return readTrace('-', { ...options, stdin: streamOf(content, cuts) })
}

export function streamOf(content: string | Uint8Array, cuts: readonly number[] = []): Readable {
  const bytes = Buffer.from(content as string)
  const places = [0, ...cuts.map((cut) => cut % (bytes.length + 1)).sort((a, b) => a - b), bytes.length]
  const chunks = places.slice(1).map((place, i) => bytes.subarray(places[i], place))
  return NodeReadable.from(chunks)
}

/** The names of the requested keys, in order. */
export function namesOf(trace: Trace): string[] {
  return Array.from(trace.keys, (key) => trace.keyNames!.nameOf(key))
}

/** Everything a simulation sees of a trace, as plain arrays. */
export function contentOf(trace: Trace): Record<string, unknown> {
  const { length, keyCount, keys, times, sizes, costs, ops } = trace
  const plain = (column: ArrayLike<number> | undefined) => column && Array.from(column)
  return {
    ...{ length, keyCount, keys: plain(keys), times: plain(times), sizes: plain(sizes) },
    ...{ costs: plain(costs), ops: plain(ops) },
  }
}
