import { InputError } from '../core/errors.ts'
import { type ByteStream, READ_OPTIONS, type ReadOptions } from '../core/format.ts'
import { LARGEST_COUNT } from '../core/generator.ts'
import { checkOptions, either, having, numberOrText, type OptionKinds, text, texts } from '../core/options.ts'
import type { WorkloadDescription } from '../core/result.ts'
import { OPTIONAL_COLUMNS, Op, type Trace } from '../core/trace.ts'
import { formatCount, parseCount, parseRate, plural } from '../core/units.ts'
import { type ReadProgress, readTrace, STDIN } from '../formats/index.ts'
import { isMixture } from '../generators/plan.ts'
import type { Recipe } from './recipe.ts'
import type { SettingsOptions } from './settings.ts'
import { type Footprint, footprint } from './sizes.ts'
import { pause, WATCH_OPTIONS, type Watch } from './watch.ts'

/** Where the requests come from. Values are written as on the command line. */
export interface WorkloadOptions extends ReadOptions {
  /** A shipped recipe, a recipe file or a generator: `zipf`, `./mine.yaml`, `hotspot(hot=0.1)`; default `zipf`. */
  readonly workload?: string | undefined
  /** A recorded trace: a file, several in order, a pattern (`logs/*.gz`), `-` for standard input, or one in memory. */
  readonly trace?: string | readonly string[] | Trace | undefined
  /** The format of a recorded trace; default: told by its content. */
  readonly format?: string | undefined
  /** What `-` reads. */
  readonly stdin?: ByteStream | undefined
  readonly requests?: string | number | undefined
  /** Distinct keys in the catalogue of a synthetic workload. */
  readonly keys?: string | number | undefined
  /** Zipf's exponent. */
  readonly alpha?: string | number | undefined
  /** Mean arrivals of a synthetic workload: `100/s`. */
  readonly rate?: string | undefined
  /** Of every random stream; default `1`. */
  readonly seed?: string | number | undefined
}

/** The same, for callers without types. */
export const WORKLOAD_OPTIONS: OptionKinds<WorkloadOptions> = {
  workload: text('zipf'),
  trace: either(
    text('requests.csv'),
    texts('requests.csv'),
    having('a trace of createTrace() or readTrace()', 'keyCount'),
  ),
  ...READ_OPTIONS,
  format: text('csv'),
  stdin: STDIN,
  requests: numberOrText('1000000', '1M'),
  keys: numberOrText('1000', '100k'),
  alpha: numberOrText('0.8', '0.8'),
  rate: text('100/s'),
  seed: numberOrText('7', 'seven'),
}

/** A trace with what is to be said of it. */
export interface Workload {
  readonly trace: Trace
  /** What cache sizes are measured against. */
  readonly extent: Footprint
  readonly description: WorkloadDescription
  readonly seed: string
  /** What the recipe says about runs; empty for a recorded trace. */
  readonly recipe: SettingsOptions &
    Partial<Pick<Recipe['cache'], 'size' | 'policies'> & Pick<Recipe, 'folder'>>
  readonly warnings: readonly string[]
  /** The trace of a seed: synthetic ones are drawn anew, a recorded one is what it is. */
  draw(seed: string): Promise<Trace>
}

/**
 * Generates or reads the requests.
 * @throws InputError for options that contradict each other, and for whatever is wrong with the recipe or the trace
 */
export async function openWorkload(options: WorkloadOptions & Watch = {}): Promise<Workload> {
  checkOptions('openWorkload()', options, { ...WORKLOAD_OPTIONS, ...WATCH_OPTIONS })
  return loadWorkload(options)
}

/** The same, for options that have been checked, and may be an experiment's. */
export async function loadWorkload(options: WorkloadOptions & Watch): Promise<Workload> {
  const { workload, trace } = options
  if (trace !== undefined && workload !== undefined) {
    throw new InputError(
      `--workload '${workload}' and --trace exclude each other: requests are generated or recorded`,
    )
  }
  return trace === undefined ? synthetic(options) : recorded(trace, options)
}

/** As many seeds as there are repeats: the workload's own, then numbered ones. */
export function seedsOf({ seed, description }: Workload, repeats: number): string[] {
  if (repeats > 1 && description.kind === 'recorded') {
    throw new InputError(
      `--repeat ${repeats} needs a synthetic workload: a recorded trace has one course, and its interval comes from parts of it`,
    )
  }
  return Array.from({ length: repeats }, (_, at) => (at === 0 ? seed : `${seed}.${at}`))
}

async function synthetic(options: WorkloadOptions & Watch): Promise<Workload> {
  // Loaded here, because reading a recorded trace needs neither YAML nor a schema.
  const [{ readRecipe }, { synthesizeInSteps }] = await Promise.all([
    import('./recipe-file.ts'),
    import('./synthesize.ts'),
  ])
  refuse(options, READERS_OPTIONS, 'is for recorded traces: give --trace, or leave it out')
  const recipe = adjust(readRecipe(options.workload ?? 'zipf'), options)
  const seed = String(options.seed ?? recipe.seed ?? 1)
  const draw = async (other: string) => {
    let done = 0
    try {
      const steps = synthesizeInSteps(recipe, other)
      for (let step = steps.next(); ; step = steps.next()) {
        if (step.done) return step.value
        if (step.value !== undefined) done = step.value
        options.onProgress?.({ done, total: recipe.requests, unit: 'requests', label: 'generating' })
        await pause(options)
      }
    } catch (error) {
      // A typed array that does not fit: the one thing here that a RangeError can mean.
      if (!(error instanceof RangeError)) throw error
      throw new InputError(
        `${plural(recipe.requests, 'request')} over ${plural(recipe.keys.keys, 'key')} need more memory than there is: ask for fewer`,
      )
    }
  }
  const trace = await draw(seed)
  const extent = footprint(trace)
  return {
    trace,
    seed,
    extent,
    description: describe(trace, extent, {
      kind: 'synthetic',
      seed,
      summary: summarise(recipe),
      story: recipe.story,
    }),
    recipe: {
      ...recipe.service,
      ...recipe.cache,
      ...(recipe.folder !== undefined && { folder: recipe.folder }),
    },
    warnings: [],
    draw: async (other) => (other === seed ? trace : draw(other)),
  }
}

const SECONDS_A_YEAR = 31_557_600
/** Of a workload: beyond ten thousand years the seconds between requests lose their decimals. */
const LONGEST_SPAN = 10_000 * SECONDS_A_YEAR

/** The recipe with what the flags say over it. */
function adjust(recipe: Recipe, { requests, keys, alpha, rate }: WorkloadOptions): Recipe {
  let plan = recipe.keys
  if (keys !== undefined || alpha !== undefined) {
    const flag = keys === undefined ? '--alpha' : '--keys'
    if (isMixture(plan))
      throw new InputError(
        `${flag} is not for workload '${recipe.name}', a mixture: set it in a recipe of your own`,
      )
    if (keys !== undefined) plan = { ...plan, keys: atLeastOne(keys, '--keys') }
    if (alpha !== undefined) {
      if (!Number.isFinite(Number(alpha)) || Number(alpha) < 0 || String(alpha).trim() === '') {
        throw new InputError(`--alpha '${alpha}' must be a number of 0 or more`)
      }
      plan = { ...plan, parameters: { ...plan.parameters, alpha: Number(alpha) } }
    }
  }
  const adjusted = {
    ...recipe,
    keys: plan,
    requests: requests === undefined ? recipe.requests : atLeastOne(requests, '--requests'),
    arrivals: rate === undefined ? recipe.arrivals : { ...recipe.arrivals, rate: parseRate(rate, '--rate') },
  }
  const seconds = adjusted.requests / adjusted.arrivals.rate
  if (seconds > LONGEST_SPAN) {
    const given = rate === undefined ? `the rate of workload '${recipe.name}'` : `--rate '${rate}'`
    throw new InputError(
      `${given} is too low: ${plural(adjusted.requests, 'request')} would take ${(seconds / SECONDS_A_YEAR).toPrecision(3)} years, and ${formatCount(LONGEST_SPAN / SECONDS_A_YEAR)} is the most`,
    )
  }
  return adjusted
}

function atLeastOne(text: string | number, flag: string): number {
  const count = parseCount(String(text), flag)
  if (count < 1) throw new InputError(`${flag} must be at least 1`)
  if (count > LARGEST_COUNT)
    throw new InputError(`${flag} ${formatCount(count)} is too many: ${formatCount(LARGEST_COUNT)} at most`)
  return count
}

function summarise({ keys: plan, arrivals: { process, rate } }: Recipe): string {
  const settings = Object.entries(plan.parameters).map(([name, value]) => `${name} ${value}`)
  const of = settings.length === 0 ? '' : ` (${settings.join(', ')})`
  return `${plan.generator}${of} over ${plural(plan.keys, 'key')}, ${process} arrivals at ${Number(rate.toPrecision(3))} a second`
}

async function recorded(
  given: string | readonly string[] | Trace,
  options: WorkloadOptions & Watch,
): Promise<Workload> {
  refuse(options, SYNTHETIC_OPTIONS, 'is for synthetic workloads, not for a recorded trace')
  const inMemory = typeof given === 'object' && 'keyCount' in given
  if (inMemory) refuse(options, READERS_OPTIONS, 'is for a trace in a file, not for one in memory')
  const trace = inMemory ? given : await readTrace(given, readOptions(options))
  if (trace.length === 0) throw new InputError(`${trace.name} has no requests`)
  const seed = String(options.seed ?? 1)
  const { source } = trace
  const summary = source
    ? `recorded trace, ${source.format}${source.compression === 'none' ? '' : ` (${source.compression})`}`
    : 'trace in memory'
  const bad = badRowsNote(trace)
  const extent = footprint(trace)
  return {
    trace,
    seed,
    extent,
    description: describe(trace, extent, { kind: 'recorded', seed, summary }),
    recipe: {},
    warnings: bad === undefined ? [] : [bad],
    draw: async () => trace,
  }
}

/** What is to be said of rows that could not be read; undefined where all could. */
export function badRowsNote({ source }: Trace): string | undefined {
  const [first] = source?.badRowSamples ?? []
  if (!source || !first) return undefined
  return `${formatCount(source.badRows)} of ${plural(source.rows, 'row')} could not be read; the first, line ${first.line}: ${first.reason}`
}

/** @throws InputError where one of `names` is given */
function refuse(options: WorkloadOptions, names: readonly (keyof WorkloadOptions)[], why: string): void {
  const given = names.find((name) => options[name] !== undefined)
  if (given === undefined) return
  const flag = given.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)
  throw new InputError(`--${flag} ${why}`)
}

const SYNTHETIC_OPTIONS = ['requests', 'keys', 'alpha', 'rate'] as const

/** What only a reader of files understands. */
const READERS_OPTIONS = [
  'format',
  ...(Object.keys(READ_OPTIONS) as (keyof typeof READ_OPTIONS)[]),
] as const satisfies readonly (keyof WorkloadOptions)[]

/** Tells of reading as of any other work, with the rows read and how fast. */
function progressOf(onProgress: NonNullable<Watch['onProgress']>) {
  const started = performance.now()
  return ({ bytes, totalBytes, rows }: ReadProgress) => {
    const seconds = (performance.now() - started) / 1000
    const rate = `${(rows / seconds / 1e6).toFixed(1)} M rows/s`
    onProgress({
      done: bytes,
      total: totalBytes,
      unit: 'bytes',
      label: `reading, ${plural(rows, 'row')}, ${rate}`,
    })
  }
}

/** The options that are the reader's, those not given left out. */
export function readOptions({
  onProgress,
  stdin,
  ...options
}: WorkloadOptions & Watch): Parameters<typeof readTrace>[1] {
  const given = READERS_OPTIONS.filter((name) => options[name] !== undefined).map((name) => [
    name,
    options[name],
  ])
  return {
    ...Object.fromEntries(given),
    ...(stdin && { stdin }),
    ...(onProgress && {
      onProgress: progressOf(onProgress),
    }),
  }
}

function describe(
  trace: Trace,
  extent: Footprint,
  about: Pick<WorkloadDescription, 'kind' | 'seed' | 'summary' | 'story'>,
): WorkloadDescription {
  const { ops, times, length, source } = trace
  let writes = 0
  let deletes = 0
  for (const op of ops ?? []) {
    if (op === Op.write) writes++
    else if (op === Op.delete) deletes++
  }
  return {
    name: trace.name,
    ...about,
    requests: length,
    writes,
    deletes,
    keys: trace.keyCount,
    spanSeconds: times ? times[length - 1]! - times[0]! : null,
    totalBytes: extent.bytes,
    columns: OPTIONAL_COLUMNS.filter((column) => trace[column] !== undefined),
    ...(source && {
      source: {
        ...source,
        files: [...source.files],
        badRowSamples: [...source.badRowSamples],
        columns: Object.fromEntries(
          Object.entries(source.columns).map(([name, columns]) => [
            name,
            typeof columns === 'string' ? columns : [...columns],
          ]),
        ),
        notes: [...source.notes],
      },
    }),
  }
}
