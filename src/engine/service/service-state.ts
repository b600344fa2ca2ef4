import { createRandom } from '../../core/random.ts'
import type { Trace } from '../../core/trace.ts'
import type { TraceColumns } from '../replay.ts'
import { EventQueue } from './event-queue.ts'
import { Flights } from './flights.ts'
import { Meters } from './meters.ts'
import { CallPool, RequestPool } from './pool.ts'
import { Router } from './router.ts'
import type { ServiceSettings, TierSettings } from './settings.ts'
import { Store } from './store.ts'
import { Versions } from './versions.ts'

/** Kinds of events, as the queue knows them; what each is of stands behind it. */
export const Event = {
  /** A request's lookup in a tier ends. */
  lookup: 0,
  /** A call of the model ends, or a batch that begins with it. */
  modelEnd: 1,
  /** The queue before the model is to be looked after. */
  modelWake: 2,
  /** What a call computed is stored. */
  stored: 3,
  /** A request's answer goes out. */
  answer: 4,
  /** The lease of a call's lock runs out. */
  lease: 5,
  /** Of the scenario, by number. */
  control: 6,
  /** Word of a new model arrives, by number of the message. */
  message: 7,
  /** An instance is back, or a tier. */
  instanceBack: 8,
  tierBack: 9,
  /** A request has waited long enough for a tier's answer. */
  gaveUp: 10,
} as const

export interface Tier {
  readonly settings: TierSettings
  /** One, or one for each instance. */
  readonly stores: readonly Store[]
  /** Requests that count and had no answer from here, because it was down or too slow; and those of them that waited for one. */
  skipped: number
  timeouts: number
}

/** How a service stands at a moment: what all parts of its simulation look at and change. */
export class ServiceState {
  /** The moment, in seconds since the first request. */
  now = 0
  /** Requests that have arrived. */
  position = 0
  /** Whether more requests are in flight than are allowed. */
  isFlooded = false
  readonly settings: ServiceSettings
  readonly trace: Trace
  readonly times: Float64Array
  readonly keyCount: number
  /** The most instances there are at any time. */
  readonly most: number
  readonly meters: Meters
  readonly events = new EventQueue()
  readonly requests = new RequestPool()
  readonly calls = new CallPool()
  readonly flights: Flights
  readonly router: Router
  readonly tiers: readonly Tier[]
  readonly versions: Versions
  /** [instances] updates that each has heard of. */
  readonly known: Int32Array
  /** [instances] when each began with nothing in memory; what was under way before is not of this instance. */
  readonly startedAt: Float64Array
  /** Whether an instance asks for keys of the version it knows. */
  readonly versioned: boolean
  /** [scopes][ids] until when an error is remembered. */
  private readonly errors: (Float64Array | undefined)[] = []
  private readonly sharesErrors: boolean

  constructor(columns: TraceColumns, settings: ServiceSettings, seed: string) {
    const { trace } = columns
    const updates = settings.events.filter(({ kind }) => kind === 'model-update').length
    this.trace = trace
    this.times = trace.times!
    this.keyCount = trace.keyCount
    this.settings = settings
    this.versioned = settings.invalidation.mode === 'versioned' && updates > 0
    this.most = settings.events.reduce(
      (most, event) => (event.kind === 'scale' ? Math.max(most, event.instances) : most),
      settings.instances,
    )
    const versions = this.versioned ? updates + 1 : 1
    this.meters = new Meters(trace.length, settings.tiers.length)
    this.versions = new Versions(trace.keyCount)
    this.known = new Int32Array(this.most)
    this.startedAt = new Float64Array(this.most).fill(-Infinity)
    this.router = new Router(settings.routing, this.most, seed)
    this.router.scale(settings.instances)
    this.flights = new Flights(trace.keyCount * versions)
    this.tiers = createTiers(columns, settings, this.most, versions, updates > 0, seed)
    this.sharesErrors = settings.tiers.some(({ shared }) => shared)
  }

  /** What an instance looks a key up by. */
  idOf(key: number, instance: number): number {
    return this.versioned ? key + this.keyCount * this.versions.knownOf(key, this.known[instance]!) : key
  }

  /** Counts an answer that is stale: past its TTL, or of a model that is no more. */
  noteVersion(id: number, index: number, version: number, isStale: boolean): void {
    if (index < this.settings.countFrom) return
    const { versions } = this
    const key = id % this.keyCount
    if (versions.of(key) > version) {
      this.meters.outdated.add(this.now - versions.outdatedSince(key, version))
      this.meters.staleAnswers++
    } else if (isStale) this.meters.staleAnswers++
  }

  remembersError(id: number, instance: number): boolean {
    if (this.settings.onMiss.negativeTtl === 0) return false
    const table = this.errors[this.sharesErrors ? 0 : instance]
    return table !== undefined && table[id]! > this.now
  }

  rememberError(id: number, instance: number, until: number, since: number): void {
    if (!this.sharesErrors && since < this.startedAt[instance]!) return
    const scope = this.sharesErrors ? 0 : instance
    let table = this.errors[scope]
    if (table === undefined) {
      if (until === 0) return
      table = new Float64Array(this.tiers[0]?.stores[0]?.states.length ?? this.keyCount)
      this.errors[scope] = table
    }
    table[id] = until
  }

  /** What an instance remembers alone goes with it. */
  forgetErrors(instance: number): void {
    if (!this.sharesErrors) this.errors[instance] = undefined
  }

  storeOf(tier: number, instance: number): Store {
    const { stores } = this.tiers[tier]!
    return stores.length === 1 ? stores[0]! : stores[instance]!
  }

  /** Whether a tier is sent values from the model: an exclusive one only where the tier before it cannot take them. */
  isMeantFor(tier: number, instance: number): boolean {
    return tier === 0 || !this.tiers[tier]!.settings.exclusive || this.storeOf(tier - 1, instance).down > 0
  }

  takesNew(tier: number, instance: number): boolean {
    return this.storeOf(tier, instance).down === 0 && this.isMeantFor(tier, instance)
  }

  /** Whether a cache belongs to the memory of a process that is no more: what began before the instance did is of that. */
  isGone(tier: number, instance: number, since: number): boolean {
    const { shared, persistent } = this.tiers[tier]!.settings
    return !shared && !persistent && since < this.startedAt[instance]!
  }

  /** How long storing holds an answer up: no longer than the time-out, which is all that a tier that is down takes. */
  storeSeconds(tier: number, { down }: Store, index: number): number {
    const { store, timeoutSeconds } = this.tiers[tier]!.settings
    if (down > 0) return timeoutSeconds
    const seconds = store.of(index)
    return timeoutSeconds > 0 && seconds > timeoutSeconds ? timeoutSeconds : seconds
  }
}

function createTiers(
  columns: TraceColumns,
  { onMiss, tiers: settings, countFrom }: ServiceSettings,
  most: number,
  versions: number,
  keepsVersions: boolean,
  seed: string,
): Tier[] {
  const moves = settings.some(({ exclusive }) => exclusive)
  const storeSettings = {
    versions,
    staleWhileRevalidate: onMiss.staleWhileRevalidate,
    staleIfError: onMiss.staleIfError,
    keepsDeltas: onMiss.earlyRefresh > 0 || moves,
    keepsVersions,
    countFrom,
  }
  const stream = (text: string, at: number, instance: number) =>
    `policy:${text}${at + instance === 0 ? '' : `:${at}:${instance}`}`
  const tiers = settings.map((tier, at) => ({
    settings: tier,
    skipped: 0,
    timeouts: 0,
    stores: Array.from({ length: tier.shared ? 1 : most }, (_, instance) => {
      const random = createRandom(seed, stream(tier.policy.text, at, instance))
      return new Store(columns, tier, storeSettings, random, moves)
    }),
  }))
  tiers.forEach(({ settings: { exclusive }, stores }, at) => {
    if (!exclusive) return
    tiers[at - 1]!.stores.forEach((store, instance) => {
      store.next = stores[stores.length === 1 ? 0 : instance]
    })
  })
  return tiers
}
