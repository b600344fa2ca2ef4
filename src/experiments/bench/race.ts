import { Bench } from 'tinybench'
import { createColumn, type Trace } from '../../core/trace.ts'
import { TraceColumns } from '../../engine/replay.ts'
import { collectGarbage } from '../collect-garbage.ts'
import type { ChosenPolicy } from '../policies.ts'
import { type Capacity, describeSize } from '../sizes.ts'
import { pause, type Watch } from '../watch.ts'
import { Alone } from './alone.ts'
import { beginningOf, countHits, startPolicy } from './contest.ts'
import { expectedHits, Gate } from './gate.ts'
import { loadGetSet } from './load.ts'
import type { FoundPackage } from './packages.ts'

/** A policy or a package at one size, and how long it took: milliseconds for the whole trace, one a round. */
export interface Lane {
  readonly contestant: ChosenPolicy | FoundPackage
  readonly capacity: Capacity
  /** In this process, where all others run too. */
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

export function isPolicy(contestant: Lane['contestant']): contestant is ChosenPolicy {
  return 'definition' in contestant
}

/** Policies and packages on the same requests, in turn, round after round. */
export class Race {
  readonly #trace: Trace
  readonly #watch: Watch
  readonly #columns: TraceColumns
  /** [requests] for all: none runs while another does. */
  readonly #outcomes: Uint8Array
  readonly #gate = new Gate()
  readonly #threads = new Map<string, Alone>()
  #done = 0
  #total = 0

  constructor(trace: Trace, watch: Watch) {
    this.#trace = trace
    this.#watch = watch
    this.#columns = new TraceColumns(trace)
    this.#outcomes = createColumn(Uint8Array, trace.length)
  }

  /**
   * @returns sizes in order, at each the packages and then the policies
   * @throws Error where counts differ that must not
   */
  async run({ policies, packages, capacities, rounds, alone }: Field): Promise<Lane[]> {
    const lanes = capacities.flatMap((capacity) =>
      [...packages, ...policies].map(
        (contestant): Lane => ({ contestant, capacity, together: [], alone: [], hits: 0, bytes: null }),
      ),
    )
    const inThreads = alone ? policies.filter(({ origin }) => origin !== undefined).length : 0
    const runsARound = (packages.length + policies.length + inThreads) * capacities.length
    const beginning = beginningOf(this.#trace)
    this.#total = beginning.length * lanes.length + this.#trace.length * runsARound * rounds
    // What the bound is told of the future is no work of its own.
    if (policies.some(({ definition }) => definition.needs.includes('future'))) void this.#columns.nextUse
    try {
      await this.#check(beginning, lanes)
      if (alone) await this.#weighPackages(lanes)
      for (let round = 1; round <= rounds; round++) {
        for (const capacity of capacities) {
          const here = lanes.filter((lane) => lane.capacity === capacity)
          await this.#runRound(here, alone, `round ${round} of ${rounds}`)
        }
      }
      return lanes
    } finally {
      for (const thread of this.#threads.values()) await thread.end()
    }
  }

  /** Has every contestant replay the first requests, and compares what it counts. Nothing is timed. */
  async #check(beginning: Trace, lanes: readonly Lane[]): Promise<void> {
    const columns = new TraceColumns(beginning)
    const outcomes = this.#outcomes.subarray(0, beginning.length)
    for (const { contestant, capacity } of lanes) {
      await this.#turn(`checking ${nameOf(contestant)}`, beginning.length)
      if (isPolicy(contestant)) {
        const { text } = contestant
        const replay = await startPolicy(contestant, columns, capacity, outcomes)
        replay.advance()
        this.#gate.check(text, capacity, beginning.length, countHits(outcomes), text)
        const expected = expectedHits(text, beginning, capacity)
        if (expected === undefined) continue
        this.#gate.check(text, capacity, beginning.length, expected, `a naive ${text}`)
      } else {
        const { getThenSet } = await loadGetSet(contestant.name)
        const hits = getThenSet(contestant.create(capacity.capacity), beginning.keys)
        this.#gate.check(ruleOf(contestant), capacity, beginning.length, hits, nameOf(contestant))
      }
    }
  }

  /** A package is weighed in a thread of its own: here its memory could not be told from that of the others. */
  async #weighPackages(lanes: readonly Lane[]): Promise<void> {
    for (const lane of lanes) {
      if (isPolicy(lane.contestant)) continue
      lane.bytes = (await this.#threadOf(lane).run(lane.capacity)).bytes
      await this.#turn(`weighing ${nameOf(lane.contestant)}`, 0)
    }
  }

  /** Everything at one size, once. */
  async #runRound(lanes: readonly Lane[], alone: boolean, round: string): Promise<void> {
    const bench = new Bench({ iterations: 1, time: 0, warmup: false, throws: true })
    const times: number[][] = []
    for (const lane of lanes) {
      times.push(lane.together)
      await this.#add(bench, lane, round)
      if (!alone || !isPolicy(lane.contestant) || lane.contestant.origin === undefined) continue
      times.push(lane.alone)
      this.#addAlone(bench, lane, round)
    }
    collectGarbage()
    const tasks = await bench.run()
    tasks.forEach(({ name, result }, at) => {
      if (result.state !== 'completed') throw new Error(`${name} did not complete: ${result.state}`)
      times[at]!.push(result.latency.mean)
    })
  }

  async #add(bench: Bench, lane: Lane, round: string): Promise<void> {
    const { contestant, capacity } = lane
    const label = labelOf(lane)
    const prepare = isPolicy(contestant)
      ? this.#preparePolicy(contestant, capacity)
      : await this.#preparePackage(contestant, capacity)
    let run: (() => void) | undefined
    let hits = () => 0
    bench.add(label, () => run!(), {
      async: false,
      beforeEach: async () => {
        await this.#turn(`${label}, ${round}`, this.#trace.length)
        ;({ run, hits } = await prepare())
      },
      // Called also where what comes before threw, which is then what is to be heard.
      afterEach: () => {
        if (run !== undefined) this.#count(lane, hits(), `${nameOf(contestant)} in ${round}`)
      },
    })
  }

  #preparePolicy(policy: ChosenPolicy, capacity: Capacity) {
    return async () => {
      const replay = await startPolicy(policy, this.#columns, capacity, this.#outcomes)
      return { run: () => replay.advance(), hits: () => countHits(this.#outcomes) }
    }
  }

  async #preparePackage({ name, create }: FoundPackage, { capacity }: Capacity) {
    const { getThenSet } = await loadGetSet(name)
    return async () => {
      const cache = create(capacity)
      let found = 0
      const run = () => {
        found = getThenSet(cache, this.#trace.keys)
      }
      return { run, hits: () => found }
    }
  }

  #addAlone(bench: Bench, lane: Lane, round: string): void {
    const label = `${labelOf(lane)} alone`
    bench.add(
      label,
      async () => {
        const { milliseconds, hits, bytes } = await this.#threadOf(lane).run(lane.capacity)
        lane.bytes ??= bytes
        this.#count(lane, hits, `${nameOf(lane.contestant)} alone in ${round}`)
        return { overriddenDuration: milliseconds }
      },
      { async: true, beforeEach: () => this.#turn(`${label}, ${round}`, this.#trace.length) },
    )
  }

  #count(lane: Lane, hits: number, by: string): void {
    this.#gate.check(ruleOf(lane.contestant), lane.capacity, this.#trace.length, hits, by)
    lane.hits = hits
  }

  /** The contestant's own thread, which lives as long as the race: what it has learned stays. */
  #threadOf({ contestant }: Lane): Alone {
    const id = nameOf(contestant)
    let thread = this.#threads.get(id)
    if (thread === undefined) {
      const known = isPolicy(contestant)
        ? ({ kind: 'policy', origin: contestant.origin! } as const)
        : ({ kind: 'package', name: contestant.name } as const)
      thread = new Alone({ trace: this.#trace, outcomes: this.#outcomes, contestant: known })
      this.#threads.set(id, thread)
    }
    return thread
  }

  /** Lets the event loop turn, and tells what comes next. */
  async #turn(label: string, requests: number): Promise<void> {
    this.#watch.onProgress?.({ done: this.#done, total: this.#total, unit: 'requests', label })
    this.#done += requests
    await pause(this.#watch)
  }
}

/** In messages, where a package and a policy may have the same name. */
function nameOf(contestant: Lane['contestant']): string {
  return isPolicy(contestant) ? contestant.text : `npm's ${contestant.name}`
}

function labelOf({ contestant, capacity }: Lane): string {
  return `${nameOf(contestant)} at ${describeSize(capacity.capacity, capacity.unit)}`
}

/** All that go by one rule have the same hits. */
function ruleOf(contestant: Lane['contestant']): string {
  if (isPolicy(contestant)) return contestant.text
  return contestant.exactLru ? 'lru' : nameOf(contestant)
}
