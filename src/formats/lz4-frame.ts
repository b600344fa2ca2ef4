const MAGIC = 0x184d2204
const [INDEPENDENT, BLOCK_CHECKSUM, CONTENT_SIZE, DICTIONARY_ID] = [0x20, 0x10, 0x08, 0x01]
const STORED = 0x8000_0000

/**
 * Undoes the LZ4 frame format (github.com/lz4/lz4, doc/lz4_Frame_format.md), which Arrow files are packed with by
 * default. Checksums are not checked. Blocks may refer to those before, so all are written to one buffer.
 * @param bytes what comes out
 * @throws RangeError for damaged data
 */
export function decompressLz4Frame(input: Uint8Array, bytes: number): Uint8Array {
  const view = new DataView(input.buffer, input.byteOffset, input.byteLength)
  if (view.getUint32(0, true) !== MAGIC) throw new RangeError('LZ4 data do not begin as they should')
  const flags = view.getUint8(4)
  let at = 7 + (flags & CONTENT_SIZE ? 8 : 0) + (flags & DICTIONARY_ID ? 4 : 0)
  const output = new Uint8Array(bytes)
  let filled = 0
  for (;;) {
    const size = view.getUint32(at, true)
    at += 4
    if (size === 0) break
    const length = size % STORED
    const block = input.subarray(at, at + length)
    if (block.length < length) throw new RangeError('LZ4 data are cut short')
    if (size >= STORED) {
      output.set(block, filled)
      filled += length
    } else {
      filled = decompressBlock(block, output, filled, flags & INDEPENDENT ? filled : 0)
    }
    at += length + (flags & BLOCK_CHECKSUM ? 4 : 0)
  }
  if (filled !== bytes) throw new RangeError(`LZ4 data unpack to ${filled} of ${bytes} bytes`)
  return output
}

/**
 * @param from where output begins that the block may refer to
 * @returns how far the output is filled
 */
function decompressBlock(input: Uint8Array, output: Uint8Array, filled: number, from: number): number {
  let at = 0
  const extended = (length: number): number => {
    if (length < 15) return length
    let byte = 255
    let total = length
    while (byte === 255) {
      if (at >= input.length) throw new RangeError('LZ4 data are cut short')
      byte = input[at++]!
      total += byte
    }
    return total
  }
  while (at < input.length) {
    const token = input[at++]!
    const literals = extended(token >> 4)
    if (at + literals > input.length || filled + literals > output.length)
      throw new RangeError('LZ4 data do not fit')
    output.set(input.subarray(at, at + literals), filled)
    at += literals
    filled += literals
    if (at === input.length) return filled
    if (at + 2 > input.length) throw new RangeError('LZ4 data are cut short')
    const distance = input[at]! | (input[at + 1]! << 8)
    at += 2
    const length = extended(token & 15) + 4
    if (distance === 0 || filled - distance < from || filled + length > output.length)
      throw new RangeError('LZ4 data are damaged')
    // The source may overlap what is written: byte after byte.
    for (const end = filled + length; filled < end; filled++) output[filled] = output[filled - distance]!
  }
  return filled
}
