import type { Run } from './result.ts'

/** Where a result has one of each TTL of a grid, which it is; absent where there is no grid. */
export interface GridTtl {
  readonly ttl?: Run['ttl'] | undefined
  readonly ttlSeconds?: number | null | undefined
}

/** The TTL alone of what has more. */
export function gridTtlOf({ ttl, ttlSeconds }: GridTtl): Pick<Run, 'ttl' | 'ttlSeconds'> | undefined {
  return ttl === undefined ? undefined : { ttl, ttlSeconds: ttlSeconds ?? null }
}

/** What a curve over size is known by. */
export interface CurveName extends GridTtl {
  readonly policy: string
}

/** Whether a run, or a group of runs, is of this curve: of its policy, and in a grid of its TTL. */
export function isOfCurve(
  run: Pick<Run, 'policy' | 'ttl' | 'ttlSeconds'>,
  { policy, ttl, ttlSeconds }: CurveName,
): boolean {
  return run.policy === policy && (ttl === undefined || (run.ttl === ttl && run.ttlSeconds === ttlSeconds))
}

/** A TTL in a table: `10 min`, `recorded`, `none`; recorded, with one for the rest: `recorded, else 10 min`. */
export function formatTtl({ ttl, ttlSeconds }: GridTtl): string {
  const length = ttlSeconds == null ? undefined : formatLength(ttlSeconds)
  if (ttl === 'recorded') return length === undefined ? 'recorded' : `recorded, else ${length}`
  return length ?? 'none'
}

/** The same in a sentence: `with a TTL of 10 min`, `with recorded TTLs`, `without a TTL`. */
export function describeTtl({ ttl, ttlSeconds }: GridTtl): string {
  if (ttl === 'recorded') return 'with recorded TTLs'
  return ttlSeconds == null ? 'without a TTL' : `with a TTL of ${formatLength(ttlSeconds)}`
}

const UNITS: readonly (readonly [number, string])[] = [
  [86_400, 'd'],
  [3600, 'h'],
  [60, 'min'],
]

/** As it was most likely given, `1 h` where a measured time would be `60 min`, and exact: it names a curve. */
function formatLength(seconds: number): string {
  const whole = UNITS.find(([unit]) => seconds % unit === 0)
  if (whole) return `${seconds / whole[0]} ${whole[1]}`
  return seconds >= 1 ? `${seconds} s` : `${Number((1000 * seconds).toPrecision(12))} ms`
}
