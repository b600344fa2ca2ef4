import type { RandomAccess, TraceInput } from '../core/format.ts'

/** The input at any place: the file itself, or all of it in memory where it came packed or through a pipe. */
export async function randomAccess(input: TraceInput): Promise<RandomAccess> {
  if (input.file) return input.file
  const bytes = await input.whole()
  return {
    byteLength: bytes.length,
    slice: async (start, end) => new Uint8Array(bytes.subarray(start, end)).buffer,
    readInto: async (target, start) => target.set(bytes.subarray(start, start + target.length)),
  }
}
