/**
 * Quantiles of Student's t for whole degrees of freedom. For those the distribution function is a finite sum of powers
 * of a cosine (Abramowitz and Stegun 1964, 26.7.3 and 26.7.4): exact, and no incomplete beta function is needed.
 */

/** P(|T| ≤ t) for t ≥ 0. */
function centralProbability(t: number, degrees: number): number {
  const angle = Math.atan(t / Math.sqrt(degrees))
  const cosine2 = Math.cos(angle) ** 2
  const odd = degrees % 2 === 1
  let term = odd ? Math.cos(angle) : 1
  let sum = degrees === 1 ? 0 : term
  for (let k = odd ? 3 : 2; k <= degrees - 2; k += 2) {
    term *= ((k - 1) / k) * cosine2
    sum += term
  }
  return odd ? (2 / Math.PI) * (angle + Math.sin(angle) * sum) : Math.sin(angle) * sum
}

/**
 * The t with P(T ≤ t) = `probability`. Takes time in proportion to `degrees`.
 * @param probability above 0 and below 1
 * @param degrees of freedom, a whole number of 1 or more
 * @throws RangeError for arguments outside these
 */
export function studentQuantile(probability: number, degrees: number): number {
  if (!(probability > 0 && probability < 1))
    throw new RangeError(`probability ${probability} is not in (0, 1)`)
  if (!Number.isInteger(degrees) || degrees < 1) {
    throw new RangeError(`degrees of freedom are ${degrees}: they must be a whole number of 1 or more`)
  }
  if (probability < 0.5) return -studentQuantile(1 - probability, degrees)
  const central = 2 * probability - 1
  let low = 0
  let high = 1
  while (centralProbability(high, degrees) < central && high < 1e300) high *= 2
  while (high - low > 1e-12 * high) {
    const middle = (low + high) / 2
    if (middle === low || middle === high) break
    if (centralProbability(middle, degrees) < central) low = middle
    else high = middle
  }
  return (low + high) / 2
}
