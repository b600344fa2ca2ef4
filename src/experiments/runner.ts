import { batchMeansInterval, pairedInterval } from '../analysis/confidence.ts'
import { latencyReduction } from '../analysis/savings.ts'
import { createRandom } from '../core/random.ts'
import type { Comparison, Interval, Run } from '../core/result.ts'
import { createColumn, type Trace } from '../core/trace.ts'
import { formatCount } from '../core/units.ts'
import { createReplay, TraceColumns } from '../engine/replay.ts'
import { type Measurement, Meter } from './measure.ts'
import type { ChosenPolicy } from './policies.ts'
import type { Settings } from './settings.ts'
import type { Capacity } from './sizes.ts'
import { ttlOf } from './ttl.ts'
import { pause, type Watch } from './watch.ts'

/** Requests replayed between two turns of the event loop, so that progress shows and an interrupt is heard. */
const TURN = 1 << 20

/** One policy at one size. */
export interface Cell {
  readonly policy: ChosenPolicy
  readonly capacity: Capacity
}

/** A cell's run, and its hits in each of the samples its interval rests on. */
export interface CellResult {
  readonly cell: Cell
  readonly run: Run
  /** [samples] hits in each batch of the run, or in each seed's run. */
  readonly hits: Float64Array
  /** [samples] counted requests in each. */
  readonly requests: Float64Array
  readonly method: Interval['method']
}

/**
 * Runs every cell over every seed's trace.
 * @param draw the trace of a seed; called once a seed, in order
 */
export async function runCells(
  cells: readonly Cell[],
  settings: Settings,
  seeds: readonly string[],
  draw: (seed: string) => Promise<Trace>,
  watch: Watch = {},
): Promise<{ readonly results: CellResult[]; readonly replayed: number; readonly replaySeconds: number }> {
  const bySeed: Measured[][] = []
  let replayed = 0
  let replaySeconds = 0
  for (const seed of seeds) {
    const trace = await draw(seed)
    const meter = new Meter(trace, settings, seed)
    const columns = new TraceColumns(trace)
    const outcomes = createColumn(Uint8Array, trace.length)
    const total = trace.length * cells.length * seeds.length
    const measured: Measured[] = []
    for (const cell of cells) {
      const { policy, capacity } = cell
      const { ttl, ttlSeconds } = ttlOf(policy, settings)
      const replay = await createReplay(
        columns,
        policy.definition,
        policy.parameters,
        {
          capacity: capacity.capacity,
          capacityUnit: capacity.unit,
          ttlSeconds,
          recordedTtls: ttl === 'recorded',
          ttlMode: settings.ttlMode,
        },
        createRandom(seed, `policy:${policy.text}`),
        { text: policy.text, outcomes },
      )
      // What the warm-up gave up is not counted either.
      let warmupEvictions = 0
      const label = `${policy.text} at ${formatCount(capacity.capacity)}`
      while (!replay.done) {
        const before = performance.now()
        const warming = replay.position < settings.warmupRequests
        const upTo = warming ? settings.warmupRequests : replay.length
        const from = replay.position
        replay.advance(Math.min(TURN, upTo - from))
        if (warming) warmupEvictions = replay.evictions
        replaySeconds += (performance.now() - before) / 1000
        replayed += replay.position - from
        watch.onProgress?.({ done: replayed, total, unit: 'requests', label })
        await pause(watch)
      }
      measured.push({
        ...meter.measure(outcomes),
        evictions: replay.evictions - warmupEvictions,
        batchRequests: meter.batchRequests,
      })
    }
    bySeed.push(measured)
  }
  const results = cells.map((cell, at) =>
    cellResult(
      cell,
      settings,
      bySeed.map((measured) => measured[at]!),
    ),
  )
  return { results, replayed, replaySeconds }
}

type Measured = Measurement & { readonly evictions: number; readonly batchRequests: Float64Array }

function cellResult(cell: Cell, settings: Settings, seeds: readonly Measured[]): CellResult {
  const repeated = seeds.length > 1
  const hits = repeated ? Float64Array.from(seeds, (seed) => seed.hits) : seeds[0]!.batchHits
  const requests = repeated ? Float64Array.from(seeds, (seed) => seed.requests) : seeds[0]!.batchRequests
  const method = repeated ? 'repeats' : 'batch-means'
  const interval = batchMeansInterval(hits, requests, method)
  const { batchHits: _, batchRequests: __, ...measurement } = repeated ? meanOfSeeds(seeds) : seeds[0]!
  const { policy, capacity } = cell
  const { ttl, ttlSeconds } = ttlOf(policy, settings)
  return {
    cell,
    hits,
    requests,
    method,
    run: {
      policy: policy.text,
      bound: policy.definition.bound,
      size: capacity.capacity,
      sizeUnit: capacity.unit,
      sizeShare: capacity.share,
      ttl,
      ttlSeconds: ttlSeconds ?? null,
      ...measurement,
      interval,
      shareOfOptimal: null,
    },
  }
}

/**
 * Several seeds as one run, which is their mean: counts, seconds, money and latencies, quantiles too. Rates and shares
 * that follow from these are taken from the means, so that they agree with what stands beside them.
 */
function meanOfSeeds(seeds: readonly Measured[]): Measured {
  const [first] = seeds
  const mean = (of: (seed: Measured) => number) =>
    seeds.reduce((total, seed) => total + of(seed), 0) / seeds.length
  const meanOrNull = (of: (seed: Measured) => number | null) =>
    seeds.some((seed) => of(seed) === null) ? null : mean((seed) => of(seed)!)
  const meanOfEach = <T extends Record<string, number>>(group: (seed: Measured) => T): T =>
    Object.fromEntries(Object.keys(group(first!)).map((key) => [key, mean((seed) => group(seed)[key]!)])) as T
  const requests = mean((seed) => seed.requests)
  const hits = mean((seed) => seed.hits)
  const latency = meanOfEach((seed) => seed.latency)
  const model = meanOfEach((seed) => seed.model)
  return {
    batchHits: first!.batchHits,
    batchRequests: first!.batchRequests,
    requests,
    hits,
    misses: mean((seed) => seed.misses),
    hitRate: hits / requests,
    byteHitRate: meanOrNull((seed) => seed.byteHitRate),
    costHitRate: seeds.some((seed) => seed.costHitRate === null)
      ? null
      : model.secondsSaved / model.secondsWithout,
    missKinds: meanOfEach((seed) => seed.missKinds),
    evictions: mean((seed) => seed.evictions),
    latency: { ...latency, reduction: latencyReduction(latency.mean, latency.meanWithout) },
    model,
    money: meanOfEach((seed) => seed.money),
    breakEvenHitRate: meanOrNull((seed) => seed.breakEvenHitRate),
  }
}

/** Sets what share of the hits of `best`, the bound at the same size, a result has; null where that has none. */
export function markShareOfOptimal({ run }: CellResult, best: CellResult): void {
  run.shareOfOptimal = best.run.hitRate === 0 ? null : run.hitRate / best.run.hitRate
}

/** How two runs over the same requests compare: the better first. */
export function compareResults(a: CellResult, b: CellResult): Comparison | null {
  const [better, worse] = a.run.hitRate >= b.run.hitRate ? [a, b] : [b, a]
  const interval = pairedInterval(better.hits, worse.hits, better.requests, better.method)
  if (interval === null) return null
  const { difference, low, high, tie } = interval
  return { size: a.run.size, better: better.run.policy, worse: worse.run.policy, difference, low, high, tie }
}
