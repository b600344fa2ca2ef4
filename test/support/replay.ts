import { createRandom } from '../../src/core/random.ts'
import type { Trace } from '../../src/core/trace.ts'
import { type CacheSettings, createReplay, type Replay, TraceColumns } from '../../src/engine/replay.ts'
import { choosePolicy, type PolicyChoice } from '../../src/experiments/policies.ts'

const NAMES = ['compulsory', 'hit', 'capacity', 'expired', 'invalidated', 'uncounted'] as const

type Settings = Partial<CacheSettings> & { readonly capacity: number }

/** A replay that stands before the first request, under a policy such as `optimal(bypass=false)`. */
export function startReplay(
  trace: Trace,
  policy: PolicyChoice,
  settings: Settings,
  seed = '1',
): Promise<Replay> {
  const { definition, parameters, text } = choosePolicy(policy)
  const cache = { capacityUnit: 'entries', ...settings } as const
  return createReplay(new TraceColumns(trace), definition, parameters, cache, createRandom(seed, text), {
    text,
  })
}

/** What each request of a trace finds, in words. */
export async function outcomesOf(
  ...options: Parameters<typeof startReplay>
): Promise<(typeof NAMES)[number][]> {
  const replay = await startReplay(...options)
  replay.advance()
  return Array.from(replay.outcomes, (found) => NAMES[found]!)
}

/** Hits of a replay. */
export async function hitsOf(...options: Parameters<typeof startReplay>): Promise<number> {
  return (await outcomesOf(...options)).filter((outcome) => outcome === 'hit').length
}
