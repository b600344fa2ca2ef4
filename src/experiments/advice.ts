import type { Inspection, WorkloadDescription } from '../core/result.ts'
import { formatCount, formatPercent, formatSeconds } from '../core/units.ts'
import type { Suggestion } from './compare-command.ts'

/** What a workload's shape means for a cache: sentences, most important first, and what to compare. */
export interface Advice {
  readonly sentences: string[]
  readonly suggestion: Suggestion
}

/** Above this share of one-hit keys they are worth a sentence. */
const MANY_ONE_HITS = 0.5
/** From this Zipf exponent on, counting uses pays. */
const SKEWED = 0.3
/** A column is guilty if the ceiling rises by this much without it. */
const GUILTY = 0.2
/** A TTL is advised if it is this much shorter than the trace. */
const SHORT_TTL = 0.1
/** Of several duplicates in a hundred requests coalescing is worth a sentence. */
const MANY_DUPLICATES = 0.01
/** Largest tenth of the sizes over the smallest. */
const WIDE_SIZES = 10
/** As many writes and deletes as this are worth a sentence. */
const MANY_WRITES = 0.01

/**
 * Nothing here says that a log was sampled by request: an independent stream thinned at random is again such a stream,
 * only shorter, and a log with many one-hit wonders looks the same. So it is named as a possible cause of many one-hit
 * keys, and not more.
 */
export function advise(inspection: Inspection, workload: WorkloadDescription): Advice {
  const { reads, hitRateCeiling } = inspection
  if (reads === 0) return only('There are no reads: only reads are hits or misses.')
  const guilty = guiltyColumn(inspection)
  if (hitRateCeiling === 0) {
    return {
      sentences: ['No key comes twice: no cache of whole predictions can serve anything here.', ...guilty],
      suggestion: { policies: [], ttl: undefined },
    }
  }
  const ttl = usefulTtl(inspection, workload)
  return {
    sentences: [
      `No cache can serve more than ${formatPercent(hitRateCeiling)} of the requests: the rest are first sights.`,
      ...guilty,
      ...(guilty.length > 0 ? [] : oneHits(inspection)),
      ...loop(inspection),
      ...popularity(inspection),
      ...size(inspection),
      ...lifetime(inspection, ttl),
      ...duplicates(inspection),
      ...sizes(inspection),
      ...writes(workload),
      ...order(inspection, workload),
    ],
    suggestion: { policies: policiesFor(inspection), ttl: ttl?.text },
  }
}

function only(sentence: string): Advice {
  return { sentences: [sentence], suggestion: { policies: [], ttl: undefined } }
}

function guiltyColumn({ keyColumns, hitRateCeiling }: Inspection): string[] {
  const [worst] = (keyColumns ?? []).toSorted((a, b) => b.hitRateCeilingWithout - a.hitRateCeilingWithout)
  if (worst === undefined || worst.hitRateCeilingWithout < hitRateCeiling + GUILTY) return []
  const { column, values, valuesReadOnce, hitRateCeilingWithout } = worst
  return [
    `The key contains ${column}, of whose ${formatCount(values)} values ${formatPercent(valuesReadOnce / values, 0)} come only once; without it the ceiling would be ${formatPercent(hitRateCeilingWithout)} instead of ${formatPercent(hitRateCeiling)}: leave it out of the key if the prediction does not depend on it.`,
  ]
}

function oneHits({ oneHitKeys, distinctKeys }: Inspection): string[] {
  if (oneHitKeys.shareOfKeys <= MANY_ONE_HITS) return []
  return [
    `${formatPercent(oneHitKeys.shareOfKeys)} of the ${formatCount(distinctKeys)} keys come only once: if that is more than you expect, the key may hold something that differs with every request, or the log is a sample of requests, which must be one of keys.`,
  ]
}

function loop({ reuseDistance }: Inspection): string[] {
  const spike = reuseDistance?.spike
  if (!spike) return []
  const range =
    spike.from === spike.to
      ? formatCount(spike.from)
      : `${formatCount(spike.from)} to ${formatCount(spike.to)}`
  return [
    `${formatPercent(spike.share)} of the reuses have ${range} other keys between them, as in a loop or repeated scans: lru serves none of them with fewer than ${formatCount(spike.from + 1)} entries, where random or lfu serve some.`,
  ]
}

function popularity({ popularity, zipf }: Inspection): string[] {
  if (!popularity?.verdict) return []
  const { verdict, neighbours, distant } = popularity
  if (verdict === 'stable') {
    return [
      zipf !== null && zipf.alpha >= SKEWED
        ? `What is popular stays so from one end of the trace to the other, with a skew of α = ${zipf.alpha.toFixed(2)}: policies that count uses (lfu) can be trusted.`
        : 'Popularity does not change, and no key is much more popular than another: the size of the cache matters more than its policy.',
    ]
  }
  const near = formatPercent(Math.min(1, neighbours!), 0)
  const far =
    distant === null
      ? ''
      : `, the first and those of the second half ${formatPercent(Math.min(1, distant), 0)}`
  const what = verdict === 'moving' ? 'What is popular moves on fast' : 'What is popular drifts'
  return [
    `${what}: neighbouring tenths of the trace have ${near} of the requests in common that they would if nothing changed${far}. Counts of the past mislead; prefer recency (lru).`,
  ]
}

function size({ lruSize, distinctKeys, reuseDistance }: Inspection): string[] {
  if (lruSize === null || reuseDistance === null) return []
  const { p50 } = reuseDistance.quantiles
  return [
    `An lru cache of ${formatCount(lruSize.entries)} entries (${formatPercent(lruSize.entries / distinctKeys)} of the keys) reaches ${formatPercent(lruSize.shareOfCeiling, 0)} of the ceiling; half of all reuses take ${formatCount(p50 + 1)}.`,
  ]
}

function lifetime({ reuseSeconds }: Inspection, ttl: Ttl | undefined): string[] {
  if (reuseSeconds === null || ttl === undefined) return []
  return [
    `95 % of the reuses come within ${formatSeconds(reuseSeconds.p95)} of the last use: a TTL of ${formatSeconds(ttl.seconds)}, counted from the last use, keeps them.`,
  ]
}

function duplicates({ duplicatesInFlight }: Inspection): string[] {
  if (duplicatesInFlight === null || duplicatesInFlight.shareOfRequests < MANY_DUPLICATES) return []
  const { requests, shareOfRequests, despiteCache, worst } = duplicatesInFlight
  return [
    `${formatCount(requests)} requests (${formatPercent(shareOfRequests)}) arrive while their key is still being computed, up to ${formatCount(worst!.duplicates)} at a time: coalescing requests (single flight) saves these calls, ${formatCount(despiteCache)} of them beyond what the largest cache saves.`,
  ]
}

function sizes({ valueBytes }: Inspection): string[] {
  if (valueBytes === null || !(valueBytes.p90 > WIDE_SIZES * valueBytes.p10)) return []
  return [
    `Values differ in size: the largest tenth are at least ${formatCount(Math.round(valueBytes.p90 / Math.max(1, valueBytes.p10)))} times the smallest tenth. Give the size of the cache in bytes, such as --size 64MiB.`,
  ]
}

function writes({ writes, deletes, requests }: WorkloadDescription): string[] {
  const share = (writes + deletes) / requests
  if (share < MANY_WRITES) return []
  return [
    `${formatPercent(share)} of the requests write or delete: what they touch is invalidated or replaced, so look at the misses by kind.`,
  ]
}

function order({ meanRate }: Inspection, { spanSeconds, requests }: WorkloadDescription): string[] {
  if (spanSeconds === null || meanRate !== null || requests < 2) return []
  return ['All requests have the same time: nothing can be said of TTLs and rates.']
}

interface Ttl {
  readonly seconds: number
  /** As `--ttl` takes it. */
  readonly text: string
}

/** Lives that people give: seconds, minutes, hours, days. */
const LIVES: readonly Ttl[] = (
  [
    ['s', 1, [1, 2, 5, 10, 15, 30]],
    ['m', 60, [1, 2, 5, 10, 15, 30]],
    ['h', 3600, [1, 2, 3, 6, 12]],
    ['d', 86_400, [1, 2, 3, 7, 14, 30, 90, 365]],
  ] as const
).flatMap(([unit, factor, counts]) =>
  counts.map((count) => ({ seconds: count * factor, text: `${count}${unit}` })),
)

/** The shortest of them that keeps 95 % of the reuses; none where it is not much shorter than the trace. */
function usefulTtl({ reuseSeconds }: Inspection, { spanSeconds }: WorkloadDescription): Ttl | undefined {
  if (reuseSeconds === null || spanSeconds === null) return undefined
  const ttl = LIVES.find(({ seconds }) => seconds > reuseSeconds.p95)
  return ttl !== undefined && ttl.seconds <= SHORT_TTL * spanSeconds ? ttl : undefined
}

/** The likely best first, the bound last. */
function policiesFor({ popularity, reuseDistance }: Inspection): string[] {
  const changing = popularity?.verdict === 'drifting' || popularity?.verdict === 'moving'
  const ranked = changing ? ['lru', 'fifo', 'lfu'] : ['lfu', 'lru', 'fifo']
  return [...ranked, ...(reuseDistance?.spike ? ['random'] : []), 'optimal']
}
