import type { Random } from './random.ts'

/**
 * The counter of 8 bits that Redis keeps of the uses of a key (evict.c, LFU_INIT_VAL, LFULogIncr). Above where it
 * begins, each further count is harder to reach than the last, so that it stands for the logarithm of the uses.
 */

/** Where it begins, so that a newcomer lives to be used. */
export const FIRST_COUNT = 5
export const HIGHEST_COUNT = 255

/** The count after one more use: higher by one with a chance of 1 / ((count − 5) · logFactor + 1). */
export function raisedCount(count: number, logFactor: number, random: Random): number {
  if (count === HIGHEST_COUNT) return count
  const above = Math.max(0, count - FIRST_COUNT)
  return random() * (above * logFactor + 1) < 1 ? count + 1 : count
}
