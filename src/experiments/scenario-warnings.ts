/* What a scenario may say and seldom should, told from its settings alone. */
import { formatSeconds } from '../core/units.ts'
import type { Scenario } from './scenario.ts'

/** A warning of each kind once for all variants that it is true of. */
export function scenarioWarnings(scenarios: readonly Scenario[]): string[] {
  return [...new Set(scenarios.flatMap(warmUpTooSeldom))]
}

/** What is still there is not computed again: warm-ups further apart than entries live find it gone, or leave it to go. */
function warmUpTooSeldom({ warmUp, tiers }: Scenario): string[] {
  const { keys, every } = warmUp
  // A use may keep an entry alive, and how long a recorded TTL is differs from request to request.
  const lives = tiers.map(({ ttl, ttlMode }) =>
    typeof ttl === 'number' && ttlMode === 'write' ? ttl : Infinity,
  )
  const longest = Math.max(...lives)
  if (keys === 0 || !(every < Infinity) || every < longest) return []
  return [
    `a warm-up every ${formatSeconds(every)} helps little where entries live ${formatSeconds(longest)}: what it computes is gone when the next one comes, or goes just after; make 'every' shorter than the TTL`,
  ]
}
