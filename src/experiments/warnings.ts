import { howToGive, lackedColumn } from '../core/lacking.ts'
import { DEFAULT_TTL_SECONDS } from '../core/policy.ts'
import type { Run, Settings, WorkloadDescription } from '../core/result.ts'
import type { Trace } from '../core/trace.ts'
import { formatPercent, formatSeconds, plural } from '../core/units.ts'
import { assumedRate } from './assumed-rate.ts'
import type { ChosenPolicy } from './policies.ts'
import { type Capacity, describeSize } from './sizes.ts'
import { isSlower } from './verdict.ts'

/** What warnings follow from beside the runs: plain data, so that saved runs have the same. */
export interface WarningFacts {
  readonly workload: WorkloadDescription
  readonly settings: Settings
  readonly capacities: readonly Capacity[]
  /** Why policies were left out, in sentences. */
  readonly leftOut: readonly string[]
  /** Whether any of the trace's own TTLs is within its length. */
  readonly ttlsRunOut: boolean
}

/** @param leftOut policies that the trace could not serve */
export function warningFacts(
  trace: Trace,
  {
    workload,
    settings,
    capacities,
    leftOut,
  }: Pick<WarningFacts, 'workload' | 'settings' | 'capacities'> & {
    readonly leftOut: readonly ChosenPolicy[]
  },
): WarningFacts {
  const span = workload.spanSeconds ?? 0
  return {
    workload,
    settings,
    capacities,
    leftOut: leftOut.map((policy) => describeLeftOut(policy, trace)),
    // What is not said (NaN) is not within the span either.
    ttlsRunOut: trace.ttls?.some((ttl) => ttl <= span) ?? false,
  }
}

/** What a reader of the numbers must know, in sentences; empty where there is nothing. */
export function runWarnings(facts: WarningFacts, runs: readonly Run[]): string[] {
  const { workload, settings, capacities, leftOut } = facts
  return [
    ...losses(runs),
    ...sampled(workload, capacities),
    ...oddSizes(capacities, settings, runs),
    ...leftOut,
    ...ttlNotes(facts, runs),
    ...assumedRate(workload, runs),
    ...boundNotes(settings, runs),
    ...(runs.some(({ interval }) => interval === null)
      ? [`the run is too short (${plural(runs[0]!.requests, 'request')}) for confidence intervals and ties`]
      : []),
  ]
}

function describeLeftOut({ text, definition: { needs } }: ChosenPolicy, trace: Trace): string {
  const lacking = lackedColumn(needs, trace)!
  const what = trace.generated ? 'workload' : 'trace'
  return `the ${what} has no ${lacking}, so ${text} is left out: ${howToGive(lacking, trace)}`
}

function sampled({ source }: WorkloadDescription, capacities: readonly Capacity[]): string[] {
  const share = source?.sampleRate ?? 1
  const largest = capacities.at(-1)
  if (share === 1 || largest === undefined) return []
  const [here, whole] = [largest.capacity, Math.round(largest.capacity / share)].map((size) =>
    describeSize(size, largest.unit),
  )
  return [
    `the trace is a sample of ${`${Number((share * 100).toPrecision(6))} %`} of the keys: a cache of ${here} here stands for one of ${whole}, and requests, calls and money are the sample's`,
  ]
}

function losses(runs: readonly Run[]): string[] {
  const losing = runs.filter((run) => !run.bound && isSlower(run))
  if (losing.length === 0) return []
  const { breakEvenHitRate, sizeUnit } = losing[0]!
  const names = [...new Set(losing.map(({ policy }) => policy))].join(', ')
  const needed = breakEvenHitRate === null ? '' : ` (break-even hit rate ${formatPercent(breakEvenHitRate)})`
  const where = runs.every((run) => run.size === runs[0]!.size)
    ? ''
    : ` at sizes up to ${describeSize(Math.max(...losing.map(({ size }) => size)), sizeUnit)}`
  return [`a cache with ${names}${where} makes the mean latency worse than no cache${needed}`]
}

function oddSizes(capacities: readonly Capacity[], settings: Settings, runs: readonly Run[]): string[] {
  const warnings: string[] = []
  // Values of no bytes fit into no bytes.
  if (runs.some(({ size }) => size === 0) && runs.every(({ size, hits }) => size > 0 || hits === 0))
    warnings.push('a cache of size 0 keeps nothing: every request is a miss')
  const beyond = capacities.find(({ share }) => share >= 1)
  const largest = capacities.at(-1)!
  // The largest of several may hold just them all; what is larger yet was cut, save where there are other seeds.
  const isMore = beyond !== largest || capacities.length === 1 || (largest.share > 1 && settings.repeats > 1)
  if (beyond !== undefined && isMore) {
    const size = describeSize(beyond.capacity, beyond.unit)
    // Not so for values that were larger before than they are at last, of which only runs know.
    const asLarge = runs.filter((run) => run.size >= beyond.capacity)
    if ((asLarge.length > 0 || beyond.unit === 'entries') && asLarge.every((run) => run.evictions === 0))
      warnings.push(`a cache of ${size} holds every key there is: nothing is ever evicted`)
  }
  return warnings
}

function ttlNotes({ workload, settings, ttlsRunOut }: WarningFacts, runs: readonly Run[]): string[] {
  const warnings: string[] = []
  const ttls = settings.ttls ?? [settings]
  const own = [
    ...new Set(
      runs
        .filter((run) =>
          ttls.every(({ ttl, ttlSeconds }) => ttl !== run.ttl || ttlSeconds !== run.ttlSeconds),
        )
        .map(({ policy }) => policy),
    ),
  ]
  if (own.length > 0) warnings.push(tookTtl(own, settings))
  if (workload.columns.includes('ttls') && settings.ttl === 'none' && settings.assumed.includes('ttl')) {
    warnings.push(`the trace has TTLs but no times, so nothing expires: ${howToGive('times', workload)}`)
  }
  const span = workload.spanSeconds ?? 0
  for (const { ttlSeconds } of ttls) {
    if (ttlSeconds !== null && ttlSeconds > span)
      warnings.push(
        `the TTL of ${formatSeconds(ttlSeconds)} is longer than the workload (${formatSeconds(span)}): nothing expires`,
      )
  }
  if (ttls.some(({ ttl }) => ttl === 'recorded') && !ttlsRunOut) {
    warnings.push(`no TTL of the trace is within its length (${formatSeconds(span)}): none of them runs out`)
  }
  return warnings
}

/** That policies have a TTL that nobody asked for. */
export function tookTtl(names: readonly string[], settings: Settings): string {
  const length = formatSeconds(DEFAULT_TTL_SECONDS)
  const ttls = settings.ttls ?? [settings]
  return ttls.every(({ ttl }) => ttl === 'recorded')
    ? `${names.join(', ')} took a TTL of ${length} for entries that the trace gives none, which with other policies never expire`
    : `${names.join(', ')} cannot do without a TTL and took one of ${length}${settings.ttls ? ' where there is none' : ': --ttl sets another'}`
}

function boundNotes(settings: Settings, runs: readonly Run[]): string[] {
  const notes: string[] = []
  const ttls = settings.ttls ?? [settings]
  const isRecorded = ttls.some(({ ttl }) => ttl === 'recorded')
  const isTimed = ttls.some(({ ttlSeconds }) => ttlSeconds !== null)
  const expires = isRecorded || isTimed
  if (expires && runs.some(({ policy }) => policy === 'pfoo-l'))
    notes.push('pfoo-l does not know of TTLs: with one it is not a proven bound')
  if (!runs.some(({ shareOfOptimal }) => shareOfOptimal !== null)) return notes
  if (runs[0]!.sizeUnit === 'bytes') {
    const proven = expires ? '' : ': pfoo-l is one'
    notes.push(`in bytes, optimal is a strong heuristic and not a proven bound${proven}`)
  }
  if (isRecorded) {
    notes.push('with TTLs as recorded, optimal is a strong heuristic and not a proven bound')
  }
  if (isTimed && settings.ttlMode === 'write') {
    notes.push('with a TTL from the write, optimal is a strong heuristic and not a proven bound')
  }
  if (settings.warmupRequests > 0) {
    notes.push(
      'optimal is the best over the whole run, warm-up included: on the counted part alone a little more is possible',
    )
  }
  return notes
}
