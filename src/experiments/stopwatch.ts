import type { Measured } from '../core/result.ts'
import { VERSION } from '../core/version.ts'
import type { RunCells } from './runner.ts'

/** The measured half of a result: wall times, which no simulated number depends on. */
export class Stopwatch {
  readonly #startedAt = new Date()
  readonly #start = performance.now()
  #loadSeconds = 0

  /** The trace is there. */
  loaded(): void {
    this.#loadSeconds = (performance.now() - this.#start) / 1000
  }

  /** What the runs took, and all of it. */
  measured({
    replayed,
    replaySeconds,
    threads,
  }: Pick<RunCells, 'replayed' | 'replaySeconds' | 'threads'>): Measured {
    return {
      startedAt: this.#startedAt.toISOString(),
      totalSeconds: (performance.now() - this.#start) / 1000,
      loadSeconds: this.#loadSeconds,
      replaySeconds,
      threads,
      requestsPerSecond: replaySeconds === 0 ? 0 : replayed / replaySeconds,
      version: VERSION,
    }
  }
}
