import type { ReusedMemory } from '../core/memory.ts'
import type { Trace } from '../core/trace.ts'
import { formatCount } from '../core/units.ts'
import { type CellInput, CellRunner, type CellTask, type MeasuredCell } from './cell-runner.ts'
import { collectGarbage } from './collect-garbage.ts'
import { measurePassed, passOver } from './lru-cells.ts'
import type { ChosenPolicy } from './policies.ts'
import { describeSize, UNLIMITED } from './sizes.ts'
import { CAN_START } from './thread.ts'
import { Threads } from './threads.ts'
import { interruptible, pause, type Watch } from './watch.ts'
import { watchedUntil } from './watched-steps.ts'

/** Requests from which on what one pass leaves behind is worth a collection: tens of megabytes. */
const LONG_TRACE = 4_000_000

/** A replay makes hardly any objects: room for more of them would be used, and kept, all the same. */
const CELL_LIMITS = { maxYoungGenerationSizeMb: 4 }

function tidy({ length }: Trace): void {
  if (length >= LONG_TRACE) collectGarbage()
}

/** Cells to be run, and how. */
export interface Work {
  /** [cells] */
  readonly policies: readonly ChosenPolicy[]
  readonly tasks: readonly CellTask[]
  /** Places of those that one pass can serve. */
  readonly inOnePass: readonly number[]
  readonly threads: number
  /** For replays on this thread. */
  readonly memory: ReusedMemory
}

/**
 * Runs tasks, on threads of their own if there are to be several: the largest caches, which take longest, first. Those of
 * policies in files always are, before others: what a stranger wrote may never return, and this thread must go on to
 * hear of an interrupt.
 * @param given.onFailure told of the error that ended the runs, where those that are done are to count; else they reject
 */
export async function runTasks(
  input: CellInput,
  { policies, tasks, inOnePass, threads, memory }: Work,
  onProgress: (requests: number, label: string) => void,
  given: Watch & {
    readonly stop?: { readonly aborted: boolean } | undefined
    readonly onFailure?: ((error: unknown) => void) | undefined
  },
): Promise<(MeasuredCell | undefined)[]> {
  let failed = false
  // What runs here ends too once a thread has failed.
  const stop = {
    get aborted() {
      return failed || given.stop?.aborted === true
    },
  }
  const options = { ...given, stop }
  const measured: (MeasuredCell | undefined)[] = Array(tasks.length).fill(undefined)
  const passed = new Set(inOnePass)
  const order = [...tasks.keys()].filter((at) => !passed.has(at))
  const elsewhere = order.filter((at) => {
    const { origin } = policies[at]!
    return origin !== undefined && (threads > 1 || (CAN_START && origin.file !== undefined))
  })
  elsewhere.sort((a, b) => tasks[b]!.cache.capacity - tasks[a]!.cache.capacity)
  const here = order.filter((at) => !elsewhere.includes(at))
  const labelOf = ({ policy, cache: { capacity } }: CellTask) =>
    capacity === UNLIMITED ? `${policy} without a limit` : `${policy} at ${formatCount(capacity)}`

  const runHere = async () => {
    if (here.length + inOnePass.length === 0 || stop.aborted) return
    options.signal?.throwIfAborted()
    const runner = new CellRunner(input, memory)
    if (inOnePass.length > 0) await runInOnePass(runner)
    tidy(input.trace)
    for (const at of here) {
      if (stop.aborted) return
      const task = tasks[at]!
      measured[at] = await runner.run(policies[at]!, task, async (requests) => {
        onProgress(requests, labelOf(task))
        await pause(options)
        return !stop.aborted
      })
    }
  }
  const runInOnePass = async (runner: CellRunner) => {
    const served = inOnePass.map((at) => tasks[at]!)
    const label = `${served[0]!.policy} at all sizes`
    const pass = await watchedUntil(passOver(input, served), options, (requests) =>
      onProgress(requests, label),
    )
    tidy(input.trace)
    for (const at of inOnePass) {
      if (pass === undefined || stop.aborted) return
      measured[at] = measurePassed(runner, pass, tasks[at]!)
      await pause(options)
    }
  }
  const fail = (error: unknown) => {
    failed = true
    // An interrupt is no failure of a cell.
    given.signal?.throwIfAborted()
    if (given.onFailure === undefined) throw error
    given.onFailure(error)
  }
  if (elsewhere.length === 0) {
    await runHere().catch(fail)
    return measured
  }
  // What reading or drawing the requests has left behind is not to stand beside what comes.
  tidy(input.trace)
  const { keyNames: _, source: __, ...trace } = input.trace
  const taskOf = (at: number) => tasks[elsewhere[at]!]!
  const running = new Threads<CellTask, MeasuredCell>({
    module: new URL('./cell-worker.js', import.meta.url),
    common: { ...input, trace } satisfies CellInput,
    limits: CELL_LIMITS,
    tasks: elsewhere.length,
    task: taskOf,
    nameOf: (at) => {
      const { policy, origin, cache } = taskOf(at)
      const size =
        cache.capacity === UNLIMITED
          ? 'without a limit'
          : `at ${describeSize(cache.capacity, cache.capacityUnit)}`
      const from = origin?.file === undefined ? '' : ` of the policy file '${origin.file.path}'`
      return `${policy}${from} ${size}`
    },
    isUsersCode: (at) => taskOf(at).origin?.file !== undefined,
    onProgress: (requests, at) => onProgress(requests, labelOf(taskOf(at))),
    onDone: (at, result) => {
      measured[elsewhere[at]!] = result
    },
  })
  const runThere = () => running.run(Math.min(threads, elsewhere.length))
  // One thread is one at a time.
  const done = threads > 1 ? Promise.all([runThere(), runHere()]) : runThere().then(runHere)
  try {
    // Not `options`: what ends by a failure says of which.
    await interruptible(done, given)
  } catch (error) {
    fail(error)
  } finally {
    await running.stop()
  }
  return measured
}
