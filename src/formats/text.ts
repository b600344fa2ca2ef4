/**
 * Text of cells for people: error messages, headers and the names of keys. Never used once a row.
 */

const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** UTF-8 text; where it is not, each stray byte as `\xNN`, so that different bytes stay different to the eye. */
export function decodeText(bytes: Uint8Array, start = 0, end = bytes.length): string {
  const range = bytes.subarray(start, end)
  try {
    return strict.decode(range)
  } catch {
    return decodeBrokenText(range)
  }
}

function decodeBrokenText(bytes: Uint8Array): string {
  let text = ''
  for (let position = 0; position < bytes.length; ) {
    const first = bytes[position]!
    const length = first < 0x80 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4
    try {
      text += strict.decode(bytes.subarray(position, position + length))
      position += length
    } catch {
      text += `\\x${first.toString(16).padStart(2, '0')}`
      position++
    }
  }
  return text
}

/** A value in quotes for a message: shortened, control characters made visible. */
export function quote(text: string): string {
  const short = text.length > 60 ? `${text.slice(0, 57)}…` : text
  return `'${JSON.stringify(short).slice(1, -1).replaceAll('\\"', '"').replaceAll('\\\\', '\\')}'`
}
