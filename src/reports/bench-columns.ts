import type { BenchResult, BenchRun, Speed } from '../core/result.ts'
import { formatCount, formatPercent } from '../core/units.ts'
import { formatShare, formatSizeWithUnit, NONE, percentDigits } from './numbers.ts'
import type { Column } from './table.ts'

/** What there is to say of speeds at one size: for the terminal and for Markdown. */
export interface BenchTable {
  /** `10,000 entries (1 % of the keys)` */
  readonly title: string
  readonly columns: readonly Column[]
  /** The speed in each row; undefined where only counts are known. */
  readonly speeds: readonly (Speed | undefined)[]
  /** What to know of single rows. */
  readonly notes: readonly string[]
}

/** A table a size: policies from the fastest to the slowest, then packages. */
export function benchTables({ simulated, measured }: BenchResult): BenchTable[] {
  const sizes = [...new Map(simulated.runs.map((run) => [run.size, run])).values()]
  return sizes.map((run) => {
    const runs = simulated.runs.filter(({ size }) => size === run.size)
    const whole = run.sizeUnit === 'bytes' ? 'of all values' : 'of the keys'
    const title = `${formatSizeWithUnit(run.size, run.sizeUnit)} (${formatShare(run.sizeShare)} ${whole})`
    if (measured === undefined)
      return { title, columns: countColumns(runs), speeds: runs.map(() => undefined), notes: [] }
    const speeds = measured.speeds
      .filter(({ size }) => size === run.size)
      .sort((a, b) => b.kind.localeCompare(a.kind) || b.requestsPerSecond - a.requestsPerSecond)
    return {
      title,
      columns: speedColumns(speeds, run.requests, measured.baseline),
      speeds,
      notes: speeds.flatMap(({ name, note }) => (note === null ? [] : [`${name} ${note}`])),
    }
  })
}

function countColumns(runs: readonly BenchRun[]): Column[] {
  const digits = percentDigits(runs.map(({ hitRate }) => hitRate))
  return [
    { title: ['policy'], align: 'left', drop: 0, cells: runs.map(({ policy }) => policy) },
    { title: ['hits'], align: 'right', drop: 0, cells: runs.map(({ hits }) => formatCount(hits)) },
    {
      title: ['hit rate'],
      align: 'right',
      drop: 0,
      cells: runs.map(({ hitRate }) => formatPercent(hitRate, digits)),
    },
  ]
}

function speedColumns(speeds: readonly Speed[], requests: number, baseline: string | null): Column[] {
  const hitRates = speeds.map(({ hits }) => (requests === 0 ? 0 : hits / requests))
  const digits = percentDigits(hitRates)
  const column = (title: readonly string[], drop: number, cell: (speed: Speed) => string): Column => ({
    title,
    drop,
    align: 'right',
    cells: speeds.map(cell),
  })
  const known = <T>(value: T | null, format: (value: T) => string) => (value === null ? NONE : format(value))
  const columns: Column[] = [
    { title: ['policy', 'or package'], align: 'left', drop: 0, cells: speeds.map(rowName) },
    column(['M requests', 'a second'], 0, ({ requestsPerSecond }) => toThree(requestsPerSecond / 1e6)),
    column(['ns a', 'request'], 1, ({ nanosecondsPerRequest }) => toThree(nanosecondsPerRequest.median)),
    column(['least to', 'most ns'], 5, ({ nanosecondsPerRequest: { min, max } }) =>
      min === max ? NONE : `${toThree(min)}–${toThree(max)}`,
    ),
  ]
  if (baseline !== null)
    columns.push(
      column([`× ${baseline}`], 2, ({ timesBaseline }) =>
        known(timesBaseline, ({ median }) => toThree(median)),
      ),
    )
  if (speeds.some(({ slowdown }) => slowdown !== null)) {
    columns.push(
      column(['ns a request', 'alone'], 4, ({ aloneNanosecondsPerRequest }) =>
        known(aloneNanosecondsPerRequest, ({ median }) => toThree(median)),
      ),
      column(['longer than', 'alone'], 3, ({ slowdown }) => known(slowdown, formatSigned)),
    )
  }
  if (speeds.some(({ bytesPerKey }) => bytesPerKey !== null))
    columns.push(column(['bytes', 'a key'], 3, ({ bytesPerKey }) => known(bytesPerKey, toThree)))
  columns.push({
    title: ['hit rate'],
    align: 'right',
    drop: 6,
    cells: hitRates.map((rate) => formatPercent(rate, digits)),
  })
  return columns
}

/** `lru`, `lru-cache 11.5.3` */
function rowName({ name, version }: Speed): string {
  return version === null ? name : `${name} ${version}`
}

/** Three digits are more than a clock can promise. */
function toThree(value: number): string {
  return value >= 100 ? formatCount(value) : value.toPrecision(value < 0.01 ? 1 : 3).replace(/\.?0+e.*$/, '')
}

/** `+3 %`, `−4 %` */
function formatSigned(fraction: number): string {
  const percent = Math.round(fraction * 100)
  return `${percent < 0 ? '−' : '+'}${formatCount(Math.abs(percent))} %`
}

/** What the columns mean, by name. */
export function describeBench({ measured }: BenchResult): [term: string, text: string][] {
  if (measured === undefined) return []
  const { baseline, speeds } = measured
  return [
    ['ns a request', 'on one thread, where all the others run before it and after it'],
    ...(baseline === null
      ? []
      : ([[`× ${baseline}`, `as fast as get, then set of what is missing, with ${baseline} from npm`]] as [
          string,
          string,
        ][])),
    ...(speeds.some(({ slowdown }) => slowdown !== null)
      ? ([
          ['alone', 'in a thread of its own, where no other policy ever ran, right after the run among them'],
          ['bytes a key', 'memory of the cache, its values left out, ÷ distinct keys of the trace'],
        ] as [string, string][])
      : []),
  ]
}
