import { arch, availableParallelism, cpus, loadavg, platform } from 'node:os'
import { version } from 'node:process'
import { InputError } from '../core/errors.ts'
import { checkOptions, either, flag, listOf, numberOrText, text } from '../core/options.ts'
import type { BenchResult, Speed } from '../core/result.ts'
import { RESULT_SCHEMA } from '../core/result-version.ts'
import { createColumn, type Trace } from '../core/trace.ts'
import { formatCount, formatPercent, parseCount, plural } from '../core/units.ts'
import { countReads } from './bench/contest.ts'
import { BASELINE, findPackages } from './bench/packages.ts'
import { Race } from './bench/race.ts'
import { describeRun, describeSpeed } from './bench/speeds.ts'
import { type ChosenPolicy, choosePolicies, POLICIES_OPTION, type PolicyChoice } from './policies.ts'
import { describeSize, resolveSizes } from './sizes.ts'
import { Stopwatch } from './stopwatch.ts'
import { WATCH_OPTIONS, type Watch } from './watch.ts'
import { loadWorkload, WORKLOAD_OPTIONS, type WorkloadOptions } from './workload.ts'

const DEFAULT_SIZES = '1%,10%'
const DEFAULT_ROUNDS = 3
const MOST_ROUNDS = 1000

/** What is measured where neither a workload nor a trace is named: large enough not to fit into a processor's cache. */
const DEFAULT_WORKLOAD = { workload: 'zipf', requests: '10M', keys: '1M' }

/** A policy that loses more than this share of its speed in the company of others is said to. */
const TOLERABLE_SLOWDOWN = 0.25

/** Shorter runs say more of the clock, the compiler and the machine's other work than of a policy. */
const SHORTEST_TELLING_MILLISECONDS = 20

/** Everything that can be said of a benchmark. Values are written as on the command line. */
export interface BenchOptions extends WorkloadOptions, Watch {
  /** As for `compare`. */
  readonly policies?: string | readonly PolicyChoice[] | undefined
  /** `1%,10%`, as for `sweep`. */
  readonly sizes?: string | readonly (string | number)[] | undefined
  /** How often everything is measured, in turn; default 3. */
  readonly rounds?: string | number | undefined
  /** Whether each policy is also measured in a thread of its own, and its memory with it; default true. */
  readonly alone?: boolean | undefined
}

/**
 * How fast policies replay, on one thread one after another and each on a thread of its own, beside the caches of npm
 * that are installed. Everything runs once a round, so that a machine whose speed drifts drifts for all; ratios are
 * taken within a round.
 * @throws InputError for anything in the options or the trace that cannot be used
 * @throws Error where counts differ that must not
 */
export async function bench(options: BenchOptions = {}): Promise<BenchResult> {
  checkOptions('bench()', options, {
    ...WORKLOAD_OPTIONS,
    ...WATCH_OPTIONS,
    policies: POLICIES_OPTION,
    sizes: either(text('1%,10%'), listOf(numberOrText('1000', '1%'))),
    rounds: numberOrText('3', '3'),
    alone: flag,
  })
  const stopwatch = new Stopwatch()
  const rounds = parseRounds(options.rounds ?? DEFAULT_ROUNDS)
  const policiesFor = await choosePolicies(options.policies)
  const workload = await loadWorkload(
    options.workload === undefined && options.trace === undefined
      ? { ...options, ...DEFAULT_WORKLOAD, ...given(options, ['requests', 'keys']) }
      : options,
  )
  stopwatch.loaded()
  const { capacities } = resolveSizes(options.sizes ?? DEFAULT_SIZES, workload.extent, workload.trace)
  if (capacities[0]!.capacity === 0)
    throw new InputError('--sizes has a cache of size 0, which has no speed: start at 1 entry')
  const { trace, madeUp } = withWhatIsAsked(workload.trace, policiesFor(everyColumn(workload.trace)).policies)
  const { policies } = policiesFor(trace)
  const { found, missing } = await findPackages()
  const plain = trace.ops === undefined && capacities[0]!.unit === 'entries'
  const field = {
    policies,
    packages: plain ? found : [],
    capacities,
    rounds,
    alone: options.alone ?? true,
  }
  const lanes = await new Race(trace, field, options).run()
  const speeds = lanes.map((lane) => describeSpeed(lane, lanes, trace))
  const times = lanes.flatMap(({ together, alone }) => [...together, ...alone])
  return {
    schema: RESULT_SCHEMA,
    command: 'bench',
    simulated: {
      workload: workload.description,
      runs: lanes.flatMap((lane) => describeRun(lane, countReads(trace))),
      verdict: ['Every policy counted the same hits in each of its runs.'],
      warnings: [...workload.warnings, ...madeUp],
    },
    measured: {
      ...stopwatch.measured({
        replayed: times.length * trace.length,
        replaySeconds: times.reduce((sum, time) => sum + time, 0) / 1000,
        // One at a time, wherever it runs.
        threads: 1,
      }),
      node: version,
      cpu: cpus()[0]?.model.trim() ?? 'unknown processor',
      cores: availableParallelism(),
      platform: `${platform()} ${arch()}`,
      rounds,
      baseline: speeds.some(({ timesBaseline }) => timesBaseline !== null) ? BASELINE : null,
      speeds,
      verdict: describeCompany(speeds.filter((speed) => !isShort(speed, trace))),
      warnings: [
        ...shortNote(speeds, trace),
        ...(plain ? missingNote(missing) : [NOT_FOR_PACKAGES]),
        ...busyNote(),
      ],
    },
  }
}

const NOT_FOR_PACKAGES =
  'the caches of npm are left out: they are measured on reads alone, with sizes in entries'

function parseRounds(text: string | number): number {
  const rounds = parseCount(String(text), '--rounds')
  if (rounds < 1 || rounds > MOST_ROUNDS)
    throw new InputError(`--rounds ${text} must be a whole number from 1 to ${formatCount(MOST_ROUNDS)}`)
  return rounds
}

function given<T extends object, K extends keyof T>(options: T, names: readonly K[]): Partial<Pick<T, K>> {
  return Object.fromEntries(
    names.filter((name) => options[name] !== undefined).map((name) => [name, options[name]]),
  ) as Partial<Pick<T, K>>
}

/** A trace that has all a policy can ask for, to find out which are asked. */
function everyColumn(trace: Trace): Trace {
  return { times: new Float64Array(0), sizes: new Uint32Array(0), costs: new Float32Array(0), ...trace }
}

/** The trace with columns made up where a policy cannot run without: speed does not hang on what they say. */
function withWhatIsAsked(
  trace: Trace,
  policies: readonly ChosenPolicy[],
): { readonly trace: Trace; readonly madeUp: string[] } {
  const { length, keys } = trace
  /** 0 … 1023, as good as drawn at random for each key. */
  const ofKey = (key: number) => Math.imul(key, 0x9e37_79b1) >>> 22
  const making = {
    ttl: { column: 'times', type: Float64Array, what: 'times', value: (at: number) => at },
    sizes: {
      column: 'sizes',
      type: Uint32Array,
      what: 'value sizes',
      value: (at: number) => 1 + ofKey(keys[at]!),
    },
    costs: {
      column: 'costs',
      type: Float32Array,
      what: 'costs',
      value: (at: number) => 1 + ofKey(~keys[at]!),
    },
  } as const
  let completed = trace
  const madeUp: string[] = []
  for (const [need, { column, type, what, value }] of Object.entries(making)) {
    const asking = policies.filter(({ definition }) => definition.needs.some((asked) => asked === need))
    if (asking.length === 0 || trace[column] !== undefined) continue
    const values = createColumn(type as typeof Float64Array, length)
    for (let at = 0; at < length; at++) values[at] = value(at)
    completed = { ...completed, [column]: values }
    madeUp.push(
      `${trace.name} has no ${what}, which ${asking.map(({ text }) => text).join(', ')} cannot do without: they were made up, and the hits there mean nothing`,
    )
  }
  return { trace: completed, madeUp }
}

function isShort({ nanosecondsPerRequest }: Speed, { length }: Trace): boolean {
  return nanosecondsPerRequest.median * length < SHORTEST_TELLING_MILLISECONDS * 1e6
}

function shortNote(speeds: readonly Speed[], trace: Trace): string[] {
  const short = speeds.filter((speed) => isShort(speed, trace)).length
  if (short === 0) return []
  return [
    `${short} of ${speeds.length} speeds come from runs of less than ${SHORTEST_TELLING_MILLISECONDS} ms, which say little: more requests say more`,
  ]
}

/** Systems that know no load average say 0. */
function busyNote(): string[] {
  const [load = 0] = loadavg()
  const cores = availableParallelism()
  if (load <= cores) return []
  return [
    `this machine was busy, with ${load.toFixed(1)} programs at work on ${plural(cores, 'core')} in the last minute: speeds are lower than they could be, and ratios less sure`,
  ]
}

function missingNote(missing: readonly string[]): string[] {
  if (missing.length === 0) return []
  const names = missing.join(', ')
  const be = missing.length === 1 ? 'is' : 'are'
  return [
    `${names} ${be} not installed where cachesim is, so that rows are missing: npm install ${missing.join(' ')}`,
  ]
}

/** Which policies lose speed because others ran before them. */
function describeCompany(speeds: readonly Speed[]): string[] {
  const measured = speeds.filter(({ slowdown }) => slowdown !== null)
  if (measured.length === 0) return []
  const slow = measured.filter(({ slowdown }) => slowdown! > TOLERABLE_SLOWDOWN)
  const limit = formatPercent(TOLERABLE_SLOWDOWN, 0)
  if (slow.length === 0) return [`No policy takes more than ${limit} longer because others ran before it.`]
  const list = slow.map(
    ({ name, size, sizeUnit, slowdown }) =>
      `${name} at ${describeSize(size, sizeUnit)} (${formatPercent(slowdown!, 0)})`,
  )
  return [`More than ${limit} longer than alone, on the thread where all others ran: ${list.join(', ')}.`]
}
