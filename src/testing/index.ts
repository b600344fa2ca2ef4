/**
 * For the tests of one's own policies and admission filters, with whatever runs them.
 *
 * @example
 * import { checkPolicy } from 'cachesim/testing'
 * import mine from './mine.js'
 * test('mine keeps the contract', () => checkPolicy(mine))
 */
export { checkAdmission } from './check-admission.ts'
export { type CheckPolicyOptions, checkPolicy } from './check-policy.ts'
