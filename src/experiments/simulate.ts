import { studentQuantile } from '../analysis/student.ts'
import { InputError } from '../core/errors.ts'
import { checkOptions, numberOrText, type OptionKinds, text, texts } from '../core/options.ts'
import type { SimulateResult } from '../core/result.ts'
import { RESULT_SCHEMA } from '../core/result-version.ts'
import type {
  ServiceComparison,
  ServiceDescription,
  ServiceRun,
  ServiceVariant,
} from '../core/service-result.ts'
import type { Trace } from '../core/trace.ts'
import { formatPercent, formatSeconds, parseRate, plural } from '../core/units.ts'
import { TraceColumns } from '../engine/replay.ts'
import type { ServiceSettings } from '../engine/service/settings.ts'
import type { Scenario, ScenarioEvent } from './scenario.ts'
import { type Change, openScenario } from './scenario-file.ts'
import { retime } from './service-arrivals.ts'
import { runService, type ServiceOutcome } from './service-run.ts'
import { describeModelLatency, serviceSettings, tierName, withoutCaches } from './service-settings.ts'
import { serviceVerdict, serviceWarnings } from './service-verdict.ts'
import { Stopwatch } from './stopwatch.ts'
import { variantsOf } from './vary.ts'
import { WATCH_OPTIONS, type Watch } from './watch.ts'
import { loadWorkload, WORKLOAD_OPTIONS, type Workload, type WorkloadOptions } from './workload.ts'

/** Everything that can be said of a simulation. What the workload options say goes before the scenario's workload. */
export interface SimulateOptions extends WorkloadOptions, Watch {
  /** A shipped scenario, such as `rest-api-redis`, or a file. */
  readonly scenario: string
  /** What is varied: `tiers.0.policy=lru,lfu`, `instances=1..8`; of several every combination. */
  readonly vary?: readonly string[] | undefined
  /** Seeds to simulate with; default 1, and 5 for what is varied over a synthetic workload. */
  readonly repeat?: number | string | undefined
}

const SIMULATE_OPTIONS: OptionKinds<SimulateOptions> = {
  ...WORKLOAD_OPTIONS,
  ...WATCH_OPTIONS,
  scenario: text('rest-api-redis'),
  vary: texts('onMiss=none,single-flight'),
  repeat: numberOrText('5', '5'),
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
  const file = openScenario(options.scenario)
  const variants = variantsOf(options.vary ?? []).map((changes) => ({
    changes,
    scenario: file.variant(changes),
  }))
  const workloads = new Workloads(options)
  const { workload: first } = await workloads.of(variants[0]!.scenario)
  stopwatch.loaded()
  const usual = variants.length > 1 && first.description.kind === 'synthetic' ? SEEDS_TO_COMPARE : 1
  const repeats = readRepeats(options.repeat ?? usual)
  // Service times and the like differ by seed where the requests are recorded, too.
  const seeds = Array.from({ length: repeats }, (_, at) => (at === 0 ? first.seed : `${first.seed}.${at}`))
  const settled: Settled[] = []
  let done = 0
  let seconds = 0
  // What caches do not touch is the same for variants that differ in their caches only.
  const knownWithout = new Map<string, ServiceOutcome>()
  const withoutOf = async (
    scenario: Scenario,
    settings: ServiceSettings,
    seed: string,
    play: (settings: ServiceSettings) => Promise<ServiceOutcome>,
  ) => {
    if (!scenario.compareWithout || settings.tiers.length === 0) return undefined
    const { workload, instances, routing, model, events, slo, warmUp } = scenario
    const key = JSON.stringify([workload, instances, routing, model, events, slo, warmUp.first, seed])
    const known = knownWithout.get(key) ?? (await play(withoutCaches(settings)))
    knownWithout.set(key, known)
    return known
  }
  const runs = variants.reduce(
    (sum, { scenario }) => sum + (scenario.compareWithout && scenario.tiers.length > 0 ? 2 : 1),
    0,
  )
  const total = first.trace.length * seeds.length * runs
  for (const { changes, scenario } of variants) {
    const label = labelOf(changes, file.name)
    const outcomes: { readonly with: ServiceOutcome; readonly without: ServiceOutcome | undefined }[] = []
    for (const seed of seeds) {
      const { workload, rate } = await workloads.of(scenario)
      const surges = scenario.events.filter((event) => event.kind === 'surge')
      const trace = retime(withTimes(await workload.draw(seed)), rate, surges)
      const settings = serviceSettings(scenario, trace, workload.extent, seed)
      const columns = new TraceColumns(trace)
      const task = { columns, seed, price: scenario.model.price, sloSeconds: scenario.slo, label }
      const play = async (of: typeof settings) => {
        const outcome = await runService({ ...task, settings: of }, options, (requests) =>
          options.onProgress?.({ done: done + requests, total, unit: 'requests', label }),
        )
        done += trace.length
        seconds += outcome.seconds
        return outcome
      }
      const withCaches = await play(settings)
      outcomes.push({ with: withCaches, without: await withoutOf(scenario, settings, seed, play) })
    }
    settled.push({ scenario, changes, label, outcomes })
  }
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
        ...serviceWarnings(settled.map((one, at) => ({ scenario: one.scenario, variant: described[at]! }))),
      ],
    },
    measured: stopwatch.measured({ replayed: done, replaySeconds: seconds, threads: 1 }),
  }
}

interface Settled {
  readonly scenario: Scenario
  readonly changes: readonly Change[]
  readonly label: string
  readonly outcomes: readonly {
    readonly with: ServiceOutcome
    readonly without: ServiceOutcome | undefined
  }[]
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

function withTimes(trace: Trace): Trace {
  if (trace.times === undefined)
    throw new InputError(
      `${trace.name} has no times, and a service is simulated over time: name their column with 'time' in 'workload', or --time`,
    )
  return trace
}

/** The workloads of scenarios, each read or drawn once. */
class Workloads {
  readonly #options: SimulateOptions
  readonly #loaded = new Map<string, { readonly workload: Workload; readonly rate: number }>()

  constructor(options: SimulateOptions) {
    this.#options = options
  }

  /** A scenario's workload, and how many times as fast as it stands there its requests come. */
  async of({
    workload: said,
    seed,
  }: Scenario): Promise<{ readonly workload: Workload; readonly rate: number }> {
    const key = JSON.stringify([said, seed])
    const known = this.#loaded.get(key)
    if (known !== undefined) return known
    const { scenario: _, vary: __, repeat: ___, ...flags } = this.#options
    const { recipe, trace, rate, ...columns } = said
    const replaced = flags.trace !== undefined || flags.workload !== undefined
    const options: WorkloadOptions & Watch = {
      ...(!replaced && {
        ...columns,
        ...(recipe !== undefined && { workload: recipe, ...(rate !== undefined && { rate }) }),
        ...(trace !== undefined && { trace }),
      }),
      ...(seed !== undefined && { seed }),
      ...Object.fromEntries(Object.entries(flags).filter(([, value]) => value !== undefined)),
    }
    const workload = await loadWorkload(options)
    const isRecorded = options.trace !== undefined
    const loaded = { workload, rate: isRecorded && rate !== undefined ? speedUp(workload.trace, rate) : 1 }
    this.#loaded.set(key, loaded)
    return loaded
  }
}

/** How many times as fast a recorded trace is played so that requests come at `rate`. */
function speedUp(trace: Trace, rate: string): number {
  const span = withTimes(trace).times![trace.length - 1]!
  if (span === 0 || trace.length < 2)
    throw new InputError(`'rate' cannot be set for ${trace.name}: its requests all come at one moment`)
  return parseRate(rate, "'rate'") / ((trace.length - 1) / span)
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

/** Several seeds as one: the mean of every number; what is null for one is null, what is true for one is true. */
export function meanOf<T>(values: readonly T[]): T {
  const [first] = values
  if (values.length === 1) return first!
  if (values.some((value) => value === null)) return (typeof first === 'object' ? null : first) as T
  if (typeof first === 'number')
    return ((values as readonly number[]).reduce((sum, value) => sum + value, 0) / values.length) as T
  if (typeof first === 'boolean') return values.some(Boolean) as T
  if (Array.isArray(first))
    return first.map((_, at) => meanOf(values.map((value) => (value as unknown[])[at]))) as T
  if (typeof first === 'object')
    return Object.fromEntries(
      Object.keys(first as object).map((key) => [
        key,
        meanOf(values.map((value) => (value as Record<string, unknown>)[key])),
      ]),
    ) as T
  return first!
}

/** The figures that have an interval, by name. */
export const FIGURES = {
  latencyMean: (run: ServiceRun) => run.latency?.mean ?? Number.NaN,
  latencyP99: (run: ServiceRun) => run.latency?.p99 ?? Number.NaN,
  hitRate: (run: ServiceRun) => run.hitRate,
  withinSlo: (run: ServiceRun) => run.withinSlo,
  modelCalls: (run: ServiceRun) => run.model.calls,
  failures: (run: ServiceRun) => run.failures,
  staleAnswers: (run: ServiceRun) => run.stale.answers,
  money: (run: ServiceRun) => run.money,
}

/** Those that variants are ranked by, lowest first. */
const RANKED = ['latencyMean', 'latencyP99', 'modelCalls'] as const

/** The best variant of each figure with all others: seed by seed they answered the same requests with the same draws. */
function compareVariants(settled: readonly Settled[]): ServiceComparison[] {
  if (settled.length < 2 || settled[0]!.outcomes.length < 2) return []
  return RANKED.flatMap((figure) => {
    const of = FIGURES[figure]
    const all = settled.map(({ label, outcomes }) => ({
      label,
      values: outcomes.map((pair) => of(pair.with.run)),
    }))
    const known = all.filter(({ values }) => !values.some(Number.isNaN))
    const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length
    const [best, ...others] = known.sort((a, b) => mean(a.values) - mean(b.values))
    return others.map(({ label, values }) => {
      const { low, high } = intervalOf(values.map((value, seed) => value - best!.values[seed]!))
      return {
        figure,
        better: best!.label,
        worse: label,
        difference: (low + high) / 2,
        low,
        high,
        tie: low <= 0 && high >= 0,
      }
    })
  })
}

/** Of the mean of what each seed gave, by Student's t. */
function intervalOf(values: readonly number[]): { low: number; high: number } {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1)
  const half = studentQuantile(0.975, values.length - 1) * Math.sqrt(variance / values.length)
  return { low: mean - half, high: mean + half }
}

function intervalsOf(runs: readonly ServiceRun[]): Record<string, { low: number; high: number }> {
  return Object.fromEntries(
    Object.entries(FIGURES).flatMap(([name, of]) => {
      const values = runs.map(of)
      return values.some(Number.isNaN) ? [] : [[name, intervalOf(values)]]
    }),
  )
}

function describeService(scenario: Scenario, trace: Trace, seeds: readonly string[]): ServiceDescription {
  const { model, onMiss } = scenario
  const extras = [
    onMiss.earlyRefresh > 0 ? `early refresh (β ${onMiss.earlyRefresh})` : '',
    onMiss.staleWhileRevalidate > 0
      ? `stale while revalidating for ${formatSeconds(onMiss.staleWhileRevalidate)}`
      : '',
    onMiss.staleIfError > 0 ? `stale if the model fails for ${formatSeconds(onMiss.staleIfError)}` : '',
    onMiss.negative > 0 ? `errors remembered for ${formatSeconds(onMiss.negative)}` : '',
  ].filter((extra) => extra !== '')
  const protection = onMiss.protection === 'none' ? 'everyone computes' : onMiss.protection
  return {
    instances: scenario.instances,
    routing: scenario.routing,
    modelLatency: describeModelLatency(scenario, trace),
    workers: Number.isFinite(model.workers) ? model.workers : null,
    price: model.price,
    onMiss: [protection, ...extras].join(', '),
    sloMs: 1000 * scenario.slo,
    seeds: [...seeds],
    events: [...scenario.events]
      .sort((a, b) => a.at - b.at)
      .map((event) => ({ at: event.at, text: describeEvent(event, scenario) })),
  }
}

function describeEvent(event: ScenarioEvent, { tiers }: Scenario): string {
  switch (event.kind) {
    case 'model-update': {
      const of =
        event.prefix !== undefined
          ? ` for keys that begin with ${event.prefix}`
          : event.share !== undefined
            ? ` for ${formatPercent(event.share, 0)} of the keys`
            : ''
      return `a new model${of}`
    }
    case 'restart-instance':
      return event.instance === undefined
        ? `all instances restart in turn, ${formatSeconds(event.for)} each`
        : `instance ${event.instance} restarts, ${formatSeconds(event.for)}`
    case 'restart-tier':
      return `${tierName(tiers[event.tier]!, event.tier, tiers)} restarts, ${formatSeconds(event.for)}`
    case 'model-outage':
      return `the model is down for ${formatSeconds(event.for)}`
    case 'surge':
      return `${event.factor} times as many requests for ${formatSeconds(event.for)}`
    case 'scale':
      return `${plural(event.instances, 'instance')} from here on`
  }
}
