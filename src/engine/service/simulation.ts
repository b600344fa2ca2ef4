import { createIndexedRandom, type IndexedRandom } from '../../core/indexed-random.ts'
import { createRandom } from '../../core/random.ts'
import { Op, type Trace } from '../../core/trace.ts'
import type { TraceColumns } from '../replay.ts'
import { EventQueue } from './event-queue.ts'
import { Flights } from './flights.ts'
import { Meters, type Snapshot } from './meters.ts'
import { type ModelListener, ModelQueue } from './model-queue.ts'
import { Call, CallPool, NONE, RequestPool, Source } from './pool.ts'
import { Router } from './router.ts'
import type { ServiceEvent, ServiceSettings, TierSettings } from './settings.ts'
import { Answer, Store } from './store.ts'
import { Versions } from './versions.ts'

/** Kinds of events, as the queue knows them; what each is of stands behind it. */
const Event = {
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

interface Tier {
  readonly settings: TierSettings
  /** One, or one for each instance. */
  readonly stores: readonly Store[]
  /** Requests that had no answer from here, because it was down or too slow; and those of them that waited for one. */
  skipped: number
  timeouts: number
}

interface Message {
  /** An instance, or one of the shared tiers behind them. */
  readonly target: number
  readonly update: number
}

/**
 * A prediction service over time: requests of a trace arrive when it says, whether those before them are answered or
 * not, and everything that takes time is an event. One request goes through the tiers from the nearest on; if none has
 * its key, the model is asked or another's computation awaited; what is computed is stored in all tiers, the farthest
 * first, and then the answer goes out.
 *
 * Of what happens at one moment, what was scheduled comes before what arrives.
 */
export class ServiceSimulation implements ModelListener {
  readonly meters: Meters
  readonly model: ModelQueue
  readonly tiers: readonly Tier[]
  readonly settings: ServiceSettings
  readonly versions: Versions
  /** Requests that have arrived. */
  position = 0
  done = false
  /** Whether it ended because more were in flight than are allowed. */
  stoppedEarly = false
  /** The moment it has come to, in seconds since the first request. */
  now = 0
  /** How things stood at second 0 and at the end of each part. */
  readonly snapshots: Snapshot[] = []
  private readonly trace: Trace
  private readonly times: Float64Array
  private readonly keyCount: number
  private readonly events = new EventQueue()
  private readonly requests = new RequestPool()
  private readonly calls = new CallPool()
  private readonly flights: Flights
  private readonly router: Router
  private readonly most: number
  /** [instances] updates that each has heard of. */
  private readonly known: Int32Array
  private readonly messages: Message[] = []
  private readonly refreshes: IndexedRandom
  private readonly losses: IndexedRandom
  /** [keyCount] calls for a key that have not ended, for its version of last. */
  private readonly computing: Uint32Array
  private readonly computingVersion: Uint16Array
  /** [scopes][ids] until when an error is remembered. */
  private readonly errors: (Float64Array | undefined)[] = []
  private readonly sharesErrors: boolean
  private readonly versioned: boolean
  /** Instances that a rolling restart has still to come to. */
  private readonly rolling: { next: number; count: number; seconds: number }[] = []
  private warmUp: { readonly requests: Uint32Array; next: number }[] = []
  private readonly partSeconds: number
  private readonly parts: number
  private nextPart: number

  /**
   * @param columns of a trace with times
   * @param parts into which the time from the first request to the last is cut for snapshots
   */
  constructor(columns: TraceColumns, settings: ServiceSettings, seed: string, parts = 60) {
    const { trace } = columns
    this.trace = trace
    this.times = trace.times!
    this.keyCount = trace.keyCount
    this.settings = settings
    const updates = settings.events.filter(({ kind }) => kind === 'model-update').length
    this.versioned = settings.invalidation.mode === 'versioned' && updates > 0
    this.most = settings.events.reduce(
      (most, event) => (event.kind === 'scale' ? Math.max(most, event.instances) : most),
      settings.instances,
    )
    this.meters = new Meters(trace.length, settings.tiers.length)
    this.versions = new Versions(trace.keyCount)
    this.known = new Int32Array(this.most)
    this.router = new Router(settings.routing, this.most, seed)
    this.router.scale(settings.instances)
    this.model = new ModelQueue(this.calls, settings.model, this, seed)
    const versions = this.versioned ? updates + 1 : 1
    this.flights = new Flights(trace.keyCount * versions)
    this.computing = new Uint32Array(trace.keyCount)
    this.computingVersion = new Uint16Array(trace.keyCount)
    this.refreshes = createIndexedRandom(seed, 'service:refresh')
    this.losses = createIndexedRandom(seed, 'service:messages')
    const { onMiss, tiers } = settings
    const moves = tiers.some(({ exclusive }) => exclusive)
    const storeSettings = {
      versions,
      staleWhileRevalidate: onMiss.staleWhileRevalidate,
      staleIfError: onMiss.staleIfError,
      keepsDeltas: onMiss.earlyRefresh > 0 || moves,
      keepsVersions: updates > 0,
    }
    this.tiers = tiers.map((tier, at) => ({
      settings: tier,
      skipped: 0,
      timeouts: 0,
      stores: Array.from(
        { length: tier.shared ? 1 : this.most },
        (_, instance) =>
          new Store(
            columns,
            tier,
            storeSettings,
            createRandom(
              seed,
              `policy:${tier.policy.text}${at + instance === 0 ? '' : `:${at}:${instance}`}`,
            ),
            moves,
          ),
      ),
    }))
    this.tiers.forEach(({ settings: { exclusive }, stores }, at) => {
      if (!exclusive) return
      this.tiers[at - 1]!.stores.forEach((store, instance) => {
        store.next = stores[stores.length === 1 ? 0 : instance]
      })
    })
    this.sharesErrors = tiers.some(({ shared }) => shared)
    for (const [number, { at }] of settings.events.entries()) this.events.schedule(at, Event.control, number)
    this.now = Math.min(0, this.events.soonest)
    this.parts = parts
    this.partSeconds = trace.length === 0 ? 0 : this.times[trace.length - 1]! / parts
    this.nextPart = 0
  }

  /** Lets the next `count` requests arrive, or all that are left; after the last of them, all that are in flight end. */
  advance(count = Infinity): void {
    const { times, events } = this
    const { length } = times
    const upTo = Math.min(length, this.position + count)
    while (!this.done) {
      const arrival = this.position < length ? times[this.position]! : Infinity
      const { soonest } = events
      if (soonest <= arrival) {
        if (
          soonest === Infinity ||
          (arrival === Infinity && this.requests.used === 0 && this.calls.used === 0)
        )
          this.finish()
        else {
          this.moveTo(soonest)
          events.take()
          this.happen(events.kind, events.of)
        }
      } else {
        if (this.position === upTo) return
        this.moveTo(arrival)
        this.arrive(this.position++)
      }
    }
  }

  /** Requests in flight, counted or not. */
  get inFlight(): number {
    return this.requests.used
  }

  /** The time that all in flight have been here, added up. */
  get unfinishedSeconds(): number {
    return this.meters.inFlight * this.now - this.meters.arrivalsOfThoseInFlight
  }

  private finish(): void {
    this.done = true
    while (this.nextPart <= this.parts) this.snapshot(this.nextPart++ * this.partSeconds)
  }

  private moveTo(time: number): void {
    const { meters, model } = this
    while (this.nextPart <= this.parts && this.nextPart * this.partSeconds < time) {
      const end = this.nextPart * this.partSeconds
      this.accumulate(end - this.now)
      this.now = end
      this.nextPart++
      this.snapshot(end)
    }
    this.accumulate(time - this.now)
    this.now = time
    if (model.waiting > meters.peakWaitingOfPart) meters.peakWaitingOfPart = model.waiting
  }

  private accumulate(seconds: number): void {
    if (seconds <= 0) return
    const { meters, model } = this
    meters.inFlightSeconds += seconds * meters.inFlight
    meters.busySeconds += seconds * model.busy
    meters.waitingSeconds += seconds * model.waiting
  }

  private snapshot(at: number): void {
    const { meters, model } = this
    this.snapshots.push({
      at,
      arrivals: meters.arrivals,
      answers: meters.answers,
      failures: meters.failures,
      fromCache: meters.hits.reduce((sum, hits) => sum + hits, 0),
      delayedHits: meters.delayedHits,
      staleAnswers: meters.staleAnswers,
      calls: meters.calls,
      workSeconds: model.workSeconds,
      busySeconds: meters.busySeconds,
      waiting: model.waiting,
      peakWaiting: Math.max(meters.peakWaitingOfPart, model.waiting),
      peakInFlight: Math.max(meters.peakInFlightOfPart, meters.inFlight),
    })
    meters.peakWaitingOfPart = 0
    meters.peakInFlightOfPart = 0
  }

  private happen(kind: number, of: number): void {
    switch (kind) {
      case Event.lookup: {
        const tier = this.requests.tier[of]!
        if (this.storeOf(tier, this.requests.instance[of]!).down > 0) this.loseTier(of, tier)
        else if (!this.inspect(of, tier)) this.lookup(of, tier + 1)
        return
      }
      case Event.gaveUp: {
        const tier = this.requests.tier[of]!
        this.skip(tier, true)
        this.lookup(of, tier + 1)
        return
      }
      case Event.modelEnd:
        this.endBatch(of)
        return
      case Event.modelWake:
        this.model.wake(this.now)
        return
      case Event.stored:
        this.stored(of)
        return
      case Event.answer:
        this.answer(of)
        return
      case Event.lease:
        this.endLease(of)
        return
      case Event.control:
        this.control(this.settings.events[of]!)
        return
      case Event.message:
        this.hear(this.messages[of]!)
        return
      case Event.instanceBack: {
        this.router.setDown(of, false)
        this.restartNext(of)
        return
      }
      case Event.tierBack: {
        for (const store of this.tiers[of]!.stores) store.down--
        return
      }
    }
  }

  // A request, from its arrival to its answer

  private arrive(index: number): void {
    const { meters, requests, router, trace, keyCount } = this
    const key = trace.keys[index]!
    const op = trace.ops === undefined ? Op.read : trace.ops[index]!
    const instance = router.route(key, index)
    if (op !== Op.read) {
      if (instance >= 0) this.change(op, key, index, instance)
      return
    }
    const counts = index >= this.settings.countFrom
    if (counts) meters.arrivals++
    if (instance < 0) {
      if (counts) {
        meters.failures++
        meters.noInstance++
      }
      return
    }
    const request = requests.take()
    requests.index[request] = index
    requests.instance[request] = instance
    requests.id[request] = this.versioned
      ? key + keyCount * this.versions.knownOf(key, this.known[instance]!)
      : key
    router.inFlight[instance]!++
    meters.arrivalsOfThoseInFlight += this.now
    if (++meters.inFlight > meters.peakInFlight) meters.peakInFlight = meters.inFlight
    if (meters.inFlight > meters.peakInFlightOfPart) meters.peakInFlightOfPart = meters.inFlight
    if (meters.inFlight > this.settings.maxInFlight) {
      this.stoppedEarly = true
      this.finish()
      return
    }
    this.lookup(request, 0)
  }

  /** The trace writes or deletes: at once, in the instance it comes to and in what is shared. */
  private change(op: number, key: number, index: number, instance: number): void {
    const id = this.versioned ? key + this.keyCount * this.versions.knownOf(key, this.known[instance]!) : key
    for (let tier = this.tiers.length - 1; tier >= 0; tier--) {
      const store = this.storeOf(tier, instance)
      if (store.down > 0) continue
      if (op === Op.delete) store.invalidate(id)
      else if (this.takesNew(tier, instance))
        store.write(id, this.now, index, this.position - 1, 0, this.versions.count)
    }
  }

  /** Looks into the tiers from `from` on; the model comes behind the last. */
  private lookup(request: number, from: number): void {
    const { requests, tiers } = this
    const instance = requests.instance[request]!
    for (let tier = from; tier < tiers.length; tier++) {
      const { lookup, timeoutSeconds } = tiers[tier]!.settings
      const isDown = this.storeOf(tier, instance).down > 0
      const seconds = isDown ? Infinity : lookup.of(requests.index[request]!)
      if (seconds > timeoutSeconds && (isDown || timeoutSeconds > 0)) {
        if (timeoutSeconds === 0) {
          this.skip(tier, false)
          continue
        }
        requests.tier[request] = tier
        this.events.schedule(this.now + timeoutSeconds, Event.gaveUp, request)
        return
      }
      if (seconds > 0) {
        requests.tier[request] = tier
        this.events.schedule(this.now + seconds, Event.lookup, request)
        return
      }
      if (this.inspect(request, tier)) return
    }
    this.miss(request)
  }

  /** A tier went down while a request looked there: it waits until it would have given up. */
  private loseTier(request: number, tier: number): void {
    const { lookup, timeoutSeconds } = this.tiers[tier]!.settings
    const left = timeoutSeconds - lookup.of(this.requests.index[request]!)
    if (left > 0) this.events.schedule(this.now + left, Event.gaveUp, request)
    else {
      this.skip(tier, false)
      this.lookup(request, tier + 1)
    }
  }

  private skip(tier: number, hasWaited: boolean): void {
    this.tiers[tier]!.skipped++
    if (hasWaited) this.tiers[tier]!.timeouts++
  }

  /** A lookup ends. @returns whether the tier has an answer */
  private inspect(request: number, tier: number): boolean {
    const { requests, now } = this
    const instance = requests.instance[request]!
    const store = this.storeOf(tier, instance)
    const id = requests.id[request]!
    const index = requests.index[request]!
    const answer = store.find(id, now, index, this.position - 1)
    if (answer === Answer.fresh) {
      const refreshes = this.refreshesEarly(store, id, index)
      this.serve(request, tier, store, id, index, instance)
      if (refreshes) {
        this.meters.earlyRefreshes++
        this.refresh(id, index, instance, this.settings.onMiss.protection !== 'none')
      }
      return true
    }
    if (answer === Answer.stale) {
      if (index >= this.settings.countFrom) this.meters.pastTtl.add(-store.timeLeft(id, now))
      this.serve(request, tier, store, id, index, instance, true)
      this.refresh(id, index, instance, true)
      return true
    }
    return false
  }

  /** XFetch (Vattani, Chierichetti and Lowenstein 2015, "Optimal probabilistic cache stampede prevention"). */
  private refreshesEarly(store: Store, id: number, index: number): boolean {
    const beta = this.settings.onMiss.earlyRefresh
    if (beta === 0) return false
    const left = store.timeLeft(id, this.now)
    if (left === Infinity) return false
    const uniform = this.refreshes(index)()
    return -beta * store.deltas[id]! * Math.log(1 - uniform) >= left
  }

  /** A tier answers; the tiers before it take a copy, or the entry itself. */
  private serve(
    request: number,
    tier: number,
    store: Store,
    id: number,
    index: number,
    instance: number,
    isStale = false,
  ): void {
    const { now, tiers } = this
    this.noteVersion(id, index, store.versions.length > 0 ? store.versions[id]! : 0, isStale)
    let seconds = 0
    if (tier > 0 && !isStale) {
      const at = this.position - 1
      const delta = store.deltas.length > 0 ? store.deltas[id]! : 0
      const version = store.versions.length > 0 ? store.versions[id]! : 0
      const moves = tiers[tier]!.settings.exclusive && this.storeOf(tier - 1, instance).down === 0
      const expiresAt = moves ? store.expiresAt(id) : Infinity
      const bytes = moves ? store.bytesOf(id) : NONE
      if (moves) store.leave(id, Answer.evicted)
      for (let nearer = tier - 1; nearer >= 0; nearer--) {
        if (nearer > 0 && tiers[nearer]!.settings.exclusive) continue
        const target = this.storeOf(nearer, instance)
        seconds += this.storeSeconds(nearer, target, index)
        if (target.down === 0) target.write(id, now, index, at, delta, version, expiresAt, bytes)
      }
    }
    this.requests.source[request] = tier
    if (seconds > 0) this.events.schedule(now + seconds, Event.answer, request)
    else this.answer(request)
  }

  /** No tier has it. */
  private miss(request: number): void {
    const { requests, flights, calls, now } = this
    const id = requests.id[request]!
    const instance = requests.instance[request]!
    const { protection } = this.settings.onMiss
    if (this.remembersError(id, instance)) {
      if (requests.index[request]! >= this.settings.countFrom) this.meters.rememberedFailures++
      this.fail(request)
      return
    }
    requests.next[request] = NONE
    const scope = protection === 'lock' ? 0 : instance
    if (protection !== 'none') {
      const call = flights.find(scope, id)
      if (call !== NONE && calls.lease[call]! > now) {
        requests.source[request] = Source.awaited
        if (calls.last[call] === NONE) calls.first[call] = request
        else requests.next[calls.last[call]!] = request
        calls.last[call] = request
        return
      }
    }
    requests.source[request] = Source.computed
    this.begin(id, requests.index[request]!, instance, request, protection === 'none' ? 0 : Call.listed)
  }

  /** The model is asked to compute an entry anew while it is still served. */
  private refresh(id: number, index: number, instance: number, once: boolean): void {
    const scope = this.settings.onMiss.protection === 'lock' ? 0 : instance
    if (once) {
      const call = this.flights.find(scope, id)
      if (call !== NONE && this.calls.lease[call]! > this.now) return
    }
    this.meters.refreshCalls++
    this.begin(id, index, instance, NONE, Call.refresh | (once ? Call.listed : 0))
  }

  /** A call of the model, for `request` and those that wait with it, up to `last`, or for none. */
  private begin(
    id: number,
    index: number,
    instance: number,
    request: number,
    flags: number,
    last = request,
  ): void {
    const { calls, meters, now, versions } = this
    const { protection, leaseSeconds } = this.settings.onMiss
    const call = calls.take()
    const key = id % this.keyCount
    calls.id[call] = id
    calls.index[call] = index
    calls.instance[call] = instance
    calls.version[call] = versions.count
    calls.since[call] = now
    calls.flags[call] = flags
    calls.first[call] = request
    calls.last[call] = last
    calls.lease[call] = Infinity
    meters.calls++
    const version = versions.of(key)
    if (this.computingVersion[key] !== version) {
      this.computingVersion[key] = version
      this.computing[key] = 0
    }
    if (this.computing[key]!++ > 0) meters.duplicateCalls++
    if ((flags & Call.listed) !== 0) {
      this.flights.set(protection === 'lock' ? 0 : instance, id, call)
      if (protection === 'lock') {
        calls.lease[call] = now + leaseSeconds
        this.events.schedule(now + leaseSeconds, Event.lease, call)
      }
    }
    if (!this.model.submit(call, now)) {
      meters.queueFull++
      this.failCall(call)
    }
  }

  // A call of the model, from its end to the answers

  endsAt(time: number, call: number): void {
    this.events.schedule(time, Event.modelEnd, call)
  }

  wakeAt(time: number): void {
    this.events.schedule(time, Event.modelWake, 0)
  }

  timedOut(call: number): void {
    this.meters.timeouts++
    this.failCall(call)
  }

  endedAtOnce(first: number): void {
    this.model.busy--
    this.endCalls(first)
  }

  private endBatch(first: number): void {
    this.endCalls(first)
    this.model.end(this.now)
  }

  /** A call, and those of the same batch behind it. */
  private endCalls(first: number): void {
    for (let call = first; call !== NONE; ) {
      const next = this.calls.next[call]!
      this.endCall(call)
      call = next
    }
  }

  private endCall(call: number): void {
    const { calls, now, tiers } = this
    this.model.running--
    calls.took[call] = now - calls.since[call]!
    if ((calls.flags[call]! & Call.fails) !== 0) {
      this.failCall(call)
      return
    }
    this.endComputing(call)
    const instance = calls.instance[call]!
    let seconds = 0
    for (let tier = 0; tier < tiers.length; tier++) {
      if (this.isMeantFor(tier, instance))
        seconds += this.storeSeconds(tier, this.storeOf(tier, instance), calls.index[call]!)
    }
    if (seconds > 0) this.events.schedule(now + seconds, Event.stored, call)
    else this.stored(call)
  }

  private endComputing(call: number): void {
    const { calls, versions } = this
    const key = calls.id[call]! % this.keyCount
    // Calls for a version before were forgotten when the first for this one began.
    if (versions.of(key) <= calls.version[call]! && this.computing[key]! > 0) this.computing[key]!--
  }

  /** Whether a tier is sent values from the model: an exclusive one only where the tier before it cannot take them. */
  private isMeantFor(tier: number, instance: number): boolean {
    return tier === 0 || !this.tiers[tier]!.settings.exclusive || this.storeOf(tier - 1, instance).down > 0
  }

  private takesNew(tier: number, instance: number): boolean {
    return this.storeOf(tier, instance).down === 0 && this.isMeantFor(tier, instance)
  }

  /** How long storing holds an answer up: no longer than the time-out, which is all that a tier that is down takes. */
  private storeSeconds(tier: number, { down }: Store, index: number): number {
    const { store, timeoutSeconds } = this.tiers[tier]!.settings
    if (down > 0) return timeoutSeconds
    const seconds = store.of(index)
    return timeoutSeconds > 0 && seconds > timeoutSeconds ? timeoutSeconds : seconds
  }

  /** What a call computed is there: in the caches, and for all who wait. */
  private stored(call: number): void {
    const { calls, tiers } = this
    const id = calls.id[call]!
    const instance = calls.instance[call]!
    const flags = calls.flags[call]!
    this.store(call, instance, 0, tiers.length)
    if ((flags & Call.warmUp) !== 0) {
      for (let other = 0; other < this.most; other++) {
        if (other !== instance && this.router.isThere(other)) this.storePrivately(call, other)
      }
    }
    if (this.settings.onMiss.negativeTtl > 0) this.rememberError(id, instance, 0)
    this.unlist(call)
    this.answerAll(calls.first[call]!, call)
    if (this.settings.onMiss.protection === 'lock') this.answerThoseWhoWaitForHeir(call)
    this.drop(call)
  }

  /** Answers a request, and all that wait behind it, with what a call computed. */
  private answerAll(first: number, call: number): void {
    const { calls, requests, tiers } = this
    const id = calls.id[call]!
    const instance = calls.instance[call]!
    const version = calls.version[call]!
    for (let request = first; request !== NONE; ) {
      const next = requests.next[request]!
      const other = requests.instance[request]!
      // Under a lock the others may be elsewhere: they find it in the shared tier, and keep a copy.
      if (other !== instance && tiers.length > 0 && this.storeOf(0, other).states[id] !== Answer.fresh)
        this.storePrivately(call, other)
      this.noteVersion(id, requests.index[request]!, version, false)
      this.answer(request)
      request = next
    }
  }

  /** Who waits for the one that took over when the lease ran out finds the value too; only he goes on computing. */
  private answerThoseWhoWaitForHeir(call: number): void {
    const { calls, requests } = this
    const heir = this.flights.find(0, calls.id[call]!)
    if (heir === NONE || heir === call) return
    const leader = calls.first[heir]!
    if (leader === NONE) return
    const hasLeader = requests.source[leader] === Source.computed
    const waiting = hasLeader ? requests.next[leader]! : leader
    if (hasLeader) requests.next[leader] = NONE
    calls.first[heir] = hasLeader ? leader : NONE
    calls.last[heir] = calls.first[heir]!
    this.answerAll(waiting, call)
  }

  private storePrivately(call: number, instance: number): void {
    const shared = this.tiers.findIndex(({ settings }) => settings.shared)
    this.store(call, instance, 0, shared === -1 ? this.tiers.length : shared)
  }

  /** Writes what a call computed into tiers from … to − 1, the farthest first. */
  private store(call: number, instance: number, from: number, to: number): void {
    const { calls, now } = this
    for (let tier = to - 1; tier >= from; tier--) {
      if (!this.takesNew(tier, instance)) continue
      this.storeOf(tier, instance).write(
        calls.id[call]!,
        now,
        calls.index[call]!,
        Math.max(0, this.position - 1),
        calls.took[call]!,
        calls.version[call]!,
      )
    }
  }

  /** A call comes to nothing: who waits gets what is still there, or an error. */
  private failCall(call: number): void {
    const { calls, meters, requests, now } = this
    const id = calls.id[call]!
    const instance = calls.instance[call]!
    const { negativeTtl } = this.settings.onMiss
    meters.failedCalls++
    this.endComputing(call)
    if (negativeTtl > 0) this.rememberError(id, instance, now + negativeTtl)
    this.unlist(call)
    let request = calls.first[call]!
    while (request !== NONE) {
      const next = requests.next[request]!
      this.fail(request)
      request = next
    }
    this.drop(call)
  }

  private unlist(call: number): void {
    const { calls } = this
    if ((calls.flags[call]! & Call.listed) === 0) return
    const scope = this.settings.onMiss.protection === 'lock' ? 0 : calls.instance[call]!
    this.flights.clear(scope, calls.id[call]!, call)
  }

  /** A call is over. */
  private drop(call: number): void {
    const { calls } = this
    const wasWarmUp = (calls.flags[call]! & Call.warmUp) !== 0
    calls.lease[call] = Infinity
    calls.give(call)
    if (wasWarmUp) this.warmUpNext()
  }

  /** A lock's lease runs out while its holder still computes: the first who waits takes over, the others wait for him. */
  private endLease(call: number): void {
    const { calls, requests } = this
    if (calls.lease[call] !== this.now || (calls.flags[call]! & Call.listed) === 0) return
    const isRefresh = calls.first[call] === NONE || requests.source[calls.first[call]!] !== Source.computed
    const heir = isRefresh ? calls.first[call]! : requests.next[calls.first[call]!]!
    if (heir === NONE) return
    const last = calls.last[call]!
    if (isRefresh) {
      calls.first[call] = NONE
      calls.last[call] = NONE
    } else {
      requests.next[calls.first[call]!] = NONE
      calls.last[call] = calls.first[call]!
    }
    this.meters.takeovers++
    requests.source[heir] = Source.computed
    this.begin(calls.id[call]!, requests.index[heir]!, requests.instance[heir]!, heir, Call.listed, last)
  }

  private fail(request: number): void {
    const { requests, now, tiers } = this
    const id = requests.id[request]!
    const instance = requests.instance[request]!
    if (this.settings.onMiss.staleIfError > 0) {
      for (let tier = 0; tier < tiers.length; tier++) {
        const store = this.storeOf(tier, instance)
        if (store.down > 0 || !store.holds(id, now)) continue
        const index = requests.index[request]!
        const past = -store.timeLeft(id, now)
        if (index >= this.settings.countFrom) {
          this.meters.staleIfError++
          if (past > 0) this.meters.pastTtl.add(past)
        }
        this.noteVersion(id, index, store.versions.length > 0 ? store.versions[id]! : 0, past > 0)
        requests.source[request] = tier
        this.answer(request)
        return
      }
    }
    if (requests.index[request]! >= this.settings.countFrom) this.meters.failures++
    this.release(request)
  }

  private answer(request: number): void {
    const { requests, meters, now } = this
    const index = requests.index[request]!
    if (index >= this.settings.countFrom) {
      meters.answers++
      meters.latencies[index] = now - this.times[index]!
      const source = requests.source[request]!
      if (source === Source.awaited) meters.delayedHits++
      else if (source === Source.computed) meters.computed++
      else meters.hits[source]!++
    }
    this.release(request)
  }

  private release(request: number): void {
    const { requests, meters } = this
    const arrival = this.times[requests.index[request]!]!
    meters.inFlight--
    meters.sojournSeconds += this.now - arrival
    meters.arrivalsOfThoseInFlight -= arrival
    this.router.inFlight[requests.instance[request]!]!--
    requests.give(request)
  }

  /** Counts an answer that is stale: past its TTL, or of a model that is no more. */
  private noteVersion(id: number, index: number, version: number, isStale: boolean): void {
    if (index < this.settings.countFrom) return
    const { versions } = this
    const key = id % this.keyCount
    if (versions.of(key) > version) {
      this.meters.outdated.add(this.now - versions.outdatedSince(key, version))
      this.meters.staleAnswers++
    } else if (isStale) this.meters.staleAnswers++
  }

  private remembersError(id: number, instance: number): boolean {
    if (this.settings.onMiss.negativeTtl === 0) return false
    const table = this.errors[this.sharesErrors ? 0 : instance]
    return table !== undefined && table[id]! > this.now
  }

  private rememberError(id: number, instance: number, until: number): void {
    const scope = this.sharesErrors ? 0 : instance
    let table = this.errors[scope]
    if (table === undefined) {
      if (until === 0) return
      table = new Float64Array(this.tiers[0]?.stores[0]?.states.length ?? this.keyCount)
      this.errors[scope] = table
    }
    table[id] = until
  }

  private storeOf(tier: number, instance: number): Store {
    const { stores } = this.tiers[tier]!
    return stores.length === 1 ? stores[0]! : stores[instance]!
  }

  // What the scenario lets happen

  private control(event: ServiceEvent): void {
    switch (event.kind) {
      case 'model-update':
        this.updateModel(event.affected)
        return
      case 'restart-instance': {
        const [first, count] =
          event.instance === undefined ? [0, this.router.thereCount] : [event.instance, event.instance + 1]
        this.rolling.push({ next: first, count, seconds: event.seconds })
        this.restartNext(NONE)
        return
      }
      case 'restart-tier': {
        const { settings, stores } = this.tiers[event.tier]!
        for (const store of stores) {
          if (!settings.persistent) store.forget()
          store.down++
        }
        this.events.schedule(this.now + event.seconds, Event.tierBack, event.tier)
        return
      }
      case 'model-outage':
        this.model.downUntil = Math.max(this.model.downUntil, this.now + event.seconds)
        return
      case 'scale':
        this.scale(event.instances)
        return
      case 'warm-up':
        this.warmUp.push({ requests: event.requests, next: 0 })
        for (let i = 0; i < this.settings.warmUpConcurrency; i++) this.warmUpNext()
        return
    }
  }

  private updateModel(affected: Uint8Array | undefined): void {
    this.versions.update(this.now, affected)
    const { mode, delivery, delay, lossRate, interval } = this.settings.invalidation
    if (mode === 'ttl') return
    const update = this.versions.count
    const targets = this.most + this.tiers.length
    for (let target = 0; target < targets; target++) {
      const isInstance = target < this.most
      if (!isInstance && (!this.tiers[target - this.most]!.settings.shared || mode === 'versioned')) continue
      const draw = update * 4096 + target
      if (delivery === 'push' && isInstance && lossRate > 0 && this.losses(draw)() < lossRate) continue
      // Instances pull in turn, as they were started; a shared tier is told when the first of them would be.
      const phase = isInstance ? (interval * target) / this.most : 0
      const at =
        delivery === 'push'
          ? this.now + delay.of(draw)
          : (Math.floor((this.now - phase) / interval) + 1) * interval + phase
      this.messages.push({ target, update })
      if (at <= this.now) this.hear(this.messages.at(-1)!)
      else this.events.schedule(at, Event.message, this.messages.length - 1)
    }
  }

  /** An instance, or a shared tier, hears of an update. */
  private hear({ target, update }: Message): void {
    const { mode } = this.settings.invalidation
    const affected = mode === 'affected' ? this.versions.maskOf(update - 1) : undefined
    if (target >= this.most) {
      this.storeOf(target - this.most, 0).forget(affected)
      return
    }
    if (this.known[target]! < update) this.known[target] = update
    if (mode === 'versioned') return
    for (const { settings, stores } of this.tiers) if (!settings.shared) stores[target]!.forget(affected)
  }

  /** The next instance of each rolling restart whose last one is back. */
  private restartNext(back: number): void {
    for (const roll of this.rolling) {
      if (back !== NONE && roll.next !== back + 1) continue
      if (back === NONE && roll !== this.rolling.at(-1)) continue
      if (roll.next >= roll.count) continue
      this.restart(roll.next++, roll.seconds)
    }
  }

  private restart(instance: number, seconds: number): void {
    this.empty(instance)
    this.router.setDown(instance, true)
    this.events.schedule(this.now + seconds, Event.instanceBack, instance)
  }

  /** An instance begins anew: what it kept in memory is gone, and it knows the model of today. */
  private empty(instance: number): void {
    this.known[instance] = this.versions.count
    for (const { settings, stores } of this.tiers)
      if (!settings.shared && !settings.persistent) stores[instance]!.forget()
  }

  private scale(instances: number): void {
    for (let instance = 0; instance < this.most; instance++) {
      const isThere = this.router.isThere(instance)
      if (isThere !== instance < instances) this.empty(instance)
    }
    this.router.scale(instances)
  }

  /** The next key of a warm-up is computed, unless the farthest tier has it. */
  private warmUpNext(): void {
    for (;;) {
      const job = this.warmUp[0]
      if (job === undefined) return
      if (job.next === job.requests.length) {
        this.warmUp.shift()
        continue
      }
      const index = job.requests[job.next++]!
      const key = this.trace.keys[index]!
      const instance = Math.max(0, this.router.route(key, index))
      const id = this.versioned
        ? key + this.keyCount * this.versions.knownOf(key, this.known[instance]!)
        : key
      const farthest = this.tiers.length - 1
      if (farthest < 0) return
      const store = this.storeOf(farthest, instance)
      if (store.down === 0 && store.look(id, this.now) === Answer.fresh) continue
      this.meters.warmUpCalls++
      this.begin(id, index, instance, NONE, Call.warmUp)
      return
    }
  }
}
