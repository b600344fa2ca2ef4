import { nearestRank, quantiles } from '../analysis/quantiles.ts'
import { breakEvenHitRate } from '../analysis/savings.ts'
import type { LatencyModel } from '../core/latency.ts'
import { createRandom } from '../core/random.ts'
import { createColumn, Op, type Trace } from '../core/trace.ts'
import { Found } from '../engine/loop.ts'
import { MissLatencies } from './miss-latencies.ts'
import { type Outcomes, ofReplay } from './outcomes.ts'
import type { Settings } from './settings.ts'

/** A latency for each counted request: one number where it never varies, else a column. */
type Latencies = number | Float32Array

/** Milliseconds over the counted requests, and the seconds the model was busy. */
export interface LatencySummary {
  readonly mean: number
  readonly p50: number
  readonly p95: number
  readonly p99: number
  readonly modelSeconds: number
}

/** What is measured with: plain data on shared memory, drawn once for all runs and threads. */
export interface LatencyColumns {
  /** The first request counted: warm-up lies before it. */
  readonly first: number
  readonly counted: number
  /** [counted] request of each counted read; undefined where all requests from the first counted one on are. */
  readonly reads: Uint32Array | undefined
  readonly hit: Latencies
  readonly miss: Latencies
  readonly store: Latencies
  /** Every request pays the model. */
  readonly without: LatencySummary
  readonly breakEvenHitRate: number | null
}

/**
 * The latencies of each request are drawn once, and are the same without a cache and for every policy, so that
 * differences come from the cache alone.
 * @param counted reads after the warm-up; at least 1
 */
export function latencyColumns(
  trace: Trace,
  settings: Settings,
  seed: string,
  counted: number,
): LatencyColumns {
  const first = settings.warmupRequests
  const reads = trace.ops && readsOf(trace.ops, first, counted)
  const draw = (model: LatencyModel, name: string): Latencies => {
    if (model.constant !== undefined) return model.constant
    const column = createColumn(Float32Array, counted)
    if (model.recorded) {
      for (let at = 0; at < counted; at++)
        // Plus zero: a cost of −0 would rank as the slowest.
        column[at] = trace.costs![reads === undefined ? first + at : reads[at]!]! + 0
    } else {
      const random = createRandom(seed, `latency:${name}`)
      for (let at = 0; at < counted; at++) column[at] = model.sample(random)
    }
    return column
  }
  const hit = draw(settings.hitLatency, 'hit')
  const miss = draw(settings.missLatency, 'miss')
  const store = draw(settings.storeLatency, 'store')
  const without = withoutCache(miss, counted)
  return {
    first,
    counted,
    reads,
    hit,
    miss,
    store,
    without,
    breakEvenHitRate: breakEvenHitRate(meanOf(hit), without.mean, meanOf(store)),
  }
}

function withoutCache(miss: Latencies, counted: number): LatencySummary {
  if (typeof miss === 'number') {
    return { mean: miss, p50: miss, p95: miss, p99: miss, modelSeconds: (miss * counted) / 1000 }
  }
  // Added up as with a cache, so that not a bit is saved where nothing is hit.
  const sum = sumOf(miss)
  return { mean: sum / counted, ...quantilesOf(miss), modelSeconds: sum / 1000 }
}

/** What requests wait for with a cache. */
export class LatencyMeter {
  readonly columns: LatencyColumns
  /** [counted] the latencies of one run, where more than the model's vary. */
  private readonly scratch: Float32Array | undefined
  /** [counted] what each counted read of one run found, where these are not all requests from the first on. */
  private readonly found: Uint8Array
  private readonly misses = new MissLatencies()

  constructor(columns: LatencyColumns) {
    this.columns = columns
    const { hit, store, counted, reads } = columns
    this.found = new Uint8Array(reads === undefined ? 0 : counted)
    if (typeof hit !== 'number' || typeof store !== 'number') this.scratch = new Float32Array(counted)
  }

  /**
   * With a cache: a hit pays the lookup, a miss the lookup, the model and storing.
   * @param hits how many counted reads were hits
   */
  measure(outcomes: Outcomes, hits: number): LatencySummary {
    const counted = this.countedOf(outcomes)
    return this.scratch === undefined
      ? this.measureByRank(counted, hits)
      : this.measureAll(counted, this.scratch)
  }

  /** [counted] what each counted read found. */
  private countedOf({ codes, kinds }: Outcomes): Outcomes {
    const { reads, counted, first } = this.columns
    if (reads === undefined) return { codes: codes.subarray(first), kinds }
    const { found } = this
    for (let at = 0; at < counted; at++) found[at] = kinds[codes[reads[at]!]!]!
    return ofReplay(found)
  }

  /** Only the model's latency varies, if any: hits are the fastest, then misses in the order of the model's latency. */
  private measureByRank(outcomes: Outcomes, hits: number): LatencySummary {
    const { counted, miss } = this.columns
    const hit = this.columns.hit as number
    const store = this.columns.store as number
    const afterModel = hit + store
    const misses = counted - hits
    /** The places among the misses of the three quantiles, counted from 1; not above 0 where it is a hit. */
    const ranks = [0.5, 0.95, 0.99].map((probability) => nearestRank(probability, counted) - hits)
    const { sum, quantiles } =
      typeof miss === 'number'
        ? { sum: misses * miss, quantiles: ranks.map(() => miss) }
        : this.misses.summarise(miss, outcomes, ranks)
    const [p50, p95, p99] = quantiles.map((model, at) => (ranks[at]! > 0 ? afterModel + model : hit))
    const mean = hit + (sum + misses * store) / counted
    return { mean, p50: p50!, p95: p95!, p99: p99!, modelSeconds: sum / 1000 }
  }

  private measureAll({ codes, kinds }: Outcomes, scratch: Float32Array): LatencySummary {
    const { counted, hit, miss, store } = this.columns
    let sum = 0
    let model = 0
    for (let at = 0; at < counted; at++) {
      let latency = valueAt(hit, at)
      if (kinds[codes[at]!] !== Found.resident) {
        model += valueAt(miss, at)
        latency += valueAt(miss, at) + valueAt(store, at)
      }
      scratch[at] = latency
      sum += latency
    }
    return { mean: sum / counted, ...quantilesOf(scratch), modelSeconds: model / 1000 }
  }
}

/** The requests from `first` on that are reads. */
function readsOf(ops: Uint8Array, first: number, counted: number): Uint32Array {
  const reads = createColumn(Uint32Array, counted)
  let count = 0
  for (let at = first; at < ops.length; at++) if (ops[at] === Op.read) reads[count++] = at
  return reads
}

function quantilesOf(values: Float32Array): { p50: number; p95: number; p99: number } {
  const [p50, p95, p99] = quantiles(values, [0.5, 0.95, 0.99]) as [number, number, number]
  return { p50, p95, p99 }
}

function valueAt(latencies: Latencies, at: number): number {
  return typeof latencies === 'number' ? latencies : latencies[at]!
}

function sumOf(latencies: Float32Array): number {
  let sum = 0
  for (const latency of latencies) sum += latency
  return sum
}

function meanOf(latencies: Latencies): number {
  return typeof latencies === 'number' ? latencies : sumOf(latencies) / latencies.length
}
