import type { SimulateResult } from '../core/result.ts'
import { formatMilliseconds, formatPercent, formatSeconds } from '../core/units.ts'
import type { Colors } from './colors.ts'
import { formatLargeCount } from './numbers.ts'
import { renderSparks } from './spark-chart.ts'

/** How the service fared over time, with what happened. */
export function renderServiceChart(
  { service, variants }: SimulateResult['simulated'],
  look: { width: number; colors: Colors },
): string[] {
  const { series, with: run } = variants[0]!
  const { with: parts, without } = series
  const end = parts.endSeconds.at(-1) ?? 0
  if (end === 0) return []
  const { colors } = look
  const some = (values: readonly (number | null)[]) => values.some((value) => value !== null && value > 0)
  const sparks = [
    {
      name: 'requests/s',
      values: parts.requestsPerSecond,
      format: (value: number) => String(Number(value.toPrecision(3))),
    },
    {
      name: 'from cache',
      values: parts.hitRate,
      format: (value: number) => formatPercent(value),
      top: 1,
      paint: colors.green,
    },
    { name: 'p99', values: parts.latencyP99, format: formatMilliseconds, paint: colors.cyan },
    ...(without === null
      ? []
      : [{ name: 'p99 without', values: without.latencyP99, format: formatMilliseconds, paint: colors.dim }]),
    { name: 'model calls', values: parts.modelCalls, format: formatLargeCount },
    ...(run.model.utilisation === null
      ? []
      : [
          {
            name: 'utilisation',
            values: parts.utilisation,
            format: (value: number) => formatPercent(value),
            top: 1,
          },
        ]),
    { name: 'queue', values: parts.peakQueue, format: formatLargeCount },
    { name: 'stale answers', values: parts.staleAnswers, format: formatLargeCount, paint: colors.yellow },
    { name: 'failed', values: parts.failures, format: formatLargeCount, paint: colors.red },
  ]
  const marks = service.events
    .filter(({ at }) => at <= end)
    .map(({ at, text }) => ({ at: at / end, text: `${formatSeconds(at)}: ${text}` }))
  // The first three and those with something to show.
  const shown = sparks.filter(({ values }, i) => i < 3 || some(values))
  return renderSparks(shown, marks, ['0 s', formatSeconds(end)], look)
}
