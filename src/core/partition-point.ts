/**
 * How many of `count` places come before a point, found by halving.
 * @param isBefore true for the first places, false from some place on
 */
export function partitionPoint(count: number, isBefore: (place: number) => boolean): number {
  let low = 0
  let high = count
  while (low < high) {
    const middle = (low + high) >>> 1
    if (isBefore(middle)) low = middle + 1
    else high = middle
  }
  return low
}
