import { createHash } from 'node:crypto'
import { InputError } from '../core/errors.ts'
import type { SweepEstimates } from '../core/estimate-result.ts'
import { callback, checkOptions, flag, having, text } from '../core/options.ts'
import type { SweepPlan, SweepResult } from '../core/result.ts'
import { RESULT_SCHEMA } from '../core/result-version.ts'
import { OPTIONAL_COLUMNS, type Trace } from '../core/trace.ts'
import { formatBytes, plural } from '../core/units.ts'
import { parseShare } from '../formats/selection.ts'
import { choosePolicies, choosePolicy, isTheBound } from './policies.ts'
import { type Cell, parseThreads, RUN_OPTIONS, type RunOptions, runCells } from './runner.ts'
import { sampledSweep } from './sampled-sweep.ts'
import { checkSettings, resolveSettings, type Settings } from './settings.ts'
import { type Capacity, clipSizes, parseSizes, resolveSizes, UNLIMITED } from './sizes.ts'
import { Stopwatch } from './stopwatch.ts'
import { estimateSweep, firstLook } from './sweep-estimates.ts'
import { inShard, parseShard, partOf, resumed } from './sweep-parts.ts'
import { assembleSweep, cellsByNumber } from './sweep-plan.ts'
import { QUESTION_OPTIONS, type SweepQuestion, sendable } from './sweep-question.ts'
import {
  type CurveChoice,
  effectiveTtl,
  gridCurves,
  parseTtls,
  resolveTtls,
  rowsLeftOut,
  ttlOfCurve,
} from './ttl-grid.ts'
import { warningFacts } from './warnings.ts'
import type { Watch } from './watch.ts'
import { parseWindows, planWindows } from './windows.ts'
import { loadWorkload, seedsOf, type Workload } from './workload.ts'

/** From almost nothing to the working set, because where a knee lies depends on where the range ends. */
const DEFAULT_SIZES = '0.1%..100%:24'

/** Everything that can be said of a sweep. Values are written as on the command line. */
export interface SweepOptions extends SweepQuestion, RunOptions {
  /**
   * A share of the keys, such as `1%`: hit rates at all sizes are estimated from it, with margins, and only policies that do
   * not scale are run exactly. For other commands it is the trace itself that is cut down to a sample.
   */
  readonly sample?: string | number
  /** No estimates, even where `onEstimates` asks for them. */
  readonly exact?: boolean | undefined
  /**
   * Where the exact numbers will take some seconds: told, each time one more policy has been looked at, what a small sample
   * of the keys says of some of the sizes. The result has nothing of it.
   */
  readonly onEstimates?: ((estimates: SweepEstimates) => void) | undefined
  /** `3/16`: only the third of 16 equal parts of the cells, for `mergeSweeps` to put together. */
  readonly shard?: string | undefined
  /** A partial result of the same sweep: only what is missing there is run. */
  readonly resume?: SweepResult | undefined
  /** `redis://host:port`: the cells are run by the workers there, wherever they are. */
  readonly queue?: string | undefined
  /**
   * Told of the error where a cell fails after others are done: the result is then partial, as one that was stopped.
   * Without it, and where nothing is done, the sweep rejects.
   */
  readonly onFailure?: ((error: unknown) => void) | undefined
  /** Told, in a sentence, what should be known while it runs: of workers that refuse, of cells that are given up. */
  readonly onNotice?: ((notice: string) => void) | undefined
}

/**
 * Every policy at every size: the curves, their knees, and the sizes that answer common questions.
 * @throws InputError for anything in the options or the trace that cannot be used
 */
export async function sweep(options: SweepOptions = {}): Promise<SweepResult> {
  checkOptions('sweep()', options, {
    ...QUESTION_OPTIONS,
    ...RUN_OPTIONS,
    exact: flag,
    onEstimates: callback,
    shard: text('3/16'),
    resume: having('a result of sweep()', 'simulated'),
    queue: text('redis://localhost:6379'),
    onFailure: callback,
    onNotice: callback,
  })
  const stopwatch = new Stopwatch()
  const shard = parseShard(options.shard)
  const rate = sampleRate(options)
  parseThreads(options.threads)
  const before = options.resume && partOf(options.resume)
  let failure: { readonly error: unknown } | undefined
  const onFailure =
    options.onFailure &&
    ((error: unknown) => {
      failure ??= { error }
    })
  const queue =
    options.queue === undefined ? undefined : await openQueue(options.queue, { ...options, onFailure })
  try {
    const prepared = await prepareSweep(options, stopwatch)
    const { plan, cells, settings, seeds, workload } = prepared
    const begun = { ...options, onBegin: undefined, onFailure: undefined }
    options.onBegin?.()
    if (rate !== undefined) {
      const { simulated, ran } = await sampledSweep(withPolicies(prepared), rate, begun)
      return { schema: RESULT_SCHEMA, command: 'sweep', simulated, measured: stopwatch.measured(ran) }
    }
    if (isLookedAt(options) && seeds.length === 1) {
      const sweep = withPolicies(prepared)
      const effort = firstLook(sweep)
      if (effort !== undefined) await estimateSweep(sweep, effort, begun, options.onEstimates)
      if (options.stop?.aborted)
        throw new InputError('stopped before anything was run exactly: there is nothing to report')
    }
    if (options.resume || queue) plan.fingerprint = fingerprintOf(workload.trace)
    const done = before ? resumed(before, plan) : cellsByNumber(plan, [], '')
    const left = [...cells.keys()].filter((at) => done[at] === undefined && inShard(at, shard))
    const ran = queue
      ? await queue.run(plan, left, workload.trace.length * seeds.length)
      : await runCells(
          left.map((at) => cells[at]!),
          settings,
          seeds,
          workload.draw,
          { ...begun, onFailure },
        )
    left.forEach((at, index) => {
      done[at] = ran.results[index]
    })
    if (done.every((cell) => cell === undefined))
      throw failure ? failure.error : nothingDone(options, left.length, done.length)
    if (failure) options.onFailure?.(failure.error)
    if (done.includes(undefined)) plan.fingerprint = fingerprintOf(workload.trace)
    return {
      schema: RESULT_SCHEMA,
      command: 'sweep',
      simulated: assembleSweep(plan, done),
      measured: stopwatch.measured(ran),
    }
  } finally {
    queue?.close()
  }
}

/** The policies of a sweep, in the order of its curves. */
function withPolicies(prepared: PreparedSweep) {
  const { plan, cells } = prepared
  return { ...prepared, policies: plan.policies.map((_, at) => cells[at * plan.sizes.length]!.policy) }
}

/**
 * Parts of a sweep, and what others run, have no first look: it would be had again and again. Nor have several TTLs,
 * which are not estimated.
 */
function isLookedAt({ onEstimates, exact, shard, resume, queue, ttls }: SweepOptions): boolean {
  if (onEstimates === undefined || exact === true || ttls !== undefined) return false
  return shard === undefined && !resume && queue === undefined
}

/**
 * The share of the keys that estimates are asked from; undefined where exact numbers are.
 * @throws InputError for what is no share, and for options that only exact numbers have a use for
 */
function sampleRate(options: SweepOptions): number | undefined {
  const { sample, exact, repeat } = options
  if (sample === undefined) return undefined
  const rate = parseShare(sample)
  const given = `--sample '${sample}'`
  if (exact) throw new InputError(`${given} and --exact contradict each other: one asks for estimates only`)
  if (repeat !== undefined && Number(repeat) !== 1)
    throw new InputError(
      `${given} and --repeat '${repeat}' exclude each other: estimates have margins of their own, and are of one seed`,
    )
  const others = ['shard', 'resume', 'queue', 'ttls', 'windows'] as const
  const other = others.find((name) => options[name] !== undefined)
  if (other !== undefined)
    throw new InputError(
      `${given} and --${other} exclude each other: estimates are of whole curves, one a policy`,
    )
  return rate
}

/** Why there is nothing to show. */
function nothingDone({ stop, shard }: SweepOptions, left: number, cells: number): Error {
  if (stop?.aborted) return new InputError('stopped before the first cell was done: there is nothing to show')
  if (left === 0)
    return new InputError(`--shard '${shard}' has no cells: ${cells} parts are the most there can be`)
  return new Error('every cell was given up: there is nothing to show')
}

/** The way to workers. Loaded here, because most sweeps have none. */
async function openQueue(address: string, options: SweepOptions) {
  if (options.threads !== undefined)
    throw new InputError('--threads is a matter of the workers: with --queue, give it to them')
  const question = sendable(options)
  const { Dispatcher } = await import('./queue/dispatcher.ts')
  return Dispatcher.open(address, question, options)
}

/** A sweep that only has to be run. */
export interface PreparedSweep {
  /** Its fingerprint is left empty: only parts are held against each other. */
  readonly plan: SweepPlan
  /** By number. */
  readonly cells: readonly Cell[]
  readonly settings: Settings
  readonly seeds: readonly string[]
  readonly workload: Workload
}

/**
 * Opens the workload and plans the cells, for options that have been checked.
 * @throws InputError for anything in them or the trace that cannot be used
 */
export async function prepareSweep(
  options: SweepQuestion & Watch,
  stopwatch?: Stopwatch,
): Promise<PreparedSweep> {
  // Before there are requests, so that a slip costs no time.
  parseSizes(options.sizes ?? DEFAULT_SIZES)
  checkSettings(options)
  const asked = options.policies === undefined ? undefined : await choosePolicies(options.policies)
  const sensitivity = atLeastZero(options.sensitivity ?? 1, '--sensitivity')
  const minimumGain = atLeastZero(options.minGain ?? 0.1, '--min-gain')
  const ttls = options.ttls === undefined ? undefined : parseTtls(options.ttls, options.ttl)
  const windows = parseWindows(options.windows)
  // The sample of a sweep is drawn from the whole trace.
  const { sample: _, ...wanted } = options
  const workload = await loadWorkload(wanted)
  stopwatch?.loaded()
  const { trace, extent, recipe } = workload
  const policiesFor = asked ?? (await choosePolicies(recipe.policies, recipe.folder))
  const grid = ttls === undefined ? undefined : resolveTtls(ttls, trace)
  const settings: Settings = {
    ...resolveSettings({ ...options, ttl: ttls?.[0] ?? options.ttl }, recipe, trace),
    windows,
  }
  const seeds = seedsOf(workload, settings.repeats)
  if (options.sizes === undefined) settings.description.assumed.push('sizes')
  const { capacities: given, duplicates } = resolveSizes(options.sizes ?? DEFAULT_SIZES, extent, trace)
  // Other seeds may have more keys.
  const { capacities, clipped } =
    seeds.length > 1 ? { capacities: given, clipped: 0 } : clipSizes(given, extent, trace)
  const { policies, leftOut } = policiesFor(trace)
  const unit = capacities[0]!.unit
  const curves = gridCurves(policies, grid ?? [settings])
  const ceilings = ceilingCells(curves, unit)
  const cells = [
    ...curves.flatMap(({ policy, ttl }) => capacities.map((capacity) => ({ policy, capacity, ttl }))),
    ...ceilings.cells,
  ]
  const facts = warningFacts(trace, {
    workload: workload.description,
    settings: {
      ...settings.description,
      ...(grid && { ttls: grid.map(({ ttl, ttlSeconds = null }) => ({ ttl, ttlSeconds })) }),
      ...(seeds.length > 1 && { seeds }),
    },
    capacities,
    leftOut,
  })
  const reference =
    policies.find(isTheBound) ?? policies.find(({ definition }) => definition.bound && !definition.unbounded)
  const plan: SweepPlan = {
    fingerprint: '',
    workload: facts.workload,
    settings: facts.settings,
    policies: curves.map((curve) => ({
      policy: curve.policy.text,
      ...(grid && { ...ttlOfCurve(curve), row: curve.row }),
      bound: curve.policy.definition.bound,
      isReference: curve.policy === reference,
      ceiling: ceilings.of(curve),
      ...(curve.policy.origin?.file && { source: curve.policy.origin.file.digest }),
    })),
    sizes: capacities,
    ceilings: ceilings.cells.length,
    total: unit === 'bytes' ? extent.bytes! : extent.keys,
    sensitivity,
    minimumGain,
    warnings: [
      ...workload.warnings,
      ...(duplicates > 0
        ? [
            `${duplicates} of the sizes came to the same number of ${unit} as another and ${duplicates === 1 ? 'was' : 'were'} left out`,
          ]
        : []),
      ...(clipped > 0
        ? [
            `${plural(clipped, 'size')} beyond ${whatFills(capacities.at(-1)!)} ${clipped === 1 ? 'was' : 'were'} cut to as ${unit === 'bytes' ? 'much' : 'many'}: a larger cache evicts nothing`,
          ]
        : []),
      ...(grid ? rowsLeftOut(curves, grid) : []),
    ],
    leftOut: [...facts.leftOut],
    ttlsRunOut: facts.ttlsRunOut,
    ...(windows !== undefined && { windows: planWindows(trace, settings.warmupRequests, windows) }),
  }
  return { plan, cells, settings, seeds, workload }
}

/** What there is to keep, in a sentence, from a cache that holds all of it. */
function whatFills({ capacity, unit }: Capacity): string {
  return unit === 'bytes'
    ? `the ${formatBytes(capacity)} that all values take at their largest`
    : `the ${plural(capacity, 'distinct key')}`
}

/** SHA-256 of what a trace holds. */
export function fingerprintOf(trace: Trace): string {
  const hash = createHash('sha256').update(`${trace.keyCount}`)
  for (const name of ['keys', ...OPTIONAL_COLUMNS] as const) {
    const column = trace[name]
    if (column === undefined) continue
    hash.update(name)
    hash.update(new Uint8Array(column.buffer, column.byteOffset, column.byteLength))
  }
  return hash.digest('hex')
}

function atLeastZero(value: number | string, flag: string): number {
  const number = String(value).trim() === '' ? Number.NaN : Number(value)
  if (!(number >= 0 && number < Infinity))
    throw new InputError(`${flag} '${value}' must be a number of 0 or more`)
  return number
}

/** A cache that never evicts, once for every TTL there is among the curves: the most any of them could reach. */
function ceilingCells(
  curves: readonly CurveChoice[],
  unit: Capacity['unit'],
): { readonly cells: Cell[]; of(curve: CurveChoice): number } {
  const ttls = [...new Set(curves.map(effectiveTtl))]
  const lru = choosePolicy('lru')
  const capacity: Capacity = { capacity: UNLIMITED, unit, share: 1 }
  return {
    cells: ttls.map((name) => {
      const having = curves.filter((curve) => effectiveTtl(curve) === name)
      // Only the policy itself has a TTL that is its own.
      const asked = having.find(({ ttl }) => effectiveTtl({ policy: lru, ttl }) === name)
      return { policy: asked ? lru : having[0]!.policy, capacity, ttl: (asked ?? having[0]!).ttl }
    }),
    of: (curve) => ttls.indexOf(effectiveTtl(curve)),
  }
}
