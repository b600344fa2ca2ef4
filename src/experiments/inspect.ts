import { inspectInSteps, inspectionWork } from '../analysis/inspect.ts'
import type { Inspection, InspectResult } from '../core/result.ts'
import { RESULT_SCHEMA } from '../core/result-version.ts'
import type { Trace } from '../core/trace.ts'
import { Stopwatch } from './stopwatch.ts'
import { inspectVerdict } from './verdict.ts'
import { pause, type Watch } from './watch.ts'
import { openWorkload, type WorkloadOptions } from './workload.ts'

/**
 * What a workload looks like, before any cache: skew, reuse, one-hit keys, and the ceiling of every hit rate.
 * @throws InputError for anything in the options or the trace that cannot be used
 */
export async function inspect(options: WorkloadOptions & Watch): Promise<InspectResult> {
  const stopwatch = new Stopwatch()
  const { trace, description, warnings } = await openWorkload(options)
  stopwatch.loaded()
  const inspection = await analyse(trace, options)
  return {
    schema: RESULT_SCHEMA,
    command: 'inspect',
    simulated: {
      workload: description,
      inspection,
      verdict: inspectVerdict(inspection),
      warnings: [...warnings],
    },
    measured: stopwatch.measured(0, 0),
  }
}

async function analyse(trace: Trace, watch: Watch): Promise<Inspection> {
  const steps = inspectInSteps(trace)
  const total = inspectionWork(trace)
  let done = 0
  for (let step = steps.next(); ; step = steps.next()) {
    if (step.done) return step.value
    done += step.value
    watch.onProgress?.({ done, total, unit: 'requests', label: 'analysing' })
    await pause(watch)
  }
}
