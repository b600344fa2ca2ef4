import type { ReusedMemory } from '../core/memory.ts'
import { createRandom } from '../core/random.ts'
import type { Trace } from '../core/trace.ts'
import { type CacheSettings, createReplay, type MadeColumns, TraceColumns } from '../engine/replay.ts'
import { type Measurement, Meter, type MeterColumns } from './measure.ts'
import { type Outcomes, ofReplay } from './outcomes.ts'
import type { ChosenPolicy, PolicyOrigin } from './policies.ts'

/** Requests replayed between two turns of the event loop, so that progress shows and an interrupt is heard. */
const TURN = 1 << 20

/** What all cells of one seed have in common: plain data, and columns on shared memory. */
export interface CellInput {
  readonly trace: Trace
  readonly made: MadeColumns
  readonly meter: MeterColumns
  readonly seed: string
}

/** One policy through one cache: plain data. */
export interface CellTask {
  /** As the user wrote it; random streams are named after it. */
  readonly policy: string
  readonly origin: PolicyOrigin | undefined
  readonly cache: CacheSettings
}

/** What a cell's run came to. */
export interface MeasuredCell extends Measurement {
  /** Keys given up after the warm-up. */
  readonly evictions: number
}

/** Runs cells one after another; they share the array of outcomes, and the memory of their replays. */
export class CellRunner {
  readonly #columns: TraceColumns
  readonly #meter: Meter
  readonly #memory: ReusedMemory
  #outcomes: Uint8Array | undefined
  readonly #input: CellInput

  /** @param memory of nobody else while a cell is run */
  constructor(input: CellInput, memory: ReusedMemory) {
    this.#input = input
    this.#memory = memory
    this.#columns = new TraceColumns(input.trace, input.made)
    this.#meter = new Meter(input.meter)
  }

  /**
   * @param onTurn told every now and then how many requests were replayed since it was last told; where it says no, the
   *   cell is given up
   * @returns undefined where it was given up
   * @throws InputError where the policy needs what the trace does not have
   */
  async run(
    { definition, parameters }: ChosenPolicy,
    { policy: text, cache }: CellTask,
    onTurn: (requests: number) => boolean | Promise<boolean>,
  ): Promise<MeasuredCell | undefined> {
    const { seed, meter, trace } = this.#input
    this.#outcomes ??= new Uint8Array(trace.length)
    const outcomes = this.#outcomes
    const memory = this.#memory
    memory.reuse()
    const random = createRandom(seed, `policy:${text}`)
    const replay = await createReplay(this.#columns, definition, parameters, cache, random, {
      text,
      outcomes,
      memory,
    })
    // What the warm-up gave up is not counted either.
    let warmupEvictions = 0
    while (!replay.done) {
      const from = replay.position
      const warming = from < meter.warmupRequests
      const upTo = warming ? meter.warmupRequests : replay.length
      replay.advance(Math.min(TURN, upTo - from))
      if (warming) warmupEvictions = replay.evictions
      if (!(await onTurn(replay.position - from))) return undefined
    }
    return { ...this.#meter.measure(ofReplay(outcomes)), evictions: replay.evictions - warmupEvictions }
  }

  /**
   * The same of a cell whose outcomes are known without a replay.
   * @param evictions after the warm-up
   */
  measure(outcomes: Outcomes, evictions: number): MeasuredCell {
    return { ...this.#meter.measure(outcomes), evictions }
  }
}
