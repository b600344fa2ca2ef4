import type { TraceColumns } from '../replay.ts'
import { Computations } from './computations.ts'
import { Journeys } from './journeys.ts'
import type { Meters, Snapshot } from './meters.ts'
import type { ModelQueue } from './model-queue.ts'
import { Operations } from './operations.ts'
import { Event, ServiceState, type Tier } from './service-state.ts'
import type { ServiceSettings } from './settings.ts'
import { Timeline } from './timeline.ts'
import { WarmUp } from './warm-up.ts'

/**
 * A prediction service over time: requests of a trace arrive when it says, whether those before them are answered or
 * not, and everything that takes time is an event. One request goes through the tiers from the nearest on; if none has
 * its key, the model is asked or another's computation awaited; what is computed is stored in all tiers, the farthest
 * first, and then the answer goes out.
 *
 * Of what happens at one moment, what was scheduled comes before what arrives.
 */
export class ServiceSimulation {
  readonly meters: Meters
  readonly model: ModelQueue
  readonly tiers: readonly Tier[]
  done = false
  /** How things stood before second 0 and at the end of each part. */
  readonly snapshots: readonly Snapshot[]
  private readonly state: ServiceState
  private readonly journeys: Journeys
  private readonly computations: Computations
  private readonly operations: Operations
  private readonly timeline: Timeline

  /**
   * @param columns of a trace with times
   * @param parts into which the time from the first request to the last is cut for snapshots
   */
  constructor(columns: TraceColumns, settings: ServiceSettings, seed: string, parts = 60) {
    const state = new ServiceState(columns, settings, seed)
    const computations = new Computations(state, seed)
    const journeys = new Journeys(state, computations, seed)
    const warmUp = new WarmUp(state, computations)
    computations.awaiting = {
      answer: (request) => journeys.answer(request),
      fail: (request, isTurnedAway) => journeys.fail(request, isTurnedAway),
      warmUpEnded: () => warmUp.next(),
    }
    this.state = state
    this.computations = computations
    this.journeys = journeys
    this.operations = new Operations(state, computations.model, warmUp, seed)
    this.timeline = new Timeline(state, computations.model, parts)
    this.meters = state.meters
    this.model = computations.model
    this.tiers = state.tiers
    this.snapshots = this.timeline.snapshots
  }

  /** Lets the next `count` requests arrive, or all that are left; after the last of them, all that are in flight end. */
  advance(count = Infinity): void {
    const { state, timeline } = this
    const { times, events, requests, calls } = state
    const { length } = times
    const upTo = Math.min(length, state.position + count)
    while (!this.done) {
      const arrival = state.position < length ? times[state.position]! : Infinity
      const { soonest } = events
      if (soonest <= arrival) {
        if (soonest === Infinity || (arrival === Infinity && requests.used === 0 && calls.used === 0))
          this.finish()
        else {
          timeline.moveTo(soonest)
          events.take()
          this.happen(events.kind, events.of)
        }
      } else {
        if (state.position === upTo) return
        timeline.moveTo(arrival)
        this.journeys.arrive(state.position++)
        if (state.isFlooded) this.finish()
      }
    }
  }

  /** Requests that have arrived. */
  get position(): number {
    return this.state.position
  }

  /** The moment it has come to, in seconds since the first request. */
  get now(): number {
    return this.state.now
  }

  /** Whether it ended because more were in flight than are allowed. */
  get stoppedEarly(): boolean {
    return this.state.isFlooded
  }

  /** Requests in flight, counted or not. */
  get inFlight(): number {
    return this.state.requests.used
  }

  /** The time that all in flight have been here, added up. */
  get unfinishedSeconds(): number {
    const { meters, now } = this.state
    return meters.inFlight * now - meters.arrivalsOfThoseInFlight
  }

  private finish(): void {
    this.done = true
    this.timeline.finish()
  }

  private happen(kind: number, of: number): void {
    const { state, journeys, computations, operations } = this
    switch (kind) {
      case Event.lookup:
        journeys.lookedUp(of)
        return
      case Event.gaveUp:
        journeys.gaveUp(of)
        return
      case Event.answer:
        journeys.answer(of)
        return
      case Event.modelEnd:
        computations.endBatch(of)
        return
      case Event.modelWake:
        computations.model.wake(state.now)
        return
      case Event.stored:
        computations.stored(of)
        return
      case Event.lease:
        computations.endLease(of)
        return
      case Event.control:
        operations.happen(state.settings.events[of]!)
        return
      case Event.message:
        operations.hear(of)
        return
      case Event.instanceBack:
        operations.instanceBack(of)
        return
      case Event.tierBack:
        operations.tierBack(of)
        return
    }
  }
}
