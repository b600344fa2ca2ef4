import {
  checkedRequests,
  estimateMargin,
  type RateEstimate,
  type ScalingCheck,
  scales,
  scalingError,
} from '../analysis/estimate-margin.ts'
import { type KeySample, sampleKeys } from '../analysis/key-sample.ts'
import { HitTally, type ReuseWeights, reuseStrata, reuseWeights } from '../analysis/reuse-weights.ts'
import { sampledLruCurve } from '../analysis/sampled-curve.ts'
import { canCurve } from '../analysis/smallest-sizes.ts'
import { createRandom } from '../core/random.ts'
import { createColumn, type Trace } from '../core/trace.ts'
import { type CacheSettings, createReplay, TraceColumns } from '../engine/replay.ts'
import lru from '../policies/lru.ts'
import type { ChosenPolicy } from './policies.ts'
import { pause, type Watch } from './watch.ts'
import { watched } from './watched-steps.ts'

/** Hit rates of a policy at some sizes, as a sample of the keys gives them. */
export interface Estimate {
  /** One a size. */
  readonly rates: readonly RateEstimate[]
  /**
   * Whether the miniature behaves as the whole cache does, within one point wherever that was checked. Where it does
   * not, margins are wide, and only an exact run helps.
   */
  readonly scales: boolean
  /** Sizes at which it was checked, and by how much its hit rate was off there. */
  readonly checks: readonly ScalingCheck[]
  /** Requests that were replayed for it. */
  readonly replayed: number
}

/** Requests replayed between two turns of the event loop. */
const TURN = 1 << 20
/** Of the sizes, those at which a whole cache is replayed too, as a share of the way from the smallest to the largest. */
const CHECKED_SIZES = [0.1, 0.3, 0.5, 0.7]
/** How much of the trace such a whole cache replays. */
const CHECKED_SHARE = 0.4
/** Below so many entries a miniature is replayed with one more and one fewer, and what lies between is a straight line. */
const FEW_ENTRIES = 32

export interface EstimatorOptions {
  /** Share of the keys, above 0, at most 1. */
  readonly rate: number
  readonly seed: string
  /** First requests of the trace that are not counted. */
  readonly warmupRequests?: number
  /**
   * Of the sizes, those at which a whole cache is replayed too, as a share of the way from the smallest to the largest.
   * Default: those that margins were tried with (see docs/sampling.md).
   */
  readonly checkedSizes?: readonly number[]
}

/**
 * Estimates hit rates by miniature simulation: a sample of the keys, replayed through caches that are smaller by as much
 * (see `sampleKeys`), each of its requests standing for others like it (see `reuseWeights`).
 */
export class Estimator {
  readonly sample: KeySample
  readonly #trace: Trace
  readonly #from: number
  readonly #checkedSizes: readonly number[]
  readonly #weights: ReuseWeights
  readonly #miniature: Replayer
  readonly #whole: Replayer
  readonly #tally: HitTally
  /** [requests of the sample] of the miniature: 1 for a hit, or in between. */
  readonly #hits: Float32Array
  /** The same of a whole cache. */
  readonly #wholeHits: Uint8Array

  private constructor(
    trace: Trace,
    { seed, warmupRequests: from = 0, checkedSizes = CHECKED_SIZES }: EstimatorOptions,
    sample: KeySample,
    weights: ReuseWeights,
  ) {
    this.#trace = trace
    this.#checkedSizes = checkedSizes
    this.#from = from
    this.sample = sample
    this.#weights = weights
    this.#tally = new HitTally(weights)
    this.#miniature = new Replayer(sample.trace, seed)
    this.#whole = new Replayer(trace, seed)
    this.#hits = new Float32Array(sample.trace.length)
    this.#wholeHits = new Uint8Array(sample.trace.length)
  }

  /**
   * Draws the sample.
   * @throws InputError for another rate
   */
  static async draw(trace: Trace, options: EstimatorOptions, watch: Watch = {}): Promise<Estimator> {
    const { rate, seed, warmupRequests = 0 } = options
    const sample = await watched(sampleKeys(trace, rate, createRandom(seed, 'sample')), watch)
    const strata = await watched(reuseStrata(trace, warmupRequests), watch)
    const weights = await watched(reuseWeights(sample, strata), watch)
    return new Estimator(trace, options, sample, weights)
  }

  /**
   * @param sizes whole capacities in the unit of `settings`, strictly ascending
   * @throws InputError where the policy or the settings need what the trace does not have
   */
  async estimate(
    policy: ChosenPolicy,
    sizes: readonly number[],
    settings: Omit<CacheSettings, 'capacity'>,
    watch: Watch = {},
  ): Promise<Estimate> {
    if (policy.definition === lru) {
      const { exactFrom = Infinity } = await watched(canCurve(this.#trace, settings), watch)
      if (sizes.every((size) => size >= exactFrom)) return this.#ofLru(sizes, settings, watch)
    }
    const checkedAt = new Set(this.#checkedSizes.map((share) => Math.round(share * (sizes.length - 1))))
    const before = this.#miniature.replayed + this.#whole.replayed
    const standardErrors: number[] = []
    const hitRates: number[] = []
    const checks: ScalingCheck[] = []
    for (const [at, size] of sizes.entries()) {
      await this.#replayMiniature(policy, { ...settings, capacity: size }, watch)
      const { rate, standardError } = this.#tally.rate()
      hitRates.push(rate)
      standardErrors.push(standardError)
      if (checkedAt.has(at)) {
        const error = await this.#check(policy, { ...settings, capacity: size }, watch)
        checks.push({ size, error })
      }
    }
    return {
      rates: hitRates.map((hitRate, at) => ({
        hitRate,
        margin: estimateMargin(sizes[at]!, standardErrors[at]!, checks),
      })),
      scales: scales(checks),
      checks,
      replayed: this.#miniature.replayed + this.#whole.replayed - before,
    }
  }

  async #ofLru(
    sizes: readonly number[],
    { capacityUnit: unit }: Omit<CacheSettings, 'capacity'>,
    watch: Watch,
  ): Promise<Estimate> {
    const curve = sampledLruCurve(this.#trace, this.sample, this.#weights, sizes, { unit, from: this.#from })
    return { rates: await watched(curve, watch), scales: true, checks: [], replayed: 0 }
  }

  /** Fills `#hits` and their tally. */
  async #replayMiniature(policy: ChosenPolicy, settings: CacheSettings, watch: Watch): Promise<void> {
    this.#hits.fill(0)
    this.#tally.clear()
    const add = async (capacity: number, share: number) => {
      if (share === 0 || capacity === 0) return
      const outcomes = await this.#miniature.replay(policy, { ...settings, capacity }, Infinity, watch)
      for (let at = 0; at < outcomes.length; at++) {
        if (outcomes[at] !== 1) continue
        this.#hits[at]! += share
        this.#tally.add(at, share)
      }
    }
    if (settings.capacityUnit === 'bytes') {
      await add(Math.round(settings.capacity * (this.sample.byteShare ?? 1)), 1)
      return
    }
    const entries = settings.capacity * this.sample.keyShare
    if (entries >= FEW_ENTRIES) return add(Math.round(entries), 1)
    const fewer = Math.floor(entries)
    await add(fewer, 1 - (entries - fewer))
    await add(fewer + 1, entries - fewer)
  }

  /** The scaling error at a size, for whose miniature `#hits` are. */
  async #check(policy: ChosenPolicy, settings: CacheSettings, watch: Watch): Promise<number> {
    const upTo = checkedRequests(this.#trace.length, this.#from, CHECKED_SHARE)
    const outcomes = await this.#whole.replay(policy, settings, upTo, watch)
    const { positions } = this.sample
    let count = 0
    for (; count < positions.length && positions[count]! < upTo; count++)
      this.#wholeHits[count] = outcomes[positions[count]!] === 1 ? 1 : 0
    return scalingError(this.#weights, this.#hits, this.#wholeHits, count)
  }
}

/** Replays of one trace, one after another. */
class Replayer {
  replayed = 0
  readonly #columns: TraceColumns
  readonly #seed: string
  #outcomes: Uint8Array<ArrayBuffer> | undefined

  constructor(trace: Trace, seed: string) {
    this.#columns = new TraceColumns(trace)
    this.#seed = seed
  }

  /** What the first requests find; overwritten by the next replay. */
  async replay(
    policy: ChosenPolicy,
    settings: CacheSettings,
    upTo: number,
    watch: Watch,
  ): Promise<Uint8Array> {
    this.#outcomes ??= createColumn(Uint8Array, this.#columns.trace.length)
    const random = createRandom(this.#seed, `policy:${policy.text}`)
    const options = { text: policy.text, outcomes: this.#outcomes }
    const { definition, parameters } = policy
    const replay = await createReplay(this.#columns, definition, parameters, settings, random, options)
    const end = Math.min(upTo, replay.length)
    while (replay.position < end) {
      replay.advance(Math.min(TURN, end - replay.position))
      await pause(watch)
    }
    this.replayed += end
    return this.#outcomes
  }
}
