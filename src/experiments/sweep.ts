import { curveAnswers } from '../analysis/curve-answers.ts'
import { findKnee } from '../analysis/knee.ts'
import { InputError } from '../core/errors.ts'
import { checkOptions, either, listOf, numberOrText, text } from '../core/options.ts'
import type { Comparison, SweepResult } from '../core/result.ts'
import { RESULT_SCHEMA } from '../core/result-version.ts'
import {
  type ChosenPolicy,
  choosePolicies,
  choosePolicy,
  isTheBound,
  POLICIES_OPTION,
  type PolicyChoice,
} from './policies.ts'
import { type Cell, type CellResult, compareResults, markShareOfOptimal, runCells } from './runner.ts'
import { resolveSettings, SETTINGS_OPTIONS, type SettingsOptions } from './settings.ts'
import { type Capacity, resolveSizes } from './sizes.ts'
import { Stopwatch } from './stopwatch.ts'
import { type TtlSettings, ttlOf } from './ttl.ts'
import { sweepVerdict } from './verdict.ts'
import { runWarnings } from './warnings.ts'
import { WATCH_OPTIONS, type Watch } from './watch.ts'
import { loadWorkload, seedsOf, WORKLOAD_OPTIONS, type WorkloadOptions } from './workload.ts'

/** From almost nothing to the working set, because where a knee lies depends on where the range ends. */
const DEFAULT_SIZES = '0.1%..100%:24'

/** Everything that can be said of a sweep. Values are written as on the command line. */
export interface SweepOptions extends WorkloadOptions, SettingsOptions, Watch {
  readonly policies?: string | readonly PolicyChoice[] | undefined
  /** A list (`100,1000,5%`) or a logarithmic range (`0.1%..50%:24`); default: up to the working set. */
  readonly sizes?: string | readonly (string | number)[] | undefined
  /** Kneedle's S: how flat the curve must become before a bend counts as the knee; default 1. */
  readonly sensitivity?: number | string | undefined
  /** Points of hit rate that 1 % of the keys must still bring to be worth it; default 0.1. */
  readonly minimumGain?: number | string | undefined
}

/**
 * Every policy at every size: the curves, their knees, and the sizes that answer common questions.
 * @throws InputError for anything in the options or the trace that cannot be used
 */
export async function sweep(options: SweepOptions = {}): Promise<SweepResult> {
  checkOptions('sweep()', options, {
    ...WORKLOAD_OPTIONS,
    ...SETTINGS_OPTIONS,
    ...WATCH_OPTIONS,
    policies: POLICIES_OPTION,
    sizes: either(text('0.1%..50%:24'), listOf(numberOrText('1000', '5%'))),
    sensitivity: numberOrText('1', '1'),
    minimumGain: numberOrText('0.1', '0.1'),
  })
  const stopwatch = new Stopwatch()
  // Before there are requests, so that a slip costs no time.
  const asked = options.policies === undefined ? undefined : await choosePolicies(options.policies)
  const sensitivity = atLeastZero(options.sensitivity ?? 1, '--sensitivity')
  const minimumGain = atLeastZero(options.minimumGain ?? 0.1, '--min-gain')
  const workload = await loadWorkload(options)
  stopwatch.loaded()
  const { trace, extent, recipe } = workload
  const policiesFor = asked ?? (await choosePolicies(recipe.policies, recipe.folder))
  const settings = resolveSettings(options, recipe, trace)
  const seeds = seedsOf(workload, settings.repeats)
  if (options.sizes === undefined) settings.description.assumed.push('sizes')
  const { capacities, duplicates } = resolveSizes(options.sizes ?? DEFAULT_SIZES, extent)
  const { policies, leftOut } = policiesFor(trace)
  const unit = capacities[0]!.unit
  const total = unit === 'bytes' ? extent.bytes! : extent.keys

  const cells = policies.flatMap((policy) => capacities.map((capacity) => ({ policy, capacity })))
  const ceilings = ceilingCells(policies, unit, settings)
  const { results, replayed, replaySeconds } = await runCells(
    [...cells, ...ceilings.cells],
    settings,
    seeds,
    workload.draw,
    options,
  )
  const curves = policies.map((policy, at) => {
    const points = results.slice(at * capacities.length, (at + 1) * capacities.length)
    return { policy, points, ceiling: results[cells.length + ceilings.of(policy)]!.run.hitRate }
  })
  markShares(curves)
  const sizes = capacities.map(({ capacity }) => capacity)
  const knee = curves.map(({ policy, points }) => ({
    policy: policy.text,
    ...findKnee(
      sizes,
      points.map(({ run }) => run.hitRate),
      { sensitivity },
    ),
  }))
  const answers = curves.map(({ policy, points, ceiling }) => ({
    policy: policy.text,
    ...curveAnswers(
      sizes,
      points.map(({ run }) => run.hitRate),
      { ceiling, total, minimumGain },
    ),
  }))
  const runs = results.slice(0, cells.length).map(({ run }) => run)
  return {
    schema: RESULT_SCHEMA,
    command: 'sweep',
    simulated: {
      workload: workload.description,
      settings: { ...settings.description, ...(seeds.length > 1 && { seeds }) },
      runs,
      knee,
      curves: answers,
      comparisons: compareWithBest(results.slice(0, cells.length), capacities),
      verdict: sweepVerdict(runs, knee, answers),
      warnings: [
        ...workload.warnings,
        ...(duplicates > 0
          ? [
              `${duplicates} of the sizes came to the same number of ${unit} as another and ${duplicates === 1 ? 'was' : 'were'} left out`,
            ]
          : []),
        ...runWarnings({ trace, settings, runs, capacities, leftOut }),
      ],
    },
    measured: stopwatch.measured(replayed, replaySeconds),
  }
}

function atLeastZero(value: number | string, flag: string): number {
  const number = String(value).trim() === '' ? Number.NaN : Number(value)
  if (!(number >= 0 && number < Infinity))
    throw new InputError(`${flag} '${value}' must be a number of 0 or more`)
  return number
}

/** A cache that never evicts, once for every TTL there is among the policies: the most any of them could reach. */
function ceilingCells(
  policies: readonly ChosenPolicy[],
  unit: Capacity['unit'],
  settings: TtlSettings,
): { readonly cells: Cell[]; of(policy: ChosenPolicy): number } {
  const secondsOf = (policy: ChosenPolicy) => ttlOf(policy, settings).ttlSeconds
  const ttls = [...new Set(policies.map(secondsOf))]
  const lru = choosePolicy('lru')
  const capacity: Capacity = { capacity: Infinity, unit, share: 1 }
  return {
    cells: ttls.map((ttl) => ({
      policy: policies.find((policy) => secondsOf(policy) === ttl && ttl !== settings.ttlSeconds) ?? lru,
      capacity,
    })),
    of: (policy) => ttls.indexOf(secondsOf(policy)),
  }
}

function markShares(
  curves: readonly { readonly policy: ChosenPolicy; readonly points: readonly CellResult[] }[],
): void {
  const bound =
    curves.find(({ policy }) => isTheBound(policy)) ?? curves.find(({ points }) => points[0]!.run.bound)
  if (!bound) return
  for (const { points } of curves) {
    for (const [at, point] of points.entries()) markShareOfOptimal(point, bound.points[at]!)
  }
}

/** At every size, the best policy a server could run against each other one. */
function compareWithBest(results: readonly CellResult[], capacities: readonly Capacity[]): Comparison[] {
  return capacities.flatMap((capacity) => {
    const real = results.filter(({ cell, run }) => cell.capacity === capacity && !run.bound)
    const best = real.reduce<CellResult | undefined>(
      (a, b) => (a && a.run.hitRate >= b.run.hitRate ? a : b),
      undefined,
    )
    return best ? real.flatMap((other) => (other === best ? [] : (compareResults(best, other) ?? []))) : []
  })
}
