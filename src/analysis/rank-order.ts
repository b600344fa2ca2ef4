import { createColumn } from '../core/trace.ts'

const DIGIT_BITS = 11
const DIGITS = 1 << DIGIT_BITS

/**
 * The indices of non-negative floats from the smallest to the largest, equal ones in their order. The bits of
 * non-negative floats order as the floats do, so a radix sort of three digits does it in time linear in their number. They lie on shared memory.
 * @param count how many of the values, from the first
 */
export function rankOrder(values: Float32Array, count = values.length): Uint32Array {
  const bits = new Uint32Array(values.buffer, values.byteOffset, count)
  let order = createColumn(Uint32Array, count)
  let next = createColumn(Uint32Array, count)
  for (let at = 0; at < count; at++) order[at] = at
  for (let shift = 0; shift < 32; shift += DIGIT_BITS) {
    const starts = new Uint32Array(DIGITS + 1)
    for (let at = 0; at < count; at++) starts[((bits[at]! >>> shift) & (DIGITS - 1)) + 1]!++
    for (let digit = 0; digit < DIGITS; digit++) starts[digit + 1]! += starts[digit]!
    for (let at = 0; at < count; at++) {
      const index = order[at]!
      next[starts[(bits[index]! >>> shift) & (DIGITS - 1)]!++] = index
    }
    ;[order, next] = [next, order]
  }
  return order
}
