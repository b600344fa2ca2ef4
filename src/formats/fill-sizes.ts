import { Op } from '../core/trace.ts'

/**
 * Gives requests that do not say how large the value is the size that the request for the same key before them has,
 * else the one after them; 0 where no request for the key says it. A deletion has no size.
 * @param sizes [requests] changed in place
 * @param unsaid [requests] 1 where the size is not said; changed in place
 * @returns how many requests did not say it, and how many of them stay without
 */
export function fillSizes(
  keys: Uint32Array,
  sizes: Uint32Array,
  unsaid: Uint8Array,
  ops: Uint8Array | undefined,
  keyCount: number,
): { readonly unsaid: number; readonly left: number } {
  const last = new Uint32Array(keyCount)
  const known = new Uint8Array(keyCount)
  let count = 0
  const fill = (at: number) => {
    if (ops !== undefined && ops[at] === Op.delete) return
    const key = keys[at]!
    if (unsaid[at] === 0) {
      last[key] = sizes[at]!
      known[key] = 1
    } else if (known[key] === 1) {
      sizes[at] = last[key]!
      unsaid[at] = 0
    }
  }
  for (let at = 0; at < keys.length; at++) {
    if (ops !== undefined && ops[at] === Op.delete) unsaid[at] = 0
    count += unsaid[at]!
    fill(at)
  }
  known.fill(0)
  for (let at = keys.length - 1; at >= 0; at--) fill(at)
  return { unsaid: count, left: unsaid.reduce((sum, flag) => sum + flag, 0) }
}
