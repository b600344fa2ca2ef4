import type { Run } from './result.ts'

/** Runs of one policy, or of one curve. */
export interface RunGroup {
  readonly policy: string
  readonly bound: boolean
  readonly ttl: Run['ttl']
  readonly ttlSeconds: number | null
  /** Never empty; ascending in size, equals in the order they were given. */
  readonly runs: readonly Run[]
  readonly meanHitRate: number
}

/** Runs by policy, in the order they are given. TTL is that of the first run. */
export function byPolicy(runs: readonly Run[]): RunGroup[] {
  return grouped(runs, ({ policy }) => policy)
}

/** Runs by policy and TTL: each group is a curve over size. */
export function byCurve(runs: readonly Run[]): RunGroup[] {
  return grouped(runs, ({ policy, ttl, ttlSeconds }) => `${ttl} ${ttlSeconds} ${policy}`)
}

/** Those a server could run, then the bounds; otherwise as they were. */
export function boundsLast(groups: readonly RunGroup[]): RunGroup[] {
  return groups.toSorted((a, b) => Number(a.bound) - Number(b.bound))
}

/** Those a server could run, the one that serves most on average first, then the bounds; equals stay as they were. */
export function bestFirst(groups: readonly RunGroup[]): RunGroup[] {
  return boundsLast(groups.toSorted((a, b) => b.meanHitRate - a.meanHitRate))
}

function grouped(runs: readonly Run[], nameOf: (run: Run) => string): RunGroup[] {
  const groups = new Map<string, Run[]>()
  for (const run of runs) {
    const group = groups.get(nameOf(run))
    if (group) group.push(run)
    else groups.set(nameOf(run), [run])
  }
  return Array.from(groups.values(), (own) => {
    const { policy, bound, ttl, ttlSeconds } = own[0]!
    const meanHitRate = own.reduce((sum, { hitRate }) => sum + hitRate, 0) / own.length
    return { policy, bound, ttl, ttlSeconds, runs: own.toSorted((a, b) => a.size - b.size), meanHitRate }
  })
}
