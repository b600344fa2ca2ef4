import type { Trace } from '../../core/trace.ts'
import { plural } from '../../core/units.ts'
import { type Capacity, describeSize } from '../sizes.ts'

/** Hits of a cache in the fewest lines there are: a Map remembers the order in which keys came. */
const NAIVE: Readonly<Record<string, (keys: Uint32Array, capacity: number) => number>> = {
  lru: (keys, capacity) => naiveHits(keys, capacity, true),
  fifo: (keys, capacity) => naiveHits(keys, capacity, false),
}

function naiveHits(keys: Uint32Array, capacity: number, moveOnHit: boolean): number {
  const cache = new Set<number>()
  let hits = 0
  for (const key of keys) {
    if (cache.has(key)) {
      hits++
      if (moveOnHit) {
        cache.delete(key)
        cache.add(key)
      }
      continue
    }
    if (cache.size === capacity) for (const oldest of cache) if (cache.delete(oldest)) break
    cache.add(key)
  }
  return hits
}

/** The hits of a naive cache of this policy; undefined where there is none to compare with. */
export function expectedHits(policy: string, trace: Trace, { capacity, unit }: Capacity): number | undefined {
  if (trace.ops !== undefined || unit === 'bytes') return undefined
  return NAIVE[policy]?.(trace.keys, capacity)
}

/**
 * Counts that must agree before a speed means anything. A wrong one ends the benchmark.
 */
export class Gate {
  readonly #counts = new Map<string, { readonly hits: number; readonly by: string }>()

  /**
   * @param what must always have the same hits: a policy, or all that are exactly it
   * @param by who counted, and when, for the message
   * @throws Error where it differs from what was counted before
   */
  check(what: string, capacity: Capacity, requests: number, hits: number, by: string): void {
    const id = `${what} ${capacity.capacity} ${requests}`
    const before = this.#counts.get(id)
    if (before === undefined) this.#counts.set(id, { hits, by })
    else if (before.hits !== hits) {
      throw new Error(
        `counts differ, so that speeds mean nothing: at ${describeSize(capacity.capacity, capacity.unit)} in ${plural(requests, 'request')} ${by} has ${plural(hits, 'hit')}, but ${before.by} has ${plural(before.hits, 'hit')}`,
      )
    }
  }
}
