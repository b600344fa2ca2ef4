import { InputError } from '../core/errors.ts'
import { checkOptions, numberOrText, type OptionKinds, text, texts } from '../core/options.ts'
import type { SimulateResult } from '../core/result.ts'
import { RESULT_SCHEMA } from '../core/result-version.ts'
import type { ServiceVariant } from '../core/service-result.ts'
import { type Change, openScenario } from './scenario-file.ts'
import { scenarioWarnings } from './scenario-warnings.ts'
import { describeService } from './service-description.ts'
import { checkPlayable, type OutcomePair, playAll, type Variant } from './service-plays.ts'
import { compareVariants, intervalsOf, meanOf } from './service-statistics.ts'
import { serviceVerdict, serviceWarnings } from './service-verdict.ts'
import { Workloads } from './service-workloads.ts'
import { Stopwatch } from './stopwatch.ts'
import { variantsOf } from './vary.ts'
import { WATCH_OPTIONS, type Watch } from './watch.ts'
import { WORKLOAD_OPTIONS, type WorkloadOptions } from './workload.ts'

/** Everything that can be said of a simulation. What the workload options say goes before the scenario's workload. */
export interface SimulateOptions extends WorkloadOptions, Watch {
  /** A shipped scenario, such as `rest-api-redis`, or a file. */
  readonly scenario: string
  /** What is varied: `tiers.0.policy=lru,lfu`, `instances=1..8`; of several every combination. */
  readonly vary?: readonly string[] | undefined
  /** Seeds to simulate with; default 1, and 5 for what is varied over a synthetic workload. */
  readonly repeat?: number | string | undefined
  /** Most threads to simulate on; default: one for each core, where the work is worth it. No number depends on it. */
  readonly threads?: number | string | undefined
}

const SIMULATE_OPTIONS: OptionKinds<SimulateOptions> = {
  ...WORKLOAD_OPTIONS,
  ...WATCH_OPTIONS,
  scenario: text('rest-api-redis'),
  vary: texts('onMiss=none,single-flight'),
  repeat: numberOrText('5', '5'),
  threads: numberOrText('2', '2'),
}

/** Seeds where something is compared and nobody says how many. */
const SEEDS_TO_COMPARE = 5

/**
 * A prediction service over time, with its caches and without, in one or several variants.
 * @throws InputError for a mistake in the scenario, by file, line and column, in the options or the trace
 */
export async function simulate(options: SimulateOptions): Promise<SimulateResult> {
  checkOptions('simulate()', options, SIMULATE_OPTIONS, ['scenario'])
  const stopwatch = new Stopwatch()
  const { scenario: name, vary, repeat, threads, ...flags } = options
  const file = openScenario(name)
  const given = variantsOf(vary ?? []).map((changes) => ({ changes, scenario: file.variant(changes) }))
  const workloads = new Workloads(flags)
  const variants: (Variant & { readonly changes: readonly Change[] })[] = []
  for (const { changes, scenario } of given)
    variants.push({
      changes,
      label: labelOf(changes, file.name),
      scenario,
      plain: file.plain(changes),
      requests: await file.placing(changes, async () => {
        const requests = await workloads.of(scenario, changes)
        checkPlayable(scenario, requests)
        return requests
      }),
    })
  const { workload: first } = variants[0]!.requests
  stopwatch.loaded()
  const usual = variants.length > 1 && first.description.kind === 'synthetic' ? SEEDS_TO_COMPARE : 1
  const repeats = readRepeats(repeat ?? usual)
  // Service times and the like differ by seed where the requests are recorded, too.
  const seeds = Array.from({ length: repeats }, (_, at) => (at === 0 ? first.seed : `${first.seed}.${at}`))
  const played = await playAll(variants, seeds, options)
  const settled = variants.map((variant, at) => ({ ...variant, outcomes: played.pairs[at]! }))
  const described = settled.map(toVariant)
  const broken = settled.flatMap(({ outcomes }) =>
    outcomes.flatMap((pair) => [...pair.with.broken, ...(pair.without?.broken ?? [])]),
  )
  const { scenario } = variants[0]!
  const comparisons = compareVariants(settled)
  return {
    schema: RESULT_SCHEMA,
    command: 'simulate',
    simulated: {
      workload: {
        ...first.description,
        name: file.name,
        ...(scenario.story !== '' && { story: scenario.story.trim() }),
      },
      service: describeService(scenario, first.trace, seeds),
      comparisons,
      variants: described,
      verdict: serviceVerdict(described, comparisons, scenario),
      warnings: [
        ...first.warnings,
        ...new Set(broken.map((what) => `these results contradict themselves: ${what}`)),
        ...scenarioWarnings(variants.map((variant) => variant.scenario)),
        ...serviceWarnings(settled.map((one, at) => ({ scenario: one.scenario, variant: described[at]! }))),
      ],
    },
    measured: stopwatch.measured(played),
  }
}

interface Settled extends Variant {
  readonly changes: readonly Change[]
  /** [seeds] */
  readonly outcomes: readonly OutcomePair[]
}

function readRepeats(given: number | string): number {
  const repeats = Number(given)
  if (!Number.isInteger(repeats) || repeats < 1 || repeats > 10_000)
    throw new InputError(`--repeat '${given}' must be a whole number from 1 to 10,000`)
  return repeats
}

function labelOf(changes: readonly Change[], name: string): string {
  return changes.length === 0 ? name : changes.map(({ path, value }) => `${path}=${value}`).join(' ')
}

function toVariant({ label, changes, outcomes }: Settled): ServiceVariant {
  const runs = outcomes.map((pair) => pair.with.run)
  const without = outcomes.flatMap((pair) => (pair.without === undefined ? [] : [pair.without.run]))
  return {
    label,
    changes: changes.map(({ path, value }) => ({ path, value: value as string | number | boolean })),
    with: meanOf(runs),
    without: without.length === 0 ? null : meanOf(without),
    intervals: runs.length === 1 ? null : intervalsOf(runs),
    series: { with: outcomes[0]!.with.series, without: outcomes[0]!.without?.series ?? null },
  }
}
