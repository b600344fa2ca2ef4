/*
 * One play of a service: a variant of its scenario, with one seed's requests, with its caches or without. What it comes
 * to depends on nothing else, wherever it is played.
 */
import type { Trace } from '../core/trace.ts'
import { TraceColumns } from '../engine/replay.ts'
import type { Scenario } from './scenario.ts'
import { retime } from './service-arrivals.ts'
import { runService, type ServiceOutcome } from './service-run.ts'
import { type KeysByPrefix, serviceSettings, withoutCaches } from './service-settings.ts'
import type { Footprint } from './sizes.ts'
import type { Watch } from './watch.ts'

/** What a play is of, beside its scenario: plain data, and columns on shared memory. */
export interface PlayInput {
  /** As read or drawn, before a rate and surges. */
  readonly trace: Trace
  /** How many times as fast it is played. */
  readonly rate: number
  /** What capacities in percent are of. */
  readonly extent: Footprint
  readonly seed: string
  readonly prefixes: KeysByPrefix
  readonly withCaches: boolean
}

/** @param onProgress told how many requests have arrived since it was last told */
export async function play(
  scenario: Scenario,
  { trace: recorded, rate, extent, seed, prefixes, withCaches }: PlayInput,
  watch: Watch,
  onProgress: (requests: number) => void,
): Promise<ServiceOutcome> {
  const surges = scenario.events.filter((event) => event.kind === 'surge')
  const trace = retime(recorded, rate, surges)
  const settings = serviceSettings(scenario, trace, extent, seed, prefixes)
  return runService(
    {
      columns: new TraceColumns(trace),
      settings: withCaches ? settings : withoutCaches(settings),
      seed,
      price: scenario.model.price,
      sloSeconds: scenario.slo,
    },
    watch,
    onProgress,
  )
}
