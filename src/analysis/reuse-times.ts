import type { Inspection } from '../core/result.ts'
import { type Bins, binsOfSeconds } from './bins.ts'
import { quantiles, summarise } from './quantiles.ts'
import { inSteps, type Steps } from './steps.ts'

type ReuseSeconds = NonNullable<Inspection['reuseSeconds']>

/** The lives of an entry that are asked for: a second, ten, a minute, ten, an hour, a day. Bins end at each of them. */
const LIVES = [1, 10, 60, 600, 3600, 86_400]

/**
 * The time between two reads of a key. A TTL counted from the last use serves exactly the reuses that come earlier than
 * it, if the cache is large enough; one counted from the write fewer, as a read renews nothing.
 * @param keys of the reads
 * @param times of the reads, in seconds, non-decreasing
 * @returns null where no key comes twice
 */
export function* reuseTimes(
  keys: Uint32Array,
  times: Float64Array,
  keyCount: number,
): Steps<ReuseSeconds | null> {
  const last = new Float64Array(keyCount).fill(-1)
  const gaps = new Float32Array(keys.length)
  let reuses = 0
  const [start = 0] = times
  yield* inSteps(keys.length, (from, to) => {
    for (let i = from; i < to; i++) {
      const key = keys[i]!
      const now = times[i]! - start
      if (last[key]! >= 0) gaps[reuses++] = now - last[key]!
      last[key] = now
    }
  })
  if (reuses === 0) return null
  const known = gaps.subarray(0, reuses)
  const histogram = yield* binsOfSeconds(known)
  const summary = (yield* summarise(known))!
  yield 0
  const [p95] = quantiles(known, [0.95])
  return {
    quantiles: Object.fromEntries(
      Object.entries(summary).map(([name, value]) => [name, shortened(value)]),
    ) as typeof summary,
    p95: shortened(p95!),
    reuses,
    histogram,
    within: LIVES.map((seconds) => ({ seconds, share: countBelow(histogram, seconds) / reuses })),
  }
}

function countBelow(histogram: Bins, limit: number): number {
  return histogram.reduce((sum, { to, count }) => (to <= limit ? sum + count : sum), 0)
}

/** The digits that a float of 32 bits holds. */
function shortened(value: number): number {
  return Number(value.toPrecision(7))
}
