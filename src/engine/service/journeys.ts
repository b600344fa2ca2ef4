import { createIndexedRandom, type IndexedRandom } from '../../core/indexed-random.ts'
import { Op } from '../../core/trace.ts'
import type { Computations } from './computations.ts'
import { Call, NONE, Source } from './pool.ts'
import { Event, type ServiceState } from './service-state.ts'
import { Answer, type Store } from './store.ts'

/** Requests, each from its arrival to its answer: through the tiers, and to the model where none has its key. */
export class Journeys {
  private readonly state: ServiceState
  private readonly computations: Computations
  private readonly refreshes: IndexedRandom

  constructor(state: ServiceState, computations: Computations, seed: string) {
    this.state = state
    this.computations = computations
    this.refreshes = createIndexedRandom(seed, 'service:refresh')
  }

  arrive(index: number): void {
    const { meters, requests, router, trace } = this.state
    if (index === this.state.settings.countFrom) this.beginCounting()
    const key = trace.keys[index]!
    const op = trace.ops === undefined ? Op.read : trace.ops[index]!
    const instance = router.route(key, index)
    if (op !== Op.read) {
      if (instance >= 0) this.change(op, key, index, instance)
      return
    }
    const counts = index >= this.state.settings.countFrom
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
    requests.id[request] = this.state.idOf(key, instance)
    router.inFlight[instance]!++
    meters.arrivalsOfThoseInFlight += this.state.now
    if (++meters.inFlight > meters.peakInFlight) meters.peakInFlight = meters.inFlight
    if (meters.inFlight > meters.peakInFlightOfPart) meters.peakInFlightOfPart = meters.inFlight
    if (meters.inFlight > this.state.settings.maxInFlight) {
      this.state.isFlooded = true
      return
    }
    this.lookup(request, 0)
  }

  /** The first request comes that counts: what tells of moments, not of requests, begins anew. */
  private beginCounting(): void {
    const { meters, settings } = this.state
    // Before the first request of all there is a warm-up at most, which counts.
    if (settings.countFrom === 0) return
    const { model } = this.computations
    meters.busySecondsBefore = meters.busySeconds
    meters.peakInFlight = meters.inFlight
    model.peakRunning = model.running
    model.peakWaiting = model.waiting
  }

  /** The trace writes or deletes: at once, in the instance it comes to and in what is shared. */
  private change(op: number, key: number, index: number, instance: number): void {
    const id = this.state.idOf(key, instance)
    for (let tier = this.state.tiers.length - 1; tier >= 0; tier--) {
      const store = this.state.storeOf(tier, instance)
      if (store.down > 0) continue
      if (op === Op.delete) store.invalidate(id)
      else if (this.state.takesNew(tier, instance))
        store.write(id, this.state.now, index, this.state.position - 1, 0, this.state.versions.count)
    }
  }

  /** Looks into the tiers from `from` on; the model comes behind the last. */
  private lookup(request: number, from: number): void {
    const { requests, tiers } = this.state
    const instance = requests.instance[request]!
    for (let tier = from; tier < tiers.length; tier++) {
      const { lookup, timeoutSeconds } = tiers[tier]!.settings
      const isDown = this.state.storeOf(tier, instance).down > 0
      const seconds = isDown ? Infinity : lookup.of(requests.index[request]!)
      if (seconds > timeoutSeconds && (isDown || timeoutSeconds > 0)) {
        if (timeoutSeconds === 0) {
          this.skip(request, tier, false)
          continue
        }
        requests.tier[request] = tier
        this.state.events.schedule(this.state.now + timeoutSeconds, Event.gaveUp, request)
        return
      }
      if (seconds > 0) {
        requests.tier[request] = tier
        this.state.events.schedule(this.state.now + seconds, Event.lookup, request)
        return
      }
      if (this.inspect(request, tier)) return
    }
    this.miss(request)
  }

  /** A lookup ends. */
  lookedUp(request: number): void {
    const tier = this.state.requests.tier[request]!
    const store = this.state.storeOf(tier, this.state.requests.instance[request]!)
    if (store.down > 0) this.loseTier(request, tier)
    else if (!this.inspect(request, tier)) this.lookup(request, tier + 1)
  }

  /** A request has waited long enough for a tier's answer. */
  gaveUp(request: number): void {
    const tier = this.state.requests.tier[request]!
    this.skip(request, tier, true)
    this.lookup(request, tier + 1)
  }

  /** A tier went down while a request looked there: it waits until it would have given up. */
  private loseTier(request: number, tier: number): void {
    const { lookup, timeoutSeconds } = this.state.tiers[tier]!.settings
    const left = timeoutSeconds - lookup.of(this.state.requests.index[request]!)
    if (left > 0) this.state.events.schedule(this.state.now + left, Event.gaveUp, request)
    else {
      this.skip(request, tier, false)
      this.lookup(request, tier + 1)
    }
  }

  private skip(request: number, tier: number, hasWaited: boolean): void {
    if (this.state.requests.index[request]! < this.state.settings.countFrom) return
    this.state.tiers[tier]!.skipped++
    if (hasWaited) this.state.tiers[tier]!.timeouts++
  }

  /** A lookup ends. @returns whether the tier has an answer */
  private inspect(request: number, tier: number): boolean {
    const { requests, now } = this.state
    const instance = requests.instance[request]!
    const store = this.state.storeOf(tier, instance)
    const id = requests.id[request]!
    const index = requests.index[request]!
    const answer = store.find(id, now, index, this.state.position - 1)
    if (answer === Answer.fresh) {
      const refreshes = this.refreshesEarly(store, id, index)
      this.serve(request, tier, store, id, index, instance)
      if (refreshes) {
        this.state.meters.earlyRefreshes++
        this.computations.refresh(id, index, instance, this.state.settings.onMiss.protection !== 'none')
      }
      return true
    }
    if (answer === Answer.stale) {
      if (index >= this.state.settings.countFrom) this.state.meters.pastTtl.add(-store.timeLeft(id, now))
      this.serve(request, tier, store, id, index, instance, true)
      this.computations.refresh(id, index, instance, true)
      return true
    }
    return false
  }

  /** XFetch (Vattani, Chierichetti and Lowenstein 2015, "Optimal probabilistic cache stampede prevention"). */
  private refreshesEarly(store: Store, id: number, index: number): boolean {
    const beta = this.state.settings.onMiss.earlyRefresh
    if (beta === 0) return false
    const left = store.timeLeft(id, this.state.now)
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
    const { now, tiers } = this.state
    this.state.noteVersion(id, index, store.versions.length > 0 ? store.versions[id]! : 0, isStale)
    let seconds = 0
    if (tier > 0 && !isStale) {
      const at = this.state.position - 1
      const delta = store.deltas.length > 0 ? store.deltas[id]! : 0
      const version = store.versions.length > 0 ? store.versions[id]! : 0
      const moves = tiers[tier]!.settings.exclusive && this.state.storeOf(tier - 1, instance).down === 0
      const expiresAt = moves ? store.expiresAt(id) : Infinity
      const bytes = moves ? store.bytesOf(id) : NONE
      if (moves) store.leave(id, Answer.evicted)
      for (let nearer = tier - 1; nearer >= 0; nearer--) {
        if (nearer > 0 && tiers[nearer]!.settings.exclusive) continue
        const target = this.state.storeOf(nearer, instance)
        seconds += this.state.storeSeconds(nearer, target, index)
        if (target.down === 0 && !this.state.isGone(nearer, instance, this.state.times[index]!))
          target.write(id, now, index, at, delta, version, expiresAt, bytes)
      }
    }
    this.state.requests.source[request] = tier
    if (seconds > 0) this.state.events.schedule(now + seconds, Event.answer, request)
    else this.answer(request)
  }

  /** No tier has it. */
  private miss(request: number): void {
    const { requests, flights, calls, now } = this.state
    const id = requests.id[request]!
    const instance = requests.instance[request]!
    const { protection } = this.state.settings.onMiss
    if (this.state.remembersError(id, instance)) {
      if (requests.index[request]! >= this.state.settings.countFrom) this.state.meters.rememberedFailures++
      this.fail(request, false)
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
    this.computations.begin(
      id,
      requests.index[request]!,
      instance,
      request,
      protection === 'none' ? 0 : Call.listed,
    )
  }

  /** @param isTurnedAway whether its call never began */
  fail(request: number, isTurnedAway: boolean): void {
    const { requests, now, tiers } = this.state
    const id = requests.id[request]!
    const instance = requests.instance[request]!
    if (this.state.settings.onMiss.staleIfError > 0) {
      for (let tier = 0; tier < tiers.length; tier++) {
        const store = this.state.storeOf(tier, instance)
        if (store.down > 0 || !store.holds(id, now)) continue
        const index = requests.index[request]!
        const past = -store.timeLeft(id, now)
        if (index >= this.state.settings.countFrom) {
          this.state.meters.staleIfError++
          if (past > 0) this.state.meters.pastTtl.add(past)
        }
        this.state.noteVersion(id, index, store.versions.length > 0 ? store.versions[id]! : 0, past > 0)
        requests.source[request] = tier
        this.answer(request)
        return
      }
    }
    if (requests.index[request]! >= this.state.settings.countFrom) {
      this.state.meters.failures++
      if (isTurnedAway) this.state.meters.turnedAway++
    }
    this.release(request)
  }

  answer(request: number): void {
    const { requests, meters, now } = this.state
    const index = requests.index[request]!
    if (index >= this.state.settings.countFrom) {
      meters.answers++
      meters.latencies[index] = now - this.state.times[index]!
      const source = requests.source[request]!
      if (source === Source.awaited) meters.delayedHits++
      else if (source === Source.computed) meters.computed++
      else meters.hits[source]!++
    }
    this.release(request)
  }

  private release(request: number): void {
    const { requests, meters } = this.state
    const arrival = this.state.times[requests.index[request]!]!
    meters.inFlight--
    meters.sojournSeconds += this.state.now - arrival
    meters.arrivalsOfThoseInFlight -= arrival
    this.state.router.inFlight[requests.instance[request]!]!--
    requests.give(request)
  }
}
