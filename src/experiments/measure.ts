import { latencyReduction } from '../analysis/savings.ts'
import { InputError } from '../core/errors.ts'
import type { Run } from '../core/result.ts'
import { Op, type Trace } from '../core/trace.ts'
import { Found } from '../engine/loop.ts'
import { LatencyMeter } from './latency-meter.ts'
import type { Settings } from './settings.ts'

/** Equal parts of the counted requests, whose hit rates give the confidence interval. */
const BATCHES = 32

const KINDS = Found.uncounted + 1

/**
 * How often each kind of outcome stands in requests from … to − 1. Neighbours go into different counters: most are
 * alike, and one increment would wait for the other.
 */
function countKinds(outcomes: Uint8Array, from: number, to: number): Uint32Array {
  const counts = new Uint32Array(4 * KINDS)
  for (let at = from; at < to; at++) counts[(at & 3) * KINDS + outcomes[at]!]!++
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
}

/** Turns what requests found into rates, latencies and money. */
export class Meter {
  /** [BATCHES] counted reads in each part of the run. */
  readonly batchRequests = new Float64Array(BATCHES)
  private readonly counted: number
  private readonly trace: Trace
  private readonly settings: Settings
  private readonly latencies: LatencyMeter

  /** @throws InputError where there is no read to count */
  constructor(trace: Trace, settings: Settings, seed: string) {
    this.trace = trace
    this.settings = settings
    this.counted = 0
    for (let batch = 0; batch < BATCHES; batch++) {
      const [from, to] = this.bounds(batch)
      let reads = to - from
      if (trace.ops) for (let at = from; at < to; at++) if (trace.ops[at] !== Op.read) reads--
      this.batchRequests[batch] = reads
      this.counted += reads
    }
    if (this.counted === 0)
      throw new InputError(`${trace.name} has no reads to count: only reads are hits or misses`)
    this.latencies = new LatencyMeter(trace, settings, seed, this.counted)
  }

  /** @param outcomes [requests] what each request found, see `Found` */
  measure(outcomes: Uint8Array): Measurement {
    const { counted, settings } = this
    const { without, breakEvenHitRate } = this.latencies
    const batchHits = new Float64Array(BATCHES)
    const kinds = new Float64Array(KINDS)
    for (let batch = 0; batch < BATCHES; batch++) {
      const counts = countKinds(outcomes, ...this.bounds(batch))
      batchHits[batch] = counts[Found.resident]!
      for (let kind = 0; kind < KINDS; kind++) kinds[kind]! += counts[kind]!
    }
    const hits = kinds[Found.resident]!
    const misses = counted - hits
    const { modelSeconds, ...latency } = this.latencies.measure(outcomes, hits)
    const secondsSaved = without.modelSeconds - modelSeconds
    const spent = settings.missCost.dollars(misses, modelSeconds)
    const spentWithout = settings.missCost.dollars(counted, without.modelSeconds)
    return {
      requests: counted,
      hits,
      misses,
      hitRate: hits / counted,
      byteHitRate: this.byteHitRate(outcomes),
      // Of model times drawn at random the share saved is the hit rate again, give or take the draw.
      costHitRate:
        settings.missLatency.recorded && without.modelSeconds > 0
          ? secondsSaved / without.modelSeconds
          : null,
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
    }
  }

  private byteHitRate(outcomes: Uint8Array): number | null {
    const { sizes } = this.trace
    if (!sizes) return null
    let hit = 0
    let all = 0
    for (let at = this.settings.warmupRequests; at < outcomes.length; at++) {
      const found = outcomes[at]!
      if (found === Found.uncounted) continue
      all += sizes[at]!
      if (found === Found.resident) hit += sizes[at]!
    }
    return all === 0 ? null : hit / all
  }

  /** The requests of a batch: from, to − 1. Warm-up lies before the first. */
  private bounds(batch: number): [number, number] {
    const first = this.settings.warmupRequests
    const length = this.trace.length - first
    return [
      first + Math.floor((length * batch) / BATCHES),
      first + Math.floor((length * (batch + 1)) / BATCHES),
    ]
  }
}
