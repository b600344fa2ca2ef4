import { once } from 'node:events'
import type { Worker } from 'node:worker_threads'
import type { Trace } from '../../core/trace.ts'
import type { PolicyOrigin } from '../policies.ts'
import type { Capacity } from '../sizes.ts'
import { startThread } from '../thread.ts'
import { beginningOf } from './contest.ts'
import { fileBeside } from './load.ts'

/** What a worker is started with. The columns are shared, not copied. */
export interface AloneTask {
  readonly trace: Trace
  /** [requests] for the outcomes. */
  readonly outcomes: Uint8Array
  readonly contestant:
    | { readonly kind: 'policy'; readonly origin: PolicyOrigin }
    | { readonly kind: 'package'; readonly name: string }
}

/** A run it is asked for. */
export type AloneRequest = Pick<Capacity, 'capacity' | 'unit'>

/** What it found. */
export interface AloneResult {
  readonly milliseconds: number
  readonly hits: number
  /** Alive after the run and not before it. */
  readonly bytes: number
}

/** A policy, or a package, in a thread where nothing else ever runs. */
export class Alone {
  readonly #worker: Worker

  constructor({ trace, outcomes, contestant }: AloneTask) {
    const task: AloneTask = { trace: beginningOf(trace, trace.length), outcomes, contestant }
    this.#worker = startThread(fileBeside('alone-worker'), task)
  }

  /** @throws whatever the run throws */
  async run({ capacity, unit }: AloneRequest): Promise<AloneResult> {
    const answer = once(this.#worker, 'message') as Promise<[AloneResult]>
    this.#worker.postMessage({ capacity, unit } satisfies AloneRequest)
    return (await answer)[0]
  }

  async end(): Promise<void> {
    await this.#worker.terminate()
  }
}
