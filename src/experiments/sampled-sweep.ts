import { InputError } from '../core/errors.ts'
import { holds } from '../core/estimate-holds.ts'
import type { SweepEstimates } from '../core/estimate-result.ts'
import type { SweepPlan, SweepResult } from '../core/result.ts'
import { plural } from '../core/units.ts'
import { estimateVerdict } from './estimate-verdict.ts'
import type { ChosenPolicy } from './policies.ts'
import { type Cell, type RunCells, type RunOptions, runCells } from './runner.ts'
import type { Settings } from './settings.ts'
import { type EstimatedSweep, estimateSweep } from './sweep-estimates.ts'
import { assembleSweep } from './sweep-plan.ts'
import { ttlOf } from './ttl.ts'
import { runWarnings, tookTtl } from './warnings.ts'
import type { Workload } from './workload.ts'

type Simulated = SweepResult['simulated']

/** What is estimated, and all that it takes to run exactly what they do not hold for. */
export interface SampledSweep extends EstimatedSweep {
  readonly plan: SweepPlan
  /** By number. */
  readonly cells: readonly Cell[]
  readonly policies: readonly ChosenPolicy[]
  readonly settings: Settings
  readonly workload: Workload
}

/**
 * A sweep of a sample of the keys alone: estimates of all policies, and exact numbers of those that do not scale, or that the
 * sample is too small for. Once it
 * is stopped, what is done.
 * @param rate share of the keys, above 0 up to 1
 * @throws InputError where it was stopped before anything was done
 */
export async function sampledSweep(
  sweep: SampledSweep,
  rate: number,
  options: RunOptions,
): Promise<{ simulated: Simulated; ran: Pick<RunCells, 'replayed' | 'replaySeconds' | 'threads'> }> {
  const { plan, cells, settings, workload } = sweep
  const estimates = await estimateSweep(sweep, { rate }, options)
  if (estimates === undefined)
    throw new InputError('stopped before the first policy was estimated: there is nothing to show')
  const count = plan.sizes.length
  const missing = plan.policies.slice(estimates.policies.length).map(({ policy }) => policy)
  const unheld = [...estimates.policies.keys()].filter((at) => !holds(estimates.policies[at]!))
  const warned = [...fewKeys(estimates), ...ownTtls(sweep, estimates)]
  if (unheld.length === 0 || missing.length > 0) {
    const { workload, settings, warnings, ...nothing } = nothingExact(plan)
    const simulated = {
      workload,
      settings,
      ...(missing.length > 0 && { partial: true as const }),
      ...nothing,
      estimates,
      verdict: estimateVerdict(estimates, missing),
      warnings: [...warned, ...warnings],
    }
    return { simulated, ran: { replayed: 0, replaySeconds: 0, threads: 1 } }
  }
  const run = [
    ...unheld.flatMap((at) => cells.slice(at * count, (at + 1) * count)),
    ...cells.slice(plan.policies.length * count),
  ]
  const ran = await runCells(run, settings, [workload.seed], workload.draw, options)
  const {
    plan: _,
    cells: __,
    ...exact
  } = assembleSweep({ ...plan, policies: unheld.map((at) => plan.policies[at]!) }, ran.results)
  const replaced = withExact(estimates, exact)
  const verdict = estimateVerdict(replaced)
  return {
    simulated: { ...exact, estimates: replaced, verdict, warnings: [...warned, ...exact.warnings] },
    ran,
  }
}

/** Fewer keys in a sample are worth a warning. */
const FEW_KEYS = 500

function fewKeys({ keys }: SweepEstimates): string[] {
  if (keys >= FEW_KEYS) return []
  return [`the sample is of ${plural(keys, 'key')} only, which says little: take a larger share, or --exact`]
}

/** Policies with a TTL of their own, of those that are not run, which say it themselves. */
function ownTtls(
  { policies, settings, plan }: SampledSweep,
  { policies: estimated }: SweepEstimates,
): string[] {
  const own = policies.filter((policy, at) => {
    const estimate = estimated[at]
    return (
      estimate !== undefined && holds(estimate) && ttlOf(policy, settings).ttlSeconds !== settings.ttlSeconds
    )
  })
  return own.length === 0
    ? []
    : [
        tookTtl(
          own.map(({ text }) => text),
          plan.settings,
        ),
      ]
}

/** The estimates with the rates of what was run exactly in their place. */
function withExact(estimates: SweepEstimates, { runs, knee }: Simulated): SweepEstimates {
  return {
    ...estimates,
    policies: estimates.policies.map((estimate) => {
      const own = runs.filter(({ policy }) => policy === estimate.policy)
      const exactKnee = knee.find(({ policy }) => policy === estimate.policy)
      if (exactKnee === undefined) return estimate
      const rates = estimates.sizes.map(({ size }) => ({
        hitRate: own.find((run) => run.size === size)!.hitRate,
        margin: 0,
      }))
      const { size, hitRate } = exactKnee
      return { ...estimate, exact: true, rates, knee: { size, hitRate } }
    }),
  }
}

/** A result without runs. */
function nothingExact(plan: SweepPlan): Omit<Simulated, 'verdict'> {
  const { workload, settings, sizes: capacities, leftOut, ttlsRunOut } = plan
  return {
    workload,
    settings,
    runs: [],
    knee: [],
    curves: [],
    comparisons: [],
    warnings: [...plan.warnings, ...runWarnings({ workload, settings, capacities, leftOut, ttlsRunOut }, [])],
  }
}
