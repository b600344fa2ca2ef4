import { memoryUsage } from 'node:process'
import { Bench } from 'tinybench'
import type { Trace } from '../../core/trace.ts'
import { TraceColumns } from '../../engine/replay.ts'
import { collectGarbage } from '../collect-garbage.ts'
import type { ChosenPolicy } from '../policies.ts'
import type { Capacity } from '../sizes.ts'
import { beginningOf, countHits, startPolicy } from './contest.ts'
import { loadGetSet } from './load.ts'
import type { FoundPackage } from './packages.ts'

/** Who takes part. */
export type Contestant = ChosenPolicy | FoundPackage

export function isPolicy(contestant: Contestant): contestant is ChosenPolicy {
  return 'definition' in contestant
}

/** What a runner is asked for: plain data. */
export interface RunRequest extends Pick<Capacity, 'capacity' | 'unit'> {
  /** Its place among the runner's. */
  readonly contestant: number
  /**
   * - check: the first requests, to count hits
   * - time: all requests
   * - weigh: the same, and the memory it takes; a package is only filled
   */
  readonly what: 'check' | 'time' | 'weigh'
  /** Whether garbage of others is collected first; who is weighed never has any. */
  readonly afresh?: boolean
}

/** What a run came to. */
export interface RunResult {
  readonly milliseconds: number
  readonly hits: number
  /** Alive after the run and not before it; null where it was not weighed. */
  readonly bytes: number | null
}

/** Bytes of the heap that come and go whatever runs: compiled code, messages. */
const HEAP_NOISE = 1 << 20

type Memory = Pick<NodeJS.MemoryUsage, 'heapUsed' | 'arrayBuffers'>

function memory(): Memory {
  // Twice: arrays that are found dead are freed at leisure, but before the next search for dead ones.
  collectGarbage()
  collectGarbage()
  return memoryUsage()
}

/** Bytes that are alive now and were not before, in arrays and on the heap. */
function grownSince(before: Memory): number {
  const now = memory()
  const heap = now.heapUsed - before.heapUsed
  return now.arrayBuffers - before.arrayBuffers + (heap > HEAP_NOISE ? heap : 0)
}

/** Runs contestants one after another, on the thread it is made on. */
export class Runner {
  readonly #contestants: readonly Contestant[]
  readonly #columns: TraceColumns
  readonly #beginning: TraceColumns
  /** [requests] for all: none runs while another does. */
  readonly #outcomes: Uint8Array
  /** Contestants and capacities that V8 has got to know. */
  readonly #known = new Set<string>()

  constructor(trace: Trace, outcomes: Uint8Array, contestants: readonly Contestant[]) {
    this.#contestants = contestants
    this.#columns = new TraceColumns(trace)
    this.#beginning = new TraceColumns(beginningOf(trace))
    this.#outcomes = outcomes
    // What a bound is told of the future is no work of its own.
    if (contestants.some((one) => isPolicy(one) && one.definition.needs.includes('future')))
      void this.#columns.nextUse
  }

  /** @throws InputError where a policy does what it must not */
  async run(request: RunRequest): Promise<RunResult> {
    if (request.afresh) collectGarbage()
    const contestant = this.#contestants[request.contestant]!
    return isPolicy(contestant) ? this.#runPolicy(contestant, request) : this.#runPackage(contestant, request)
  }

  async #runPolicy(policy: ChosenPolicy, request: RunRequest): Promise<RunResult> {
    const { what, capacity } = request
    const place = `${request.contestant} ${capacity}`
    if (what !== 'check' && !this.#known.has(place)) await this.#replay(policy, this.#beginning, request)
    this.#known.add(place)
    if (what !== 'weigh')
      return this.#replay(policy, what === 'check' ? this.#beginning : this.#columns, request)
    const before = memory()
    const replay = await startPolicy(policy, this.#columns, request, this.#outcomes)
    const milliseconds = timed(() => replay.advance())
    const bytes = grownSince(before)
    return { milliseconds, hits: countHits(replay.outcomes), bytes }
  }

  /** A function of its own: what its frame holds would be alive, and weighed, during the next run. */
  async #replay(
    policy: ChosenPolicy,
    columns: TraceColumns,
    capacity: Pick<Capacity, 'capacity' | 'unit'>,
  ): Promise<RunResult> {
    const outcomes = this.#outcomes.subarray(0, columns.trace.length)
    const replay = await startPolicy(policy, columns, capacity, outcomes)
    const milliseconds = timed(() => replay.advance())
    return { milliseconds, hits: countHits(outcomes), bytes: null }
  }

  async #runPackage({ name, create }: FoundPackage, { what, capacity }: RunRequest): Promise<RunResult> {
    const { getThenSet, fill } = await loadGetSet(name)
    if (what !== 'weigh') {
      const { keys } = (what === 'check' ? this.#beginning : this.#columns).trace
      const cache = create(capacity)
      let hits = 0
      const milliseconds = timed(() => {
        hits = getThenSet(cache, keys)
      })
      return { milliseconds, hits, bytes: null }
    }
    if (this.#known.size === 0) fill(create(10), 100)
    this.#known.add(name)
    const before = memory()
    const cache = create(capacity)
    fill(cache, Math.min(2 * capacity, this.#columns.trace.keyCount))
    const bytes = grownSince(before)
    // Here so that it is alive until now.
    cache.get(0)
    return { milliseconds: 0, hits: 0, bytes }
  }
}

/** Milliseconds of one run. */
function timed(run: () => void): number {
  const bench = new Bench({ iterations: 1, time: 0, warmup: false, throws: true })
  bench.add('run', run, { async: false })
  const [task] = bench.runSync()
  if (task?.result.state !== 'completed') throw new Error(`the run did not complete: ${task?.result.state}`)
  return task.result.latency.mean
}
