import type { SimulateResult } from '../core/result.ts'
import type { ServiceRun, ServiceSeries } from '../core/service-result.ts'

type Cell = string | number | boolean | null | undefined

/** Figures of one run, in the order of the columns. */
const FIGURES: Readonly<Record<string, (run: ServiceRun) => Cell>> = {
  requests: (run) => run.requests,
  answers: (run) => run.answers,
  failures: (run) => run.failures,
  availability: (run) => run.availability,
  availability_in_outages: (run) => run.availabilityInOutages,
  latency_mean_ms: (run) => run.latency?.mean,
  latency_p50_ms: (run) => run.latency?.p50,
  latency_p90_ms: (run) => run.latency?.p90,
  latency_p95_ms: (run) => run.latency?.p95,
  latency_p99_ms: (run) => run.latency?.p99,
  latency_p999_ms: (run) => run.latency?.p999,
  latency_max_ms: (run) => run.latency?.max,
  within_slo: (run) => run.withinSlo,
  hit_rate: (run) => run.hitRate,
  delayed_hits: (run) => run.answersFrom.delayedHits,
  stale_answers: (run) => run.stale.answers,
  model_calls: (run) => run.model.calls,
  duplicate_calls: (run) => run.model.duplicateCalls,
  warm_up_calls: (run) => run.model.warmUpCalls,
  refresh_calls: (run) => run.model.refreshCalls,
  failed_calls: (run) => run.model.failedCalls,
  refused_calls: (run) => run.failuresBy.queueFull,
  timed_out_calls: (run) => run.failuresBy.timeout,
  model_seconds: (run) => run.model.seconds,
  utilisation: (run) => run.model.utilisation,
  offered_load: (run) => run.model.offeredLoad,
  mean_queueing_ms: (run) => run.model.meanQueueingMs,
  queueing_p50_ms: (run) => run.model.queueingMs.p50,
  queueing_p95_ms: (run) => run.model.queueingMs.p95,
  queueing_p99_ms: (run) => run.model.queueingMs.p99,
  peak_queue: (run) => run.model.peakQueue,
  peak_concurrency: (run) => run.model.peakConcurrency,
  peak_in_flight: (run) => run.peakInFlight,
  money_dollars: (run) => run.money,
  overloaded: (run) => run.overloaded,
}

const SERIES: Readonly<Record<string, keyof ServiceSeries>> = {
  end_seconds: 'endSeconds',
  requests_per_second: 'requestsPerSecond',
  hit_rate: 'hitRate',
  latency_mean_ms: 'latencyMean',
  latency_p99_ms: 'latencyP99',
  failures: 'failures',
  stale_answers: 'staleAnswers',
  model_calls: 'modelCalls',
  utilisation: 'utilisation',
  peak_queue: 'peakQueue',
  peak_in_flight: 'peakInFlight',
}

/** Several variants: a row each, with caches and without. One: a row a part of its time. */
export function serviceRows({ variants, service }: SimulateResult['simulated']): Cell[][] {
  const [variant] = variants
  if (variants.length === 1) {
    const { series } = variant!
    const rows = (caches: string, parts: ServiceSeries) =>
      parts.endSeconds.map((end, part) => {
        const start = part === 0 ? 0 : parts.endSeconds[part - 1]!
        const events = service.events.filter(
          ({ at }) => (at > start || (part === 0 && at === 0)) && at <= end,
        )
        return [
          caches,
          ...Object.values(SERIES).map((name) => parts[name][part]),
          events.map(({ text }) => text).join('; '),
        ]
      })
    return [
      ['caches', ...Object.keys(SERIES), 'events'],
      ...rows('with', series.with),
      ...(series.without === null ? [] : rows('without', series.without)),
    ]
  }
  const paths = variant!.changes.map(({ path }) => path)
  return [
    [...paths, 'caches', ...Object.keys(FIGURES), ...intervalNames(variant!.intervals)],
    ...variants.flatMap(({ changes, with: run, without, intervals }) => {
      const row = (caches: string, of: ServiceRun, bounds: readonly Cell[]) => [
        ...changes.map(({ value }) => value),
        caches,
        ...Object.values(FIGURES).map((figure) => figure(of)),
        ...bounds,
      ]
      const names = Object.keys(variant!.intervals ?? {})
      const bounds = names.flatMap((name) => [intervals?.[name]?.low, intervals?.[name]?.high])
      return [
        row('with', run, bounds),
        ...(without === null
          ? []
          : [
              row(
                'without',
                without,
                bounds.map(() => null),
              ),
            ]),
      ]
    }),
  ]
}

function intervalNames(intervals: Readonly<Record<string, unknown>> | null): string[] {
  return Object.keys(intervals ?? {}).flatMap((name) => {
    const snake = name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
    return [`${snake}_low`, `${snake}_high`]
  })
}
