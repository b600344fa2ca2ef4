import { definePolicy, type EvictionPolicy, type PolicyContext } from '../core/policy.ts'

/** The engine keeps entries in the order they expire; this policy gives up the first of them. */
class SoonestToExpire implements EvictionPolicy {
  private readonly context: PolicyContext

  constructor(context: PolicyContext) {
    this.context = context
  }

  touch(): void {}

  insert(): void {}

  victim(): number {
    return this.context.soonestToExpire()
  }

  evict(): number {
    return this.victim()
  }

  remove(): void {}
}

export default definePolicy({
  name: 'ttl',
  summary: 'every entry expires; evicts the key that expires soonest',
  needs: ['ttl'],
  create: (context) => new SoonestToExpire(context),
})
