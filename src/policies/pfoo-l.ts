import { definePolicy, type EvictionPolicy, NEVER, type PolicyContext } from '../core/policy.ts'
import { Op } from '../core/trace.ts'

/**
 * A bound on hits that holds in bytes too. To hit a request, a cache must have held its value since the request before:
 * that takes the value's bytes for as many requests as lie between. All a cache has to give is its capacity times the
 * length of the trace. Which spaces are given when is left aside, and the cheapest hits are taken until all is given:
 * no cache has more hits. Its byte hit rate and the share of cost it saves are no bounds.
 *
 * It is replayed in a cache without limit, where a key stays from use to use as far as that hit is among the taken; at
 * times these are more than the capacity. With a TTL it takes hits that then expire, and is no proven bound.
 */
class Pfoo implements EvictionPolicy {
  /** [requests] 1 where the key is held until its next use. */
  private readonly held: Uint8Array
  private readonly context: PolicyContext

  constructor(context: PolicyContext) {
    this.context = context
    this.held = cheapest(spaces(context), context.capacity * (context.requests - 1))
  }

  touch(key: number, at: number): void {
    if (this.held[at] !== 1) this.context.giveUp(key)
  }

  insert(): void {}

  admit(_key: number, at: number): boolean {
    return this.held[at] === 1
  }

  /** Never asked: there is always room. */
  evict(incoming: number): number {
    return incoming
  }

  victim(incoming: number): number {
    return incoming
  }

  remove(): void {}
}

/** [requests] what holding each request's key until its next use takes, bytes times requests; Infinity if it buys nothing. */
function spaces({
  memory,
  capacity,
  requests,
  keyCount,
  keys,
  nextUse,
  sizes,
  ops,
}: PolicyContext): Float64Array {
  const taken = memory.float64(requests).fill(Infinity)
  // A hit does not change what is held, so a value may still have the size of any request since the last write.
  const least = memory.uint32(sizes === undefined ? 0 : keyCount).fill(NEVER)
  for (let at = 0; at < requests; at++) {
    const key = keys[at]!
    const op = ops === undefined ? Op.read : ops[at]!
    let size = 1
    if (sizes !== undefined) {
      size = op === Op.read ? Math.min(least[key]!, sizes[at]!) : sizes[at]!
      least[key] = op === Op.delete ? NEVER : size
    }
    if (op !== Op.delete && nextUse[at] !== NEVER && size <= capacity) taken[at] = (nextUse[at]! - at) * size
  }
  return taken
}

/** 1 for the cheapest that together take no more than there is; of several equally dear, the first. */
function cheapest(taken: Float64Array, available: number): Uint8Array {
  const sorted = taken.slice().sort()
  let left = available
  let count = 0
  while (count < sorted.length && sorted[count]! <= left) left -= sorted[count++]!
  const dearest = count === 0 ? -1 : sorted[count - 1]!
  let ofDearest = 0
  while (count > 0 && sorted[count - 1] === dearest) {
    count--
    ofDearest++
  }
  return Uint8Array.from(taken, (space) =>
    space < dearest || (space === dearest && ofDearest-- > 0) ? 1 : 0,
  )
}

export default definePolicy({
  name: 'pfoo-l',
  summary:
    'a proven bound on the hit rate, in bytes too: the hits that take the fewest bytes for the shortest time, as if space could be lent from one time to another',
  paper:
    'Berger, Beckmann, Harchol-Balter: Practical bounds on optimal caching with variable object sizes, 2018',
  needs: ['future'],
  bound: true,
  unbounded: true,
  givesUp: true,
  create: (context) => new Pfoo(context),
})
