import { createHash } from 'node:crypto'
import { InputError } from '../core/errors.ts'
import { checkOptions, either, having, listOf, numberOrText, text } from '../core/options.ts'
import type { SweepPlan, SweepResult } from '../core/result.ts'
import { RESULT_SCHEMA } from '../core/result-version.ts'
import { OPTIONAL_COLUMNS, type Trace } from '../core/trace.ts'
import { plural } from '../core/units.ts'
import {
  type ChosenPolicy,
  choosePolicies,
  choosePolicy,
  isTheBound,
  POLICIES_OPTION,
  type PolicyChoice,
} from './policies.ts'
import { type Cell, RUN_OPTIONS, type RunOptions, runCells } from './runner.ts'
import { resolveSettings, SETTINGS_OPTIONS, type SettingsOptions } from './settings.ts'
import { type Capacity, clipSizes, resolveSizes } from './sizes.ts'
import { Stopwatch } from './stopwatch.ts'
import { assembleSweep, cellsByNumber, planDifference } from './sweep-plan.ts'
import { type TtlSettings, ttlOf } from './ttl.ts'
import { warningFacts } from './warnings.ts'
import { loadWorkload, seedsOf, WORKLOAD_OPTIONS, type WorkloadOptions } from './workload.ts'

/** From almost nothing to the working set, because where a knee lies depends on where the range ends. */
const DEFAULT_SIZES = '0.1%..100%:24'

/** Everything that can be said of a sweep. Values are written as on the command line. */
export interface SweepOptions extends WorkloadOptions, SettingsOptions, RunOptions {
  readonly policies?: string | readonly PolicyChoice[] | undefined
  /** A list (`100,1000,5%`) or a logarithmic range (`0.1%..50%:24`); default: up to the working set. */
  readonly sizes?: string | readonly (string | number)[] | undefined
  /** Kneedle's S: how flat the curve must become before a bend counts as the knee; default 1. */
  readonly sensitivity?: number | string | undefined
  /** `3/16`: only the third of 16 equal parts of the cells, for `mergeSweeps` to put together. */
  readonly shard?: string | undefined
  /** A partial result of the same sweep: only what is missing there is run. */
  readonly resume?: SweepResult | undefined
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
    ...RUN_OPTIONS,
    policies: POLICIES_OPTION,
    sizes: either(text('0.1%..50%:24'), listOf(numberOrText('1000', '5%'))),
    sensitivity: numberOrText('1', '1'),
    minimumGain: numberOrText('0.1', '0.1'),
    shard: text('3/16'),
    resume: having('a result of sweep()', 'simulated'),
  })
  const stopwatch = new Stopwatch()
  // Before there are requests, so that a slip costs no time.
  const asked = options.policies === undefined ? undefined : await choosePolicies(options.policies)
  const sensitivity = atLeastZero(options.sensitivity ?? 1, '--sensitivity')
  const minimumGain = atLeastZero(options.minimumGain ?? 0.1, '--min-gain')
  const shard = parseShard(options.shard)
  const workload = await loadWorkload(options)
  stopwatch.loaded()
  const { trace, extent, recipe } = workload
  const policiesFor = asked ?? (await choosePolicies(recipe.policies, recipe.folder))
  const settings = resolveSettings(options, recipe, trace)
  const seeds = seedsOf(workload, settings.repeats)
  if (options.sizes === undefined) settings.description.assumed.push('sizes')
  const { capacities: given, duplicates } = resolveSizes(options.sizes ?? DEFAULT_SIZES, extent)
  // Other seeds may have more keys.
  const { capacities, clipped } =
    seeds.length > 1 ? { capacities: given, clipped: 0 } : clipSizes(given, extent)
  const { policies, leftOut } = policiesFor(trace)
  const unit = capacities[0]!.unit
  const ceilings = ceilingCells(policies, unit, settings)
  const cells = [
    ...policies.flatMap((policy) => capacities.map((capacity) => ({ policy, capacity }))),
    ...ceilings.cells,
  ]
  const facts = warningFacts(trace, {
    workload: workload.description,
    settings: { ...settings.description, ...(seeds.length > 1 && { seeds }) },
    capacities,
    leftOut,
  })
  const reference =
    policies.find(isTheBound) ?? policies.find(({ definition }) => definition.bound && !definition.unbounded)
  const plan: SweepPlan = {
    // Only parts are held against each other.
    fingerprint: '',
    workload: facts.workload,
    settings: facts.settings,
    policies: policies.map((policy) => ({
      policy: policy.text,
      bound: policy.definition.bound,
      isReference: policy === reference,
      ceiling: ceilings.of(policy),
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
            `${plural(clipped, 'size')} beyond the ${plural(extent.keys, 'distinct key')} ${clipped === 1 ? 'was' : 'were'} cut to as many: a larger cache evicts nothing`,
          ]
        : []),
    ],
    leftOut: [...facts.leftOut],
    ttlsRunOut: facts.ttlsRunOut,
  }
  if (options.resume) plan.fingerprint = fingerprintOf(trace)
  const done = options.resume ? resumed(options.resume, plan) : cellsByNumber(plan, [], '')
  const left = [...cells.keys()].filter((at) => done[at] === undefined && inShard(at, shard))
  const ran = await runCells(
    left.map((at) => cells[at]!),
    settings,
    seeds,
    workload.draw,
    options,
  )
  left.forEach((at, index) => {
    done[at] = ran.results[index]
  })
  if (done.every((cell) => cell === undefined))
    throw new InputError(
      options.stop?.aborted
        ? 'stopped before the first cell was done: there is nothing to show'
        : `--shard '${options.shard}' has no cells: there are ${done.length} only`,
    )
  if (done.includes(undefined)) plan.fingerprint = fingerprintOf(trace)
  return {
    schema: RESULT_SCHEMA,
    command: 'sweep',
    simulated: assembleSweep(plan, done),
    measured: stopwatch.measured(ran),
  }
}

/** The cells that an earlier sweep has done. */
function resumed(result: SweepResult, plan: SweepPlan): ReturnType<typeof cellsByNumber> {
  const { partial, plan: before, cells } = result.simulated
  if (!partial || !before || !cells)
    throw new InputError('--resume is given a sweep that is complete: nothing of it is left to do')
  const difference = planDifference(before, plan)
  if (difference !== undefined)
    throw new InputError(`--resume is given a sweep of ${difference}: it must be a part of this one`)
  return cellsByNumber(plan, cells, '--resume')
}

/** One of several equal parts of the cells: the first is 1. */
interface Shard {
  readonly part: number
  readonly of: number
}

const MOST_SHARDS = 100_000

/** @throws InputError for what is not K/N with 1 ≤ K ≤ N */
function parseShard(text: string | undefined): Shard {
  if (text === undefined) return { part: 1, of: 1 }
  const [, part, of] = /^\s*(\d+)\s*\/\s*(\d+)\s*$/.exec(text)?.map(Number) ?? []
  if (part === undefined || of === undefined || part < 1 || part > of || of > MOST_SHARDS)
    throw new InputError(
      `--shard '${text}' is not understood: write K/N, such as 3/16 for the third of 16 parts`,
    )
  return { part, of }
}

function inShard(cell: number, { part, of }: Shard): boolean {
  return cell % of === part - 1
}

/** SHA-256 of what a trace holds. */
function fingerprintOf(trace: Trace): string {
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

/** A cache that never evicts, once for every TTL there is among the policies: the most any of them could reach. */
function ceilingCells(
  policies: readonly ChosenPolicy[],
  unit: Capacity['unit'],
  settings: TtlSettings,
): { readonly cells: Cell[]; of(policy: ChosenPolicy): number } {
  const secondsOf = (policy: ChosenPolicy) => ttlOf(policy, settings).ttlSeconds
  const ttls = [...new Set(policies.map(secondsOf))]
  const lru = choosePolicy('lru')
  const capacity: Capacity = { capacity: Number.MAX_SAFE_INTEGER, unit, share: 1 }
  return {
    cells: ttls.map((ttl) => ({
      policy: policies.find((policy) => secondsOf(policy) === ttl && ttl !== settings.ttlSeconds) ?? lru,
      capacity,
    })),
    of: (policy) => ttls.indexOf(secondsOf(policy)),
  }
}
