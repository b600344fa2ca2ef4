/* One simulation of a service, and the figures it comes to. */

import { nearestRank } from '../analysis/quantiles.ts'
import { parsePrice } from '../analysis/savings.ts'
import type { ServiceRun, ServiceSeries } from '../core/service-result.ts'
import { Op, type Trace } from '../core/trace.ts'
import { formatSeconds } from '../core/units.ts'
import type { TraceColumns } from '../engine/replay.ts'
import type { ServiceSettings } from '../engine/service/settings.ts'
import { ServiceSimulation } from '../engine/service/simulation.ts'
import { Answer } from '../engine/service/store.ts'
import type { Waits } from '../engine/service/waits.ts'
import { milliseconds, roundSeconds } from './nanoseconds.ts'
import { selfChecks } from './service-checks.ts'
import { seriesOf } from './service-series.ts'
import { pause, type Watch } from './watch.ts'

/** Requests between two turns of the event loop. */
const TURN = 1 << 17
/** Parts of the run in the series. */
const PARTS = 60
/** Beyond this load queues grow without end, or as good as. */
const OVERLOAD = 1
/** Where more of the requests than these fail because no worker takes their calls, those answered tell nothing of all. */
const MOST_TURNED_AWAY = 0.01

export interface ServiceOutcome {
  readonly run: ServiceRun
  readonly series: ServiceSeries
  /** What contradicts itself, in sentences: a mistake in the simulation. */
  readonly broken: readonly string[]
}

export interface ServiceTask {
  readonly columns: TraceColumns
  readonly settings: ServiceSettings
  readonly seed: string
  readonly price: string
  readonly sloSeconds: number
}

/**
 * Runs a simulation to its end, with pauses.
 * @param progress told how many requests have arrived since it was last told
 */
export async function runService(
  task: ServiceTask,
  watch: Watch,
  progress: (requests: number) => void,
): Promise<ServiceOutcome> {
  const simulation = new ServiceSimulation(task.columns, task.settings, task.seed, PARTS)
  while (!simulation.done) {
    const from = simulation.position
    simulation.advance(TURN)
    progress(simulation.position - from)
    await pause(watch)
  }
  return {
    run: summarise(simulation, task),
    series: seriesOf(simulation, task.columns.trace.times!, task.settings.model.workers),
    broken: selfChecks(simulation),
  }
}

function summarise(
  simulation: ServiceSimulation,
  { columns, settings, price, sloSeconds }: ServiceTask,
): ServiceRun {
  const { meters, model, tiers } = simulation
  const { trace } = columns
  const answered = meters.latencies.filter((latency) => !Number.isNaN(latency)).sort()
  const { length } = answered
  const at = (probability: number) => milliseconds(answered[nearestRank(probability, length) - 1]!)
  const hits = meters.hits.reduce((sum, count) => sum + count, 0)
  // A run that was ended early is judged by what it had come to.
  const from = settings.countFrom === 0 ? 0 : (trace.times![settings.countFrom] ?? 0)
  const span = (simulation.stoppedEarly ? simulation.now : trace.times![trace.length - 1]!) - from
  const { workers } = settings.model
  const capacitySeconds = workers * span
  const last = simulation.snapshots.at(-1)!
  const first = simulation.snapshots[0]!
  const busyInSpan = last.busySeconds - (from === 0 ? first.busySeconds : meters.busySecondsBefore)
  const offered = meters.calls === 0 ? 0 : (meters.callSeconds / meters.calls) * meters.askedCalls
  const limited = Number.isFinite(workers) && span > 0
  const offeredLoad = limited ? offered / capacitySeconds : null
  const ended = meters.answers + meters.failures
  let within = 0
  // A latency that is the SLO but for rounding is within it.
  for (let i = 0; i < length && answered[i]! <= sloSeconds + 1e-9; i++) within++
  return {
    requests: meters.arrivals,
    answers: meters.answers,
    failures: meters.failures,
    inFlightAtEnd: meters.arrivals - ended,
    availability: ended === 0 ? 1 : meters.answers / ended,
    availabilityInOutages: availabilityInOutages(simulation, trace, settings),
    latency:
      length === 0
        ? null
        : {
            mean: milliseconds(answered.reduce((sum, latency) => sum + latency, 0) / length),
            p50: at(0.5),
            p90: at(0.9),
            p95: at(0.95),
            p99: at(0.99),
            p999: at(0.999),
            max: at(1),
          },
    withinSlo: meters.arrivals === 0 ? 1 : within / meters.arrivals,
    hitRate: meters.answers === 0 ? 0 : hits / meters.answers,
    answersFrom: { tiers: [...meters.hits], delayedHits: meters.delayedHits, computed: meters.computed },
    tiers: tiers.map(({ settings: tier, stores, skipped, timeouts }) => {
      const total = (of: number) => stores.reduce((sum, { answers }) => sum + answers[of]!, 0)
      const kinds = {
        compulsory: total(Answer.absent),
        capacity: total(Answer.evicted),
        expired: total(Answer.expired),
        invalidated: total(Answer.invalidated),
      }
      return {
        name: tier.name,
        policy: tier.policy.text,
        capacity: tier.capacity,
        capacityUnit: tier.capacityUnit,
        ttl: tier.recordedTtls
          ? 'recorded'
          : tier.ttlSeconds === undefined
            ? 'none'
            : formatSeconds(tier.ttlSeconds),
        lookups: stores.reduce((sum, { answers }) => sum + answers.reduce((a, b) => a + b, 0), 0),
        hits: total(Answer.fresh) + total(Answer.stale),
        staleHits: total(Answer.stale),
        misses: kinds.compulsory + kinds.capacity + kinds.expired + kinds.invalidated,
        missKinds: kinds,
        skipped,
        timeouts,
        evictions: stores.reduce((sum, { evictions }) => sum + evictions, 0),
      }
    }),
    model: {
      calls: meters.calls,
      duplicateCalls: meters.duplicateCalls,
      warmUpCalls: meters.warmUpCalls,
      refreshCalls: meters.refreshCalls,
      failedCalls: meters.failedCalls,
      lockTakeovers: meters.takeovers,
      seconds: roundSeconds(meters.callSeconds),
      utilisation: limited ? busyInSpan / capacitySeconds : null,
      offeredLoad,
      peakConcurrency: model.peakRunning,
      peakQueue: model.peakWaiting,
      ...queueing(meters.callWaits),
    },
    stale: {
      answers: meters.staleAnswers,
      outdated: meters.outdated.count,
      outdatedMeanSeconds:
        meters.outdated.count === 0 ? 0 : roundSeconds(meters.outdated.sum / meters.outdated.count),
      outdatedMaxSeconds: roundSeconds(meters.outdated.max),
      pastTtl: meters.pastTtl.count,
      pastTtlMeanSeconds:
        meters.pastTtl.count === 0 ? 0 : roundSeconds(meters.pastTtl.sum / meters.pastTtl.count),
      pastTtlMaxSeconds: roundSeconds(meters.pastTtl.max),
      forErrors: meters.staleIfError,
    },
    failuresBy: {
      queueFull: meters.queueFull,
      timeout: meters.timeouts,
      rememberedError: meters.rememberedFailures,
      noInstance: meters.noInstance,
    },
    peakInFlight: meters.peakInFlight,
    money: parsePrice(price).dollars(meters.calls, meters.callSeconds),
    overloaded:
      simulation.stoppedEarly ||
      (offeredLoad !== null && offeredLoad >= OVERLOAD) ||
      meters.turnedAway > MOST_TURNED_AWAY * meters.arrivals,
    stoppedAtSeconds: simulation.stoppedEarly ? roundSeconds(simulation.now) : null,
  }
}

/** How long calls waited, with those that did not. */
function queueing(waits: Waits): Pick<ServiceRun['model'], 'meanQueueingMs' | 'queueingMs'> {
  const { count, sum } = waits
  const sorted = waits.sorted()
  const at = (probability: number) => {
    const rank = nearestRank(probability, count) - (count - sorted.length)
    return milliseconds(sorted[rank - 1] ?? 0)
  }
  return {
    meanQueueingMs: count === 0 ? 0 : milliseconds(sum / count),
    queueingMs: { p50: at(0.5), p95: at(0.95), p99: at(0.99), max: at(1) },
  }
}

/** Share of the requests that came while the model was down and were answered; null where there are none. */
function availabilityInOutages(
  { meters: { latencies }, position }: ServiceSimulation,
  { times, ops }: Trace,
  { events, countFrom }: ServiceSettings,
): number | null {
  const outages = events.filter((event) => event.kind === 'model-outage').sort((a, b) => a.at - b.at)
  let came = 0
  let answered = 0
  let at = countFrom
  for (const outage of outages) {
    while (at < position && times![at]! < outage.at) at++
    for (; at < position && times![at]! < outage.at + outage.seconds; at++) {
      if (ops !== undefined && ops[at] !== Op.read) continue
      came++
      if (!Number.isNaN(latencies[at]!)) answered++
    }
  }
  return came === 0 ? null : answered / came
}
