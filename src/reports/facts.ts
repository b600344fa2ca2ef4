import { formatTtl } from '../core/grid-ttl.ts'
import type { BenchMeasured, BenchRun, Result, Settings, WorkloadDescription } from '../core/result.ts'
import { formatBytes, formatCount, formatSeconds, plural } from '../core/units.ts'
import type { Fact, FactItem } from './fact.ts'
import { formatShare, formatSize, formatSizeWithUnit } from './numbers.ts'
import { serviceFacts } from './service-facts.ts'
import { variedPaths, varies } from './varied.ts'

/** The facts of any result, in the order they are read. */
export function describeResult(result: Result): Fact[] {
  const { workload } = result.simulated
  if (result.command === 'inspect') return [...describeWorkload(workload), ...describeSource(workload)]
  if (result.command === 'simulate') {
    const { service, variants } = result.simulated
    const [first, ...traffic] = describeWorkload(workload, undefined, service.seeds.length)
    const varied = variedPaths(variants).filter((path) => varies([path], 'workload'))
    const note = varied.length === 0 ? [] : [plain(`of the first variant: ${varied.join(' and ')} varied`)]
    return [
      { ...first!, items: [...first!.items, ...note] },
      ...traffic,
      ...describeSource(workload),
      ...serviceFacts(result.simulated),
    ]
  }
  if (result.command === 'bench') {
    return [
      ...describeWorkload(workload),
      ...describeSource(workload),
      { label: 'cache', items: describeSizes(result.simulated.runs, new Assumptions([])) },
      ...(result.measured === undefined ? [] : describeMachine(result.measured)),
    ]
  }
  const { settings } = result.simulated
  const estimates = result.command === 'sweep' ? result.simulated.estimates : undefined
  const runs = estimates?.sizes ?? result.simulated.runs
  const assumptions = new Assumptions(settings.assumed)
  const facts = [
    ...describeWorkload(workload, assumptions, settings.repeats),
    ...describeSource(workload),
    { label: 'cache', items: describeCache(runs, settings, assumptions) },
    {
      label: 'latency',
      items: [
        assumptions.item(`hit ${settings.hitLatency}`, 'hitLatency'),
        assumptions.item(`miss ${settings.missLatency}`, 'missLatency'),
        assumptions.item(`store ${settings.storeLatency}`, 'storeLatency'),
      ],
    },
    {
      label: 'price',
      items: [assumptions.item(formatPrice(settings.missCost), 'missCost')],
    },
    describeSeeds(workload, settings, assumptions),
  ]
  const rest = assumptions.rest()
  return rest.length === 0 ? facts : [...facts, { label: 'assumed', items: rest.map(plain) }]
}

/** A price as it was given, with what it is for: `$0.002 a model call`, `$0.36/h of model time`. */
function formatPrice(given: string): string {
  const price = given.replace(/\s*\/\s*call$/i, '').replace(/^[+]?(?=[\d.])/, '$')
  return price.includes('/') ? `${price} of model time` : `${price} a model call`
}

/** The settings that were assumed; those that no fact shows are listed in the end, so that none is hidden. */
class Assumptions {
  readonly #names: readonly string[]
  readonly #shown = new Set<string>()

  constructor(names: readonly string[]) {
    this.#names = names
  }

  item(text: string, ...names: string[]): FactItem {
    const wanted = names.map(bareName)
    const assumed = this.#names.filter((name) => wanted.includes(bareName(name)))
    for (const name of assumed) this.#shown.add(name)
    return { text, assumed: assumed.length > 0 }
  }

  rest(): string[] {
    return this.#names.filter((name) => !this.#shown.has(name))
  }
}

/** `--hit-latency`, `hitLatency` and `hit latency` are one name. */
function bareName(name: string): string {
  return name.toLowerCase().replace(/[^a-z]/g, '')
}

function plain(text: string): FactItem {
  return { text, assumed: false }
}

/** Seeds that a header names; of more only the first ones and the last. */
const MOST_SEEDS = 8

function describeSeeds(workload: WorkloadDescription, settings: Settings, assumptions: Assumptions): Fact {
  const { repeats, seeds = [] } = settings
  if (repeats === 1) return { label: 'seed', items: [assumptions.item(workload.seed, 'seed')] }
  const shown = seeds.length > MOST_SEEDS ? [...seeds.slice(0, 3), '…', seeds.at(-1)!] : seeds
  const means = `all figures are means over ${repeats} seeds`
  return {
    label: 'seeds',
    items: [assumptions.item(shown.join(', ') || workload.seed, 'seed'), plain(means)],
  }
}

function describeWorkload(
  workload: WorkloadDescription,
  assumptions = new Assumptions([]),
  repeats = 1,
): Fact[] {
  const reads = workload.requests - workload.writes - workload.deletes
  const mixed = workload.writes + workload.deletes > 0
  const items = [
    assumptions.item(
      `${plural(workload.requests, 'request')}${repeats > 1 ? ` with each of ${repeats} seeds` : ''}`,
      'requests',
    ),
    ...(mixed
      ? [
          plain(
            `${plural(reads, 'read')}, ${plural(workload.writes, 'write')}, ${plural(workload.deletes, 'delete')}`,
          ),
        ]
      : []),
    assumptions.item(
      `${plural(workload.keys, 'distinct key')}${repeats > 1 ? ` with seed ${workload.seed}` : ''}`,
      'keys',
    ),
    ...(workload.spanSeconds === null ? [] : [plain(`over ${formatSeconds(workload.spanSeconds)}`)]),
    ...(workload.totalBytes === null ? [] : [plain(`${formatBytes(workload.totalBytes)} of values`)]),
  ]
  return [
    { label: 'workload', items: [assumptions.item(workload.summary, 'workload', 'alpha')] },
    { label: 'traffic', items },
  ]
}

function describeSource({ source }: WorkloadDescription): Fact[] {
  if (source === undefined) return []
  const columns = Object.entries(source.columns).map(([what, names]) =>
    plain(`${what} = ${typeof names === 'string' ? names : names.join(' + ')}`),
  )
  const items = [
    plain(source.files.map((file) => (file === '-' ? 'standard input' : file)).join(', ')),
    plain(source.compression === 'none' ? source.format : `${source.format}, ${source.compression}`),
    plain(plural(source.rows, 'row')),
    ...(source.filteredRows > 0 ? [plain(`${formatCount(source.filteredRows)} filtered out`)] : []),
    ...(source.badRows > 0 ? [plain(`${formatCount(source.badRows)} bad`)] : []),
  ]
  return [
    { label: 'read from', items },
    ...(columns.length > 0 ? [{ label: 'columns', items: columns }] : []),
  ]
}

/** What was measured, and where. */
function describeMachine({ rounds, node, cpu, cores, platform }: BenchMeasured): Fact[] {
  const times = rounds === 1 ? 'one round' : `medians of ${rounds} rounds`
  return [
    { label: 'measured', items: [times, 'the replay without reading or making the trace'].map(plain) },
    {
      label: 'machine',
      items: [`Node.js ${node}`, cpu, plural(cores, 'core'), platform].map(plain),
    },
  ]
}

type OfSize = Pick<BenchRun, 'size' | 'sizeUnit' | 'sizeShare'>

function describeSizes(runs: readonly OfSize[], assumptions: Assumptions): FactItem[] {
  const sizes = [...new Map(runs.map((run) => [run.size, run])).values()].sort((a, b) => a.size - b.size)
  const smallest = sizes[0]
  const largest = sizes.at(-1)
  if (smallest !== undefined && largest !== undefined) {
    const whole = smallest.sizeUnit === 'bytes' ? 'of all values' : 'of the keys'
    const text =
      sizes.length === 1
        ? `${formatSizeWithUnit(smallest.size, smallest.sizeUnit)} (${formatShare(smallest.sizeShare)} ${whole})`
        : `${sizes.length} sizes from ${formatSize(smallest.size, smallest.sizeUnit)} to ${formatSizeWithUnit(largest.size, largest.sizeUnit)} (${formatShare(smallest.sizeShare)} to ${formatShare(largest.sizeShare)} ${whole})`
    return [assumptions.item(text, 'size', 'sizes')]
  }
  return []
}

function describeCache(runs: readonly OfSize[], settings: Settings, assumptions: Assumptions): FactItem[] {
  const items = describeSizes(runs, assumptions)
  items.push(describeTtl(settings, assumptions))
  if (settings.warmupRequests > 0) {
    items.push(
      assumptions.item(
        `the first ${plural(settings.warmupRequests, 'request')} only fill it`,
        'warmup',
        'warmupRequests',
      ),
    )
  }
  return items
}

function describeTtl(settings: Settings, assumptions: Assumptions): FactItem {
  if (settings.ttls !== undefined) {
    const each = settings.ttls.map((ttl) => formatTtl(ttl)).join(', ')
    return assumptions.item(`TTL ${each} from ${settings.ttlMode === 'write' ? 'the write' : 'the last use'}`)
  }
  if (settings.ttl === 'none') return assumptions.item('no TTL', 'ttl')
  const since = settings.ttlMode === 'write' ? 'the write' : 'the last use'
  const length = settings.ttlSeconds === null ? 'as recorded,' : formatSeconds(settings.ttlSeconds)
  return assumptions.item(`TTL ${length} from ${since}`, 'ttl', 'ttlSeconds')
}
