import { availableParallelism } from 'node:os'
import type { Worker } from 'node:worker_threads'
import { describeThrown, InputError } from '../core/errors.ts'
import type { CellInput, CellTask, MeasuredCell } from './cell-runner.ts'
import type { ThreadMessage } from './cell-worker.ts'
import { unpackError } from './sent-error.ts'
import { CAN_START, startThread } from './thread.ts'

/** Requests, over all cells, below which a thread would take longer to start than it saves. */
const WORTH_A_THREAD = 10_000_000

/**
 * How many threads to start: as many as were asked for, or as the machine has cores where the work is worth it, and no
 * more than there are cells. 1 stands for none beside the one we are on.
 */
export function threadsFor(asked: number | undefined, cells: number, requests: number): number {
  if (!CAN_START) return 1
  const wanted = asked ?? (cells * requests < WORTH_A_THREAD ? 1 : availableParallelism())
  return Math.min(wanted, cells)
}

/** What is to be told of a run on threads. */
export interface ThreadHooks {
  /** Requests replayed since the last call; negative where a cell begins anew. */
  onProgress(requests: number, task: CellTask): void
  /** A cell is done; `at` is its place among the tasks. */
  onDone(at: number, measured: MeasuredCell): void
}

/**
 * Runs cells on threads that share the columns. Each takes the next cell when it has finished one, in the order given;
 * what a cell comes to does not depend on the thread. One whose thread dies is run once more on a new one.
 * @throws InputError where a cell's policy needs what the trace does not have
 * @throws Error where a thread dies twice over the same cell: an InputError where its policy is in a file
 */
export class Threads {
  readonly #input: CellInput
  readonly #tasks: readonly CellTask[]
  readonly #hooks: ThreadHooks
  readonly #workers = new Set<Worker>()
  #next = 0
  #stopped = false

  constructor(input: CellInput, tasks: readonly CellTask[], hooks: ThreadHooks) {
    this.#input = input
    this.#tasks = tasks
    this.#hooks = hooks
  }

  async run(threads: number): Promise<void> {
    try {
      await Promise.all(Array.from({ length: threads }, () => this.#work()))
    } finally {
      await this.stop()
    }
  }

  /** Ends all threads, whatever they are at. */
  async stop(): Promise<void> {
    this.#stopped = true
    this.#next = this.#tasks.length
    await Promise.all(Array.from(this.#workers, (worker) => worker.terminate()))
  }

  /** One thread, and the one that takes its place should it die. */
  async #work(): Promise<void> {
    let worker = this.#start()
    while (this.#next < this.#tasks.length) {
      const at = this.#next++
      // A thread that dies between two cells is heard by nobody.
      if (!this.#workers.has(worker)) worker = this.#start()
      const first = await this.#runOn(worker, at)
      if (first === undefined) continue
      worker = this.#start()
      const second = await this.#runOn(worker, at)
      if (second === undefined) continue
      throw deadlyCell(this.#tasks[at]!, second)
    }
    await worker.terminate()
  }

  #start(): Worker {
    const { keyNames: _, source: __, ...trace } = this.#input.trace
    const input: CellInput = { ...this.#input, trace }
    const worker = startThread(new URL('./cell-worker.js', import.meta.url), input)
    this.#workers.add(worker)
    worker.once('exit', () => this.#workers.delete(worker))
    return worker
  }

  /** Runs a cell; returns why the thread died, or undefined where it is done or was stopped. */
  #runOn(worker: Worker, at: number): Promise<Error | undefined> {
    const task = this.#tasks[at]!
    return new Promise((resolve, reject) => {
      let replayed = 0
      const progress = (requests: number) => {
        replayed += requests
        this.#hooks.onProgress(requests, task)
      }
      const finish = (settle: () => void) => {
        worker.off('message', hear)
        worker.off('error', fail)
        worker.off('exit', leave)
        settle()
      }
      const die = (reason: Error) =>
        finish(() => {
          progress(-replayed)
          resolve(reason)
        })
      const hear = (message: ThreadMessage) => {
        if (message.kind === 'progress') progress(message.requests)
        else if (message.kind === 'done')
          finish(() => {
            this.#hooks.onDone(at, message.measured)
            resolve(undefined)
          })
        else finish(() => reject(unpackError(message.error)))
      }
      const fail = (error: Error) => die(error)
      const leave = (code: number) => {
        // After `stop` nobody waits for the cell any more.
        if (this.#stopped) finish(() => resolve(undefined))
        else die(new Error(`it ended with exit code ${code}`))
      }
      worker.on('message', hear)
      worker.on('error', fail)
      worker.on('exit', leave)
      worker.postMessage(task)
    })
  }
}

/** A cell over which threads die. Where the policy is the user's own, that is to be mended there. */
function deadlyCell({ policy, origin, cache }: CellTask, cause: Error): Error {
  const from = origin?.file === undefined ? '' : ` of the policy file '${origin.file.path}'`
  const message = `the thread that ran ${policy}${from} at ${cache.capacity} ${cache.capacityUnit} died twice: ${describeThrown(cause)}`
  return from === '' ? new Error(message, { cause }) : new InputError(message, { cause })
}
