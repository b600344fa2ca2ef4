/**
 * The stable order of values: `result[i]` is the index of the i-th smallest, equal ones in their given order.
 * A bottom-up merge sort on typed arrays: no comparator calls, no boxed numbers, and two runs that already are in order
 * are copied, so a log that is almost sorted costs little more than reading it.
 */
export function stableOrder(values: Float64Array): Uint32Array {
  const { length } = values
  let from: Uint32Array = new Uint32Array(length)
  for (let i = 0; i < length; i++) from[i] = i
  let to: Uint32Array = new Uint32Array(length)
  for (let width = 1; width < length; width *= 2) {
    for (let start = 0; start < length; start += 2 * width) {
      merge(values, from, to, start, Math.min(start + width, length), Math.min(start + 2 * width, length))
    }
    ;[from, to] = [to, from]
  }
  return from
}

function merge(
  values: Float64Array,
  from: Uint32Array,
  to: Uint32Array,
  start: number,
  middle: number,
  end: number,
): void {
  if (middle >= end || values[from[middle - 1]!]! <= values[from[middle]!]!) {
    to.set(from.subarray(start, end), start)
    return
  }
  let left = start
  let right = middle
  for (let at = start; at < end; at++) {
    const takeLeft = left < middle && (right >= end || values[from[left]!]! <= values[from[right]!]!)
    to[at] = takeLeft ? from[left++]! : from[right++]!
  }
}
