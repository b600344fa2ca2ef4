import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { PolicyDefinition, PolicyNeed } from '../../src/core/policy.ts'
import { createTrace } from '../../src/core/trace.ts'
import { policies } from '../../src/policies/index.ts'
import { checkPolicy } from '../../src/testing/index.ts'
import { keyLists, traceOf } from '../support/against-model.ts'
import { expiringCaches, fullTraces } from '../support/random-traces.ts'
import { hitsOf, outcomesOf } from '../support/replay.ts'

const all = policies.names.map((name): [string, PolicyDefinition] => [name, policies.get(name)])
const lacks = (definition: PolicyDefinition, needs: readonly PolicyNeed[]) =>
  needs.every((need) => !definition.needs.includes(need))

// The same suite that others hold their own policies to.
it.each(all)('%s keeps the contract', (_, definition) => checkPolicy(definition, { runs: 120 }))

describe('in a cache', () => {
  // Bounds that no capacity holds back are never asked for one.
  const held = all.filter(([, definition]) => !definition.unbounded)

  it.each(held)('%s gives up the victim it named, and is the same for having named it', async (name) => {
    const definition = policies.get(name)
    let named = 0
    const asked: PolicyDefinition = {
      ...definition,
      create(context, parameters) {
        const policy = definition.create(context, parameters)
        return {
          touch: (key, at) => policy.touch(key, at),
          insert: (key, at) => policy.insert(key, at),
          remove: (key) => policy.remove(key),
          evict(incoming, at) {
            const victim = policy.victim!(incoming, at)
            expect(policy.victim!(incoming, at)).toBe(victim)
            expect(policy.evict(incoming, at)).toBe(victim)
            named++
            return victim
          },
        }
      },
    }
    await fc.assert(
      fc.asyncProperty(fullTraces, expiringCaches, async (trace, cache) => {
        expect(await outcomesOf(trace, asked, cache)).toEqual(await outcomesOf(trace, definition, cache))
      }),
      { numRuns: 60 },
    )
    expect(named).toBeGreaterThan(100)
  })

  it.each(all)('%s hits every repeat where all keys fit', async (name, { givesUp }) => {
    await fc.assert(
      fc.asyncProperty(keyLists, async (keys) => {
        const distinct = new Set(keys).size
        const times = keys.map(() => 0)
        const trace = createTrace({ keys, times, sizes: keys.map(() => 1), costs: times })
        // One that gives up half of what it holds needs room for twice as many.
        const capacity = givesUp ? 2 * distinct : distinct
        const cache = { capacity, ...(lacks(policies.get(name), ['ttl']) ? {} : { ttlSeconds: 9 }) }
        expect(await hitsOf(trace, name, cache)).toBe(keys.length - distinct)
      }),
      { numRuns: 30 },
    )
  })
})

it('only bounds are held back by no capacity', () => {
  expect(all.filter(([, { unbounded, bound }]) => unbounded && !bound)).toEqual([])
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
