import type { GetSetCache } from './packages.ts'

// Loaded once for every package, each time as an instance of its own, as the engine's loop is for every policy: the
// packages are not to be slowed down by each other either.

/** Asks a cache for each key, and sets those it does not have. @returns the hits */
export function getThenSet(cache: GetSetCache, keys: Uint32Array): number {
  let hits = 0
  for (let at = 0; at < keys.length; at++) {
    const key = keys[at]!
    if (cache.get(key) !== undefined) hits++
    else cache.set(key, 1)
  }
  return hits
}

/** Fills a cache to the last place. */
export function fill(cache: GetSetCache, keys: number): void {
  for (let key = 0; key < keys; key++) cache.set(key, 1)
}
