/*
 * A thread that estimates policies of files, from a sample of its own.
 */
import { workerData } from 'node:worker_threads'
import { type Estimate, Estimator } from './estimate.ts'
import type { EstimateInput, EstimateTask } from './estimate-thread.ts'
import { findPolicy } from './policies.ts'
import { answerTasks } from './thread-side.ts'

const { trace, draw } = workerData as EstimateInput

answerTasks<EstimateTask, Estimate>(async ({ origin, sizes, settings }) => {
  const estimator = await Estimator.draw(trace, draw)
  return estimator.estimate(await findPolicy(origin), sizes, settings)
})
