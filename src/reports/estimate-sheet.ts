import { holds } from '../core/estimate-holds.ts'
import type { PolicyEstimate, SweepEstimates } from '../core/estimate-result.ts'
import { formatCount, formatPercent } from '../core/units.ts'
import { formatSize, NONE, plural } from './numbers.ts'
import type { Column } from './table.ts'
import { displayWidth } from './text.ts'

/** Tables of estimates: every rate has its margin beside it, and what was run exactly says so. */

/** Candidates in the order they were given, then bounds. */
export function estimatedPolicies({ policies }: SweepEstimates): PolicyEstimate[] {
  return policies.toSorted((a, b) => Number(a.bound) - Number(b.bound))
}

/** `61.2 ±0.3`; of an exact rate `61.2`. */
function withMargin({ hitRate, margin }: PolicyEstimate['rates'][number]): string {
  const rate = (hitRate * 100).toFixed(1)
  return margin === 0 ? rate : `${rate} ±${(margin * 100).toFixed(1)}`
}

/** What a policy's numbers are. */
function kindOf({ exact, scales, tooSmallBelow, rates }: PolicyEstimate): string {
  // What holds everything is known without a run of every size.
  if (exact || rates.every(({ margin }) => margin === 0)) return 'exact'
  if (!scales) return 'does not scale'
  return tooSmallBelow === undefined ? 'estimated' : 'small sample'
}

/** One row a policy: the knee, how its numbers were got, and rates in percent at some of the sizes. */
export function estimateColumns(estimates: SweepEstimates, width: number): Column[] {
  const policies = estimatedPolicies(estimates)
  const { sizes } = estimates
  const unit = sizes[0]!.sizeUnit
  const sizeAt = (at: number) => formatSize(sizes[at]!.size, unit)
  const cell = (at: number) => (policy: PolicyEstimate) => withMargin(policy.rates[at]!)
  const names = Math.max(...policies.map(({ policy }) => displayWidth(policy)))
  const widest = Math.max(
    ...sizes.flatMap((_, at) => [sizeAt(at).length, ...policies.map((policy) => cell(at)(policy).length)]),
  )
  const room = Math.max(
    2,
    Math.floor((width - Math.min(names, width / 3) - 'does not scale'.length - 14) / (widest + 2)),
  )
  const shown =
    sizes.length <= room
      ? [...sizes.keys()]
      : Array.from({ length: room }, (_, at) => Math.round((at * (sizes.length - 1)) / (room - 1)))
  return [
    { title: ['policy'], align: 'left', drop: 0, cells: policies.map(({ policy }) => policy) },
    {
      title: ['knee'],
      align: 'right',
      drop: 1,
      cells: policies.map(({ knee }) => (knee.size === null ? NONE : formatSize(knee.size, unit))),
    },
    ...shown.map(
      (at, i): Column => ({
        title: [sizeAt(at)],
        align: 'right',
        drop: i < shown.length - 1 ? 2 : 0,
        cells: policies.map(cell(at)),
      }),
    ),
    { title: ['numbers'], align: 'left', drop: 0, cells: policies.map(kindOf) },
  ]
}

/** What the table shows, and what it rests on. */
export function describeEstimates({ rate, keys, requests }: SweepEstimates): string {
  return `hit rate in % by size, estimated from ${Number((rate * 100).toPrecision(3))} % of the keys (${formatCount(keys)}, with ${plural(requests, 'request')}); ± the margin, which holds the exact rate about nine times in ten`
}

/** Where estimates were held against whole caches: a term and a sentence each, of policies that they do not hold for. */
export function describeChecks(estimates: SweepEstimates): [string, string][] {
  const unit = estimates.sizes[0]!.sizeUnit
  return estimatedPolicies(estimates)
    .filter((policy) => !holds(policy))
    .map(({ policy, checks, tooSmallBelow }) => {
      const worst = checks.reduce((a, b) => (Math.abs(b.error) > Math.abs(a.error) ? b : a))
      const off = `${policy}: its estimate is off by ${formatPercent(Math.abs(worst.error)).replace(' %', ' points')} at ${formatSize(worst.size, unit)}`
      return tooSmallBelow === undefined
        ? ['does not scale', off]
        : [
            'small sample',
            `${off}; the sample is too small for sizes below ${formatSize(tooSmallBelow, unit)}`,
          ]
    })
}
