import { createIndexedRandom, type IndexedRandom } from '../../core/indexed-random.ts'
import type { LatencyModel } from '../../core/latency.ts'

/**
 * How long something takes for a request: a constant, a draw that belongs to the request's index, or what the trace
 * recorded for it. The same request gets the same duration in every simulation with the same seed.
 */
export class Duration {
  /** Seconds, where it never varies. */
  private readonly constant: number
  private readonly varies: boolean
  private readonly model: LatencyModel
  private readonly random: IndexedRandom
  private readonly recorded: Float32Array | undefined

  /**
   * @param model in milliseconds
   * @param costs [requests] milliseconds of each request, for a recorded model
   */
  constructor(model: LatencyModel, seed: string, stream: string, costs?: Float32Array) {
    this.model = model
    this.constant = model.constant === undefined ? Number.NaN : model.constant / 1000
    this.varies = model.constant === undefined
    this.random = createIndexedRandom(seed, stream)
    this.recorded = model.recorded ? costs : undefined
  }

  /** Seconds for the request of that index. */
  of(request: number): number {
    if (!this.varies) return this.constant
    if (this.recorded !== undefined) return this.recorded[request]! / 1000
    return this.model.sample(this.random(request)) / 1000
  }
}
