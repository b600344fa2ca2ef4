import { nearestRank, quantiles } from '../analysis/quantiles.ts'
import { rankOrder } from '../analysis/rank-order.ts'
import { breakEvenHitRate } from '../analysis/savings.ts'
import type { LatencyModel } from '../core/latency.ts'
import { createRandom } from '../core/random.ts'
import { createColumn, Op, type Trace } from '../core/trace.ts'
import { Found } from '../engine/loop.ts'
import type { Settings } from './settings.ts'

/** By what a read found: 0 for a hit, 1 for each kind of miss. */
const PAYS_THE_MODEL = Uint8Array.from(Object.values(Found), (found) => (found === Found.resident ? 0 : 1))

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
  /**
   * [counted] reads from the fastest model run to the slowest, where only the model's latency varies: the quantiles of
   * every run are then found by walking down from the slowest.
   */
  readonly byModel: Uint32Array | undefined
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
  const onlyModelVaries = typeof hit === 'number' && typeof store === 'number' && typeof miss !== 'number'
  const without = withoutCache(miss, counted)
  return {
    first,
    counted,
    reads,
    hit,
    miss,
    store,
    byModel: onlyModelVaries ? rankOrder(miss) : undefined,
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

  constructor(columns: LatencyColumns) {
    this.columns = columns
    const { hit, store, counted } = columns
    if (typeof hit !== 'number' || typeof store !== 'number') this.scratch = new Float32Array(counted)
  }

  /**
   * With a cache: a hit pays the lookup, a miss the lookup, the model and storing.
   * @param outcomes [requests] what each request found
   * @param hits how many counted reads were hits
   */
  measure(outcomes: Uint8Array, hits: number): LatencySummary {
    const found = this.foundByCounted(outcomes)
    return this.scratch === undefined ? this.measureByRank(found, hits) : this.measureAll(found, this.scratch)
  }

  /** [counted] what each counted read found. */
  private foundByCounted(outcomes: Uint8Array): Uint8Array {
    const { reads, counted, first } = this.columns
    if (reads === undefined) return outcomes.subarray(first)
    const found = new Uint8Array(counted)
    for (let at = 0; at < counted; at++) found[at] = outcomes[reads[at]!]!
    return found
  }

  /** Only the model's latency varies, if any: hits are the fastest, then misses in the order of the model's latency. */
  private measureByRank(found: Uint8Array, hits: number): LatencySummary {
    const { counted, miss, byModel } = this.columns
    const hit = this.columns.hit as number
    const store = this.columns.store as number
    const afterModel = hit + store
    const misses = counted - hits
    let model = 0
    if (typeof miss === 'number') model = misses * miss
    // Times 0 or 1 rather than a branch, which would go the wrong way at every other miss.
    else for (let at = 0; at < counted; at++) model += miss[at]! * PAYS_THE_MODEL[found[at]!]!

    let index = counted
    let slower = 0
    const quantile = (probability: number) => {
      const rank = nearestRank(probability, counted)
      if (rank <= hits) return hit
      if (typeof miss === 'number') return afterModel + miss
      // The miss that `counted − rank` misses are slower than.
      while (slower <= counted - rank) slower += PAYS_THE_MODEL[found[byModel![--index]!]!]!
      return afterModel + miss[byModel![index]!]!
    }
    // From the slowest down, because the walk goes on where the one before ended.
    const p99 = quantile(0.99)
    const p95 = quantile(0.95)
    const p50 = quantile(0.5)
    const mean = hit + (model + misses * store) / counted
    return { mean, p50, p95, p99, modelSeconds: model / 1000 }
  }

  private measureAll(found: Uint8Array, scratch: Float32Array): LatencySummary {
    const { counted, hit, miss, store } = this.columns
    let sum = 0
    let model = 0
    for (let at = 0; at < counted; at++) {
      let latency = valueAt(hit, at)
      if (found[at] !== Found.resident) {
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
