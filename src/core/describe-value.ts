/** A value in a message: itself where it is short, else what it is. */
export function describeValue(value: unknown): string {
  if (typeof value === 'string') {
    const short = value.length > 60 ? `${value.slice(0, 57)}…` : value
    return `'${JSON.stringify(short).slice(1, -1).replaceAll('\\"', '"')}'`
  }
  if (Array.isArray(value)) return 'a list'
  if (typeof value === 'object' && value !== null) return 'an object'
  if (typeof value === 'function') return 'a function'
  if (value === undefined) return 'nothing'
  return typeof value === 'symbol' ? 'a symbol' : `${String(value)}`
}
