import type { Worker } from 'node:worker_threads'
import { describeThrown, InputError } from '../../core/errors.ts'
import type { Trace } from '../../core/trace.ts'
import type { PolicyOrigin } from '../policies.ts'
import { unpackError } from '../sent-error.ts'
import { startThread } from '../thread.ts'
import type { ThreadMessage } from '../thread-side.ts'
import { beginningOf } from './contest.ts'
import { fileBeside } from './load.ts'
import { type Contestant, isPolicy, type RunRequest, type RunResult } from './runner.ts'

/** What a worker is started with. The columns are shared, not copied. */
export interface RunnerTask {
  readonly trace: Trace
  /** [requests] for the outcomes. */
  readonly outcomes: Uint8Array
  readonly contestants: readonly (
    | { readonly kind: 'policy'; readonly origin: PolicyOrigin }
    | { readonly kind: 'package'; readonly name: string }
  )[]
}

/** A runner on a thread of its own, in which nothing else ever runs. This thread stays free to hear of interrupts. */
export class RunnerThread {
  readonly #worker: Worker
  readonly #runsUsersCode: boolean

  /** @param contestants policies that can be found by name or file, and packages */
  constructor(trace: Trace, outcomes: Uint8Array, contestants: readonly Contestant[]) {
    const task: RunnerTask = {
      trace: beginningOf(trace, trace.length),
      outcomes,
      contestants: contestants.map((one) =>
        isPolicy(one) ? { kind: 'policy', origin: one.origin! } : { kind: 'package', name: one.name },
      ),
    }
    this.#runsUsersCode = contestants.some((one) => isPolicy(one) && one.origin!.file !== undefined)
    this.#worker = startThread(fileBeside('runner-worker'), task)
  }

  /** @throws whatever the run throws, and where the thread dies: an InputError where it ran code of the user's */
  run(request: RunRequest): Promise<RunResult> {
    const worker = this.#worker
    return new Promise((resolve, reject) => {
      const finish = (settle: () => void) => {
        worker.off('message', hear)
        worker.off('error', die)
        worker.off('exit', leave)
        settle()
      }
      const hear = (message: ThreadMessage<RunResult>) => {
        if (message.kind === 'done') finish(() => resolve(message.done))
        else if (message.kind === 'failed') finish(() => reject(unpackError(message.error)))
      }
      const die = (cause: unknown) => {
        const message = `the thread of the benchmark died: ${describeThrown(cause)}`
        const error = this.#runsUsersCode ? new InputError(message, { cause }) : new Error(message, { cause })
        finish(() => reject(error))
      }
      const leave = (code: number) => die(new Error(`it ended with exit code ${code}`))
      worker.on('message', hear)
      worker.on('error', die)
      worker.on('exit', leave)
      worker.postMessage(request)
    })
  }

  async end(): Promise<void> {
    await this.#worker.terminate()
  }
}
