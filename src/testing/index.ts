/**
 * For the tests of one's own policies, with whatever runs them.
 *
 * @example
 * import { checkPolicy } from 'cachesim/testing'
 * import mine from './mine.js'
 * test('mine keeps the contract', () => checkPolicy(mine))
 */
export { type CheckPolicyOptions, checkPolicy } from './check-policy.ts'
