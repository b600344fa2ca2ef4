import { createColumn, type Trace } from '../core/trace.ts'

/** Requests that come faster for a while. */
export interface Surge {
  /** Seconds from the first request on. */
  readonly at: number
  readonly for: number
  readonly factor: number
}

/**
 * The trace with other arrival times: all of them `rate` times as fast, and in a surge as many times faster again. The
 * requests are the same, in the same order; what a surge brings sooner is missing at the end.
 * @param surges that do not overlap
 */
export function retime(trace: Trace, rate: number, surges: readonly Surge[]): Trace {
  const { times } = trace
  if (times === undefined || (rate === 1 && surges.length === 0)) return trace
  const inOrder = [...surges].sort((a, b) => a.at - b.at)
  const retimed = createColumn(Float64Array, times.length)
  let next = 0
  /** What surges that are over have brought forward, in seconds of the trace. */
  let ahead = 0
  for (let at = 0; at < times.length; at++) {
    const due = times[at]! / rate
    while (next < inOrder.length) {
      const { at: begin, for: length, factor } = inOrder[next]!
      if (due - ahead <= begin + length * factor) break
      ahead += length * (factor - 1)
      next++
    }
    const surge = inOrder[next]
    const plain = due - ahead
    retimed[at] =
      surge === undefined || plain <= surge.at ? plain : surge.at + (plain - surge.at) / surge.factor
  }
  return { ...trace, times: retimed }
}
