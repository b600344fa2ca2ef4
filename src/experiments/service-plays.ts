/*
 * All plays that a simulation takes: every variant with every seed, with caches and without, on as many threads as there
 * are to be. What caches do not touch is played once for all variants that differ in their caches only.
 */
import type { Trace } from '../core/trace.ts'
import { parseThreads } from './runner.ts'
import type { Scenario } from './scenario.ts'
import { threadsInMemory } from './service-memory.ts'
import { type PlayInput, play } from './service-play.ts'
import type { ServiceOutcome } from './service-run.ts'
import { type KeysByPrefix, keysByPrefix, serviceSettings } from './service-settings.ts'
import type { PlayTask } from './service-worker.ts'
import type { Requests } from './service-workloads.ts'
import { Threads, threadsFor } from './threads.ts'
import { interruptible, type Watch } from './watch.ts'

/** Requests, over all plays, from which on threads save more time than they take to start. */
const WORTH_A_THREAD = 2_000_000

/** A scenario with its values changed. */
export interface Variant {
  readonly label: string
  readonly scenario: Scenario
  /** The same as it is written. */
  readonly plain: unknown
  readonly requests: Requests
}

/** With the same requests. */
export interface OutcomePair {
  readonly with: ServiceOutcome
  /** Undefined where nobody asks, or there are no caches. */
  readonly without: ServiceOutcome | undefined
}

export interface Plays {
  /** [variants][seeds] */
  readonly pairs: OutcomePair[][]
  /** Requests, over all plays. */
  readonly replayed: number
  readonly replaySeconds: number
  readonly threads: number
}

interface Play {
  readonly variant: Variant
  readonly seed: string
  readonly withCaches: boolean
}

/** @param variants that have been checked */
export async function playAll(
  variants: readonly Variant[],
  seeds: readonly string[],
  options: Watch & { readonly threads?: number | string | undefined },
): Promise<Plays> {
  const asked = parseThreads(options.threads)
  const started = performance.now()
  const { plays, pairs } = plan(variants, seeds)
  const lengths = plays.map(({ variant }) => variant.requests.workload.trace.length)
  const total = lengths.reduce((sum, length) => sum + length, 0)
  let done = 0
  const onProgress = (requests: number, at: number) => {
    done += requests
    options.onProgress?.({ done, total, unit: 'requests', label: plays[at]!.variant.label })
  }
  const outcomes: ServiceOutcome[] = []
  const inputOf = inputs()
  const threads = Math.min(
    threadsFor(asked, plays.length, total >= WORTH_A_THREAD),
    threadsInMemory(
      variants.map(({ scenario, requests }) => ({ scenario, keys: requests.workload.extent.keys })),
    ),
  )
  if (threads < 2) {
    for (const [at, one] of plays.entries())
      outcomes[at] = await play(one.variant.scenario, await inputOf(one), options, (requests) =>
        onProgress(requests, at),
      )
  } else {
    const running = new Threads<PlayTask, ServiceOutcome>({
      module: new URL('./service-worker.js', import.meta.url),
      common: undefined,
      tasks: plays.length,
      async task(at) {
        const one = plays[at]!
        const input = await inputOf(one)
        const { keyNames: _, source: __, ...trace } = input.trace
        return { ...input, trace, plain: one.variant.plain }
      },
      nameOf: (at) => `${plays[at]!.variant.label} with seed ${plays[at]!.seed}`,
      onProgress,
      onDone: (at, outcome) => {
        outcomes[at] = outcome
      },
    })
    try {
      await interruptible(running.run(threads), options)
    } finally {
      await running.stop()
    }
  }
  return {
    pairs: pairs.map((bySeed) =>
      bySeed.map(({ with: withCaches, without }) => ({
        with: outcomes[withCaches]!,
        without: without === undefined ? undefined : outcomes[without],
      })),
    ),
    replayed: done,
    replaySeconds: (performance.now() - started) / 1000,
    threads,
  }
}

/**
 * Checks a variant by its first seed: what others have differs in numbers only.
 * @throws InputError where it asks for what its requests do not have
 */
export function checkPlayable(scenario: Scenario, { workload }: Requests): void {
  const { trace, extent, seed } = workload
  const unwarmed = { ...scenario, warmUp: { ...scenario.warmUp, keys: 0 } }
  serviceSettings(unwarmed, trace, extent, seed, keysByPrefix(scenario, trace))
}

/** Plays of the same requests stand together: those of one seed after the other. */
function plan(variants: readonly Variant[], seeds: readonly string[]) {
  const plays: Play[] = []
  const pairs = variants.map((): { with: number; without: number | undefined }[] => [])
  const knownWithout = new Map<string, number>()
  const workloads = [...new Set(variants.map(({ requests }) => requests.workload))]
  const add = (play: Play) => plays.push(play) - 1
  for (const seed of seeds) {
    for (const workload of workloads) {
      for (const [at, variant] of variants.entries()) {
        if (variant.requests.workload !== workload) continue
        const pair = { with: add({ variant, seed, withCaches: true }), without: undefined }
        pairs[at]!.push(pair)
        const key = withoutKey(variant, workloads.indexOf(workload), seed)
        if (key === undefined) continue
        const known = knownWithout.get(key) ?? add({ variant, seed, withCaches: false })
        knownWithout.set(key, known)
        pairs[at]![pairs[at]!.length - 1] = { ...pair, without: known }
      }
    }
  }
  return { plays, pairs }
}

/** All that a service without caches depends on; undefined where it is not to be played. */
function withoutKey({ scenario, requests }: Variant, workload: number, seed: string): string | undefined {
  const { compareWithout, tiers, instances, routing, model, events, slo, warmUp } = scenario
  if (!compareWithout || tiers.length === 0) return undefined
  return JSON.stringify([workload, requests.rate, instances, routing, model, events, slo, warmUp.first, seed])
}

/** What plays are given. Of the traces that are drawn only the last is kept, which plays that follow share. */
function inputs(): (play: Play) => Promise<PlayInput> {
  let last:
    | { readonly of: string; readonly from: Requests['workload']; readonly trace: Promise<Trace> }
    | undefined
  return async ({ variant: { scenario, requests }, seed, withCaches }) => {
    const { workload, rate } = requests
    if (last?.from !== workload || last.of !== seed)
      last = { of: seed, from: workload, trace: workload.draw(seed) }
    const trace = await last.trace
    const prefixes: KeysByPrefix = keysByPrefix(scenario, trace)
    return { trace, rate, extent: workload.extent, seed, prefixes, withCaches }
  }
}
