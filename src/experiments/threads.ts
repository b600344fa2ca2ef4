import { availableParallelism } from 'node:os'
import type { ResourceLimits, Worker } from 'node:worker_threads'
import { describeThrown, InputError } from '../core/errors.ts'
import { unpackError } from './sent-error.ts'
import { CAN_START, startThread } from './thread.ts'
import type { ThreadMessage } from './thread-side.ts'

/**
 * How many threads to start: as many as were asked for, or as the machine has cores where the work is worth it, and no
 * more than there are tasks. 1 stands for none beside the one we are on.
 * @param isWorthIt where nobody asked: whether threads save more time than they take to start
 */
export function threadsFor(asked: number | undefined, tasks: number, isWorthIt: boolean): number {
  if (!CAN_START) return 1
  const wanted = asked ?? (isWorthIt ? availableParallelism() : 1)
  return Math.max(1, Math.min(wanted, tasks))
}

/** Tasks for threads, and who is told of them. */
export interface ThreadWork<Task, Done> {
  /** A module in JavaScript that calls `answerTasks`. */
  readonly module: URL
  /** What all tasks have in common: plain data, and columns on shared memory. */
  readonly common: unknown
  /** Default: Node's. */
  readonly limits?: ResourceLimits
  readonly tasks: number
  /** The task of that number, plain data too; made when a thread is there for it. */
  task(at: number): Task | Promise<Task>
  /** `lru at 100 entries`: what a thread ran when it died. */
  nameOf(at: number): string
  /** Whether it runs code of the user's, who is then to mend what it dies of; default: none does. */
  isUsersCode?(at: number): boolean
  /** Requests done since the last call; negative where a task begins anew. */
  onProgress(requests: number, at: number): void
  /** A task is done. */
  onDone(at: number, done: Done): void
}

/**
 * Runs tasks on threads. Each takes the next task when it has finished one, in the order of their numbers; what a task
 * comes to does not depend on the thread. One whose thread dies is run once more on a new one.
 * @throws InputError where a task finds a mistake of the user's
 * @throws Error where a thread dies twice over the same task: an InputError where that is code of the user's
 */
export class Threads<Task, Done> {
  readonly #work: ThreadWork<Task, Done>
  readonly #workers = new Set<Worker>()
  #next = 0
  #stopped = false

  constructor(work: ThreadWork<Task, Done>) {
    this.#work = work
  }

  async run(threads: number): Promise<void> {
    try {
      await Promise.all(Array.from({ length: threads }, () => this.#runOne()))
    } finally {
      await this.stop()
    }
  }

  /** Ends all threads, whatever they are at. */
  async stop(): Promise<void> {
    this.#stopped = true
    this.#next = this.#work.tasks
    await Promise.all(Array.from(this.#workers, (worker) => worker.terminate()))
  }

  /** One thread, and the one that takes its place should it die. */
  async #runOne(): Promise<void> {
    let worker = this.#start()
    while (this.#next < this.#work.tasks) {
      const at = this.#next++
      const task = await this.#work.task(at)
      if (this.#stopped) return
      // A thread that dies between two tasks is heard by nobody.
      if (!this.#workers.has(worker)) worker = this.#start()
      const first = await this.#runOn(worker, at, task)
      if (first === undefined) continue
      worker = this.#start()
      const second = await this.#runOn(worker, at, task)
      if (second === undefined) continue
      throw this.#deadly(at, second)
    }
    await worker.terminate()
  }

  #start(): Worker {
    const worker = startThread(this.#work.module, this.#work.common, this.#work.limits)
    this.#workers.add(worker)
    worker.once('exit', () => this.#workers.delete(worker))
    return worker
  }

  /** Why a task over which threads die ends the run. */
  #deadly(at: number, cause: Error): Error {
    const message = `the thread that ran ${this.#work.nameOf(at)} died twice: ${describeThrown(cause)}`
    return this.#work.isUsersCode?.(at) ? new InputError(message, { cause }) : new Error(message, { cause })
  }

  /** Runs a task; returns why the thread died, or undefined where it is done or was stopped. */
  #runOn(worker: Worker, at: number, task: Task): Promise<Error | undefined> {
    return new Promise((resolve, reject) => {
      let done = 0
      const progress = (requests: number) => {
        done += requests
        this.#work.onProgress(requests, at)
      }
      const finish = (settle: () => void) => {
        worker.off('message', hear)
        worker.off('error', fail)
        worker.off('exit', leave)
        settle()
      }
      const die = (reason: Error) =>
        finish(() => {
          progress(-done)
          resolve(reason)
        })
      const hear = (message: ThreadMessage<Done>) => {
        if (message.kind === 'progress') progress(message.requests)
        else if (message.kind === 'done')
          finish(() => {
            this.#work.onDone(at, message.done)
            resolve(undefined)
          })
        else finish(() => reject(unpackError(message.error)))
      }
      const fail = (error: Error) => die(error)
      const leave = (code: number) => {
        // After `stop` nobody waits for the task any more.
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
