import { findKnee } from '../analysis/knee.ts'
import type { PolicyEstimate, SweepEstimates } from '../core/estimate-result.ts'
import type { SweepPlan } from '../core/result.ts'
import { spreadEvenly } from '../core/spread-evenly.ts'
import type { Trace } from '../core/trace.ts'
import lru from '../policies/lru.ts'
import { type Estimate, Estimator } from './estimate.ts'
import { estimateOnThread, needsThread } from './estimate-thread.ts'
import type { ChosenPolicy } from './policies.ts'
import type { RunOptions } from './runner.ts'
import type { Settings } from './settings.ts'
import type { Capacity } from './sizes.ts'
import { ttlOf } from './ttl.ts'
import type { Watch } from './watch.ts'
import type { Workload } from './workload.ts'

/** Of a sweep, what an estimate of it takes. */
export interface EstimatedSweep {
  readonly workload: Workload
  readonly settings: Settings
  readonly policies: readonly ChosenPolicy[]
  readonly plan: Pick<SweepPlan, 'sizes' | 'sensitivity'>
}

/** How much is spent on estimates. */
export interface Effort {
  /** Share of the keys, above 0 up to 1. */
  readonly rate: number
  /** Default: see `Estimator`. */
  readonly checkedSizes?: readonly number[]
  /** Most sizes that are estimated, evenly spread; default: all. */
  readonly mostSizes?: number
  /** Exact numbers follow, as progress is told. */
  readonly isFirstLook?: true
}

/** Requests replayed, over all cells, from which on estimates are worth their time: some seconds of exact work. */
const WORTH_ESTIMATES = 100_000_000
/** Of a first look: requests of the sample that are replayed, over all of its cells, and sizes. */
const LOOK_REQUESTS = 25_000_000
const LOOK_SIZES = 16
/** Requests of a first look that are replayed through whole caches: where three of each policy take more, two have to do. */
const LOOK_WHOLE_REQUESTS = 20_000_000
export const LOOK_CHECKED_SIZES = [0.2, 0.7]
/** Fewer keys than that say little. */
const FEWEST_KEYS = 2000
const LARGEST_RATE = 0.1

/** What the effort for a first look is told from. */
interface LookedAt {
  readonly workload: { readonly trace: Pick<Trace, 'length' | 'keyCount'> }
  readonly policies: readonly Pick<ChosenPolicy, 'definition'>[]
  readonly plan: { readonly sizes: { readonly length: number } }
}

/**
 * The first look at a sweep that will take a while, which is there in about a second.
 * @returns undefined where exact numbers are there as soon
 */
export function firstLook({ workload: { trace }, policies, plan }: LookedAt): Effort | undefined {
  // All sizes of lru are one pass.
  const replays = policies.reduce(
    (sum, policy) => sum + (policy.definition === lru ? 1 : plan.sizes.length),
    0,
  )
  if (trace.length * replays < WORTH_ESTIMATES) return undefined
  const cells = policies.length * Math.min(LOOK_SIZES, plan.sizes.length)
  const affordable = LOOK_REQUESTS / (trace.length * cells)
  const rate = Math.min(LARGEST_RATE, Math.max(affordable, FEWEST_KEYS / trace.keyCount))
  return {
    rate: Number(rate.toPrecision(1)),
    mostSizes: LOOK_SIZES,
    isFirstLook: true,
    ...(3 * trace.length * policies.length > LOOK_WHOLE_REQUESTS && { checkedSizes: LOOK_CHECKED_SIZES }),
  }
}

/** Thrown where it is stopped, and caught where there is something to give. */
class Stopped extends Error {}

/**
 * Estimates every policy at every size, one policy after another, from one sample.
 * @param options once `stop` is aborted, the policies that are done are given
 * @param onPolicy told each time one more policy is done
 * @returns undefined where it was stopped before the first policy was done
 * @throws InputError where a policy needs what the trace does not have
 */
export async function estimateSweep(
  { workload: { trace, seed }, settings, policies, plan }: EstimatedSweep,
  { mostSizes = Infinity, isFirstLook, ...effort }: Effort,
  options: Pick<RunOptions, 'onProgress' | 'signal' | 'stop'> = {},
  onPolicy: (estimates: SweepEstimates) => void = () => {},
): Promise<SweepEstimates | undefined> {
  const total = policies.length + 1
  const progress = (done: number, label: string) =>
    options.onProgress?.({
      done: done * trace.length,
      total: total * trace.length,
      unit: 'requests',
      label,
      ...(isFirstLook && { isFirstLook }),
    })
  const throwIfAborted = () => {
    options.signal?.throwIfAborted()
    if (options.stop?.aborted) throw new Stopped()
  }
  const watch: Watch = { signal: { throwIfAborted } }
  const { warmupRequests } = settings
  const draw = { ...effort, seed, warmupRequests }
  const sizes = spreadEvenly(plan.sizes, mostSizes)
  const done: PolicyEstimate[] = []
  let estimates: SweepEstimates | undefined
  try {
    progress(0, 'drawing a sample of the keys')
    const estimator = await Estimator.draw(trace, draw, watch)
    const { keyCount, length } = estimator.sample.trace
    for (const policy of policies) {
      progress(done.length + 1, `estimating ${policy.text}`)
      const asked = [policy, sizes.map(({ capacity }) => capacity), cacheOf(policy, sizes, settings)] as const
      const estimate = needsThread(policy)
        ? await estimateOnThread(trace, draw, asked, watch)
        : await estimator.estimate(...asked, watch)
      done.push(policyEstimate(policy, sizes, estimate, plan.sensitivity))
      estimates = {
        rate: effort.rate,
        keys: keyCount,
        requests: length,
        sizes: sizes.map(({ capacity, unit, share }) => ({
          size: capacity,
          sizeUnit: unit,
          sizeShare: share,
        })),
        policies: [...done],
      }
      onPolicy(estimates)
    }
  } catch (error) {
    if (!(error instanceof Stopped)) throw error
  }
  return estimates
}

/** The caches of a policy, whatever their sizes. */
function cacheOf(policy: ChosenPolicy, sizes: readonly Capacity[], settings: Settings) {
  const { ttl, ttlSeconds } = ttlOf(policy, settings)
  return {
    capacityUnit: sizes[0]!.unit,
    ttlSeconds,
    recordedTtls: ttl === 'recorded',
    ttlMode: settings.ttlMode,
  }
}

function policyEstimate(
  policy: ChosenPolicy,
  sizes: readonly Capacity[],
  { rates, scales, tooSmallBelow, checks }: Estimate,
  sensitivity: number,
): PolicyEstimate {
  return {
    policy: policy.text,
    bound: policy.definition.bound,
    exact: false,
    scales,
    ...(tooSmallBelow !== undefined && { tooSmallBelow }),
    checks: checks.map(({ size, error }) => ({ size, error })),
    rates: rates.map(({ hitRate, margin }) => ({
      hitRate,
      // No rate is further from it than 0 or 1.
      margin: Math.min(margin, Math.max(hitRate, 1 - hitRate)),
    })),
    knee: kneeOf(
      sizes.map(({ capacity }) => capacity),
      rates.map(({ hitRate }) => hitRate),
      sensitivity,
    ),
  }
}

function kneeOf(sizes: number[], hitRates: number[], sensitivity: number): PolicyEstimate['knee'] {
  const { size, hitRate } = findKnee(sizes, hitRates, { sensitivity })
  return { size, hitRate }
}
