import type { Parameter } from '../core/parameters.ts'

/** The skew of every generator with a Zipf-like core. */
export const alpha = {
  type: 'number',
  default: 1,
  minimum: 0,
  description: 'skew: the key of rank r is asked for in proportion to 1/r^alpha; 0 is uniform',
} as const satisfies Parameter
