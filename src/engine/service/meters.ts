import { Waits } from './waits.ts'

/** A sum and the largest. */
export class Tally {
  count = 0
  sum = 0
  max = 0

  add(value: number): void {
    this.count++
    this.sum += value
    if (value > this.max) this.max = value
  }
}

/** How things stood at the end of one part of the run: totals so far, and the most since the part began. */
export interface Snapshot {
  /** Seconds since the first request. */
  readonly at: number
  readonly arrivals: number
  readonly answers: number
  readonly failures: number
  readonly fromCache: number
  readonly delayedHits: number
  readonly staleAnswers: number
  readonly calls: number
  readonly workSeconds: number
  readonly busySeconds: number
  readonly waiting: number
  readonly peakWaiting: number
  readonly peakInFlight: number
}

/**
 * What is counted while the service runs: requests that count, and calls made for them or by a warm-up. What says how
 * things stand at a moment is of all.
 */
export class Meters {
  /** [requests] seconds from arrival to answer; NaN where there was none, or it is not counted. */
  readonly latencies: Float64Array
  arrivals = 0
  answers = 0
  failures = 0
  /** Of the answers: by tier, from the nearest; those that waited for a computation of another; those that computed. */
  readonly hits: Float64Array
  delayedHits = 0
  computed = 0
  /** Of the failures: from the memory of an error, because no instance was there, because the call never began. */
  rememberedFailures = 0
  noInstance = 0
  turnedAway = 0
  /** Answers that a newer model would give differently, by seconds since that came. */
  readonly outdated = new Tally()
  /** Answers past their TTL, by seconds past it. */
  readonly pastTtl = new Tally()
  /** Of these: because the model failed. */
  staleIfError = 0
  /** Answers that are stale in either way. */
  staleAnswers = 0
  /** Calls that the model was asked for; those of them that the queue had no room for, and that waited too long in it. */
  askedCalls = 0
  queueFull = 0
  timeouts = 0
  /** Calls that began: all, those the warm-up made, those made behind a served answer, those that failed. */
  calls = 0
  warmUpCalls = 0
  refreshCalls = 0
  failedCalls = 0
  earlyRefreshes = 0
  /** Calls that began for what one that began too was already under way for when they were asked for. */
  duplicateCalls = 0
  /** Seconds of workers' time that calls took. */
  callSeconds = 0
  /** Seconds that calls waited: those that began, and those that gave up. */
  readonly callWaits = new Waits()
  takeovers = 0
  inFlight = 0
  peakInFlight = 0
  /** ∫ of requests in flight, of busy workers and of waiting calls over time. */
  inFlightSeconds = 0
  busySeconds = 0
  waitingSeconds = 0
  /** `busySeconds` when the first request came that counts. */
  busySecondsBefore = 0
  /** Seconds from arrival to the end of all requests that are answered or failed, counted or not. */
  sojournSeconds = 0
  /** The sum of the arrival times of those in flight. */
  arrivalsOfThoseInFlight = 0
  peakWaitingOfPart = 0
  peakInFlightOfPart = 0

  constructor(requests: number, tiers: number) {
    this.latencies = new Float64Array(requests).fill(Number.NaN)
    this.hits = new Float64Array(tiers)
  }
}
