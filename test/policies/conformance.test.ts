import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { PolicyDefinition, PolicyNeed } from '../../src/core/policy.ts'
import { createTrace } from '../../src/core/trace.ts'
import { policies } from '../../src/policies/index.ts'
import { checkPolicy } from '../../src/testing/index.ts'
import { keyLists, traceOf } from '../support/against-model.ts'
import { hitsOf } from '../support/replay.ts'

const all = policies.names.map((name): [string, PolicyDefinition] => [name, policies.get(name)])
const lacks = (definition: PolicyDefinition, needs: readonly PolicyNeed[]) =>
  needs.every((need) => !definition.needs.includes(need))

// The same suite that others hold their own policies to.
it.each(all)('%s keeps the contract', (_, definition) => checkPolicy(definition, { runs: 120 }))

describe('in a cache', () => {
  it.each(all)('%s hits every repeat where all keys fit', async (name) => {
    await fc.assert(
      fc.asyncProperty(keyLists, async (keys) => {
        const distinct = new Set(keys).size
        const times = keys.map(() => 0)
        const trace = createTrace({ keys, times, sizes: keys.map(() => 1), costs: times })
        const cache = { capacity: distinct, ...(lacks(policies.get(name), ['ttl']) ? {} : { ttlSeconds: 9 }) }
        expect(await hitsOf(trace, name, cache)).toBe(keys.length - distinct)
      }),
      { numRuns: 30 },
    )
  })
})

describe('in entries', () => {
  // Stack algorithms: what a cache holds, a larger one holds too (Mattson et al. 1970).
  it.each(['lru', 'mru', 'optimal', 'optimal(bypass=false)'])('%s never loses by growing', async (name) => {
    await fc.assert(
      fc.asyncProperty(keyLists, fc.integer({ min: 1, max: 15 }), async (keys, capacity) => {
        const hits = await hitsOf(traceOf(keys), name, { capacity })
        expect(await hitsOf(traceOf(keys), name, { capacity: capacity + 1 })).toBeGreaterThanOrEqual(hits)
      }),
      { numRuns: 60 },
    )
  })
})
