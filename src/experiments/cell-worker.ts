/*
 * The other side of `threads.ts`: a thread that is given cells, one at a time, and says what they came to.
 */
import { parentPort, workerData } from 'node:worker_threads'
import { InputError } from '../core/errors.ts'
import type { Trace } from '../core/trace.ts'
import { type CellInput, CellRunner, type CellTask, type MeasuredCell } from './cell-runner.ts'
import { collectGarbage } from './collect-garbage.ts'
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
const input = workerData as CellInput
const runner = new CellRunner(input)

/** Requests of a replay that takes long enough for a collection beside it to go unnoticed. */
const LONG_REPLAY = 4_000_000
/** Keys, over several replays, whose arrays are worth a collection: tens of megabytes. */
const MANY_KEYS = 1_000_000
let keysSince = 0

/** After a replay: makes room before the next cell is sent, whose arrays would come on top. */
function tidy({ length, keyCount }: Trace): void {
  if (length < LONG_REPLAY) return
  keysSince += keyCount
  if (keysSince < MANY_KEYS) return
  keysSince = 0
  collectGarbage()
}

port.on('message', async (task: CellTask) => {
  try {
    const measured = await runner.run(await findPolicy(task.origin!), task, (requests) => {
      say({ kind: 'progress', requests })
      return true
    })
    tidy(input.trace)
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
