/**
 * Closed forms for the hit rate under the independent reference model: each request draws key i with probability
 * q_i, whatever came before. They serve as oracles for the simulation and as answers that need none.
 *
 * A cache of C entries behaves as if each key stayed a fixed characteristic time T, measured in requests, where T makes
 * the expected number of resident keys equal C:
 * - LRU: resident with 1 − e^(−q T). Che, Tung, Wang, "Hierarchical Web Caching Systems", JSAC 2002; why it is so
 *   accurate: Fricker, Robert, Roberts, "A Versatile and Accurate Approximation for LRU Cache Performance", ITC 2012.
 * - FIFO and Random: resident with q T / (1 + q T). Exactly alike: Gelenbe 1973; the approximation: Dan and Towsley 1990,
 *   Martina, Garetto, Leonardi, "A Unified Approach to the Performance Analysis of Caching Systems", INFOCOM 2014.
 *
 * With Poisson arrivals at rate λ a key and no limit of size, an expiry after TTL seconds gives λT / (1 + λT) counted
 * from the write (Jung, Berger, Balakrishnan, "Modeling TTL-based Internet Caches", INFOCOM 2003) and 1 − e^(−λT)
 * counted from the last use (Fofack, Nain, Neglia, Towsley 2012).
 *
 * Popularities are weights of 0 or more in any unit; they are divided by their sum. All are rates of the steady state:
 * no cold misses.
 */

type Residency = (load: number) => number

const lruResidency: Residency = (load) => -Math.expm1(-load)
const fifoResidency: Residency = (load) => load / (1 + load)

/** Hit rate of LRU with room for `size` keys of equal size: Che's approximation. */
export function lruHitRate(popularity: ArrayLike<number>, size: number): number {
  return approximate(popularity, size, lruResidency, (load) => Math.exp(-load))
}

/** Hit rate of FIFO, and of Random, with room for `size` keys of equal size. */
export function fifoHitRate(popularity: ArrayLike<number>, size: number): number {
  return approximate(popularity, size, fifoResidency, (load) => 1 / (1 + load) ** 2)
}

/** Hit rate of the best cache whose content never changes: the sum of the `size` largest popularities (LFU's limit). */
export function staticOptimalHitRate(popularity: ArrayLike<number>, size: number): number {
  const sorted = normalise(popularity).sort().reverse()
  let sum = 0
  for (let i = 0; i < Math.min(Math.floor(size), sorted.length); i++) sum += sorted[i]!
  return Math.min(1, sum)
}

/**
 * Hit rate of a cache without limit of size whose entries expire.
 * @param popularity weights of the keys
 * @param rate requests a second, all keys together, Poisson
 * @param ttlSeconds time to live
 * @param mode from the write, or from the last use
 */
export function ttlHitRate(
  popularity: ArrayLike<number>,
  rate: number,
  ttlSeconds: number,
  mode: 'write' | 'idle' = 'write',
): number {
  const shares = normalise(popularity)
  if (ttlSeconds === Infinity) return 1
  const resident = mode === 'write' ? fifoResidency : lruResidency
  return shares.reduce((sum, share) => sum + share * resident(share * rate * ttlSeconds), 0)
}

function approximate(
  popularity: ArrayLike<number>,
  size: number,
  resident: Residency,
  slope: Residency,
): number {
  const shares = normalise(popularity).filter((share) => share > 0)
  if (!(size > 0)) return 0
  if (size >= shares.length) return 1
  const time = characteristicTime(shares, size, resident, slope)
  return shares.reduce((sum, share) => sum + share * resident(share * time), 0)
}

/**
 * T with Σ resident(q T) = size, by Newton's method from below: the sum grows with T ever more slowly and is at most T,
 * so from T = size each step lands short of the root.
 */
function characteristicTime(
  shares: Float64Array,
  size: number,
  resident: Residency,
  slope: Residency,
): number {
  let time = size
  for (let step = 0; step < 1000; step++) {
    let occupied = 0
    let growth = 0
    for (const share of shares) {
      occupied += resident(share * time)
      growth += share * slope(share * time)
    }
    const next = time + (size - occupied) / growth
    if (!(next > time * (1 + 1e-13))) break
    time = next
  }
  return time
}

function normalise(popularity: ArrayLike<number>): Float64Array {
  const shares = Float64Array.from(popularity)
  let sum = 0
  for (const [key, weight] of shares.entries()) {
    if (!(weight >= 0 && weight < Infinity)) throw new RangeError(`the popularity of key ${key} is ${weight}`)
    sum += weight
  }
  if (!(sum > 0)) throw new RangeError('no key has a popularity above 0')
  return shares.map((weight) => weight / sum)
}
