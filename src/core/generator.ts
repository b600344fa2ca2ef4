import type { Parameters, ParameterValues } from './parameters.ts'
import type { Random } from './random.ts'
import type { Part } from './registry.ts'

/**
 * A stream of keys. Ids are of the generator's own choice, 0 … keySpace − 1, most popular first where there is such an
 * order: the workload shuffles them before anyone sees them.
 */
export interface KeyStream {
  /** Ids lie in 0 … keySpace − 1. Not all need appear. */
  readonly keySpace: number
  /** Writes the next `out.length` ids. */
  fill(out: Uint32Array): void
}

/**
 * The most keys a catalogue can have and the most requests that can be drawn: ids are numbers of 32 bits, and columns
 * have a limited length.
 */
export const LARGEST_COUNT = 1_000_000_000

/** What a generator is created with. */
export interface GeneratorContext {
  /** Keys in the catalogue. */
  readonly keys: number
  /** Requests that will be drawn, in all. */
  readonly requests: number
  readonly random: Random
}

export interface GeneratorDefinition<P extends Parameters = Parameters> extends Part {
  readonly parameters: P
  create(context: GeneratorContext, parameters: ParameterValues<P>): KeyStream
}

/** Declares a generator: the default export of a generator file. */
export function defineGenerator<const P extends Parameters = Record<never, never>>(definition: {
  readonly name: string
  readonly summary: string
  readonly parameters?: P
  create(context: GeneratorContext, parameters: ParameterValues<P>): KeyStream
}): GeneratorDefinition<P> {
  return { ...definition, parameters: definition.parameters ?? ({} as P) }
}

/** When requests arrive. */
export interface ArrivalDefinition<P extends Parameters = Parameters> extends Part {
  readonly parameters: P
  /**
   * Writes arrival times in seconds, non-decreasing, the first at 0, at a mean of `rate` requests a second.
   */
  fill(times: Float64Array, rate: number, random: Random, parameters: ParameterValues<P>): void
}

/** Declares an arrival process: the default export of a file in generators/arrivals. */
export function defineArrivals<const P extends Parameters = Record<never, never>>(definition: {
  readonly name: string
  readonly summary: string
  readonly parameters?: P
  fill(times: Float64Array, rate: number, random: Random, parameters: ParameterValues<P>): void
}): ArrivalDefinition<P> {
  return { ...definition, parameters: definition.parameters ?? ({} as P) }
}
