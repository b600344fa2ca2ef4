import type { Trace } from '../core/trace.ts'
import type { CacheSettings } from '../engine/replay.ts'
import type { Estimate, EstimatorOptions } from './estimate.ts'
import type { ChosenPolicy, PolicyOrigin } from './policies.ts'
import { CAN_START } from './thread.ts'
import { Threads } from './threads.ts'
import { interruptible, type Watch } from './watch.ts'

/*
 * Estimates of policies in files of the user's own: their code runs on threads only.
 */

/** What `Estimator.estimate` is asked. */
type Asked = readonly [
  policy: ChosenPolicy,
  sizes: readonly number[],
  settings: Omit<CacheSettings, 'capacity'>,
]

/** What such a thread is started with: plain data, and columns on shared memory. */
export interface EstimateInput {
  readonly trace: Trace
  readonly draw: EstimatorOptions
}

/** What it is then asked: plain data. */
export interface EstimateTask {
  readonly origin: PolicyOrigin
  readonly sizes: Asked[1]
  readonly settings: Asked[2]
}

/** Whether this thread has only the description of a policy. */
export function needsThread({ origin }: ChosenPolicy): boolean {
  return CAN_START && origin?.file !== undefined
}

/**
 * The same as `Estimator.estimate`, on a thread that draws the same sample.
 * @throws InputError where the policy fails, or needs what the trace does not have
 */
export async function estimateOnThread(
  { keyNames: _, source: __, ...trace }: Trace,
  draw: EstimatorOptions,
  [{ text, origin }, sizes, settings]: Asked,
  watch: Watch,
): Promise<Estimate> {
  let estimate: Estimate | undefined
  const thread = new Threads<EstimateTask, Estimate>({
    module: new URL('./estimate-worker.js', import.meta.url),
    common: { trace, draw } satisfies EstimateInput,
    tasks: 1,
    task: () => ({ origin: origin!, sizes, settings }),
    nameOf: () => `${text} of the policy file '${origin!.file!.path}' on a sample`,
    isUsersCode: () => true,
    onProgress: () => {},
    onDone: (_, done) => {
      estimate = done
    },
  })
  try {
    await interruptible(thread.run(1), watch)
  } finally {
    await thread.stop()
  }
  return estimate!
}
