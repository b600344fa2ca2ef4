/** No weight goes above this, so that the other expert is still tried. */
const MOST = 0.99

/**
 * The weights of two experts, which add up to 1, after one of them was found to have been wrong: its weight falls by a
 * factor of e^−amount, and both are scaled (multiplicative weights, as LeCaR and CACHEUS use them).
 * @param weight of the first expert, 0.01 … 0.99
 * @param first whether it was the first that was wrong
 * @param amount 0 or more
 * @returns the weight of the first, 0.01 … 0.99
 */
export function weightAfterRegret(weight: number, first: boolean, amount: number): number {
  const factor = Math.exp(-amount)
  const one = weight * (first ? factor : 1)
  const other = (1 - weight) * (first ? 1 : factor)
  return Math.min(Math.max(one / (one + other), 1 - MOST), MOST)
}
