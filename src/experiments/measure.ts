import { latencyReduction, type Price, parsePrice } from '../analysis/savings.ts'
import { InputError } from '../core/errors.ts'
import type { Run } from '../core/result.ts'
import { Op, type Trace } from '../core/trace.ts'
import type { SavedWindows } from '../core/window-result.ts'
import { Found } from '../engine/loop.ts'
import { type LatencyColumns, LatencyMeter, latencyColumns } from './latency-meter.ts'
import type { Outcomes } from './outcomes.ts'
import type { Settings } from './settings.ts'
import { type WindowCounter, windowCounter } from './windows.ts'

/** Equal parts of the counted requests, whose hit rates give the confidence interval. */
export const BATCHES = 32

const KINDS = Found.uncounted + 1

/**
 * How often each kind of outcome stands in requests from … to − 1. Neighbours go into different counters: most are
 * alike, and one increment would wait for the other.
 */
function countKinds({ codes, kinds }: Outcomes, from: number, to: number): Uint32Array {
  const counts = new Uint32Array(4 * KINDS)
  for (let at = from; at < to; at++) counts[(at & 3) * KINDS + kinds[codes[at]!]!]!++
  for (let kind = 0; kind < KINDS; kind++) {
    counts[kind]! += counts[KINDS + kind]! + counts[2 * KINDS + kind]! + counts[3 * KINDS + kind]!
  }
  return counts.subarray(0, KINDS)
}

/** What a run's outcomes amount to. */
export type Measurement = Pick<
  Run,
  | 'requests'
  | 'hits'
  | 'misses'
  | 'hitRate'
  | 'byteHitRate'
  | 'costHitRate'
  | 'missKinds'
  | 'latency'
  | 'model'
  | 'money'
  | 'breakEvenHitRate'
> & {
  /** [BATCHES] hits in each part of the run; the same requests for every policy. */
  readonly batchHits: Float64Array
  readonly windows?: SavedWindows | undefined
}

/** What runs are measured by: plain data, and columns on shared memory. */
export interface MeterColumns {
  /** Of the trace, warm-up included. */
  readonly requests: number
  readonly warmupRequests: number
  readonly sizes: Uint32Array | undefined
  /** Reads after the warm-up. */
  readonly counted: number
  /** [BATCHES] counted reads in each part of the run. */
  readonly batchRequests: Float64Array
  readonly windows: WindowCounter | undefined
  readonly latencies: LatencyColumns
  /** Whether the model's times are the trace's own. */
  readonly recordedCosts: boolean
  /** As given, see `parsePrice`. */
  readonly missCost: string
}

/** @throws InputError where there is no read to count */
export function meterColumns(trace: Trace, settings: Settings, seed: string): MeterColumns {
  const { warmupRequests, windows } = settings
  const batchRequests = new Float64Array(BATCHES)
  let counted = 0
  for (let batch = 0; batch < BATCHES; batch++) {
    const [from, to] = batchBounds(batch, trace.length, warmupRequests)
    let reads = to - from
    if (trace.ops) for (let at = from; at < to; at++) if (trace.ops[at] !== Op.read) reads--
    batchRequests[batch] = reads
    counted += reads
  }
  if (counted === 0)
    throw new InputError(`${trace.name} has no reads to count: only reads are hits or misses`)
  return {
    requests: trace.length,
    warmupRequests,
    sizes: trace.sizes,
    counted,
    batchRequests,
    windows: windows === undefined ? undefined : windowCounter(trace, warmupRequests, windows),
    latencies: latencyColumns(trace, settings, seed, counted),
    recordedCosts: settings.missLatency.recorded === true,
    missCost: settings.missCost.text,
  }
}

/** The requests of a batch: from, to − 1. Warm-up lies before the first. */
function batchBounds(batch: number, requests: number, warmupRequests: number): [number, number] {
  const length = requests - warmupRequests
  return [
    warmupRequests + Math.floor((length * batch) / BATCHES),
    warmupRequests + Math.floor((length * (batch + 1)) / BATCHES),
  ]
}

/** Turns what requests found into rates, latencies and money. */
export class Meter {
  private readonly columns: MeterColumns
  private readonly latencies: LatencyMeter
  private readonly price: Price

  constructor(columns: MeterColumns) {
    this.columns = columns
    this.latencies = new LatencyMeter(columns.latencies)
    this.price = parsePrice(columns.missCost)
  }

  measure(outcomes: Outcomes): Measurement {
    const { counted, requests, warmupRequests, recordedCosts } = this.columns
    const { without, breakEvenHitRate } = this.columns.latencies
    const batchHits = new Float64Array(BATCHES)
    const kinds = new Float64Array(KINDS)
    for (let batch = 0; batch < BATCHES; batch++) {
      const counts = countKinds(outcomes, ...batchBounds(batch, requests, warmupRequests))
      batchHits[batch] = counts[Found.resident]!
      for (let kind = 0; kind < KINDS; kind++) kinds[kind]! += counts[kind]!
    }
    const hits = kinds[Found.resident]!
    const misses = counted - hits
    const { modelSeconds, ...latency } = this.latencies.measure(outcomes, hits)
    const secondsSaved = without.modelSeconds - modelSeconds
    const spent = this.price.dollars(misses, modelSeconds)
    const spentWithout = this.price.dollars(counted, without.modelSeconds)
    return {
      requests: counted,
      hits,
      misses,
      hitRate: hits / counted,
      byteHitRate: this.byteHitRate(outcomes),
      // Of model times drawn at random the share saved is the hit rate again, give or take the draw.
      costHitRate: recordedCosts && without.modelSeconds > 0 ? secondsSaved / without.modelSeconds : null,
      missKinds: {
        compulsory: kinds[Found.absent]!,
        capacity: kinds[Found.evicted]!,
        expired: kinds[Found.expired]!,
        invalidated: kinds[Found.invalidated]!,
      },
      latency: {
        ...latency,
        meanWithout: without.mean,
        p50Without: without.p50,
        p95Without: without.p95,
        p99Without: without.p99,
        reduction: latencyReduction(latency.mean, without.mean),
      },
      model: {
        calls: misses,
        callsSaved: hits,
        seconds: modelSeconds,
        secondsWithout: without.modelSeconds,
        secondsSaved,
      },
      money: { spent, spentWithout, saved: spentWithout - spent },
      breakEvenHitRate,
      batchHits,
      windows: this.columns.windows && {
        requests: [...this.columns.windows.requests],
        hits: this.columns.windows.bounds
          .slice(1)
          .map((to, at) => countKinds(outcomes, this.columns.windows!.bounds[at]!, to)[Found.resident]!),
      },
    }
  }

  private byteHitRate({ codes, kinds }: Outcomes): number | null {
    const { sizes, warmupRequests } = this.columns
    if (!sizes) return null
    let hit = 0
    let all = 0
    for (let at = warmupRequests; at < codes.length; at++) {
      const found = kinds[codes[at]!]
      if (found === Found.uncounted) continue
      all += sizes[at]!
      if (found === Found.resident) hit += sizes[at]!
    }
    return all === 0 ? null : hit / all
  }
}
