/*
 * A thread of a sweep: it is given cells, one at a time, over columns that all threads share.
 */
import { workerData } from 'node:worker_threads'
import { ReusedMemory } from '../core/memory.ts'
import { type CellInput, CellRunner, type CellTask, type MeasuredCell } from './cell-runner.ts'
import { findPolicy } from './policies.ts'
import { answerTasks } from './thread-side.ts'

const runner = new CellRunner(workerData as CellInput, new ReusedMemory())

answerTasks<CellTask, MeasuredCell>(async (task, onProgress) => {
  const measured = await runner.run(await findPolicy(task.origin!), task, (requests) => {
    onProgress(requests)
    return true
  })
  return measured!
})
