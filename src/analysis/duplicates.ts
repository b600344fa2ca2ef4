import type { Inspection } from '../core/result.ts'
import type { Trace } from '../core/trace.ts'
import { MinHeap } from './min-heap.ts'
import { inSteps, type Steps } from './steps.ts'

/**
 * Duplicates in flight, which coalescing of requests (single flight) would save. The model: without a cache every read is
 * computed on arrival, from its time t for its cost c, in [t, t + c); a read is a duplicate if an earlier read of the
 * same key, earlier in the trace, is still being computed when it arrives. A read that arrives just as the other ends is none.
 * `despiteCache` are the reads that arrive while the first read of their key is being computed: a cache that never evicts
 * spares all other duplicates. `worst` is the most computations of one key that run at one moment, less the one that is needed; of several keys the
 * first to come to it.
 * @param reads with times in seconds, non-decreasing, and costs in milliseconds
 */
export function* duplicatesInFlight(
  { keys, times, costs }: Required<Pick<Trace, 'keys' | 'times' | 'costs'>>,
  keyCount: number,
): Steps<
  Omit<NonNullable<Inspection['duplicatesInFlight']>, 'worst'> & {
    worst: { key: number; duplicates: number } | null
  }
> {
  /** [key] when the last of its computations ends. */
  const busyUntil = new Float64Array(keyCount).fill(-Infinity)
  /** The ends of all computations of a key, once there were two at a time; those that are over leave when the next comes. */
  const ends = new Map<number, MinHeap>()
  /** [key] when the first of them ends. */
  const firstUntil = new Float64Array(keyCount).fill(-Infinity)
  let requests = 0
  let despiteCache = 0
  let worst: { key: number; duplicates: number } | null = null
  const join = (key: number, now: number, end: number): void => {
    requests++
    let running = ends.get(key)
    if (running === undefined) {
      running = new MinHeap()
      ends.set(key, running)
    }
    while (running.size > 0 && running.smallest <= now) running.takeSmallest()
    // Only the first of them runs, and it did not know that others would come.
    if (running.size === 0) running.add(busyUntil[key]!)
    if (running.size > (worst?.duplicates ?? 0)) worst = { key, duplicates: running.size }
    running.add(end)
  }
  yield* inSteps(keys.length, (from, to) => {
    for (let i = from; i < to; i++) {
      const key = keys[i]!
      const now = times[i]!
      const end = now + costs[i]! / 1000
      const busy = busyUntil[key]!
      if (now < busy) {
        join(key, now, end)
        if (now < firstUntil[key]!) despiteCache++
      } else if (busy === -Infinity) firstUntil[key] = end
      if (end > busy) busyUntil[key] = end
    }
  })
  return { requests, despiteCache, shareOfRequests: keys.length === 0 ? 0 : requests / keys.length, worst }
}
