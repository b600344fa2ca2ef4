import { gammaln } from 'simple-statistics'
import type { Inspection } from '../core/result.ts'
import { finish, inSteps, type Steps, uncounted } from './steps.ts'

/**
 * Zipf's law fitted to a trace: the r-th most popular of K keys has a share proportional to r^−α. The fit is maximum
 * likelihood over the ranks (Clauset, Shalizi, Newman, "Power-Law Distributions in Empirical Data", 2009, appendix B):
 * α is where the law's mean of ln r is the trace's. K is the number of distinct keys seen.
 *
 * Ranks are not given, they come from the counts themselves, and sorting noise looks like skew: 10 requests to each of
 * 10,000 equally popular keys, ranked by their counts, seem to follow α = 0.23. So a request is not ranked by a count it
 * is itself part of. Each is left out in turn, and its key takes its place among the keys with one request fewer: a mean
 * over those ranks. For Poisson counts the mean of ln r is then that of the true shares (Robbins 1956, the identity
 * behind Good and Turing), as far as noise leaves the ranks right. Keys seen once, which would vanish, and counts with no
 * key one below, as in a loop, keep the mean over the ranks of their own count.
 *
 * What remains: with about 10 requests a key α is low by 0.04 at 0.3, by 0.01 at 0.6 and above; with about one request a
 * key, where many keys have not been seen at all, by up to 0.1 at 0.8
 * and 0.2 at 0.6, and anything below 0.4 may be called 0.
 */

/** A law of ranks says nothing about fewer keys. */
const MINIMUM_KEYS = 10

/** Up to this distance the fit is called good: at most 3 % of the requests lie elsewhere than the law puts them. */
const GOOD = 0.03
/** And fair: at most 10 %. */
const FAIR = 0.1

/** Counts below this are told apart by an array. */
const FEW = 1 << 12

/** Ranks summed one by one; those beyond are integrated. */
const EXACT_RANKS = 1000
/** Of Simpson's rule over ln r; even. */
const INTERVALS = 512
const LARGEST_ALPHA = 50

export type ZipfFit = NonNullable<Inspection['zipf']>

/**
 * @param counts requests of each key, in any order; zeros are left out
 * @returns α ≥ 0; its standard error, for independent requests; the Kolmogorov–Smirnov distance by request, the
 *   smaller of that of the sorted counts and that of the ranks as above; and a verdict: good up to 0.03, fair up to 0.1. Null for fewer than 10 keys, or where no key comes
 *   twice: then there are no ranks to speak of.
 */
export function fitZipf(counts: ArrayLike<number>): ZipfFit | null {
  return finish(fitZipfInSteps(counts))
}

/** The same, in steps. */
export function* fitZipfInSteps(counts: ArrayLike<number>): Steps<ZipfFit | null> {
  const runs = yield* runsOf(counts)
  const keys = runs.at(-1)?.end ?? 0
  if (keys < MINIMUM_KEYS || runs[0]!.count === 1) return null

  const { pieces, meanLog, requests } = spreadOverRanks(runs)
  let low = 0
  let high = LARGEST_ALPHA
  if (logMoments(0, keys).mean <= meanLog) high = 0
  while (high - low > 1e-10) {
    const middle = (low + high) / 2
    if (logMoments(middle, keys).mean > meanLog) low = middle
    else high = middle
  }
  const alpha = (low + high) / 2
  const { variance } = logMoments(alpha, keys)
  // Noise sets the plain counts apart from the law, keys not yet seen the counts with a request left out.
  const distance = yield* smallestDistance([pieces, runs], requests, keys, alpha)
  return {
    alpha,
    standardError: variance > 0 ? 1 / Math.sqrt(requests * variance) : null,
    goodnessOfFit: distance,
    verdict: distance <= GOOD ? 'good' : distance <= FAIR ? 'fair' : 'poor',
  }
}

/** Neighbouring ranks with as many requests each: `start` … `end`, counted from 0. */
interface Run {
  readonly start: number
  readonly end: number
  readonly count: number
}

/** The ranks of the counts above 0, those of equal counts together, from the largest. */
function* runsOf(counts: ArrayLike<number>): Steps<Run[]> {
  const keysOf = new Map<number, number>()
  // Most keys have few requests: an array is faster than a map.
  const keysOfFew = new Uint32Array(FEW)
  yield* uncounted(
    inSteps(counts.length, (from, to) => {
      for (let key = from; key < to; key++) {
        const count = counts[key]!
        if (count < FEW) keysOfFew[count]!++
        else keysOf.set(count, (keysOf.get(count) ?? 0) + 1)
      }
    }),
  )
  for (let count = 1; count < FEW; count++) if (keysOfFew[count]! > 0) keysOf.set(count, keysOfFew[count]!)
  const runs: Run[] = []
  for (const count of Float64Array.from(keysOf.keys()).sort().reverse()) {
    const start = runs.at(-1)?.end ?? 0
    runs.push({ start, end: start + keysOf.get(count)!, count })
  }
  return runs
}

/** Requests per rank, and the mean of ln r over the requests, each request left out of the count that ranks it. */
function spreadOverRanks(runs: readonly Run[]): {
  readonly pieces: Run[]
  readonly meanLog: number
  readonly requests: number
} {
  /** Of each rank where it differs from the rank before: by how much. */
  const changes = new Map<number, number>()
  const change = (rank: number, by: number) => changes.set(rank, (changes.get(rank) ?? 0) + by)
  let requests = 0
  let sumOfLogs = 0
  runs.forEach(({ start, end, count }, at) => {
    const below = runs[at + 1]
    const shifted = count > 1 && below?.count === count - 1
    const from = shifted ? end - 1 : start
    const to = shifted ? below.end : end
    const weight = count * (end - start)
    const each = weight / (to - from)
    change(from, each)
    change(to, -each)
    requests += weight
    sumOfLogs += each * (gammaln(to + 1) - gammaln(from + 1))
  })
  const ranks = Float64Array.from(changes.keys()).sort()
  const pieces: Run[] = []
  let count = 0
  for (let at = 0; at + 1 < ranks.length; at++) {
    count += changes.get(ranks[at]!)!
    pieces.push({ start: ranks[at]!, end: ranks[at + 1]!, count })
  }
  return { pieces, meanLog: sumOfLogs / requests, requests }
}

/**
 * Mean and variance of ln r under Zipf's law over `keys` ranks. The first ranks are summed; the rest is the integral
 * over u = ln r, where r^−α is smooth for every α, with the first two terms of the Euler–Maclaurin formula.
 */
function logMoments(alpha: number, keys: number): { mean: number; variance: number } {
  let sum = 0
  let first = 0
  let second = 0
  const add = (log: number, weight: number): void => {
    sum += weight
    first += weight * log
    second += weight * log * log
  }
  const exact = Math.min(keys, EXACT_RANKS)
  for (let rank = 1; rank <= exact; rank++) {
    const log = Math.log(rank)
    add(log, Math.exp(-alpha * log))
  }
  if (keys > exact) {
    // Σ f(r) over exact + 1 … keys: the integral from exact to keys, and half of f(keys) − f(exact).
    const start = Math.log(exact)
    const step = (Math.log(keys) - start) / INTERVALS
    for (let i = 0; i <= INTERVALS; i++) {
      const log = start + i * step
      const simpson = i === 0 || i === INTERVALS ? 1 : i % 2 === 1 ? 4 : 2
      add(log, ((simpson * step) / 3) * Math.exp((1 - alpha) * log))
    }
    add(Math.log(keys), Math.exp(-alpha * Math.log(keys)) / 2)
    add(start, -Math.exp(-alpha * start) / 2)
  }
  const mean = first / sum
  return { mean, variance: Math.max(0, second / sum - mean * mean) }
}

/**
 * The largest difference between the shares of requests up to any rank, a trace's and the law's: the smallest of that
 * over several ways to spread the trace over the ranks.
 */
function* smallestDistance(
  spreads: readonly (readonly Run[])[],
  requests: number,
  keys: number,
  alpha: number,
): Steps<number> {
  const law = new Float64Array(keys)
  let total = 0
  yield* uncounted(
    inSteps(keys, (from, to) => {
      for (let index = from; index < to; index++) {
        law[index] = Math.exp(-alpha * Math.log(index + 1))
        total += law[index]!
      }
    }),
  )
  let smallest = Infinity
  for (const runs of spreads) {
    let distance = 0
    let seen = 0
    let expected = 0
    let run = 0
    yield* uncounted(
      inSteps(keys, (from, to) => {
        for (let index = from; index < to; index++) {
          if (index === runs[run]!.end) run++
          seen += runs[run]!.count / requests
          expected += law[index]! / total
          distance = Math.max(distance, Math.abs(seen - expected))
        }
      }),
    )
    smallest = Math.min(smallest, distance)
  }
  return smallest
}
