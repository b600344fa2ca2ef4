/* The requests of scenarios: read or drawn once for all variants that share them. */
import { InputError } from '../core/errors.ts'
import type { Trace } from '../core/trace.ts'
import { formatCount, parseRate } from '../core/units.ts'
import { RECORDED, type Scenario, type ScenarioWorkload } from './scenario.ts'
import type { Change } from './scenario-file.ts'
import { SettingError } from './setting-error.ts'
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
    const { rate: flaggedRate, ...flags } = this.#flags
    const varied = changes.filter(({ path }) => path === 'workload' || path.startsWith('workload.'))
    const unheard = isReplaced && varied.find(({ path }) => path !== 'workload.rate')
    if (unheard)
      throw new InputError(
        `--vary '${unheard.path}' changes the scenario's workload, which ${this.#replacedBy} replaces`,
      )
    const overruled = varied.find(
      ({ path }) => this.#flags[path.slice(9) as keyof WorkloadOptions] !== undefined,
    )
    if (overruled)
      throw new InputError(
        `--vary '${overruled.path}' changes what --${flagOf(overruled.path.slice(9))} sets: give one of them`,
      )
    // Requests in the place of the scenario's come as they came, and not at the rate of those.
    const own = isReplaced && varied.length === 0 ? undefined : rate
    const wanted = flaggedRate ?? own
    const rateName = flaggedRate === undefined ? "'rate'" : '--rate'
    const isRecorded = this.#flags.trace !== undefined || (!isReplaced && trace !== undefined)
    const options: WorkloadOptions & Watch = {
      ...(!isReplaced && columns),
      ...(!isReplaced && recipe !== undefined && { workload: recipe }),
      ...(!isReplaced && trace !== undefined && { trace }),
      ...(!isRecorded && wanted !== undefined && { rate: wanted }),
      ...(seed !== undefined && { seed }),
      ...flags,
    }
    const load = async () => {
      const workload = await this.#load(options)
      checkTimes(workload.trace)
      return {
        workload,
        rate: isRecorded && wanted !== undefined ? speedUp(workload.trace, wanted, rateName) : 1,
      }
    }
    return isReplaced ? load() : inTermsOf(said, this.#flags, load)
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

const flagOf = (setting: string) => setting.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)

/**
 * What `load` gives, which says flags where it refuses what a scenario's workload says.
 * @throws SettingError that names the setting, where no flag has been given in its place
 */
async function inTermsOf<T>(
  said: ScenarioWorkload,
  flags: WorkloadOptions,
  load: () => Promise<T>,
): Promise<T> {
  try {
    return await load()
  } catch (error) {
    // A mistake in a recipe of the user's has a place of its own.
    if (!(error instanceof InputError) || /^\S+:\d+:\d+: /.test(error.message)) throw error
    const settings = ['rate', 'requests', 'keys', 'alpha', ...RECORDED]
    const named = settings.filter((name) => new RegExp(`--${flagOf(name)}(?![\\w-])`).test(error.message))
    if (named.some((name) => flags[name as keyof WorkloadOptions] !== undefined)) throw error
    const message = named.reduce(
      (text, name) => text.replaceAll(new RegExp(`--${flagOf(name)}(?![\\w-])`, 'g'), `'${name}'`),
      error.message,
    )
    const at =
      named.find((name) => said[name] !== undefined) ?? (said.trace === undefined ? 'recipe' : 'trace')
    throw new SettingError(message, ['workload', at])
  }
}

const SECONDS_A_YEAR = 31_557_600
/** Beyond that seconds lose the decimals that latencies are made of. */
const MOST_YEARS = 1000

function checkTimes(trace: Trace): void {
  if (trace.times === undefined)
    throw new InputError(
      `${trace.name} has no times, and a service is simulated over time: name their column with --time`,
    )
  const years = trace.times[trace.length - 1]! / SECONDS_A_YEAR
  if (years > MOST_YEARS)
    throw new InputError(
      `the requests of ${trace.name} come over ${years.toPrecision(3)} years, and ${formatCount(MOST_YEARS)} are the most: is the unit of their times right (--time-unit)?`,
    )
}

/** How many times as fast a recorded trace is played so that requests come at `rate`. */
function speedUp(trace: Trace, rate: string, name: string): number {
  const span = trace.times![trace.length - 1]!
  if (span === 0 || trace.length < 2)
    throw new InputError(`${name} cannot be set for ${trace.name}: its requests all come at one moment`)
  return parseRate(rate, name) / ((trace.length - 1) / span)
}
