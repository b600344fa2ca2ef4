import { max, median, min } from 'simple-statistics'
import type { BenchRun, Speed } from '../../core/result.ts'
import type { Trace } from '../../core/trace.ts'
import { BASELINE } from './packages.ts'
import type { Lane } from './race.ts'
import { isPolicy } from './runner.ts'

/** What a policy counted; nothing for a package, which is no simulation. */
export function describeRun({ contestant, capacity, hits }: Lane, requests: number): BenchRun[] {
  if (!isPolicy(contestant)) return []
  return [
    {
      policy: contestant.text,
      bound: contestant.definition.bound,
      size: capacity.capacity,
      sizeUnit: capacity.unit,
      sizeShare: capacity.share,
      requests,
      hits,
      misses: requests - hits,
      hitRate: requests === 0 ? 0 : hits / requests,
    },
  ]
}

/** Medians over the rounds; of what is a ratio, the median of the rounds' own. */
export function describeSpeed(lane: Lane, lanes: readonly Lane[], { length, keyCount }: Trace): Speed {
  const { contestant, capacity, together, alone, hits, bytes } = lane
  const baseline = lanes.find(
    (one) => one.capacity === capacity && !isPolicy(one.contestant) && one.contestant.name === BASELINE,
  )
  const perRequest = (milliseconds: number) => (milliseconds * 1e6) / length
  const ratios = (over: readonly number[], under: readonly number[]) =>
    over.map((time, round) => time / Math.max(under[round]!, Number.EPSILON))
  return {
    ...(isPolicy(contestant)
      ? { name: contestant.text, kind: 'policy', version: null, note: null }
      : {
          name: contestant.name,
          kind: 'package',
          version: contestant.version,
          note: contestant.note,
        }),
    size: capacity.capacity,
    sizeUnit: capacity.unit,
    hits,
    requestsPerSecond: 1e9 / perRequest(median(together)),
    nanosecondsPerRequest: spread(together.map(perRequest)),
    timesBaseline: baseline === undefined ? null : spread(ratios(baseline.together, together)),
    aloneNanosecondsPerRequest: alone.length === 0 ? null : spread(alone.map(perRequest)),
    slowdown: alone.length === 0 ? null : median(ratios(together, alone)) - 1,
    bytesPerKey: bytes === null ? null : Math.max(0, bytes) / keyCount,
  }
}

function spread(values: number[]): Speed['nanosecondsPerRequest'] {
  return { median: median(values), min: min(values), max: max(values) }
}
