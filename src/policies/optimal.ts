import { IntegerSet } from '../core/integer-set.ts'
import { definePolicy, type EvictionPolicy, NEVER, type PolicyContext } from '../core/policy.ts'

/**
 * Belady's MIN: gives up the key whose next use is farthest away. Next uses are request indices, all different, so the
 * residents are a set of integers of which the largest is wanted: a bit map does it, where others keep a heap. Keys
 * without a next use stand behind the last request, each at a place of its own.
 *
 * With bypass the incoming key is weighed like any other, which is the bound for policies that may decline a key.
 * It is the true optimum for entries of one size, without a TTL or with one that a hit renews. With byte sizes, and with
 * a TTL that runs from the write, choosing well is a harder problem and this is a strong heuristic.
 */
class Optimal implements EvictionPolicy {
  private readonly uses: IntegerSet
  /** [keyCount] the member of `uses` that stands for each resident key. */
  private readonly placeOf: Uint32Array
  private readonly context: PolicyContext
  private readonly bypass: boolean

  constructor(context: PolicyContext, bypass: boolean) {
    this.context = context
    this.bypass = bypass
    this.uses = new IntegerSet(context.memory, context.requests + context.keyCount)
    this.placeOf = context.memory.uint32(context.keyCount)
  }

  touch(key: number, at: number): void {
    this.uses.delete(this.placeOf[key]!)
    this.insert(key, at)
  }

  insert(key: number, at: number): void {
    const place = this.place(key, at)
    this.placeOf[key] = place
    this.uses.add(place)
  }

  victim(incoming: number, at: number): number {
    const farthest = this.uses.max()
    if (this.bypass && this.place(incoming, at) > farthest) return incoming
    const { requests, keys } = this.context
    return farthest < requests ? keys[farthest]! : farthest - requests
  }

  evict(incoming: number, at: number): number {
    const victim = this.victim(incoming, at)
    if (victim !== incoming) this.remove(victim)
    return victim
  }

  remove(key: number): void {
    this.uses.delete(this.placeOf[key]!)
  }

  private place(key: number, at: number): number {
    const { context } = this
    const next = context.nextUse[at]!
    const expiry = context.expiresAt(key)
    const useless = next === NEVER || (expiry !== Infinity && expiry <= context.timeOf(next))
    return useless ? context.requests + key : next
  }
}

export default definePolicy({
  name: 'optimal',
  summary: 'the bound: evicts the key whose next use is farthest away, which takes knowing the future',
  paper: 'Belady: A study of replacement algorithms for a virtual-storage computer, 1966',
  parameters: {
    bypass: {
      type: 'boolean',
      default: true,
      description: 'the incoming key may be declined; false is MIN as published',
    },
  },
  needs: ['future'],
  bound: true,
  create: (context, { bypass }) => new Optimal(context, bypass),
})
