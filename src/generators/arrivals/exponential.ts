import type { Random } from '../../core/random.ts'

/** The time to the next event of a Poisson process of rate 1. */
export function exponential(random: Random): number {
  return -Math.log(1 - random.double())
}
