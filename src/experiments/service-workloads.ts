/* The requests of scenarios: read or drawn once for all variants that share them. */
import { InputError } from '../core/errors.ts'
import type { Trace } from '../core/trace.ts'
import { formatCount, parseRate } from '../core/units.ts'
import type { Scenario } from './scenario.ts'
import type { Change } from './scenario-file.ts'
import type { Watch } from './watch.ts'
import { loadWorkload, type Workload, type WorkloadOptions } from './workload.ts'

/** A scenario's requests, and how many times as fast as they stand there they come. */
export interface Requests {
  readonly workload: Workload
  readonly rate: number
}

export class Workloads {
  readonly #flags: WorkloadOptions & Watch
  readonly #loaded = new Map<string, Workload>()
  readonly #replacedBy: string | undefined

  /** @param flags what goes before the scenario's own workload: requests in its place, or other settings of it */
  constructor(flags: WorkloadOptions & Watch) {
    this.#flags = Object.fromEntries(Object.entries(flags).filter(([, value]) => value !== undefined))
    const { trace, workload } = this.#flags
    this.#replacedBy = trace !== undefined ? '--trace' : workload !== undefined ? '--workload' : undefined
  }

  /**
   * @param changes of the scenario, by `--vary`
   * @throws InputError for requests that cannot be read or drawn, have no times, or cannot come at the rate
   */
  async of({ workload: said, seed }: Scenario, changes: readonly Change[]): Promise<Requests> {
    const { recipe, trace, rate, ...columns } = said
    const isReplaced = this.#replacedBy !== undefined
    const varied = changes.filter(({ path }) => path === 'workload' || path.startsWith('workload.'))
    const unheard = isReplaced && varied.find(({ path }) => path !== 'workload.rate')
    if (unheard)
      throw new InputError(
        `--vary '${unheard.path}' changes the scenario's workload, which ${this.#replacedBy} replaces`,
      )
    // Requests in the place of the scenario's come as they came, and not at the rate of those.
    const wanted = isReplaced && varied.length === 0 ? undefined : rate
    const isRecorded = this.#flags.trace !== undefined || (!isReplaced && trace !== undefined)
    const options: WorkloadOptions & Watch = {
      ...(!isReplaced && columns),
      ...(!isReplaced && recipe !== undefined && { workload: recipe }),
      ...(!isReplaced && trace !== undefined && { trace }),
      ...(!isRecorded && wanted !== undefined && { rate: wanted }),
      ...(seed !== undefined && { seed }),
      ...this.#flags,
    }
    const workload = await this.#load(options)
    checkTimes(workload.trace)
    return { workload, rate: isRecorded && wanted !== undefined ? speedUp(workload.trace, wanted) : 1 }
  }

  async #load(options: WorkloadOptions & Watch): Promise<Workload> {
    // Of the flags, which are the same for all, only what can be written down matters.
    const { stdin: _, onProgress: __, signal: ___, ...settings } = options
    const key = JSON.stringify({ ...settings, ...this.#traceInMemory(settings) })
    const known = this.#loaded.get(key)
    if (known !== undefined) return known
    const workload = await loadWorkload(options)
    this.#loaded.set(key, workload)
    return workload
  }

  /** One that is given as such is the same for all, too. */
  #traceInMemory({ trace }: WorkloadOptions): { trace?: string } {
    return typeof trace === 'object' && 'keyCount' in trace ? { trace: 'in memory' } : {}
  }
}

const SECONDS_A_YEAR = 31_557_600
/** Beyond that seconds lose the decimals that latencies are made of. */
const MOST_YEARS = 1000

function checkTimes(trace: Trace): void {
  if (trace.times === undefined)
    throw new InputError(
      `${trace.name} has no times, and a service is simulated over time: name their column with 'time' in 'workload', or --time`,
    )
  const years = trace.times[trace.length - 1]! / SECONDS_A_YEAR
  if (years > MOST_YEARS)
    throw new InputError(
      `the requests of ${trace.name} come over ${years.toPrecision(3)} years, and ${formatCount(MOST_YEARS)} are the most: is the unit of their times right (--time-unit)?`,
    )
}

/** How many times as fast a recorded trace is played so that requests come at `rate`. */
function speedUp(trace: Trace, rate: string): number {
  const span = trace.times![trace.length - 1]!
  if (span === 0 || trace.length < 2)
    throw new InputError(`'rate' cannot be set for ${trace.name}: its requests all come at one moment`)
  return parseRate(rate, "'rate'") / ((trace.length - 1) / span)
}
