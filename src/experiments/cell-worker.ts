/*
 * The other side of `threads.ts`: a thread that is given cells, one at a time, and says what they came to.
 */
import { parentPort, workerData } from 'node:worker_threads'
import { InputError } from '../core/errors.ts'
import { type CellInput, CellRunner, type CellTask, type MeasuredCell } from './cell-runner.ts'
import { findPolicy } from './policies.ts'

/** What a thread says. */
export type ThreadMessage =
  | { readonly kind: 'progress'; readonly requests: number }
  | { readonly kind: 'done'; readonly measured: MeasuredCell }
  | {
      readonly kind: 'failed'
      readonly message: string
      readonly stack: string | undefined
      /** The user's mistake, not ours. */
      readonly isInput: boolean
    }

const port = parentPort!
const say = (message: ThreadMessage) => port.postMessage(message)
const runner = new CellRunner(workerData as CellInput)

port.on('message', async (task: CellTask) => {
  try {
    const measured = await runner.run(await findPolicy(task.origin!), task, (requests) => {
      say({ kind: 'progress', requests })
      return true
    })
    say({ kind: 'done', measured: measured! })
  } catch (thrown) {
    const error = thrown instanceof Error ? thrown : new Error(String(thrown))
    say({
      kind: 'failed',
      message: error.message,
      stack: error.stack,
      isInput: error instanceof InputError,
    })
  }
})
