import { InputError } from '../core/errors.ts'
import type { Trace } from '../core/trace.ts'
import { formatCount, formatSeconds } from '../core/units.ts'
import type { ServiceEvent } from '../engine/service/settings.ts'
import type { Scenario } from './scenario.ts'

/** Each looks at all requests of its window, and at all keys. */
const MOST_WARM_UPS = 10_000

/** When which keys are computed ahead. */
export function warmUps({ warmUp }: Scenario, trace: Trace): ServiceEvent[] {
  const { keys, of, every, before } = warmUp
  if (keys === 0 || trace.length === 0) return []
  const times = trace.times!
  const end = times[trace.length - 1]!
  if (end / every > MOST_WARM_UPS)
    throw new InputError(
      `a warm-up every ${formatSeconds(every)} is more than ${formatCount(MOST_WARM_UPS)} of them in the ${formatSeconds(end)} that requests come: make 'every' longer`,
    )
  const events: ServiceEvent[] = []
  if (of === 'sample')
    events.push({ kind: 'warm-up', at: -before, requests: mostPopular(trace, 0, trace.length, keys) })
  let from = 0
  for (let at = every; at < end; at += every) {
    let to = from
    while (to < trace.length && times[to]! < at) to++
    const requests =
      of === 'sample'
        ? events[0]!.kind === 'warm-up'
          ? events[0]!.requests
          : undefined
        : mostPopular(trace, from, to, keys)
    events.push({ kind: 'warm-up', at, requests: requests! })
    from = to
  }
  return events
}

/** A request of each of the keys that are asked for most between two requests, the most popular first. */
function mostPopular({ keys, keyCount }: Trace, from: number, to: number, most: number): Uint32Array {
  const counts = new Uint32Array(keyCount)
  const last = new Uint32Array(keyCount)
  for (let at = from; at < to; at++) {
    counts[keys[at]!]!++
    last[keys[at]!] = at
  }
  const seen = Uint32Array.from(counts.keys()).filter((key) => counts[key]! > 0)
  // Of equally popular ones the one that came first, whose id is lower.
  seen.sort((a, b) => counts[b]! - counts[a]! || a - b)
  return seen.subarray(0, most).map((key) => last[key]!)
}
