import type { InspectResult, Quantiles } from '../core/result.ts'
import { formatBytes, formatCount, formatMilliseconds, formatPercent, formatSeconds } from '../core/units.ts'
import { drawBar } from './bar-chart.ts'
import type { Colors } from './colors.ts'
import { type Bin, renderHistogram } from './histogram.ts'
import { formatLargeCount, formatShare, NONE, plural } from './numbers.ts'
import type { Column } from './table.ts'
import { renderTable } from './table.ts'
import { cutMiddle, fill, hang, renderPairs } from './text.ts'

const WITHIN = 'reuses within  '
/** Columns that the name of a key may take within a sentence. */
const LONGEST_NAME = 40

type Popularity = NonNullable<InspectResult['simulated']['inspection']['popularity']>

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
  const { lruSize, duplicatesInFlight } = inspection
  if (lruSize !== null) {
    findings.push([
      'lru size',
      `${plural(lruSize.entries, 'entry', 'entries')} for ${formatPercent(lruSize.shareOfCeiling, 0)} of the ceiling: a hit rate of ${formatPercent(lruSize.hitRate)}`,
    ])
  }
  if (duplicatesInFlight !== null) {
    const { requests, shareOfRequests, despiteCache, worst } = duplicatesInFlight
    const most =
      worst === null
        ? ''
        : `; at most ${formatCount(worst.duplicates)} at a time, of ${cutMiddle(worst.key, LONGEST_NAME)}`
    findings.push([
      'duplicates in flight',
      `${formatCount(requests)}: ${formatShare(shareOfRequests)} of the requests come while their key is being computed, ${formatCount(despiteCache)} of them whatever the cache${most}`,
    ])
  }
  findings.push(['popularity', describePopularity(inspection.popularity)])
  return findings
}

function describePopularity(popularity: Popularity | null): string {
  if (popularity === null) return 'too few requests to tell whether it changes'
  const { verdict, neighbours, distant } = popularity
  if (verdict === null || neighbours === null) return 'too few keys come twice to tell whether it changes'
  const far = distant === null ? '' : `, the first and those of the second half ${formatShared(distant)}`
  return `${verdict}: neighbouring tenths have ${formatShared(neighbours)} of the requests in common that they would without change${far}`
}

/** Above what chance gives, as in a loop, is no change either. */
function formatShared(share: number): string {
  return formatPercent(Math.min(1, share), 0)
}

/** A row a part of the trace: what is new, and what is left of what was hot; undefined where there are no parts. */
export function popularityColumns({ inspection }: InspectResult['simulated']): Column[] | undefined {
  const { popularity } = inspection
  if (popularity === null) return undefined
  const { parts, hotKeys, keptByChance } = popularity
  const hot = `${formatCount(hotKeys)} hottest`
  const column = (title: string[], drop: number, cells: string[]): Column => ({
    title,
    align: 'right',
    drop,
    cells,
  })
  const kept = (share: number | null) => (share === null ? NONE : formatPercent(share, 0))
  return [
    {
      title: ['popularity', 'over time'],
      align: 'left',
      drop: 0,
      cells: [...parts.map((_, at) => `part ${at + 1}`), 'by chance'],
    },
    column(['', 'requests'], 4, [...parts.map(({ requests }) => formatCount(requests)), '']),
    column(['new', 'keys'], 0, [...parts.map(({ newKeys }) => formatCount(newKeys)), '']),
    column(['requests to', `the ${hot}`], 1, [
      ...parts.map(({ shareOfHotKeys }) => formatPercent(shareOfHotKeys)),
      '',
    ]),
    column([`${hot}:`, 'kept of first'], 3, [
      ...parts.map(({ keptOfFirst }) => kept(keptOfFirst)),
      kept(keptByChance),
    ]),
    column([`${hot}:`, 'of the part before'], 2, [
      ...parts.map(({ keptOfPrevious }) => kept(keptOfPrevious)),
      kept(keptByChance),
    ]),
  ]
}

/** A row a column of a composed key; undefined where the key is one column. */
export function keyColumnColumns(
  { inspection }: InspectResult['simulated'],
  nameWidth: number,
): Column[] | undefined {
  const { keyColumns } = inspection
  if (keyColumns === null) return undefined
  const column = (title: string[], drop: number, cells: string[]): Column => ({
    title,
    align: 'right',
    drop,
    cells,
  })
  return [
    {
      title: ['columns', 'of the key'],
      align: 'left',
      drop: 0,
      cells: keyColumns.map(({ column }) => cutMiddle(column, nameWidth)),
    },
    column(
      ['distinct', 'values'],
      0,
      keyColumns.map(({ values }) => formatCount(values)),
    ),
    column(
      ['seen', 'once'],
      1,
      keyColumns.map(({ values, valuesReadOnce }) => formatShare(values === 0 ? 0 : valuesReadOnce / values)),
    ),
    column(
      ['most common', 'value'],
      3,
      keyColumns.map(({ mostCommon }) => cutMiddle(mostCommon.value, Math.floor(nameWidth / 2))),
    ),
    column(
      ['its share', 'of requests'],
      2,
      keyColumns.map(({ mostCommon }) => formatPercent(mostCommon.shareOfRequests)),
    ),
    column(
      ['ceiling', 'without it'],
      0,
      keyColumns.map(({ hitRateCeilingWithout }) => formatPercent(hitRateCeilingWithout)),
    ),
  ]
}

/** What a time to live of so much would serve, counted from the last use. */
export function describeWithin({ inspection }: InspectResult['simulated']): string[] {
  const within = inspection.reuseSeconds?.within ?? []
  return within.map(({ seconds, share }) => `${formatRoundSeconds(seconds)} ${formatPercent(share)}`)
}

/** A histogram as a table; undefined where there is none. */
export function histogramColumns(
  what: string,
  bins: readonly Bin[] | undefined,
  formatEdge: (value: number) => string,
): Column[] | undefined {
  if (bins === undefined) return undefined
  const total = bins.reduce((sum, { count }) => sum + count, 0)
  return [
    {
      title: [what],
      align: 'left',
      drop: 0,
      cells: bins.map(({ from, to }) => `${formatEdge(from)} to below ${formatEdge(to)}`),
    },
    { title: ['reuses'], align: 'right', drop: 0, cells: bins.map(({ count }) => formatCount(count)) },
    {
      title: ['share'],
      align: 'right',
      drop: 0,
      cells: bins.map(({ count }) => formatPercent(count / total)),
    },
  ]
}

/** Seconds of which there is a whole number of minutes, hours or days. */
export function formatRoundSeconds(seconds: number): string {
  if (seconds === Number.MAX_VALUE) return '∞'
  if (seconds >= 86_400) return `${formatLargeCount(seconds / 86_400)} d`
  if (seconds >= 3600) return `${seconds / 3600} h`
  return seconds >= 60 ? `${seconds / 60} min` : formatSeconds(seconds)
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
  const { reuseDistance, reuseSeconds, valueBytes, costMilliseconds } = inspection
  if (reuseDistance !== null) rows.push(['reuse distance, keys', reuseDistance.quantiles, formatDistance])
  if (reuseSeconds !== null) rows.push(['time between uses', reuseSeconds.quantiles, formatSeconds])
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

/** Distances as they stand in tables and on axes. */
export function formatDistance(keys: number): string {
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
  const { topKeys, reuseDistance, reuseSeconds } = simulated.inspection
  if (reuseDistance !== null) {
    blocks.push([
      colors.bold('reuse distance'),
      ...renderHistogram(reuseDistance.histogram, formatDistance, look),
    ])
  }
  if (reuseSeconds !== null) {
    blocks.push([
      colors.bold('time between uses'),
      ...renderHistogram(reuseSeconds.histogram, formatRoundSeconds, look),
      ...hang(WITHIN, fill(describeWithin(simulated), ' · ', width - WITHIN.length), colors.dim),
    ])
  }
  const popularity = popularityColumns(simulated)
  if (popularity !== undefined) blocks.push(renderTable(popularity, look).lines)
  const keyColumns = keyColumnColumns(simulated, Math.floor(width / 3))
  if (keyColumns !== undefined) blocks.push(renderTable(keyColumns, look).lines)
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
