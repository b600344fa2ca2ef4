import type { Random } from './random.ts'
import type { Part } from './registry.ts'

/** How long something takes, or how large it is: a constant, a distribution, or the trace's own column. */
export interface LatencyModel {
  /** The text it was made from, such as `lognormal:p50=120ms,p99=900ms`. */
  readonly text: string
  /** The value where it never varies; undefined where it does. */
  readonly constant?: number
  /** True where each request's own recorded cost is meant. */
  readonly recorded?: boolean
  /** One draw. @throws for a recorded model, which has nothing to draw from */
  sample(random: Random): number
}

/** A kind of latency model as it is registered. */
export interface LatencyDefinition extends Part {
  /** How it is written, for help texts: `lognormal:p50=120ms,p99=900ms`. */
  readonly usage: string
  /**
   * Makes one from what stands after the colon.
   * @param parse reads one quantity with its unit, and names the flag in its errors
   * @throws InputError for arguments that make no sense
   */
  create(argumentText: string, parse: (quantity: string) => number, what: string): LatencyModel
}
