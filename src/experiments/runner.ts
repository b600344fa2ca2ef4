import { batchMeansInterval, pairedInterval } from '../analysis/confidence.ts'
import { latencyReduction } from '../analysis/savings.ts'
import { InputError } from '../core/errors.ts'
import { ReusedMemory } from '../core/memory.ts'
import { callback, having, numberOrText, type OptionKinds } from '../core/options.ts'
import type { Comparison, Interval, Run } from '../core/result.ts'
import type { Trace } from '../core/trace.ts'
import { formatCount } from '../core/units.ts'
import type { SavedWindows } from '../core/window-result.ts'
import { TraceColumns } from '../engine/replay.ts'
import type { CellInput, CellTask, MeasuredCell } from './cell-runner.ts'
import { lruCells } from './lru-cells.ts'
import { meterColumns } from './measure.ts'
import type { ChosenPolicy } from './policies.ts'
import { runTasks } from './run-tasks.ts'
import type { Settings } from './settings.ts'
import type { Capacity } from './sizes.ts'
import { CAN_START } from './thread.ts'
import { threadsFor } from './threads.ts'
import { type TtlSettings, ttlOf } from './ttl.ts'
import { WATCH_OPTIONS, type Watch } from './watch.ts'
import { watched } from './watched-steps.ts'
import { meanOfWindows } from './windows.ts'

/** One policy at one size. */
export interface Cell {
  readonly policy: ChosenPolicy
  readonly capacity: Capacity
  /** In place of that of the settings. */
  readonly ttl?: TtlSettings | undefined
}

/** A cell's run, and its hits in each of the samples its interval rests on. */
export interface CellResult {
  readonly run: Run
  /** [samples] hits in each batch of the run, or in each seed's run. */
  readonly hits: number[]
  /** [samples] counted requests in each. */
  readonly requests: number[]
  readonly method: Interval['method']
  /** Where windows were asked for. */
  readonly windows?: SavedWindows | undefined
}

/** How cells are run. */
export interface RunOptions extends Watch {
  /** Most threads to run cells on; default: one for each core, where the work is worth it. No number depends on it. */
  readonly threads?: number | string | undefined
  /** Once it is aborted no more cells are run, and the one that runs is given up; those that are done count. */
  readonly stop?: { readonly aborted: boolean } | undefined
  /** The trace is there, and cells are about to be run. */
  readonly onBegin?: (() => void) | undefined
}

/** The same, for callers without types. */
export const RUN_OPTIONS: OptionKinds<RunOptions> = {
  ...WATCH_OPTIONS,
  threads: numberOrText('2', '2'),
  stop: having('an AbortSignal', 'aborted'),
  onBegin: callback,
}

/** Who is told of a cell that fails: no more are run then, and those that are done count. Without one, the runs reject. */
export interface FailureWatch {
  readonly onFailure?: ((error: unknown) => void) | undefined
}

const MOST_THREADS = 1024
/** Requests, over all cells, from which on threads save more time than they take to start. */
const WORTH_A_THREAD = 10_000_000

/** @throws InputError where `threads` is no number of threads */
export function parseThreads(threads: number | string | undefined): number | undefined {
  if (threads === undefined) return undefined
  const number = String(threads).trim() === '' ? Number.NaN : Number(threads)
  if (!Number.isInteger(number) || number < 1 || number > MOST_THREADS)
    throw new InputError(
      `--threads '${threads}' must be a whole number from 1 to ${formatCount(MOST_THREADS)}`,
    )
  return number
}

/** What running cells came to. */
export interface RunCells {
  /** [cells] undefined where the runs were stopped before the cell was done. */
  readonly results: (CellResult | undefined)[]
  /** Requests, over all cells and seeds. */
  readonly replayed: number
  readonly replaySeconds: number
  readonly threads: number
}

/**
 * Runs every cell over every seed's trace.
 * @param draw the trace of a seed; called once a seed, in order
 */
export async function runCells(
  cells: readonly Cell[],
  settings: Settings,
  seeds: readonly string[],
  draw: (seed: string) => Promise<Trace>,
  options: RunOptions & FailureWatch = {},
): Promise<RunCells> {
  const asked = parseThreads(options.threads)
  const bySeed: (MeasuredCell | undefined)[][] = []
  let batchRequests: Float64Array = new Float64Array()
  let replayed = 0
  let replaySeconds = 0
  let threads = 1
  const memory = new ReusedMemory()
  let failed = false
  const onFailure =
    options.onFailure &&
    ((error: unknown) => {
      failed = true
      options.onFailure!(error)
    })
  options.onBegin?.()
  for (const seed of seeds) {
    if (options.stop?.aborted || failed) break
    const trace = await draw(seed)
    const started = performance.now()
    const input = cellInput(trace, cells, settings, seed)
    ;({ batchRequests } = input.meter)
    const tasks = cells.map((cell) => cellTask(cell, settings))
    const policies = cells.map(({ policy }) => policy)
    const inOnePass = await watched(lruCells(trace, policies, tasks), options)
    const replays = cells.length - inOnePass.length + (inOnePass.length > 0 ? 1 : 0)
    const total = trace.length * replays * seeds.length
    const onProgress = (requests: number, label: string) => {
      replayed += requests
      options.onProgress?.({ done: replayed, total, unit: 'requests', label })
    }
    threads = threadsFor(asked, replays, replays * trace.length >= WORTH_A_THREAD)
    const work = { policies, tasks, inOnePass, threads, memory }
    bySeed.push(await runTasks(input, work, onProgress, { ...options, onFailure }))
    replaySeconds += (performance.now() - started) / 1000
  }
  const results = cells.map((cell, at) => {
    const measured = bySeed.flatMap((cells) => cells[at] ?? [])
    return measured.length === seeds.length ? cellResult(cell, settings, measured, batchRequests) : undefined
  })
  return { results, replayed, replaySeconds, threads }
}

/**
 * The cells of one sweep for whoever is told of them one at a time: what they have in common is made once. Each is run on
 * a thread of its own, where there can be any, so that this one goes on answering.
 */
export class CellByCell {
  readonly #cells: readonly Cell[]
  readonly #settings: Settings
  readonly #seeds: readonly string[]
  readonly #draw: (seed: string) => Promise<Trace>
  readonly #memory = new ReusedMemory()
  /** Of several seeds, whose traces may be too many to keep, none. */
  #kept: CellInput | undefined

  constructor(
    cells: readonly Cell[],
    settings: Settings,
    seeds: readonly string[],
    draw: (seed: string) => Promise<Trace>,
  ) {
    this.#cells = cells
    this.#settings = settings
    this.#seeds = seeds
    this.#draw = draw
  }

  /** @returns undefined where it was stopped */
  async run(at: number, options: Pick<RunOptions, 'stop'>): Promise<CellResult | undefined> {
    const cell = this.#cells[at]!
    const task = cellTask(cell, this.#settings)
    const bySeed: MeasuredCell[] = []
    let batchRequests: Float64Array = new Float64Array()
    for (const seed of this.#seeds) {
      const input = this.#kept ?? cellInput(await this.#draw(seed), this.#cells, this.#settings, seed)
      if (this.#seeds.length === 1) this.#kept = input
      ;({ batchRequests } = input.meter)
      const [measured] = await runTasks(
        input,
        {
          policies: [cell.policy],
          tasks: [task],
          inOnePass: [],
          threads: CAN_START ? 2 : 1,
          memory: this.#memory,
        },
        () => {},
        options,
      )
      if (measured === undefined) return undefined
      bySeed.push(measured)
    }
    return cellResult(cell, this.#settings, bySeed, batchRequests)
  }
}

function cellInput(trace: Trace, cells: readonly Cell[], settings: Settings, seed: string): CellInput {
  const columns = new TraceColumns(trace)
  const isRecorded = ({ ttl }: Cell) => (ttl ?? settings).ttl === 'recorded'
  const needsFuture = cells.some(({ policy }) => policy.definition.needs.includes('future'))
  return {
    trace,
    made: {
      nextUse: needsFuture ? columns.nextUse : undefined,
      lifetimes: cells.some(isRecorded) ? columns.lifetimes : undefined,
    },
    meter: meterColumns(trace, settings, seed),
    seed,
  }
}

/** The TTL a cell runs with. */
function ttlOfCell({ policy, ttl }: Cell, settings: Settings) {
  return ttlOf(policy, ttl ?? settings)
}

function cellTask(cell: Cell, settings: Settings): CellTask {
  const { policy, capacity } = cell
  const { ttl, ttlSeconds } = ttlOfCell(cell, settings)
  return {
    policy: policy.text,
    origin: policy.origin,
    cache: {
      capacity: capacity.capacity,
      capacityUnit: capacity.unit,
      ttlSeconds,
      recordedTtls: ttl === 'recorded',
      ttlMode: settings.ttlMode,
    },
  }
}

function cellResult(
  cell: Cell,
  settings: Settings,
  seeds: readonly MeasuredCell[],
  batchRequests: Float64Array,
): CellResult {
  const repeated = seeds.length > 1
  const hits = repeated ? seeds.map((seed) => seed.hits) : [...seeds[0]!.batchHits]
  const requests = repeated ? seeds.map((seed) => seed.requests) : [...batchRequests]
  const method = repeated ? 'repeats' : 'batch-means'
  const interval = batchMeansInterval(hits, requests, method)
  const windows = seeds.flatMap((seed) => seed.windows ?? [])
  const { batchHits: _, windows: __, ...measurement } = repeated ? meanOfSeeds(seeds) : seeds[0]!
  const { policy, capacity } = cell
  const { ttl, ttlSeconds } = ttlOfCell(cell, settings)
  return {
    hits,
    requests,
    method,
    ...(windows.length > 0 && { windows: meanOfWindows(windows) }),
    run: {
      policy: policy.text,
      bound: policy.definition.bound,
      size: capacity.capacity,
      sizeUnit: capacity.unit,
      sizeShare: capacity.share,
      ttl,
      ttlSeconds: ttlSeconds ?? null,
      ...measurement,
      interval,
      shareOfOptimal: null,
    },
  }
}

/**
 * Several seeds as one run, which is their mean: counts, seconds, money and latencies, quantiles too. Rates and shares
 * that follow from these are taken from the means, so that they agree with what stands beside them.
 */
function meanOfSeeds(seeds: readonly MeasuredCell[]): MeasuredCell {
  const [first] = seeds
  const mean = (of: (seed: MeasuredCell) => number) =>
    seeds.reduce((total, seed) => total + of(seed), 0) / seeds.length
  const meanOrNull = (of: (seed: MeasuredCell) => number | null) =>
    seeds.some((seed) => of(seed) === null) ? null : mean((seed) => of(seed)!)
  const meanOfEach = <T extends Record<string, number>>(group: (seed: MeasuredCell) => T): T =>
    Object.fromEntries(Object.keys(group(first!)).map((key) => [key, mean((seed) => group(seed)[key]!)])) as T
  const requests = mean((seed) => seed.requests)
  const hits = mean((seed) => seed.hits)
  const latency = meanOfEach((seed) => seed.latency)
  const model = meanOfEach((seed) => seed.model)
  return {
    batchHits: first!.batchHits,
    requests,
    hits,
    misses: mean((seed) => seed.misses),
    hitRate: hits / requests,
    byteHitRate: meanOrNull((seed) => seed.byteHitRate),
    costHitRate: seeds.some((seed) => seed.costHitRate === null)
      ? null
      : model.secondsSaved / model.secondsWithout,
    missKinds: meanOfEach((seed) => seed.missKinds),
    evictions: mean((seed) => seed.evictions),
    latency: { ...latency, reduction: latencyReduction(latency.mean, latency.meanWithout) },
    model,
    money: meanOfEach((seed) => seed.money),
    breakEvenHitRate: meanOrNull((seed) => seed.breakEvenHitRate),
  }
}

/** Sets what share of the hits of `best`, the bound at the same size, a result has; null where that has none. */
export function markShareOfOptimal({ run }: CellResult, best: CellResult): void {
  run.shareOfOptimal = best.run.hitRate === 0 ? null : run.hitRate / best.run.hitRate
}

/** How two runs over the same requests compare: the better first. */
export function compareResults(a: CellResult, b: CellResult): Comparison | null {
  const [better, worse] = a.run.hitRate >= b.run.hitRate ? [a, b] : [b, a]
  const interval = pairedInterval(better.hits, worse.hits, better.requests, better.method)
  if (interval === null) return null
  const { difference, low, high, tie } = interval
  return { size: a.run.size, better: better.run.policy, worse: worse.run.policy, difference, low, high, tie }
}
