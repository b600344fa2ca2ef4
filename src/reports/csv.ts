import type { SweepEstimates } from '../core/estimate-result.ts'
import { type CurveName, isOfCurve } from '../core/grid-ttl.ts'
import type { ReportDefinition } from '../core/report.ts'
import type {
  BenchResult,
  BenchRun,
  CompareResult,
  InspectResult,
  Result,
  Run,
  Speed,
  SweepResult,
} from '../core/result.ts'
import { byCurve } from '../core/run-groups.ts'
import { serviceRows } from './service-csv.ts'
import { withWindows } from './window-csv.ts'

/**
 * Tidy CSV (RFC 4180, lines ending in LF): a row is a policy at a size (and in a window, where there are some), a column
 * a variable. Numbers in full precision,
 * fractions as fractions; an empty cell is what is not known. `inspect` gives a row a measure.
 */
type Cell = string | number | boolean | null | undefined

const csv: ReportDefinition = {
  name: 'csv',
  summary:
    'one row a policy and size (inspect: one a measure, simulate: one a part of the time, with --vary one a variant), numbers in full precision',
  extension: 'csv',
  commands: ['compare', 'sweep', 'inspect', 'bench', 'simulate'],
  render(result) {
    return rowsOf(result)
      .map((row) => `${row.map(quote).join(',')}\n`)
      .join('')
  },
}
export default csv

function rowsOf(result: Result): Cell[][] {
  switch (result.command) {
    case 'compare':
      return [Object.keys(columns), ...runRows(result)]
    case 'sweep':
      return result.simulated.estimates
        ? estimateRows(result, result.simulated.estimates)
        : withWindows(Object.keys(columns), runRows(result), result.simulated)
    case 'inspect':
      return [['measure', 'value'], ...inspectRows(result.simulated)]
    case 'bench':
      return [Object.keys(benchColumns), ...benchRows(result)]
    case 'simulate':
      return serviceRows(result.simulated)
  }
}

function quote(cell: Cell): string {
  const text = String(cell ?? '')
  return /[",\r\n]|^\s|\s$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}

/** What a run of a sweep is among the others; of a comparison nothing of it is known. */
interface Place {
  readonly isKnee: boolean
  /** Undefined where no policy is known to be. */
  readonly isBest: boolean | undefined
  /** In size_unit, for each percentage point that the step from the size before gains; undefined where it gains none. */
  readonly sizePerPoint: number | undefined
}

const columns: Readonly<Record<string, (run: Run, place: Place | undefined) => Cell>> = {
  policy: (run) => run.policy,
  bound: (run) => run.bound,
  size: (run) => run.size,
  size_unit: (run) => run.sizeUnit,
  size_share: (run) => run.sizeShare,
  ttl_seconds: (run) => run.ttlSeconds,
  requests: (run) => run.requests,
  hits: (run) => run.hits,
  misses: (run) => run.misses,
  hit_rate: (run) => run.hitRate,
  hit_rate_low: (run) => run.interval?.low,
  hit_rate_high: (run) => run.interval?.high,
  byte_hit_rate: (run) => run.byteHitRate,
  cost_hit_rate: (run) => run.costHitRate,
  share_of_optimal: (run) => run.shareOfOptimal,
  misses_compulsory: (run) => run.missKinds.compulsory,
  misses_capacity: (run) => run.missKinds.capacity,
  misses_expired: (run) => run.missKinds.expired,
  misses_invalidated: (run) => run.missKinds.invalidated,
  evictions: (run) => run.evictions,
  latency_mean_ms: (run) => run.latency.mean,
  latency_p50_ms: (run) => run.latency.p50,
  latency_p95_ms: (run) => run.latency.p95,
  latency_p99_ms: (run) => run.latency.p99,
  latency_mean_without_ms: (run) => run.latency.meanWithout,
  latency_p50_without_ms: (run) => run.latency.p50Without,
  latency_p95_without_ms: (run) => run.latency.p95Without,
  latency_p99_without_ms: (run) => run.latency.p99Without,
  latency_reduction: (run) => run.latency.reduction,
  model_calls: (run) => run.model.calls,
  model_calls_saved: (run) => run.model.callsSaved,
  model_seconds: (run) => run.model.seconds,
  model_seconds_without: (run) => run.model.secondsWithout,
  model_seconds_saved: (run) => run.model.secondsSaved,
  money_spent_dollars: (run) => run.money.spent,
  money_spent_without_dollars: (run) => run.money.spentWithout,
  money_saved_dollars: (run) => run.money.saved,
  break_even_hit_rate: (run) => run.breakEvenHitRate,
  is_knee: (_run, place) => place?.isKnee,
  // Later than the others, behind them: scripts may count columns.
  ttl: (run) => run.ttl,
  size_per_point: (_run, place) => place?.sizePerPoint,
  is_best: (_run, place) => place?.isBest,
}

function runRows(result: CompareResult | SweepResult): Cell[][] {
  const places = result.command === 'sweep' ? placesOf(result.simulated) : undefined
  return result.simulated.runs.map((run) => {
    const place = places?.get(run)
    return Object.values(columns).map((cell) => cell(run, place))
  })
}

function placesOf(sweep: SweepResult['simulated']): Map<Run, Place> {
  const knees = kneeRuns(sweep)
  const best = sweep.envelope && new Map(sweep.envelope.points.map(({ size, policy }) => [size, policy]))
  const places = byCurve(sweep.runs).flatMap(({ runs }) =>
    runs.map((run, at): [Run, Place] => {
      const { size, hitRate } = runs[at - 1] ?? { size: 0, hitRate: 0 }
      const points = 100 * (run.hitRate - hitRate)
      return [
        run,
        {
          isKnee: knees.has(run),
          isBest: best && best.get(run.size) === run.policy,
          sizePerPoint: points > 0 ? (run.size - size) / points : undefined,
        },
      ]
    }),
  )
  return new Map(places)
}

/**
 * Policies in the order they were asked for: what was run, and what was only estimated, of which most is not known. The
 * margin is 0 for what was run.
 */
function estimateRows(result: SweepResult, { policies, sizes }: SweepEstimates): Cell[][] {
  const names = Object.keys(columns)
  const { runs } = result.simulated
  const rows = runRows(result)
  return [
    [...names, 'estimated', 'hit_rate_margin', 'scales'],
    ...policies.flatMap(({ policy, bound, rates, knee, scales }) =>
      sizes.map(({ size, sizeUnit, sizeShare }, at): Cell[] => {
        const ran = runs.findIndex((run) => run.policy === policy && run.size === size)
        if (ran >= 0) return [...rows[ran]!, false, 0, scales]
        const { hitRate, margin } = rates[at]!
        const known: Readonly<Record<string, Cell>> = {
          policy,
          bound,
          size,
          size_unit: sizeUnit,
          size_share: sizeShare,
          hit_rate: hitRate,
          is_knee: size === knee.size,
        }
        return [...names.map((name) => known[name]), true, margin, scales]
      }),
    ),
  ]
}

/** The run nearest in size to the knee of its policy; of two as near the smaller. */
function kneeRuns(sweep: {
  readonly runs: readonly Run[]
  readonly knee: readonly (CurveName & { readonly size: number | null })[]
}): Set<Run> {
  const nearest = sweep.knee.flatMap(({ size, ...curve }) =>
    size === null
      ? []
      : sweep.runs
          .filter((run) => isOfCurve(run, curve))
          .sort((a, b) => Math.abs(a.size - size) - Math.abs(b.size - size) || a.size - b.size)
          .slice(0, 1),
  )
  return new Set(nearest)
}

const benchColumns: Readonly<Record<string, (speed: Speed | undefined, run: BenchRun | undefined) => Cell>> =
  {
    name: (speed, run) => speed?.name ?? run?.policy,
    kind: (speed) => speed?.kind ?? 'policy',
    version: (speed) => speed?.version,
    size: (speed, run) => speed?.size ?? run?.size,
    size_unit: (speed, run) => speed?.sizeUnit ?? run?.sizeUnit,
    hits: (speed, run) => speed?.hits ?? run?.hits,
    requests_per_second: (speed) => speed?.requestsPerSecond,
    ns_per_request: (speed) => speed?.nanosecondsPerRequest.median,
    ns_per_request_min: (speed) => speed?.nanosecondsPerRequest.min,
    ns_per_request_max: (speed) => speed?.nanosecondsPerRequest.max,
    times_baseline: (speed) => speed?.timesBaseline?.median,
    alone_ns_per_request: (speed) => speed?.aloneNanosecondsPerRequest?.median,
    alone_ns_per_request_min: (speed) => speed?.aloneNanosecondsPerRequest?.min,
    alone_ns_per_request_max: (speed) => speed?.aloneNanosecondsPerRequest?.max,
    slowdown: (speed) => speed?.slowdown,
    bytes_per_key: (speed) => speed?.bytesPerKey,
    note: (speed) => speed?.note,
  }

/** Everything that was timed; where wall times are left out, what policies counted. */
function benchRows({ simulated, measured }: BenchResult): Cell[][] {
  const cells = Object.values(benchColumns)
  return measured === undefined
    ? simulated.runs.map((run) => cells.map((cell) => cell(undefined, run)))
    : measured.speeds.map((speed) => cells.map((cell) => cell(speed, undefined)))
}

type Inspection = InspectResult['simulated']['inspection']

function bins(
  name: string,
  unit: string,
  histogram: readonly { readonly from: number; readonly to: number; readonly count: number }[] = [],
): Cell[][] {
  return histogram.map(({ from, to, count }) => [`${name}_from_${from}_to_${to}${unit}`, count])
}

function popularityRows(popularity: Inspection['popularity']): Cell[][] {
  return [
    ['popularity', popularity?.verdict],
    ['hot_keys', popularity?.hotKeys],
    ['hot_keys_kept_by_chance', popularity?.keptByChance],
    ['popularity_neighbours', popularity?.neighbours],
    ['popularity_distant', popularity?.distant],
    ...(popularity?.parts ?? []).flatMap((part, i) => [
      [`part_${i + 1}_requests`, part.requests],
      [`part_${i + 1}_new_keys`, part.newKeys],
      [`part_${i + 1}_share_of_hot_keys`, part.shareOfHotKeys],
      [`part_${i + 1}_kept_of_first`, part.keptOfFirst],
      [`part_${i + 1}_kept_of_previous`, part.keptOfPrevious],
    ]),
  ]
}

function inspectRows({ workload, inspection }: InspectResult['simulated']): Cell[][] {
  const quantiles = (
    name: string,
    unit: string,
    values: Readonly<Record<string, number>> | null | undefined,
  ) => Object.entries(values ?? {}).map(([quantile, value]) => [`${name}_${quantile}${unit}`, value])
  return [
    ['workload', workload.name],
    ['requests', workload.requests],
    ['reads', inspection.reads],
    ['writes', workload.writes],
    ['deletes', workload.deletes],
    ['distinct_keys', inspection.distinctKeys],
    ['span_seconds', workload.spanSeconds],
    ['total_bytes', workload.totalBytes],
    ['rows', workload.source?.rows],
    ['filtered_rows', workload.source?.filteredRows],
    ['bad_rows', workload.source?.badRows],
    ['mean_rate_per_second', inspection.meanRate],
    ['one_hit_keys', inspection.oneHitKeys.keys],
    ['one_hit_keys_share_of_keys', inspection.oneHitKeys.shareOfKeys],
    ['one_hit_keys_share_of_requests', inspection.oneHitKeys.shareOfRequests],
    ['compulsory_miss_rate', inspection.compulsoryMissRate],
    ['hit_rate_ceiling', inspection.hitRateCeiling],
    ['zipf_alpha', inspection.zipf?.alpha],
    ['zipf_standard_error', inspection.zipf?.standardError],
    ['zipf_goodness_of_fit', inspection.zipf?.goodnessOfFit],
    ['zipf_verdict', inspection.zipf?.verdict],
    ['reuses', inspection.reuseDistance?.reuses],
    ...quantiles('reuse_distance', '_keys', inspection.reuseDistance?.quantiles),
    ...bins('reuse_distance', '_keys', inspection.reuseDistance?.histogram),
    ['lru_size', inspection.lruSize?.entries],
    ['lru_size_hit_rate', inspection.lruSize?.hitRate],
    ...quantiles('time_between_uses', '_seconds', inspection.reuseSeconds?.quantiles),
    ['time_between_uses_p95_seconds', inspection.reuseSeconds?.p95],
    ...bins('time_between_uses', '_seconds', inspection.reuseSeconds?.histogram),
    ...(inspection.reuseSeconds?.within ?? []).map(({ seconds, share }) => [
      `reuses_within_${seconds}_seconds`,
      share,
    ]),
    ...popularityRows(inspection.popularity),
    ['duplicates_in_flight', inspection.duplicatesInFlight?.requests],
    ['duplicates_in_flight_share_of_requests', inspection.duplicatesInFlight?.shareOfRequests],
    ['duplicates_in_flight_despite_cache', inspection.duplicatesInFlight?.despiteCache],
    ['duplicates_in_flight_at_once', inspection.duplicatesInFlight?.worst?.duplicates],
    ['duplicates_in_flight_at_once_key', inspection.duplicatesInFlight?.worst?.key],
    ...(inspection.keyColumns ?? []).flatMap((column, i) => [
      [`key_column_${i + 1}`, column.column],
      [`key_column_${i + 1}_values`, column.values],
      [`key_column_${i + 1}_values_read_once`, column.valuesReadOnce],
      [`key_column_${i + 1}_most_common`, column.mostCommon.value],
      [`key_column_${i + 1}_most_common_share`, column.mostCommon.shareOfRequests],
      [`key_column_${i + 1}_ceiling_without`, column.hitRateCeilingWithout],
    ]),
    ...quantiles('value', '_bytes', inspection.valueBytes),
    ...quantiles('cost', '_ms', inspection.costMilliseconds),
    ...inspection.topKeys.flatMap(({ key, requests, share }, i) => [
      [`top_key_${i + 1}`, key],
      [`top_key_${i + 1}_requests`, requests],
      [`top_key_${i + 1}_share`, share],
    ]),
  ]
}
