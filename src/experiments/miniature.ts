import { FEW_ENTRIES } from '../analysis/estimate-margin.ts'
import type { KeySample } from '../analysis/key-sample.ts'
import type { ReusedMemory } from '../core/memory.ts'
import { createRandom, type Random } from '../core/random.ts'
import { createColumn, type Trace } from '../core/trace.ts'
import { Found } from '../engine/loop.ts'
import { type CacheSettings, createReplay, TraceColumns } from '../engine/replay.ts'
import type { ChosenPolicy } from './policies.ts'
import { pause, type Watch } from './watch.ts'

/** Requests replayed between two turns of the event loop. */
const TURN = 1 << 20

/** The settings of a cache that is smaller by as much as a sample is; its capacity need not be whole. */
export function scaledDown(settings: CacheSettings, { keyShare, byteShare }: KeySample): CacheSettings {
  const share = settings.capacityUnit === 'bytes' ? (byteShare ?? 1) : keyShare
  return { ...settings, capacity: settings.capacity * share }
}

/** Replays of a sample. */
export class Miniature {
  readonly sample: KeySample
  readonly #replayer: Replayer
  readonly #hits: Float32Array

  constructor(sample: KeySample, seed: string, memory: ReusedMemory) {
    this.sample = sample
    this.#replayer = new Replayer(sample.trace, seed, memory)
    this.#hits = new Float32Array(sample.trace.length)
  }

  get replayed(): number {
    return this.#replayer.replayed
  }

  /**
   * @param whole settings of the cache that the miniature stands for
   * @returns [requests of the sample] 1 for a hit, or in between; overwritten by the next replay
   */
  async replay(policy: ChosenPolicy, whole: CacheSettings, watch: Watch): Promise<Float32Array> {
    this.#hits.fill(0)
    const settings = scaledDown(whole, this.sample)
    const entries = settings.capacity
    if (settings.capacityUnit === 'bytes' || entries >= FEW_ENTRIES) {
      await this.#add(policy, { ...settings, capacity: Math.round(entries) }, 1, watch)
      return this.#hits
    }
    const fewer = Math.floor(entries)
    await this.#add(policy, { ...settings, capacity: fewer }, 1 - (entries - fewer), watch)
    await this.#add(policy, { ...settings, capacity: fewer + 1 }, entries - fewer, watch)
    return this.#hits
  }

  async #add(policy: ChosenPolicy, settings: CacheSettings, share: number, watch: Watch): Promise<void> {
    if (share === 0 || settings.capacity === 0) return
    const outcomes = await this.#replayer.replay(policy, settings, watch)
    addHits(this.#hits, outcomes, share)
  }
}

export function countHits(outcomes: Uint8Array, from: number): number {
  let hits = 0
  for (let at = from; at < outcomes.length; at++) if (outcomes[at] === 1) hits++
  return hits
}

/** Looked up, since a branch on whether it is a hit would often be told wrong. */
function addHits(hits: Float32Array, outcomes: Uint8Array, share: number): void {
  const shares = new Float32Array(256)
  shares[Found.resident] = share
  for (let at = 0; at < hits.length; at++) hits[at]! += shares[outcomes[at]!]!
}

/** Replays of one trace, one after another. */
export class Replayer {
  replayed = 0
  /** Whether the policy drew at random in the last replay, so that another seed gives another rate. */
  drewAtRandom = false
  readonly #columns: TraceColumns
  readonly #seed: string
  readonly #memory: ReusedMemory
  #outcomes: Uint8Array<ArrayBuffer> | undefined

  constructor(trace: Trace, seed: string, memory: ReusedMemory) {
    this.#columns = new TraceColumns(trace)
    this.#seed = seed
    this.#memory = memory
  }

  /** What each request finds; overwritten by the next replay. */
  async replay(policy: ChosenPolicy, settings: CacheSettings, watch: Watch): Promise<Uint8Array> {
    this.#outcomes ??= createColumn(Uint8Array, this.#columns.trace.length)
    this.drewAtRandom = false
    const random = this.#noted(createRandom(this.#seed, `policy:${policy.text}`))
    this.#memory.reuse()
    const options = { text: policy.text, outcomes: this.#outcomes, memory: this.#memory }
    const { definition, parameters } = policy
    const replay = await createReplay(this.#columns, definition, parameters, settings, random, options)
    while (replay.position < replay.length) {
      replay.advance(Math.min(TURN, replay.length - replay.position))
      await pause(watch)
    }
    this.replayed += replay.length
    return this.#outcomes
  }

  /** The same stream; whether it is drawn from is noted. */
  #noted(random: Random): Random {
    const noted = <T>(draw: () => T) => {
      return () => {
        this.drewAtRandom = true
        return draw()
      }
    }
    return Object.assign(noted(random), { double: noted(random.double), int32: noted(random.int32) })
  }
}
