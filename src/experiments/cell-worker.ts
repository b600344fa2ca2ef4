/*
 * The other side of `threads.ts`: a thread that is given cells, one at a time, and says what they came to.
 */
import { parentPort, workerData } from 'node:worker_threads'
import { type CellInput, CellRunner, type CellTask, type MeasuredCell } from './cell-runner.ts'
import { findPolicy } from './policies.ts'
import { packError, type SentError } from './sent-error.ts'
import { keepManners } from './thread-manners.ts'

/** What a thread says. */
export type ThreadMessage =
  | { readonly kind: 'progress'; readonly requests: number }
  | { readonly kind: 'done'; readonly measured: MeasuredCell }
  | { readonly kind: 'failed'; readonly error: SentError }

keepManners()
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
  } catch (error) {
    say({ kind: 'failed', error: packError(error) })
  }
})
