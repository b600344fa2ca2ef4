import { definePolicy, type EvictionPolicy } from '../core/policy.ts'

/** Ranks nothing, as nothing has to go. */
class Infinite implements EvictionPolicy {
  touch(): void {}

  insert(): void {}

  /** Never asked: there is always room. */
  evict(incoming: number): number {
    return incoming
  }

  victim(incoming: number): number {
    return incoming
  }

  remove(): void {}
}

export default definePolicy({
  name: 'infinite',
  summary:
    'a cache that holds everything, whatever its size: what is left are first requests and what expires',
  bound: true,
  unbounded: true,
  create: () => new Infinite(),
})
