import { createColumn, type Trace } from '../../core/trace.ts'
import { type ChosenPolicy, findPolicy } from '../policies.ts'
import { type Capacity, describeSize } from '../sizes.ts'
import { CAN_START } from '../thread.ts'
import { interruptible, pause, type Watch } from '../watch.ts'
import { beginningOf } from './contest.ts'
import { expectedHits, Gate } from './gate.ts'
import type { FoundPackage } from './packages.ts'
import { type Contestant, isPolicy, Runner, type RunRequest, type RunResult } from './runner.ts'
import { RunnerThread } from './runner-thread.ts'

/** A policy or a package at one size, and how long it took: milliseconds for the whole trace, one a round. */
export interface Lane {
  readonly contestant: Contestant
  readonly capacity: Capacity
  /** On the thread where all others run too. */
  readonly together: number[]
  /** In a thread of its own; empty where it did not run there. */
  readonly alone: number[]
  hits: number
  /** Of memory; null where it was not weighed. */
  bytes: number | null
}

/** What takes part. */
export interface Field {
  readonly policies: readonly ChosenPolicy[]
  readonly packages: readonly FoundPackage[]
  readonly capacities: readonly Capacity[]
  readonly rounds: number
  /** Whether policies also run each in a thread of its own. */
  readonly alone: boolean
}

/** Policies and packages on the same requests, in turn, round after round. */
export class Race {
  readonly #trace: Trace
  readonly #watch: Watch
  readonly #field: Field
  /** [requests] for all: none runs while another does. */
  readonly #outcomes: Uint8Array
  readonly #gate = new Gate()
  readonly #contestants: readonly Contestant[]
  #together!: Pick<RunnerThread, 'run'>
  readonly #threads = new Map<string, RunnerThread>()
  #done = 0
  #total = 0

  constructor(trace: Trace, field: Field, watch: Watch) {
    this.#trace = trace
    this.#field = field
    this.#watch = watch
    this.#outcomes = createColumn(Uint8Array, trace.length)
    this.#contestants = [...field.packages, ...field.policies]
  }

  /**
   * @returns sizes in order, at each the packages and then the policies
   * @throws Error where counts differ that must not
   */
  async run(): Promise<Lane[]> {
    const { policies, packages, capacities, rounds, alone } = this.#field
    const lanes = capacities.flatMap((capacity) =>
      this.#contestants.map(
        (contestant): Lane => ({ contestant, capacity, together: [], alone: [], hits: 0, bytes: null }),
      ),
    )
    const inThreads = alone ? policies.filter(({ origin }) => origin !== undefined).length : 0
    const runsARound = (packages.length + policies.length + inThreads) * capacities.length
    const beginning = beginningOf(this.#trace)
    this.#total = beginning.length * lanes.length + this.#trace.length * runsARound * rounds
    try {
      this.#together = await this.#openTogether()
      await this.#check(beginning, lanes)
      if (alone) await this.#weighPackages(lanes)
      for (let round = 1; round <= rounds; round++) {
        for (const capacity of capacities) {
          const here = lanes.filter((lane) => lane.capacity === capacity)
          await this.#runRound(here, `round ${round} of ${rounds}`)
        }
      }
      return lanes
    } finally {
      for (const thread of this.#threads.values()) await thread.end()
    }
  }

  /** A thread for all; but what is no more than an object of the caller's cannot leave this one. */
  async #openTogether(): Promise<Pick<RunnerThread, 'run'>> {
    const canLeave = CAN_START && this.#field.policies.every(({ origin }) => origin !== undefined)
    if (canLeave) return this.#threadFor('all of them', this.#contestants)
    const loaded = this.#contestants.map((one) =>
      isPolicy(one) && one.origin?.file !== undefined ? findPolicy(one.origin) : one,
    )
    return new Runner(this.#trace, this.#outcomes, await Promise.all(loaded))
  }

  /** Has every contestant replay the first requests, and compares what it counts. Nothing is timed. */
  async #check(beginning: Trace, lanes: readonly Lane[]): Promise<void> {
    for (const lane of lanes) {
      const { contestant, capacity } = lane
      await this.#turn(`checking ${nameOf(contestant)}`, beginning.length)
      const { hits } = await this.#runTogether(lane, 'check')
      this.#gate.check(ruleOf(contestant), capacity, beginning.length, hits, nameOf(contestant))
      const expected = isPolicy(contestant) ? expectedHits(contestant.text, beginning, capacity) : undefined
      if (expected === undefined) continue
      this.#gate.check(
        ruleOf(contestant),
        capacity,
        beginning.length,
        expected,
        `a naive ${nameOf(contestant)}`,
      )
    }
  }

  /** A package is weighed in a thread of its own: elsewhere its memory could not be told from that of the others. */
  async #weighPackages(lanes: readonly Lane[]): Promise<void> {
    for (const lane of lanes) {
      if (isPolicy(lane.contestant)) continue
      await this.#turn(`weighing ${nameOf(lane.contestant)}`, 0)
      lane.bytes = (await this.#runAlone(lane)).bytes
    }
  }

  /** Everything at one size, once: each alone right after the run it is compared with. */
  async #runRound(lanes: readonly Lane[], round: string): Promise<void> {
    for (const [at, lane] of lanes.entries()) {
      const { contestant } = lane
      await this.#turn(`${labelOf(lane)}, ${round}`, this.#trace.length)
      const together = await this.#runTogether(lane, 'time', at === 0)
      lane.together.push(together.milliseconds)
      this.#count(lane, together.hits, `${nameOf(contestant)} in ${round}`)
      if (!this.#field.alone || !isPolicy(contestant) || contestant.origin === undefined) continue
      await this.#turn(`${labelOf(lane)} alone, ${round}`, this.#trace.length)
      const alone = await this.#runAlone(lane)
      lane.alone.push(alone.milliseconds)
      lane.bytes ??= alone.bytes
      this.#count(lane, alone.hits, `${nameOf(contestant)} alone in ${round}`)
    }
  }

  #runTogether(lane: Lane, what: RunRequest['what'], afresh = false): Promise<RunResult> {
    const { capacity, unit } = lane.capacity
    const contestant = this.#contestants.indexOf(lane.contestant)
    return this.#heard(this.#together.run({ contestant, capacity, unit, what, afresh }))
  }

  /** The contestant's own thread lives as long as the race: what it has learned stays. */
  #runAlone({ contestant, capacity: { capacity, unit } }: Lane): Promise<RunResult> {
    const thread = this.#threadFor(nameOf(contestant), [contestant])
    return this.#heard(thread.run({ contestant: 0, capacity, unit, what: 'weigh' }))
  }

  #threadFor(name: string, contestants: readonly Contestant[]): RunnerThread {
    let thread = this.#threads.get(name)
    if (thread === undefined) {
      thread = new RunnerThread(this.#trace, this.#outcomes, contestants)
      this.#threads.set(name, thread)
    }
    return thread
  }

  /** What a run comes to, unless an interrupt is heard first. */
  async #heard(run: Promise<RunResult>): Promise<RunResult> {
    await interruptible(run, this.#watch)
    return run
  }

  #count(lane: Lane, hits: number, by: string): void {
    this.#gate.check(ruleOf(lane.contestant), lane.capacity, this.#trace.length, hits, by)
    lane.hits = hits
  }

  /** Lets the event loop turn, and tells what comes next. */
  async #turn(label: string, requests: number): Promise<void> {
    this.#watch.onProgress?.({ done: this.#done, total: this.#total, unit: 'requests', label })
    this.#done += requests
    await pause(this.#watch)
  }
}

/** In messages, where a package and a policy may have the same name. */
function nameOf(contestant: Contestant): string {
  return isPolicy(contestant) ? contestant.text : `npm's ${contestant.name}`
}

function labelOf({ contestant, capacity }: Lane): string {
  return `${nameOf(contestant)} at ${describeSize(capacity.capacity, capacity.unit)}`
}

/** All that go by one rule have the same hits. */
function ruleOf(contestant: Contestant): string {
  if (isPolicy(contestant)) return contestant.text
  return contestant.exactLru ? 'lru' : nameOf(contestant)
}
