/*
 * A thread of a sweep: it is given cells, one at a time, over columns that all threads share.
 */
import { workerData } from 'node:worker_threads'
import type { Trace } from '../core/trace.ts'
import { type CellInput, CellRunner, type CellTask, type MeasuredCell } from './cell-runner.ts'
import { collectGarbage } from './collect-garbage.ts'
import { findPolicy } from './policies.ts'
import { answerTasks } from './thread-side.ts'

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

answerTasks<CellTask, MeasuredCell>(async (task, onProgress) => {
  const measured = await runner.run(await findPolicy(task.origin!), task, (requests) => {
    onProgress(requests)
    return true
  })
  tidy(input.trace)
  return measured!
})
