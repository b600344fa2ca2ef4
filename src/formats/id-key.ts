/** The name of a key that came through `addId`: its eight bytes, the most significant first, as a number without sign. */
export function nameOfId(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).readBigUInt64BE().toString()
}
