import { nearestRank } from '../analysis/quantiles.ts'
import type { ServiceSeries } from '../core/service-result.ts'
import type { ServiceSimulation } from '../engine/service/simulation.ts'
import { milliseconds, roundSeconds } from './nanoseconds.ts'

/**
 * How a run went over time, part by part.
 * @param times [requests] seconds since the first
 * @param workers of the model
 */
export function seriesOf(simulation: ServiceSimulation, times: Float64Array, workers: number): ServiceSeries {
  const { snapshots, meters } = simulation
  const parts = snapshots.slice(1).map((snapshot, at) => ({ snapshot, before: snapshots[at]! }))
  const series: ServiceSeries = {
    endSeconds: [],
    requestsPerSecond: [],
    hitRate: [],
    latencyMean: [],
    latencyP99: [],
    failures: [],
    staleAnswers: [],
    modelCalls: [],
    utilisation: [],
    peakQueue: [],
    peakInFlight: [],
  }
  let from = 0
  for (const [part, { snapshot, before }] of parts.entries()) {
    let to = from
    const isLast = part === parts.length - 1
    while (to < times.length && (isLast || times[to]! <= snapshot.at)) to++
    // Latencies are those of requests that arrive in the part, whenever they are answered.
    const latencies = meters.latencies
      .subarray(from, to)
      .filter((latency) => !Number.isNaN(latency))
      .sort()
    const seconds = snapshot.at - before.at
    const answers = snapshot.answers - before.answers
    const { length } = latencies
    series.endSeconds.push(roundSeconds(snapshot.at))
    series.requestsPerSecond.push(seconds === 0 ? 0 : (snapshot.arrivals - before.arrivals) / seconds)
    series.hitRate.push(answers === 0 ? null : (snapshot.fromCache - before.fromCache) / answers)
    series.latencyMean.push(length === 0 ? null : milliseconds(latencies.reduce((a, b) => a + b, 0) / length))
    series.latencyP99.push(length === 0 ? null : milliseconds(latencies[nearestRank(0.99, length) - 1]!))
    series.failures.push(snapshot.failures - before.failures)
    series.staleAnswers.push(snapshot.staleAnswers - before.staleAnswers)
    series.modelCalls.push(snapshot.calls - before.calls)
    series.utilisation.push(
      seconds === 0 || workers === Infinity
        ? null
        : (snapshot.busySeconds - before.busySeconds) / (seconds * workers),
    )
    series.peakQueue.push(snapshot.peakWaiting)
    series.peakInFlight.push(snapshot.peakInFlight)
    from = to
  }
  return series
}
