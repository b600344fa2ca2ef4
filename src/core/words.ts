/** Lists as sentences have them. */

/**
 * `a`, `a and b`, `a, b and c`; of more than `most` the first, as `a, b and 12 more`.
 * @param most 2 or more
 */
export function listOf(items: readonly string[], most = Infinity): string {
  if (items.length > most) return `${items.slice(0, most - 1).join(', ')} and ${items.length - most + 1} more`
  return items.length < 2 ? items.join('') : `${items.slice(0, -1).join(', ')} and ${items.at(-1)}`
}
