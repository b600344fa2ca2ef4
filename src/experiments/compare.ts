import { checkOptions, numberOrText } from '../core/options.ts'
import type { CompareResult, Comparison } from '../core/result.ts'
import { RESULT_SCHEMA } from '../core/result-version.ts'
import { parseSize } from '../core/units.ts'
import { choosePolicies, choosePolicy, isTheBound, POLICIES_OPTION, type PolicyChoice } from './policies.ts'
import {
  type CellResult,
  compareResults,
  markShareOfOptimal,
  RUN_OPTIONS,
  type RunOptions,
  runCells,
} from './runner.ts'
import { resolveSettings, SETTINGS_OPTIONS, type SettingsOptions } from './settings.ts'
import { resolveSize } from './sizes.ts'
import { Stopwatch } from './stopwatch.ts'
import { compareVerdict } from './verdict.ts'
import { runWarnings, warningFacts } from './warnings.ts'
import { loadWorkload, seedsOf, WORKLOAD_OPTIONS, type WorkloadOptions } from './workload.ts'

/** The size of the cache where neither the user nor the recipe gives one. */
const DEFAULT_SIZE = '10%'

/** Everything that can be said of a comparison. Values are written as on the command line. */
export interface CompareOptions extends WorkloadOptions, SettingsOptions, RunOptions {
  /** `lru,lfu`, or a list of names and definitions; default `lru,lfu,fifo,random,ttl` and the bound. */
  readonly policies?: string | readonly PolicyChoice[] | undefined
  /** `1000` or 1000 (entries), `5%` (of the distinct keys), `64MiB` (of values). */
  readonly size?: string | number | undefined
}

/**
 * Policies side by side at one size, on the same requests.
 * @throws InputError for anything in the options or the trace that cannot be used
 */
export async function compare(options: CompareOptions = {}): Promise<CompareResult> {
  checkOptions('compare()', options, {
    ...WORKLOAD_OPTIONS,
    ...SETTINGS_OPTIONS,
    ...RUN_OPTIONS,
    policies: POLICIES_OPTION,
    size: numberOrText('1000', '5%'),
  })
  const stopwatch = new Stopwatch()
  // Before there are requests, so that a slip costs no time.
  const asked = options.policies === undefined ? undefined : await choosePolicies(options.policies)
  const workload = await loadWorkload(options)
  stopwatch.loaded()
  const { trace, extent, recipe } = workload
  const policiesFor = asked ?? (await choosePolicies(recipe.policies, recipe.folder))
  const settings = resolveSettings(options, recipe, trace)
  const seeds = seedsOf(workload, settings.repeats)
  const sizeText = options.size ?? recipe.size
  if (sizeText === undefined) settings.description.assumed.push('size')
  const capacity = resolveSize(parseSize(String(sizeText ?? DEFAULT_SIZE)), extent, trace)

  const { policies, leftOut } = policiesFor(trace)
  // The best possible needs the bound, which runs unseen where it was not asked for.
  const bound = policies.find(isTheBound) ?? choosePolicy('optimal')
  const run = policies.includes(bound) ? policies : [...policies, bound]
  const ran = await runCells(
    run.map((policy) => ({ policy, capacity })),
    settings,
    seeds,
    workload.draw,
    options,
  )
  const results = ran.results.map((result) => result!)
  const best = results[run.indexOf(bound)]!
  for (const result of results) markShareOfOptimal(result, best)
  const shown = results.slice(0, policies.length)
  const facts = warningFacts(trace, {
    workload: workload.description,
    settings: settings.description,
    capacities: [capacity],
    leftOut,
  })
  const runs = shown.map(({ run }) => run)
  const comparisons = comparePairs(shown)
  return {
    schema: RESULT_SCHEMA,
    command: 'compare',
    simulated: {
      workload: workload.description,
      settings: { ...settings.description, ...(seeds.length > 1 && { seeds }) },
      runs,
      comparisons,
      verdict: compareVerdict(runs, comparisons, best.run),
      warnings: [...workload.warnings, ...runWarnings(facts, runs)],
    },
    measured: stopwatch.measured(ran),
  }
}

/** Every pair of policies that a server could run. */
function comparePairs(results: readonly CellResult[]): Comparison[] {
  const real = results.filter(({ run }) => !run.bound)
  return real.flatMap((a, at) => real.slice(at + 1).flatMap((b) => compareResults(a, b) ?? []))
}
