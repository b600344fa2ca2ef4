import {
  correctRates,
  isSettled,
  type MiniatureRate,
  scalingChecks,
  sizeAlong,
} from '../analysis/correct-rates.ts'
import {
  FEW_ENTRIES,
  type RateEstimate,
  type ScalingCheck,
  scaling,
  scalingError,
} from '../analysis/estimate-margin.ts'
import { type KeySample, sampleKeys } from '../analysis/key-sample.ts'
import {
  HitTally,
  type ReuseWeights,
  rateBounds,
  reuseStrata,
  reuseWeights,
} from '../analysis/reuse-weights.ts'
import { sampledLruCurve } from '../analysis/sampled-curve.ts'
import { canCurve } from '../analysis/smallest-sizes.ts'
import { InputError } from '../core/errors.ts'
import { ReusedMemory } from '../core/memory.ts'
import { createRandom } from '../core/random.ts'
import type { Trace } from '../core/trace.ts'
import type { CacheSettings } from '../engine/replay.ts'
import infinite from '../policies/infinite.ts'
import lru from '../policies/lru.ts'
import { countHits, Miniature, Replayer, scaledDown } from './miniature.ts'
import type { ChosenPolicy } from './policies.ts'
import { footprint } from './sizes.ts'
import type { Watch } from './watch.ts'
import { watched } from './watched-steps.ts'

/** Hit rates of a policy at some sizes, as a sample of the keys gives them. */
export interface Estimate {
  /** One a size. */
  readonly rates: readonly RateEstimate[]
  /**
   * Whether the miniature behaves as the whole cache does, within one point wherever that was checked with no less than
   * `FEW_ENTRIES` entries. Where it does not, rates are corrected all the same, but margins are wide, and only an exact run
   * helps.
   */
  readonly scales: boolean
  /**
   * Where it was off by more than that with fewer entries only: the size from which on the sample has enough. Below, it is
   * too small, whether the policy scales or not; a larger one helps, or an exact run.
   */
  readonly tooSmallBelow?: number | undefined
  /** Sizes at which it was checked, and by how much its hit rate was off there; the rates given for them are exact. */
  readonly checks: readonly ScalingCheck[]
  /** Requests that were replayed for it. */
  readonly replayed: number
}

/**
 * Of the sizes, those at which the whole cache is replayed too, as a share of the way from the smallest to the largest (see
 * `sizeAlong`): a small one; then, only where something is found to be off, a large one, and one between them.
 */
const WHOLE_SIZES = [0.15, 0.7, 0.4]
/** The share of the sample's keys that is in a smaller one yet, to see what a smaller scale changes. */
const SMALLER_SHARE = 0.25
/** Rates that differ by no more are the same, but for the order of sums. */
const ALIKE = 1e-9

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
 * (see `sampleKeys`), each of its requests standing for others like it (see `reuseWeights`), and corrected by whole caches
 * at one to three of the sizes (see `correctRates`).
 */
export class Estimator {
  readonly sample: KeySample
  readonly #trace: Trace
  readonly #from: number
  readonly #checkedSizes: readonly number[]
  readonly #weights: ReuseWeights
  /** Counted reads of the whole trace. */
  readonly #reads: number
  readonly #miniature: Miniature
  readonly #smaller: Miniature
  /** [requests of the smaller sample] what each counts, and the hits of the larger miniature. */
  readonly #smallerWeights: Float64Array
  readonly #ownHits: Float32Array
  readonly #whole: Replayer
  readonly #tally: HitTally
  /** The hit rate of what keeps everything. */
  readonly #reuses: { readonly most: number }
  /** The size of a cache that holds everything. */
  readonly #largest: { readonly entries: number; readonly bytes: number }

  private constructor(
    trace: Trace,
    { seed, warmupRequests: from = 0, checkedSizes = WHOLE_SIZES }: EstimatorOptions,
    reads: number,
    sample: KeySample,
    smaller: KeySample,
    weights: ReuseWeights,
  ) {
    this.#trace = trace
    this.#checkedSizes = checkedSizes
    this.#from = from
    this.#reads = reads
    this.sample = sample
    this.#weights = weights
    this.#tally = new HitTally(weights)
    this.#reuses = rateBounds(weights.strata, Infinity)
    // One replay at a time.
    const memory = new ReusedMemory()
    this.#miniature = new Miniature(sample, seed, memory)
    this.#smaller = new Miniature(smaller, seed, memory)
    this.#smallerWeights = Float64Array.from(smaller.positions, (at) => weights.weights[at]!)
    this.#ownHits = new Float32Array(smaller.trace.length)
    this.#whole = new Replayer(trace, seed, memory)
    const { keys, bytes } = footprint(trace)
    this.#largest = { entries: keys, bytes: bytes ?? Infinity }
  }

  /**
   * Draws the sample.
   * @throws InputError for another rate, and where there is no read to count
   */
  static async draw(trace: Trace, options: EstimatorOptions, watch: Watch = {}): Promise<Estimator> {
    const { rate, seed, warmupRequests = 0 } = options
    const sample = await watched(sampleKeys(trace, rate, createRandom(seed, 'sample')), watch)
    const smaller = await watched(
      sampleKeys(sample.trace, SMALLER_SHARE, createRandom(seed, 'smaller sample')),
      watch,
    )
    const strata = await watched(reuseStrata(trace, warmupRequests), watch)
    if (strata.reads === 0)
      throw new InputError(`${trace.name} has no reads to count: only reads are hits or misses`)
    const weights = await watched(reuseWeights(sample, strata), watch)
    return new Estimator(trace, options, strata.reads, sample, smaller, weights)
  }

  /**
   * What holds everything, whatever its size, needs no estimate: one replay of the whole trace tells its rate.
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
    const before = this.#replayed()
    if (policy.definition === infinite) {
      const { hitRate } = await this.#replayWhole(policy, { ...settings, capacity: 0 }, watch)
      const rates = sizes.map(() => ({ hitRate, margin: 0 }))
      return { rates, scales: true, checks: [], replayed: this.#replayed() - before }
    }
    const miniatures: MiniatureRate[] = []
    for (const capacity of sizes)
      miniatures.push(await this.#replayMiniatures(policy, { ...settings, capacity }, watch))
    for (const share of this.#checkedSizes) {
      const at = sizeAlong(miniatures, share)
      if (at === undefined || isSettled(miniatures)) break
      const miniature = miniatures[at]!
      const whole = await this.#replayWhole(policy, { ...settings, capacity: miniature.size }, watch)
      miniatures[at] = { ...miniature, whole }
    }
    const checks = scalingChecks(miniatures)
    const found = scaling(checks)
    const rates = correctRates(miniatures, this.#largest[settings.capacityUnit])
    return {
      rates: this.#keepsAll(policy, settings, miniatures) ? this.#withLargest(rates, sizes) : rates,
      scales: found !== 'does not scale',
      tooSmallBelow: found === 'sample too small' ? this.#enoughFrom(settings.capacityUnit) : undefined,
      checks,
      replayed: this.#replayed() - before,
    }
  }

  /**
   * Whether a policy keeps everything that fits, as far as its miniatures tell: where all keys of the sample fit, and nothing
   * expires, the one and the smaller one hit whatever was used before. In bytes keys may change their size, and what a file
   * does at another scale nobody knows: of these it is not told.
   */
  #keepsAll(
    { origin }: ChosenPolicy,
    { capacityUnit, ttlSeconds, recordedTtls }: Omit<CacheSettings, 'capacity'>,
    miniatures: readonly MiniatureRate[],
  ): boolean {
    if (capacityUnit !== 'entries' || ttlSeconds !== undefined || recordedTtls || origin?.file) return false
    const { most } = this.#reuses
    return miniatures.some(
      ({ size, rate, smallerError }) =>
        size >= this.#largest.entries && rate > most - ALIKE && Math.abs(smallerError) < ALIKE,
    )
  }

  /** What keeps everything that fits hits every read but first uses, where everything does. */
  #withLargest(rates: readonly RateEstimate[], sizes: readonly number[]): RateEstimate[] {
    return rates.map((rate, at) =>
      sizes[at]! >= this.#largest.entries ? { hitRate: this.#reuses.most, margin: 0 } : rate,
    )
  }

  /** The size of which the miniature has enough entries. */
  #enoughFrom(unit: CacheSettings['capacityUnit']): number {
    return Math.ceil((this.#largest[unit] * FEW_ENTRIES) / this.sample.trace.keyCount)
  }

  #replayed(): number {
    return this.#miniature.replayed + this.#smaller.replayed + this.#whole.replayed
  }

  async #ofLru(
    sizes: readonly number[],
    { capacityUnit: unit }: Omit<CacheSettings, 'capacity'>,
    watch: Watch,
  ): Promise<Estimate> {
    const settings = { unit, from: this.#from, largest: this.#largest[unit] }
    const curve = sampledLruCurve(this.#trace, this.sample, this.#weights, sizes, settings)
    return { rates: await watched(curve, watch), scales: true, checks: [], replayed: 0 }
  }

  /** @param settings of the whole cache */
  async #replayMiniatures(
    policy: ChosenPolicy,
    settings: CacheSettings,
    watch: Watch,
  ): Promise<MiniatureRate> {
    const size = settings.capacity
    const share = size / this.#largest[settings.capacityUnit]
    const entries = share * this.sample.trace.keyCount
    const hits = await this.#miniature.replay(policy, settings, watch)
    const { rate, standardError } = this.#tally.rateOf(hits)
    const smallerHits = await this.#smaller.replay(policy, scaledDown(settings, this.sample), watch)
    const ownHits = this.#ownHits
    for (let at = 0; at < ownHits.length; at++) ownHits[at] = hits[this.#smaller.sample.positions[at]!]!
    const smallerError = scalingError(this.#smallerWeights, smallerHits, ownHits)
    return { size, rate, standardError, entries, smallerError }
  }

  async #replayWhole(policy: ChosenPolicy, settings: CacheSettings, watch: Watch) {
    const hits = countHits(await this.#whole.replay(policy, settings, watch), this.#from)
    const hitRate = this.#reads === 0 ? 0 : hits / this.#reads
    return { hitRate, drawsAtRandom: this.#whole.drewAtRandom }
  }
}
