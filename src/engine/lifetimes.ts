import { createColumn, Op, type Trace } from '../core/trace.ts'

/**
 * [requests] for each request how many seconds an entry lives that it writes: what it says itself, else what a read or
 * write of the same key said last; NaN where none has. That a request says so is enough: whether it wrote anything, or
 * whether its entry is still there, depends on the cache, and what is known of a key does not.
 * @param ttls the trace's; returned as they are where every request says
 */
export function lifetimeColumn(trace: Trace, ttls: Float32Array): Float32Array {
  const { keys, ops, length } = trace
  if (!ttls.some(Number.isNaN)) return ttls
  const lifetimes = createColumn(Float32Array, length)
  const lastSaid = new Float32Array(trace.keyCount).fill(Number.NaN)
  for (let at = 0; at < length; at++) {
    const key = keys[at]!
    const said = ttls[at]!
    if (!Number.isNaN(said) && (ops === undefined || ops[at] !== Op.delete)) lastSaid[key] = said
    lifetimes[at] = lastSaid[key]!
  }
  return lifetimes
}
