import { createRandom } from '../core/random.ts'
import type { Trace } from '../core/trace.ts'
import { type CacheSettings, createReplay, type MadeColumns, TraceColumns } from '../engine/replay.ts'
import { type Measurement, Meter, type MeterColumns } from './measure.ts'
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

/** Runs cells one after another; they share the array of outcomes. */
export class CellRunner {
  readonly #columns: TraceColumns
  readonly #meter: Meter
  readonly #outcomes: Uint8Array
  readonly #input: CellInput

  constructor(input: CellInput) {
    this.#input = input
    this.#columns = new TraceColumns(input.trace, input.made)
    this.#meter = new Meter(input.meter)
    this.#outcomes = new Uint8Array(input.trace.length)
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
    const { seed, meter } = this.#input
    const outcomes = this.#outcomes
    const random = createRandom(seed, `policy:${text}`)
    const replay = await createReplay(this.#columns, definition, parameters, cache, random, {
      text,
      outcomes,
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
    return { ...this.#meter.measure(outcomes), evictions: replay.evictions - warmupEvictions }
  }

  /**
   * The same of a cell whose outcomes are known without a replay.
   * @param fill writes what each request found, see `Found`
   * @param evictions after the warm-up
   */
  measure(fill: (outcomes: Uint8Array) => void, evictions: number): MeasuredCell {
    fill(this.#outcomes)
    return { ...this.#meter.measure(this.#outcomes), evictions }
  }
}
