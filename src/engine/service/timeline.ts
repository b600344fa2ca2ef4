import type { Snapshot } from './meters.ts'
import type { ModelQueue } from './model-queue.ts'
import type { ServiceState } from './service-state.ts'

/** The clock, and what adds up while it runs: how long how much was in flight, and how things stood part by part. */
export class Timeline {
  /** How things stood before second 0 and at the end of each part. */
  readonly snapshots: Snapshot[] = []
  private readonly state: ServiceState
  private readonly model: ModelQueue
  private readonly parts: number
  private readonly partSeconds: number
  private nextPart = 0

  /** @param parts into which the time from the first request to the last is cut */
  constructor(state: ServiceState, model: ModelQueue, parts: number) {
    const { times } = state
    this.state = state
    this.model = model
    this.parts = parts
    this.partSeconds = times.length === 0 ? 0 : times[times.length - 1]! / parts
    // What is warmed up before the first request comes before second 0.
    state.now = Math.min(0, state.events.soonest)
  }

  finish(): void {
    while (this.nextPart <= this.parts) this.snapshot(this.nextPart++ * this.partSeconds)
  }

  moveTo(time: number): void {
    const { meters } = this.state
    const { model } = this
    while (this.nextPart <= this.parts) {
      const end = this.nextPart * this.partSeconds
      // What comes as a part ends is of that part, but what comes at second 0 is of the first.
      if (this.nextPart === 0 ? time < 0 : time <= end) break
      this.accumulate(end - this.state.now)
      this.state.now = end
      this.nextPart++
      this.snapshot(end)
    }
    this.accumulate(time - this.state.now)
    this.state.now = time
    if (model.waiting > meters.peakWaitingOfPart) meters.peakWaitingOfPart = model.waiting
  }

  private accumulate(seconds: number): void {
    if (seconds <= 0) return
    const { meters } = this.state
    const { model } = this
    meters.inFlightSeconds += seconds * meters.inFlight
    meters.busySeconds += seconds * model.busy
    meters.waitingSeconds += seconds * model.waiting
  }

  private snapshot(at: number): void {
    const { meters } = this.state
    const { model } = this
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
}
