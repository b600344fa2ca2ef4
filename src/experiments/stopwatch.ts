import type { Measured } from '../core/result.ts'
import { VERSION } from '../core/version.ts'

/** The measured half of a result: wall times, which no simulated number depends on. */
export class Stopwatch {
  readonly #startedAt = new Date()
  readonly #start = performance.now()
  #loadSeconds = 0

  /** The trace is there. */
  loaded(): void {
    this.#loadSeconds = (performance.now() - this.#start) / 1000
  }

  /** @param replayed requests, over all policies, sizes and seeds */
  measured(replayed: number, replaySeconds: number): Measured {
    return {
      startedAt: this.#startedAt.toISOString(),
      totalSeconds: (performance.now() - this.#start) / 1000,
      loadSeconds: this.#loadSeconds,
      replaySeconds,
      requestsPerSecond: replaySeconds === 0 ? 0 : replayed / replaySeconds,
      version: VERSION,
    }
  }
}
