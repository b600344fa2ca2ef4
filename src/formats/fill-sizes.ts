import type { FileDescription } from '../core/format.ts'
import { Op } from '../core/trace.ts'
import { formatCount, formatPercent } from '../core/units.ts'

/** More requests than this share without a known size, and what would be counted in bytes would mean nothing. */
const MOST_UNKNOWN = 0.01

/** Requests that do not say how large the value is: all, and those of them that stay without a size. */
interface Filled {
  readonly unsaid: number
  readonly left: number
}

/**
 * Gives requests that do not say how large the value is the size that the request for the same key before them has,
 * else the one after them; 0 where no request for the key says it. A deletion has no size.
 * @param sizes [requests] changed in place
 * @param unsaid [requests] 1 where the size is not said; changed in place
 */
export function fillSizes(
  keys: Uint32Array,
  sizes: Uint32Array,
  unsaid: Uint8Array,
  ops: Uint8Array | undefined,
  keyCount: number,
): Filled {
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

/** Whether the sizes are worth having, and what is to be said of those that were filled in. */
export function judgeFilled(
  { unsaid, left }: Filled,
  requests: number,
  { unsaidSizes }: FileDescription,
): { readonly isWorthHaving: boolean; readonly note?: string } {
  if (unsaid === 0) return { isWorthHaving: true }
  const share = left / requests
  if (unsaidSizes !== 'empty' && share > MOST_UNKNOWN)
    return {
      isWorthHaving: false,
      note: `no sizes: for ${formatCount(left)} of ${formatCount(requests)} requests (${formatPercent(share)}) nothing in the file says how large the value is; --value-size =1024 takes one size for all`,
    }
  const zero = left === 0 ? '' : `, and 0 bytes for the ${formatCount(left)} whose key has none in the file`
  return {
    isWorthHaving: true,
    note: `${formatCount(unsaid)} ${unsaid === 1 ? 'request does' : 'requests do'} not say how large the value is: the size of the nearest request for the same key is taken${zero}`,
  }
}
