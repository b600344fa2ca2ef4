import type { Random } from '../core/random.ts'

/** 0 … length − 1 in random order, each order as likely (Fisher and Yates; Durstenfeld 1964). */
export function permutation(length: number, random: Random): Uint32Array {
  const order = new Uint32Array(length)
  for (let i = 0; i < length; i++) {
    const j = Math.floor(random.double() * (i + 1))
    order[i] = order[j]!
    order[j] = i
  }
  return order
}
