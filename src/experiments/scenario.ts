/*
 * A scenario: a workload and the service that answers it, as YAML. The schema is in scenario-schema.ts; here is what it
 * gives, and which settings contradict each other.
 */
import type { LatencyModel } from '../core/latency.ts'
import type { RoutingName } from '../engine/service/settings.ts'
import { choosePolicy } from './policies.ts'
import { idleSettings } from './scenario-idle.ts'
import { scenarioSchema } from './scenario-schema.ts'
import {
  checkSettings,
  type Path,
  type Problem,
  readSettings,
  type SettingsFile,
  type SettingsText,
} from './yaml-settings.ts'

export { scenarioJsonSchema } from './scenario-schema.ts'

/** What the requests are; the names of a recorded trace's columns as on the command line. */
export interface ScenarioWorkload {
  readonly recipe?: string
  readonly trace?: readonly string[]
  readonly rate?: string
  readonly [option: string]: unknown
}

/** Durations are seconds, shares fractions, latencies milliseconds to draw from; what has no end is Infinity. */
export interface Scenario {
  readonly story: string
  readonly workload: ScenarioWorkload
  readonly seed?: string
  readonly instances: number
  readonly routing: RoutingName
  readonly model: {
    readonly latency?:
      | LatencyModel
      | { readonly fixed: number; readonly perToken: number; readonly tokens: LatencyModel }
    readonly workers: number
    readonly queue: { readonly limit: number; readonly timeout: number }
    readonly batching?: {
      readonly maxSize: number
      readonly maxWait: number
      readonly fixed: number
      readonly perItem: number
    }
    readonly price: string
    readonly errorRate: number
    readonly failAfter: number
  }
  readonly tiers: readonly ScenarioTier[]
  readonly onMiss: {
    readonly protection: 'none' | 'single-flight' | 'lock'
    readonly lease: number
    readonly earlyRefresh: number
    readonly staleWhileRevalidate: number
    readonly staleIfError: number
    readonly negative: number
  }
  readonly warmUp: {
    readonly keys: number
    readonly of: 'sample' | 'last-window'
    readonly every: number
    readonly before: number
    readonly concurrency: number
    readonly first: number
  }
  readonly invalidation: {
    readonly mode: 'flush' | 'affected' | 'versioned' | 'ttl'
    readonly delivery: 'push' | 'pull'
    readonly delay: LatencyModel
    readonly loss: number
    readonly every: number
  }
  readonly events: readonly ScenarioEvent[]
  readonly slo: number
  readonly compareWithout: boolean
}

export interface ScenarioTier {
  readonly name?: string
  readonly scope: 'instance' | 'shared'
  readonly policy: string
  readonly capacity: string
  readonly ttl: number | 'none' | 'recorded'
  readonly ttlMode: 'write' | 'idle'
  readonly lookup: LatencyModel
  readonly store: LatencyModel
  readonly timeout: number
  readonly persistent: boolean
  readonly exclusive: boolean
}

export type ScenarioEvent = { readonly at: number } & (
  | { readonly kind: 'model-update'; readonly prefix?: string; readonly share?: number }
  | { readonly kind: 'restart-instance'; readonly instance?: number; readonly for: number }
  | { readonly kind: 'restart-tier'; readonly tier: number; readonly for: number }
  | { readonly kind: 'model-outage'; readonly for: number }
  | { readonly kind: 'surge'; readonly for: number; readonly factor: number }
  | { readonly kind: 'scale'; readonly instances: number }
)

const file: SettingsFile<Scenario> = {
  what: 'scenario',
  first: 'workload',
  empty: 'it needs at least a workload',
  schema: scenarioSchema,
  contradictions,
}

/** The text of a scenario as settings that are not checked yet, so that others can be put in their place. */
export function readScenarioText(text: string, fileName: string): SettingsText {
  return readSettings(text, fileName, file)
}

/** The scenario of plain settings, or what is wrong with them. */
export function checkScenario(plain: unknown): {
  readonly settings?: Scenario
  readonly problems: readonly Problem[]
} {
  return checkSettings(plain, file)
}

/** @throws InputError for the first mistake, as `file:line:column: …` */
export function parseScenario(text: string, fileName: string): Scenario {
  const { plain, refuse } = readScenarioText(text, fileName)
  const { settings, problems } = checkScenario(plain)
  refuse(problems)
  return settings!
}

/** The most instances there are at any time. */
export function mostInstances({ instances, events }: Scenario): number {
  return events.reduce(
    (most, event) => (event.kind === 'scale' ? Math.max(most, event.instances) : most),
    instances,
  )
}

const GENERATED = ['requests', 'keys', 'alpha'] as const
/** Of a recorded trace: its columns and rows. */
export const RECORDED = [
  'format',
  'key',
  'time',
  'timeUnit',
  'valueSize',
  'cost',
  'costUnit',
  'ttlColumn',
  'where',
  'from',
  'to',
  'limit',
  'sort',
] as const

/** Settings that exclude or need each other, each said in one sentence. They stand in docs/service.md too. */
function contradictions(scenario: Scenario, plain: unknown): Problem[] {
  const problems: Problem[] = []
  const say = (path: Path, message: string) => problems.push({ path, message })
  contradictionsOfWorkload(scenario, say)
  contradictionsOfTiers(scenario, say)
  contradictionsOfModel(scenario, say)
  contradictionsOfMisses(scenario, say)
  contradictionsOfEvents(scenario, say)
  return [...problems, ...idleSettings(scenario, plain)]
}

type Say = (path: Path, message: string) => void

function contradictionsOfWorkload({ workload }: Scenario, say: Say): void {
  const { recipe, trace } = workload
  if (recipe !== undefined && trace !== undefined)
    say(['workload', 'trace'], "'recipe' and 'trace' exclude each other: requests are generated or recorded")
  if (recipe === undefined && trace === undefined)
    say(['workload'], "the workload names neither a 'recipe' nor a 'trace': it needs one of them")
  const [names, kind] = trace === undefined ? [RECORDED, 'recorded trace'] : [GENERATED, 'generated workload']
  for (const name of names)
    if (workload[name] !== undefined) say(['workload', name], `'${name}' is for a ${kind}, which this is not`)
}

function contradictionsOfTiers({ tiers, invalidation }: Scenario, say: Say): void {
  tiers.forEach((tier, at) => {
    const before = tiers[at - 1]
    const path = (name: string) => ['tiers', at, name]
    if (tier.scope === 'instance' && before?.scope === 'shared')
      say(
        path('scope'),
        `tier ${at} is in every instance, but the tier before it is shared: tiers stand nearest first`,
      )
    if (tier.exclusive && before === undefined)
      say(
        path('exclusive'),
        'the nearest tier cannot be exclusive: no tier before it could hold what it does not',
      )
    if (tier.exclusive && (tier.ttl === 'recorded' || (before !== undefined && before.ttl !== tier.ttl)))
      say(
        path('exclusive'),
        'an exclusive tier needs the TTL of the tier before it, and not a recorded one: entries move between them',
      )
    if (tier.timeout > 0 && (tier.lookup.constant ?? 0) > 1000 * tier.timeout)
      say(
        path('timeout'),
        "'timeout' is below what every 'lookup' takes: nothing would ever be found in the tier",
      )
    if (tier.ttlMode === 'idle' && tier.ttl === 'none')
      say(path('ttlMode'), "'ttlMode' is 'idle', but the tier has no TTL that a use could renew: give 'ttl'")
    if (invalidation.mode === 'versioned' && choosePolicy(tier.policy).definition.needs.includes('future'))
      say(
        path('policy'),
        `'${tier.policy}' knows the requests to come by their keys, which versioned keys are not: choose another policy or mode`,
      )
  })
}

function contradictionsOfModel({ model, warmUp, tiers }: Scenario, say: Say): void {
  const { batching, latency, queue, workers } = model
  if (batching !== undefined && latency !== undefined)
    say(
      ['model', 'batching'],
      "'latency' and 'batching' exclude each other: both say how long the model takes",
    )
  if (batching !== undefined && queue.limit < batching.maxSize)
    say(
      ['model', 'queue', 'limit'],
      `'limit' is ${queue.limit}, but a batch of ${batching.maxSize} gathers in the queue: it must be at least that`,
    )
  if (batching === undefined && workers === Infinity && (queue.limit < Infinity || queue.timeout < Infinity))
    say(
      ['model', 'queue'],
      'nothing ever waits for workers without number: leave the queue out, or say how many',
    )
  if (warmUp.keys > 0 && tiers.length === 0)
    say(['warmUp', 'keys'], 'there is no cache that could be warmed up: give a tier, or no keys')
  if (warmUp.keys > 0 && warmUp.of === 'last-window' && warmUp.every === Infinity)
    say(['warmUp', 'of'], "'last-window' needs to know how long a window is: give 'every'")
}

function contradictionsOfMisses(scenario: Scenario, say: Say): void {
  const { onMiss, tiers, invalidation } = scenario
  const { protection, lease } = onMiss
  if (protection === 'lock' && !tiers.some(({ scope }) => scope === 'shared'))
    say(
      ['onMiss'],
      'a lock across instances needs a shared tier, where those who wait find what was computed: give one, or single-flight',
    )
  if (lease < Infinity && protection !== 'lock')
    say(['onMiss', 'lease'], "'lease' is for 'protection: lock': leave it out, or take the lock")
  for (const name of ['earlyRefresh', 'staleWhileRevalidate', 'staleIfError'] as const)
    if (onMiss[name] > 0 && tiers.every(({ ttl }) => ttl === 'none'))
      say(['onMiss', name], `'${name}' needs a tier whose entries expire: give one a 'ttl'`)
  if (
    invalidation.mode !== 'ttl' &&
    invalidation.delivery === 'pull' &&
    (invalidation.loss > 0 || invalidation.delay.constant !== 0)
  )
    say(
      ['invalidation', 'delivery'],
      "'delay' and 'loss' are of messages that are pushed: leave them out, or 'delivery: push'",
    )
}

function contradictionsOfEvents(scenario: Scenario, say: Say): void {
  const { events, tiers } = scenario
  const most = mostInstances(scenario)
  events.forEach((event, at) => {
    if (event.kind === 'model-update' && event.prefix !== undefined && event.share !== undefined)
      say(
        ['events', at, 'share'],
        "'prefix' and 'share' exclude each other: both say which keys are affected",
      )
    if (event.kind === 'restart-tier' && event.tier >= tiers.length)
      say(
        ['events', at, 'tier'],
        `there is no tier ${event.tier}: they are numbered from 0 to ${tiers.length - 1}`,
      )
    if (event.kind === 'restart-instance' && event.instance !== undefined && event.instance >= most)
      say(
        ['events', at, 'instance'],
        `there is no instance ${event.instance}: they are numbered from 0 to ${most - 1}`,
      )
    const other = events.findIndex(
      (earlier, place) =>
        event.kind === 'surge' &&
        earlier.kind === 'surge' &&
        place !== at &&
        earlier.at <= event.at &&
        event.at < earlier.at + earlier.for &&
        (earlier.at < event.at || place < at),
    )
    if (other !== -1) say(['events', at, 'at'], 'two surges overlap: one must end before the next begins')
  })
}
