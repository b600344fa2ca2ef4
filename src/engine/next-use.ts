import { NEVER } from '../core/policy.ts'
import { createColumn, Op, type Trace } from '../core/trace.ts'

/**
 * [requests] for each request the index of the next read of the same key with no write or delete of that key between,
 * or NEVER: keeping a key until it is written over or deleted buys nothing.
 */
export function nextUseColumn(trace: Trace): Uint32Array {
  const { keys, ops, length } = trace
  const next = createColumn(Uint32Array, length)
  const upcoming = new Uint32Array(trace.keyCount).fill(NEVER)
  for (let at = length - 1; at >= 0; at--) {
    const key = keys[at]!
    next[at] = upcoming[key]!
    upcoming[key] = ops === undefined || ops[at] === Op.read ? at : NEVER
  }
  return next
}
