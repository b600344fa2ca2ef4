import fc from 'fast-check'
import { InputError, PolicyFault } from '../core/errors.ts'
import { checkOptions, count, type OptionKinds, positiveCount } from '../core/options.ts'
import { type Parameters, type ParameterValues, resolveParameters } from '../core/parameters.ts'
import { completePolicy, type PolicyDefinition, type PolicyDraft } from '../core/policy.ts'
import { createRandom } from '../core/random.ts'
import { createReplay, type Replay, TraceColumns } from '../engine/replay.ts'
import { loadPolicy } from '../experiments/policies.ts'
import optimal from '../policies/optimal.ts'
import { type Course, courseOf, firstScenarios, type Scenario, scenarios } from './scenario.ts'
import { Flaw, Witness } from './witness.ts'

/** How a policy, or an admission filter, is checked. */
export interface CheckPolicyOptions {
  /** Settings it is created with, over its defaults; those of a text stand in its brackets. */
  readonly parameters?: Readonly<Record<string, string | number | boolean>> | undefined
  /** Random scenarios, at least 1; default 200. */
  readonly runs?: number | undefined
  /** Of the scenarios, a whole number; default 1. The same seed checks the same. */
  readonly seed?: number | undefined
}

export const CHECK_OPTIONS: OptionKinds<CheckPolicyOptions> = {
  parameters: {
    mustBe: 'an object of settings, such as { k: 3 }',
    holds: (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
  },
  runs: positiveCount,
  seed: count,
}

/**
 * Holds a policy to the contract, over small random caches: reads, writes, deletes and expiry, capacities from one entry
 * to more than there are keys, in entries and in bytes.
 *
 * - `evict` gives up residents only, each once, several in a row and down to the last; what `remove` was told is
 *   forgotten; a `victim` is what `evict` then gives up.
 * - The cache never holds more than its capacity.
 * - The same requests get the same answers, alone as beside another instance: no state is shared, no chance is drawn but
 *   from `context.random`.
 * - On plain reads nothing hits more often than the bound, unless it is one.
 *
 * @param policy a definition, or a text as on the command line: `lru`, `lru+tinylfu`, `./mine.js(k=3)`, with files relative
 *   to the working directory
 * @returns a promise that resolves where all holds
 * @throws Error that shows the smallest scenario found in which it does not, with every request and every call
 * @throws InputError where the policy or the options are none
 */
export async function checkPolicy<P extends Parameters>(
  policy: string | PolicyDraft<P>,
  options: CheckPolicyOptions = {},
): Promise<void> {
  checkOptions('checkPolicy()', options, CHECK_OPTIONS)
  if (typeof policy === 'string') {
    const { text, definition, parameters } = await loadPolicy(policy)
    if (options.parameters !== undefined)
      throw new InputError(
        `checkPolicy() is given '${text}' and parameters: write the settings of a text in brackets`,
      )
    return examine(definition, parameters, options)
  }
  const definition = completePolicy(policy, 'checkPolicy()') as unknown as PolicyDefinition
  const owner = `policy '${definition.name}'`
  return examine(
    definition,
    resolveParameters(definition.parameters, options.parameters ?? {}, owner),
    options,
  )
}

/** @throws Error that shows the smallest scenario in which the policy does not keep the contract */
export async function examine(
  definition: PolicyDefinition,
  parameters: ParameterValues<Parameters>,
  { runs = 200, seed = 1 }: CheckPolicyOptions,
): Promise<void> {
  const bench = new Bench(definition, parameters)
  for (const scenario of firstScenarios) await bench.examine(scenario)
  const property = fc.asyncProperty(scenarios, (scenario) => bench.examine(scenario))
  const found = await fc.check(property, { numRuns: runs, seed })
  if (!found.failed) return
  throw found.errorInstance
}

/** What one instance of a policy did. */
interface Account {
  readonly course: Course
  readonly calls: readonly (readonly string[])[]
  /** Undefined where it did all as it should. */
  readonly flaw: Flaw | undefined
  readonly hits: number
}

/** An instance of the policy in a cache, which one request after another is put to. */
class Trial {
  readonly course: Course
  readonly length: number
  private readonly replay: Replay
  private readonly witness: Witness
  private readonly drains: boolean
  /** Whether a capacity holds the policy back. */
  private readonly held: boolean
  /** As they were before the policy saw them. */
  private readonly keys: Uint32Array
  private flaw: Flaw | undefined

  constructor(course: Course, replay: Replay, witness: Witness, drains: boolean, held: boolean) {
    this.course = course
    this.length = course.trace.length
    this.keys = course.trace.keys.slice()
    this.replay = replay
    this.witness = witness
    this.drains = drains
    this.held = held
  }

  /** Goes on up to request `end`. */
  advance(end: number): void {
    this.guard(() => {
      while (this.replay.position < end) this.step()
    })
  }

  /** Goes on to the last request, and to what comes then. */
  finish(): void {
    this.advance(this.length)
    if (this.drains) this.guard(() => this.witness.giveUpAll(this.course.spare, this.length - 1))
  }

  /** Keeps the first flaw; after it, nothing more is asked. */
  private guard(ask: () => void): void {
    if (this.flaw !== undefined) return
    try {
      ask()
    } catch (error) {
      const cause = error instanceof PolicyFault ? error.cause : error
      if (!(cause instanceof Flaw)) throw error
      this.flaw = cause
    }
  }

  private step(): void {
    const { replay, course } = this
    this.witness.nextRequest()
    replay.advance(1)
    if (this.held && replay.occupied > course.cache.capacity)
      throw new Flaw(`the cache holds ${replay.occupied}, more than its capacity of ${course.cache.capacity}`)
    if (course.trace.keys.some((key, at) => key !== this.keys[at]))
      throw new Flaw('it wrote to context.keys, which all policies share')
  }

  get account(): Account {
    const { course, flaw, replay, witness } = this
    const hits = replay.outcomes.subarray(0, replay.position).filter((found) => found === 1).length
    return { course, flaw, hits, calls: witness.calls }
  }
}

/** What two instances differ by that were asked the same. */
const OUTSIDE = 'all its state must be in what create returns, all chance come from context.random'

/** Examines one policy, scenario by scenario. */
class Bench {
  private readonly definition: PolicyDefinition
  private readonly parameters: ParameterValues<Parameters>
  /** The same policy with a witness before it; one definition, since each has loops of its own. */
  private readonly watched: PolicyDefinition
  private witness: Witness | undefined

  constructor(definition: PolicyDefinition, parameters: ParameterValues<Parameters>) {
    this.definition = definition
    this.parameters = parameters
    this.watched = {
      ...definition,
      create: (context, values) => {
        const witness = this.witness!
        const giveUp = (key: number) => {
          witness.gaveUp(key)
          context.giveUp(key)
        }
        const policy = definition.create(Object.create(context, { giveUp: { value: giveUp } }), values)
        // What is no policy goes through to the engine, which says so.
        return typeof policy?.evict === 'function' ? witness.watch(policy) : policy
      },
    }
  }

  /** @throws Error that shows the scenario, where the policy is wrong in it */
  async examine(scenario: Scenario): Promise<void> {
    const alone = await this.run(scenario)
    if (alone.flaw) throw this.failure(alone.flaw.message, alone)
    const { definition } = this
    if (!scenario.full && !definition.bound && !definition.needs.includes('ttl')) {
      const most = await hitsOfOptimal(alone.course)
      if (alone.hits > most)
        throw this.failure(`it hits ${alone.hits} times, and no policy can more than ${most} times`, alone)
    }
    if (scenario.inCompany) await this.examineInCompany(scenario, alone)
  }

  private async examineInCompany(scenario: Scenario, alone: Account): Promise<void> {
    const again = await this.run(scenario)
    if (differ(alone, again)) {
      throw this.failure(`a second instance did otherwise than the first: ${OUTSIDE}`, again, alone)
    }

    const neighbour = { ...scenario, high: !scenario.high }
    const other = await this.run(neighbour)
    if (other.flaw) throw this.failure(other.flaw.message, other)
    const [first, second] = [await this.start(scenario), await this.start(neighbour)]
    first.advance(Math.ceil(first.length / 2))
    second.finish()
    first.finish()
    for (const [beside, before] of [
      [first.account, alone],
      [second.account, other],
    ] as const) {
      if (differ(before, beside)) {
        throw this.failure(`beside another instance it did otherwise than alone: ${OUTSIDE}`, beside, before)
      }
    }
  }

  private async run(scenario: Scenario): Promise<Account> {
    const trial = await this.start(scenario)
    trial.finish()
    return trial.account
  }

  private async start(scenario: Scenario): Promise<Trial> {
    const { definition, watched, parameters } = this
    const course = courseOf(scenario, definition)
    const witness = new Witness(scenario)
    this.witness = witness
    const random = createRandom(scenario.draw, `policy:${definition.name}`)
    const replay = await createReplay(
      new TraceColumns(course.trace),
      watched,
      parameters,
      course.cache,
      random,
    )
    // What else can be given up depends on the trace and on what expires: those who look there are not asked.
    const drains = !definition.needs.includes('future') && !definition.needs.includes('ttl')
    return new Trial(course, replay, witness, drains, !definition.unbounded)
  }

  /** @param otherwise what was done before, where that differs */
  private failure(message: string, account: Account, otherwise?: Account): Error {
    const { course, calls, flaw } = account
    const text = (at: number, of: Account) => of.calls[at]?.join(', ') ?? ''
    const requests = course.requests.map((request, at) => `request ${at}: ${request}`)
    const titles = [...requests, `room for key ${course.spare}, again and again:`].slice(0, calls.length)
    const width = Math.max(...titles.map((title) => title.length))
    const lines = titles.map((title, at) => {
      const [now, before] = [text(at, account), otherwise && text(at, otherwise)]
      const instead = before === undefined || before === now ? '' : `   (before: ${before || 'no call'})`
      return `  ${title.padEnd(width)}  ${now}${instead}`.trimEnd()
    })
    return new Error(
      [`policy '${this.definition.name}': ${message}`, '', `  ${course.summary}`, ...lines].join('\n'),
      { cause: flaw?.cause ?? flaw },
    )
  }
}

function differ(a: Account, b: Account): boolean {
  return a.flaw?.message !== b.flaw?.message || JSON.stringify(a.calls) !== JSON.stringify(b.calls)
}

/** The bound is for those who may decline, too. */
const BYPASS = resolveParameters(optimal.parameters as Parameters, { bypass: true }, 'the bound')

async function hitsOfOptimal({ trace, cache }: Course): Promise<number> {
  const columns = new TraceColumns(trace)
  const replay = await createReplay(
    columns,
    optimal as unknown as PolicyDefinition,
    BYPASS,
    cache,
    createRandom(1, ''),
  )
  replay.advance()
  return replay.outcomes.filter((found) => found === 1).length
}
