import { findKnee } from '../analysis/knee.ts'
import type { PolicyEstimate, SweepEstimates } from '../core/estimate-result.ts'
import type { SweepPlan } from '../core/result.ts'
import { spreadEvenly } from '../core/spread-evenly.ts'
import type { Trace } from '../core/trace.ts'
import lru from '../policies/lru.ts'
import { Estimator } from './estimate.ts'
import type { ChosenPolicy } from './policies.ts'
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
    ...(3 * trace.length * policies.length > LOOK_WHOLE_REQUESTS && { checkedSizes: LOOK_CHECKED_SIZES }),
  }
}

/**
 * Estimates every policy at every size, one policy after another, from one sample.
 * @param onPolicy told each time one more policy is done
 * @throws InputError where a policy needs what the trace does not have
 */
export async function estimateSweep(
  { workload: { trace, seed }, settings, policies, plan }: EstimatedSweep,
  { mostSizes = Infinity, ...effort }: Effort,
  watch: Watch = {},
  onPolicy: (estimates: SweepEstimates) => void = () => {},
): Promise<SweepEstimates> {
  const total = policies.length + 1
  const progress = (done: number, label: string) =>
    watch.onProgress?.({ done: done * trace.length, total: total * trace.length, unit: 'requests', label })
  progress(0, 'drawing a sample of the keys')
  const { warmupRequests } = settings
  const estimator = await Estimator.draw(trace, { ...effort, seed, warmupRequests }, watch)
  const sizes = spreadEvenly(plan.sizes, mostSizes)
  let estimates: SweepEstimates = {
    rate: effort.rate,
    keys: estimator.sample.trace.keyCount,
    requests: estimator.sample.trace.length,
    sizes: sizes.map(({ capacity, unit, share }) => ({ size: capacity, sizeUnit: unit, sizeShare: share })),
    policies: [],
  }
  for (const [at, policy] of policies.entries()) {
    progress(at + 1, `estimating ${policy.text}`)
    const next = await estimatePolicy(estimator, policy, sizes, settings, plan.sensitivity, watch)
    estimates = { ...estimates, policies: [...estimates.policies, next] }
    onPolicy(estimates)
  }
  return estimates
}

async function estimatePolicy(
  estimator: Estimator,
  policy: ChosenPolicy,
  sizes: readonly Capacity[],
  settings: Settings,
  sensitivity: number,
  watch: Watch,
): Promise<PolicyEstimate> {
  const { ttl, ttlSeconds } = ttlOf(policy, settings)
  const capacities = sizes.map(({ capacity }) => capacity)
  const { rates, scales, checks } = await estimator.estimate(
    policy,
    capacities,
    {
      capacityUnit: sizes[0]!.unit,
      ttlSeconds,
      recordedTtls: ttl === 'recorded',
      ttlMode: settings.ttlMode,
    },
    watch,
  )
  return {
    policy: policy.text,
    bound: policy.definition.bound,
    exact: false,
    scales,
    checks: [...checks],
    rates: rates.map(({ hitRate, margin }) => ({
      hitRate,
      // No rate is further from it than 0 or 1.
      margin: Math.min(margin, Math.max(hitRate, 1 - hitRate)),
    })),
    knee: kneeOf(
      capacities,
      rates.map(({ hitRate }) => hitRate),
      sensitivity,
    ),
  }
}

function kneeOf(sizes: number[], hitRates: number[], sensitivity: number): PolicyEstimate['knee'] {
  const { size, hitRate } = findKnee(sizes, hitRates, { sensitivity })
  return { size, hitRate }
}
