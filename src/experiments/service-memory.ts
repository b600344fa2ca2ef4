import { availableMemory } from 'node:process'
import { InputError } from '../core/errors.ts'
import { formatBytes, plural } from '../core/units.ts'
import { mostInstances, type Scenario, type ScenarioTier } from './scenario.ts'

/**
 * Bytes that a cache takes for each key there is, whatever its capacity: where it stands, its rank, and what is computed.
 * Measured: from 7 (fifo, random) over 15 (lru) to 23 (lfu, arc, 2q); w-tinylfu and lirs take up to twice that.
 */
const BYTES_A_KEY = 24
/** And for when it expires. */
const BYTES_A_DEADLINE = 21

/**
 * Most systems promise memory that they do not have, and end the program when it is used.
 * @param ids keys in all their versions
 * @param memory bytes that are free
 * @throws InputError where the caches need more
 */
export function checkMemory(scenario: Scenario, ids: number, memory = availableMemory()): void {
  const stores = storesOf(scenario)
  const needed = memoryNeeded(scenario, ids)
  if (needed > memory)
    throw new InputError(
      `${plural(stores, 'cache')} over ${plural(ids, 'key')} need ${formatBytes(needed)} of memory, and ${formatBytes(memory)} are free: take fewer instances or keys`,
    )
}

/** How many of these scenarios can be simulated at once, whichever they are. */
export function threadsInMemory(
  scenarios: readonly { readonly scenario: Scenario; readonly keys: number }[],
  memory = availableMemory(),
): number {
  const most = Math.max(
    ...scenarios.map(({ scenario, keys }) => memoryNeeded(scenario, idsOf(scenario, keys))),
  )
  return Math.max(1, Math.floor(memory / most))
}

/** Entries that could be told apart: keys, in all versions they will have. */
export function idsOf({ invalidation, events }: Scenario, keys: number): number {
  if (invalidation.mode !== 'versioned') return keys
  return keys * (1 + events.filter(({ kind }) => kind === 'model-update').length)
}

/** Bytes. */
function memoryNeeded(scenario: Scenario, ids: number): number {
  return storesOf(scenario, ({ ttl }) => ids * (BYTES_A_KEY + (ttl === 'none' ? 0 : BYTES_A_DEADLINE)))
}

/** The sum over all caches there will be. */
function storesOf(scenario: Scenario, of: (tier: ScenarioTier) => number = () => 1): number {
  const most = mostInstances(scenario)
  return scenario.tiers.reduce((sum, tier) => sum + of(tier) * (tier.scope === 'shared' ? 1 : most), 0)
}
