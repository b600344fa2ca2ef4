import { inspectTrace } from '../analysis/inspect.ts'
import { checkOptions } from '../core/options.ts'
import type { InspectResult } from '../core/result.ts'
import { RESULT_SCHEMA } from '../core/result-version.ts'
import { Stopwatch } from './stopwatch.ts'
import { inspectVerdict } from './verdict.ts'
import { WATCH_OPTIONS, type Watch } from './watch.ts'
import { loadWorkload, WORKLOAD_OPTIONS, type WorkloadOptions } from './workload.ts'

/**
 * What a workload looks like, before any cache: skew, reuse, one-hit keys, and the ceiling of every hit rate.
 * @throws InputError for anything in the options or the trace that cannot be used
 */
export async function inspect(options: WorkloadOptions & Watch = {}): Promise<InspectResult> {
  checkOptions('inspect()', options, { ...WORKLOAD_OPTIONS, ...WATCH_OPTIONS })
  const stopwatch = new Stopwatch()
  const { trace, description, warnings } = await loadWorkload(options)
  stopwatch.loaded()
  const inspection = inspectTrace(trace)
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
