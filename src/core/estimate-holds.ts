import type { PolicyEstimate } from './estimate-result.ts'

/** Whether estimates of a policy stand for exact numbers: where not, it is run exactly. */
export function holds({ scales, tooSmallBelow }: Pick<PolicyEstimate, 'scales' | 'tooSmallBelow'>): boolean {
  return scales && tooSmallBelow === undefined
}
