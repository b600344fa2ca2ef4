import { type ModelListener, ModelQueue } from './model-queue.ts'
import { Call, NONE, Source } from './pool.ts'
import { Event, type ServiceState } from './service-state.ts'
import { Answer } from './store.ts'

/** Who is told of what becomes of requests that wait for a computation, and of the end of a warm-up's. */
export interface Awaiting {
  answer(request: number): void
  /** @param isTurnedAway whether the call never began */
  fail(request: number, isTurnedAway: boolean): void
  warmUpEnded(): void
}

/** Calls of the model, each from its beginning to what it leaves in the caches and the answers it gives. */
export class Computations implements ModelListener {
  readonly model: ModelQueue
  /** To be set before anything begins. */
  awaiting!: Awaiting
  private readonly state: ServiceState
  /** [keyCount] calls for a key that have begun and not ended, for the version that one began for last. */
  private readonly computing: Uint32Array
  private readonly computingVersion: Uint16Array
  /** [keyCount] when one of them ended last; empty where calls begin as they are asked for, and nobody needs it. */
  private readonly computedAt: Float64Array

  constructor(state: ServiceState, seed: string) {
    this.state = state
    this.model = new ModelQueue(state.calls, state.settings.model, this, seed)
    this.computing = new Uint32Array(state.keyCount)
    this.computingVersion = new Uint16Array(state.keyCount)
    const { workers, batching } = state.settings.model
    const queues = workers !== Infinity || batching !== undefined
    this.computedAt = new Float64Array(queues ? state.keyCount : 0).fill(-Infinity)
  }

  /** A call of the model, for `request` and those that wait with it, up to `last`, or for none. */
  begin(id: number, index: number, instance: number, request: number, flags: number, last = request): void {
    const { calls, meters, now, versions } = this.state
    const { protection, leaseSeconds } = this.state.settings.onMiss
    const call = calls.take()
    calls.id[call] = id
    calls.index[call] = index
    calls.instance[call] = instance
    calls.version[call] = versions.count
    calls.keyVersion[call] = versions.of(id % this.state.keyCount)
    calls.since[call] = now
    calls.flags[call] = flags
    calls.first[call] = request
    calls.last[call] = last
    calls.lease[call] = Infinity
    if (this.counts(call)) meters.askedCalls++
    if ((flags & Call.listed) !== 0) {
      this.state.flights.set(protection === 'lock' ? 0 : instance, id, call)
      if (protection === 'lock') {
        calls.lease[call] = now + leaseSeconds
        this.state.events.schedule(now + leaseSeconds, Event.lease, call)
      }
    }
    if (!this.model.submit(call, now)) {
      if (this.counts(call)) meters.queueFull++
      this.failCall(call, true)
    }
  }

  /** Whether a call is of a request that counts, or of a warm-up. */
  private counts(call: number): boolean {
    const { calls, settings } = this.state
    return calls.index[call]! >= settings.countFrom || (calls.flags[call]! & Call.warmUp) !== 0
  }

  started(call: number, now: number, seconds: number): void {
    const { calls, meters } = this.state
    const isDuplicate = this.beginComputing(call)
    if (!this.counts(call)) return
    meters.calls++
    meters.callSeconds += seconds
    meters.callWaits.add(now - calls.since[call]!)
    if (isDuplicate) meters.duplicateCalls++
    if ((calls.flags[call]! & Call.warmUp) !== 0) meters.warmUpCalls++
    if ((calls.flags[call]! & Call.refresh) !== 0) meters.refreshCalls++
  }

  /**
   * Calls begin in the order in which they were asked for: what computes when one begins, or ended since that was asked
   * for, was under way then.
   * @returns whether another computes the same
   */
  private beginComputing(call: number): boolean {
    const { calls } = this.state
    const key = calls.id[call]! % this.state.keyCount
    if (this.computingVersion[key] !== calls.keyVersion[call]) {
      this.computingVersion[key] = calls.keyVersion[call]!
      this.computing[key] = 0
      if (this.computedAt.length > 0) this.computedAt[key] = -Infinity
    }
    return this.computing[key]!++ > 0 || this.computedAt[key]! > calls.since[call]!
  }

  /** The model is asked to compute an entry anew while it is still served. */
  refresh(id: number, index: number, instance: number, once: boolean): void {
    const scope = this.state.settings.onMiss.protection === 'lock' ? 0 : instance
    if (once) {
      const call = this.state.flights.find(scope, id)
      if (call !== NONE && this.state.calls.lease[call]! > this.state.now) return
    }
    this.begin(id, index, instance, NONE, Call.refresh | (once ? Call.listed : 0))
  }

  endsAt(time: number, call: number): void {
    this.state.events.schedule(time, Event.modelEnd, call)
  }

  wakeAt(time: number): void {
    this.state.events.schedule(time, Event.modelWake, 0)
  }

  timedOut(call: number, now: number): void {
    const { calls, meters } = this.state
    if (this.counts(call)) {
      meters.timeouts++
      meters.callWaits.add(now - calls.since[call]!)
    }
    this.failCall(call, true)
  }

  endedAtOnce(first: number): void {
    this.model.busy--
    this.endCalls(first)
  }

  endBatch(first: number): void {
    this.endCalls(first)
    this.model.end(this.state.now)
  }

  /** A call, and those of the same batch behind it. */
  private endCalls(first: number): void {
    for (let call = first; call !== NONE; ) {
      const next = this.state.calls.next[call]!
      this.endCall(call)
      call = next
    }
  }

  private endCall(call: number): void {
    const { calls, now, tiers } = this.state
    this.model.running--
    calls.took[call] = now - calls.since[call]!
    this.endComputing(call)
    if ((calls.flags[call]! & Call.fails) !== 0) {
      if (this.counts(call)) this.state.meters.failedCalls++
      this.failCall(call, false)
      return
    }
    const instance = calls.instance[call]!
    let seconds = 0
    for (let tier = 0; tier < tiers.length; tier++) {
      if (this.state.isMeantFor(tier, instance))
        seconds += this.state.storeSeconds(tier, this.state.storeOf(tier, instance), calls.index[call]!)
    }
    if (seconds > 0) this.state.events.schedule(now + seconds, Event.stored, call)
    else this.stored(call)
  }

  private endComputing(call: number): void {
    const { calls, now } = this.state
    const key = calls.id[call]! % this.state.keyCount
    // Calls for a version before were forgotten when the first for this one began.
    if (this.computingVersion[key] !== calls.keyVersion[call]) return
    this.computing[key]!--
    if (this.computedAt.length > 0) this.computedAt[key] = now
  }

  /** What a call computed is there: in the caches, and for all who wait. */
  stored(call: number): void {
    const { calls, tiers } = this.state
    const id = calls.id[call]!
    const instance = calls.instance[call]!
    const flags = calls.flags[call]!
    this.store(call, instance, tiers.length, calls.since[call]!)
    if ((flags & Call.warmUp) !== 0) {
      for (let other = 0; other < this.state.most; other++) {
        if (other !== instance && this.state.router.isThere(other))
          this.storePrivately(call, other, this.state.now)
      }
    }
    if (this.state.settings.onMiss.negativeTtl > 0)
      this.state.rememberError(id, instance, 0, calls.since[call]!)
    this.unlist(call)
    this.answerAll(calls.first[call]!, call)
    if (this.state.settings.onMiss.protection === 'lock') this.answerThoseWhoWaitForHeir(call)
    this.drop(call)
  }

  /** Answers a request, and all that wait behind it, with what a call computed. */
  private answerAll(first: number, call: number): void {
    const { calls, requests, tiers } = this.state
    const id = calls.id[call]!
    const instance = calls.instance[call]!
    const version = calls.version[call]!
    for (let request = first; request !== NONE; ) {
      const next = requests.next[request]!
      const other = requests.instance[request]!
      // Under a lock the others may be elsewhere: they find it in the shared tier, and keep a copy.
      if (other !== instance && tiers.length > 0 && this.state.storeOf(0, other).states[id] !== Answer.fresh)
        this.storePrivately(call, other, this.state.times[requests.index[request]!]!)
      this.state.noteVersion(id, requests.index[request]!, version, false)
      this.awaiting.answer(request)
      request = next
    }
  }

  /** Who waits for the one that took over when the lease ran out finds the value too; only he goes on computing. */
  private answerThoseWhoWaitForHeir(call: number): void {
    const { calls, requests } = this.state
    const heir = this.state.flights.find(0, calls.id[call]!)
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

  private storePrivately(call: number, instance: number, since: number): void {
    const shared = this.state.tiers.findIndex(({ settings }) => settings.shared)
    this.store(call, instance, shared === -1 ? this.state.tiers.length : shared, since)
  }

  /**
   * Writes what a call computed into the first `count` tiers, the farthest first.
   * @param since when the one who writes began: in an instance that was restarted meanwhile nobody hears of it
   */
  private store(call: number, instance: number, count: number, since: number): void {
    const { calls, now } = this.state
    for (let tier = count - 1; tier >= 0; tier--) {
      if (!this.state.takesNew(tier, instance) || this.state.isGone(tier, instance, since)) continue
      this.state
        .storeOf(tier, instance)
        .write(
          calls.id[call]!,
          now,
          calls.index[call]!,
          Math.max(0, this.state.position - 1),
          calls.took[call]!,
          calls.version[call]!,
        )
    }
  }

  /** A call comes to nothing: who waits gets what is still there, or an error. */
  private failCall(call: number, isTurnedAway: boolean): void {
    const { calls, requests, now } = this.state
    const id = calls.id[call]!
    const instance = calls.instance[call]!
    const { negativeTtl } = this.state.settings.onMiss
    if (negativeTtl > 0) this.state.rememberError(id, instance, now + negativeTtl, calls.since[call]!)
    this.unlist(call)
    let request = calls.first[call]!
    while (request !== NONE) {
      const next = requests.next[request]!
      this.awaiting.fail(request, isTurnedAway)
      request = next
    }
    this.drop(call)
  }

  private unlist(call: number): void {
    const { calls } = this.state
    if ((calls.flags[call]! & Call.listed) === 0) return
    const scope = this.state.settings.onMiss.protection === 'lock' ? 0 : calls.instance[call]!
    this.state.flights.clear(scope, calls.id[call]!, call)
  }

  /** A call is over. */
  private drop(call: number): void {
    const { calls } = this.state
    const wasWarmUp = (calls.flags[call]! & Call.warmUp) !== 0
    calls.lease[call] = Infinity
    calls.give(call)
    if (wasWarmUp) this.awaiting.warmUpEnded()
  }

  /** A lock's lease runs out while its holder still computes: the first who waits takes over, the others wait for him. */
  endLease(call: number): void {
    const { calls, requests } = this.state
    if (calls.lease[call] !== this.state.now || (calls.flags[call]! & Call.listed) === 0) return
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
    if (requests.index[heir]! >= this.state.settings.countFrom) this.state.meters.takeovers++
    requests.source[heir] = Source.computed
    this.begin(calls.id[call]!, requests.index[heir]!, requests.instance[heir]!, heir, Call.listed, last)
  }
}
