import { inspectInSteps, inspectionWork } from '../analysis/inspect.ts'
import { checkOptions } from '../core/options.ts'
import type { Inspection, InspectResult } from '../core/result.ts'
import { RESULT_SCHEMA } from '../core/result-version.ts'
import type { Trace } from '../core/trace.ts'
import { advise } from './advice.ts'
import { compareCommand } from './compare-command.ts'
import { Stopwatch } from './stopwatch.ts'
import { pause, WATCH_OPTIONS, type Watch } from './watch.ts'
import { loadWorkload, WORKLOAD_OPTIONS, type WorkloadOptions } from './workload.ts'

/**
 * What a workload looks like, before any cache: skew, reuse, drift, one-hit keys, the ceiling of every
 * hit rate, and what follows from that.
 * @throws InputError for anything in the options or the trace that cannot be used
 */
export async function inspect(options: WorkloadOptions & Watch = {}): Promise<InspectResult> {
  checkOptions('inspect()', options, { ...WORKLOAD_OPTIONS, ...WATCH_OPTIONS })
  const stopwatch = new Stopwatch()
  const { trace, description, recipe, warnings } = await loadWorkload(options)
  stopwatch.loaded()
  const inspection = await analyse(trace, options)
  const { sentences, suggestion } = advise(inspection, description)
  return {
    schema: RESULT_SCHEMA,
    command: 'inspect',
    simulated: {
      workload: description,
      inspection,
      verdict: sentences,
      warnings: [...warnings],
      // A recipe knows how long its predictions are right.
      compareCommand: compareCommand(
        options,
        inspection,
        recipe.ttl === undefined ? suggestion : { ...suggestion, ttl: undefined },
      ),
    },
    measured: stopwatch.measured({ replayed: 0, replaySeconds: 0, threads: 1 }),
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
