import type { InspectResult, Quantiles } from '../core/result.ts'
import { formatBytes, formatCount, formatMilliseconds, formatPercent } from '../core/units.ts'
import { drawBar } from './bar-chart.ts'
import type { Colors } from './colors.ts'
import { formatLargeCount, formatShare, plural } from './numbers.ts'
import type { Column } from './table.ts'
import { renderTable } from './table.ts'
import { cutMiddle, renderPairs } from './text.ts'

/** What a trace looks like, as pairs of a name and a finding; shared with Markdown. */
export function inspectionFindings({ inspection }: InspectResult['simulated']): [string, string][] {
  const { oneHitKeys, zipf } = inspection
  const findings: [string, string][] = []
  if (inspection.meanRate !== null) findings.push(['mean rate', `${formatRate(inspection.meanRate)}`])
  findings.push(
    [
      'one-hit keys',
      `${formatCount(oneHitKeys.keys)}: ${formatShare(oneHitKeys.shareOfKeys)} of the keys, ${formatShare(oneHitKeys.shareOfRequests)} of the requests`,
    ],
    [
      'hit rate ceiling',
      `${formatPercent(inspection.hitRateCeiling)}: ${formatPercent(inspection.compulsoryMissRate)} of the reads are the first for their key`,
    ],
    ['Zipf α', zipf === null ? 'not fitted' : describeZipf(zipf)],
  )
  if (inspection.reuseDistance === null) findings.push(['reuse', 'no key comes twice: a cache cannot help'])
  return findings
}

function describeZipf(zipf: NonNullable<InspectResult['simulated']['inspection']['zipf']>): string {
  const error = zipf.standardError === null ? '' : ` ± ${zipf.standardError.toFixed(3)}`
  return `${zipf.alpha.toFixed(3)}${error}, a ${zipf.verdict} fit (Kolmogorov–Smirnov distance ${zipf.goodnessOfFit.toFixed(3)})`
}

function formatRate(perSecond: number): string {
  if (perSecond >= 1 || perSecond === 0)
    return `${formatLargeCount(Number(perSecond.toPrecision(3)))} requests/s`
  if (perSecond * 3600 >= 1) return `${Number((perSecond * 3600).toPrecision(3))} requests/h`
  return `${Number((perSecond * 86_400).toPrecision(3))} requests/d`
}

/** A row per quantity, a column per quantile; undefined where nothing has quantiles. */
export function quantileColumns({ inspection }: InspectResult['simulated']): Column[] | undefined {
  const rows: [string, Quantiles, (value: number) => string][] = []
  const { reuseDistance, valueBytes, costMilliseconds } = inspection
  if (reuseDistance !== null) rows.push(['reuse distance, keys', reuseDistance.quantiles, formatDistance])
  if (valueBytes !== null) rows.push(['value size', valueBytes, formatBytes])
  if (costMilliseconds !== null) rows.push(['model time', costMilliseconds, formatMilliseconds])
  if (rows.length === 0) return undefined
  const drops = { p1: 7, p10: 4, p25: 6, p50: 0, p75: 5, p90: 2, p99: 1, max: 3, mean: 3 } as const
  return [
    { title: ['quantiles'], align: 'left', drop: 0, cells: rows.map(([name]) => name) },
    ...Object.entries(drops).map(
      ([quantile, drop]): Column => ({
        title: [quantile === 'p50' ? 'median' : quantile],
        align: 'right',
        drop,
        cells: rows.map(([, quantiles, format]) => format(quantiles[quantile as keyof Quantiles])),
      }),
    ),
  ]
}

function formatDistance(keys: number): string {
  return formatLargeCount(Math.round(keys))
}

/** The keys asked for most, `nameWidth` columns of each name. */
export function topKeyColumns({ inspection }: InspectResult['simulated'], nameWidth: number): Column[] {
  const { topKeys } = inspection
  return [
    {
      title: ['top keys'],
      align: 'left',
      drop: 0,
      cells: topKeys.map(({ key }) => cutMiddle(key, nameWidth)),
    },
    {
      title: ['requests'],
      align: 'right',
      drop: 0,
      cells: topKeys.map(({ requests }) => formatCount(requests)),
    },
    { title: ['share'], align: 'right', drop: 1, cells: topKeys.map(({ share }) => formatPercent(share, 2)) },
  ]
}

/** The blocks of the fact sheet, under the header. */
export function renderInspection(
  simulated: InspectResult['simulated'],
  look: { readonly width: number; readonly colors: Colors },
): string[][] {
  const { colors, width } = look
  const { source } = simulated.workload
  const blocks = [renderPairs(inspectionFindings(simulated), width, colors.dim)]
  const quantiles = quantileColumns(simulated)
  if (quantiles !== undefined) blocks.push(renderTable(quantiles, look).lines)
  const { topKeys } = simulated.inspection
  if (topKeys.length > 0) {
    const most = Math.max(...topKeys.map((key) => key.requests), 1)
    const bars: Column = {
      title: [''],
      align: 'left',
      drop: 2,
      cells: topKeys.map((key) => colors.cyan(drawBar(key.requests / most, 16))),
    }
    blocks.push(renderTable([...topKeyColumns(simulated, Math.floor(width / 2)), bars], look).lines)
  }
  if (source !== undefined && source.badRowSamples.length > 0) {
    blocks.push([
      colors.yellow(`${plural(source.badRows, 'bad row')}, for example`),
      ...renderPairs(
        source.badRowSamples.map(({ line, reason }) => [`line ${formatCount(line)}`, reason]),
        width,
        colors.dim,
      ),
    ])
  }
  return blocks
}
