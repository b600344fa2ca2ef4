import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { resolveParameters } from '../../src/core/parameters.ts'
import type { PolicyContext, PolicyDefinition, PolicyNeed } from '../../src/core/policy.ts'
import { createRandom } from '../../src/core/random.ts'
import { createTrace } from '../../src/core/trace.ts'
import { policies } from '../../src/policies/index.ts'
import { keyLists, traceOf } from '../support/against-model.ts'
import { hitsOf, startReplay } from '../support/replay.ts'

const all = policies.names.map((name): [string, PolicyDefinition] => [name, policies.get(name)])
const real = all.filter(([, definition]) => !definition.bound)
const lacks = (definition: PolicyDefinition, needs: readonly PolicyNeed[]) =>
  needs.every((need) => !definition.needs.includes(need))

/** What can be asked of a policy next: `evicts` victims in a row for one key, which then comes in. */
const steps = fc.array(
  fc.record({
    key: fc.nat(11),
    size: fc.nat(9),
    removes: fc.constantFrom(false, false, false, true),
    evicts: fc.constantFrom(0, 0, 1, 2, 5),
  }),
  { minLength: 1, maxLength: 300, size: 'max' },
)

describe('whatever legal order they are called in', () => {
  const driven = all.filter(([, definition]) => lacks(definition, ['future', 'ttl']))

  it.each(driven)('%s gives up residents only, each once, and down to the last', (_, definition) => {
    fc.assert(
      fc.property(steps, fc.integer({ min: 1, max: 14 }), fc.boolean(), (list, capacity, bytes) => {
        const sizes = new Uint32Array(12)
        const context: PolicyContext = {
          capacity,
          capacityUnit: bytes ? 'bytes' : 'entries',
          maxEntries: bytes ? 12 : Math.min(capacity, 12),
          keyCount: 12,
          requests: list.length,
          sizeOf: (key) => (bytes ? sizes[key]! : 1),
          costOf: () => 1,
          expiresAt: () => Infinity,
          timeOf: (request) => request,
          isWrite: (request) => request % 5 === 0,
          giveUp: (key) => expect(residents.delete(key)).toBe(true),
          soonestToExpire: () => 0,
          random: createRandom(1, 'conformance'),
          keys: Uint32Array.from(list, ({ key }) => key),
          nextUse: new Uint32Array(0),
        }
        const residents = new Set<number>()
        const policy = definition.create(context, resolveParameters(definition.parameters, {}, 'it'))
        const occupied = () => [...residents].reduce((total, key) => total + context.sizeOf(key), 0)
        /** False where the incoming key is declined. */
        const evict = (incoming: number, at: number) => {
          const victim = policy.evict(incoming, at)
          if (victim === incoming) return false
          expect(residents.delete(victim)).toBe(true)
          return true
        }
        list.forEach(({ key, size, removes, evicts }, at) => {
          if (residents.has(key)) {
            if (removes) {
              policy.remove(key)
              residents.delete(key)
            } else policy.touch(key, at)
            return
          }
          sizes[key] = size
          if (context.sizeOf(key) > capacity) return
          let left = evicts
          while (residents.size > 0 && (left-- > 0 || occupied() + context.sizeOf(key) > capacity)) {
            if (!evict(key, at)) return
          }
          policy.insert(key, at)
          residents.add(key)
        })
        // The last request's key may be resident: then it is no newcomer, and one that is not there takes its place.
        const newcomer = [...sizes.keys()].find((key) => !residents.has(key))
        while (newcomer !== undefined && residents.size > 0 && evict(newcomer, list.length - 1));
      }),
      { numRuns: 150 },
    )
  })
})

describe('in a cache', () => {
  const requests = fc.array(
    fc.record({
      key: fc.nat(14),
      gap: fc.constantFrom(0, 0, 0, 1, 4),
      size: fc.nat(9),
      cost: fc.constantFrom(1, 20, 3000),
      op: fc.constantFrom(0, 0, 0, 0, 1, 2),
    }),
    { minLength: 1, maxLength: 120, size: 'max' },
  )
  const caches = fc.record({
    capacity: fc.integer({ min: 1, max: 30 }),
    capacityUnit: fc.constantFrom('entries', 'bytes'),
    ttlSeconds: fc.constantFrom(2, 30),
    ttlMode: fc.constantFrom('write', 'idle'),
  })

  it.each(all)('%s never holds more than there is room for', async (name) => {
    await fc.assert(
      fc.asyncProperty(requests, caches, async (list, cache) => {
        let now = 0
        const trace = createTrace({
          keys: list.map(({ key }) => key),
          times: list.map(({ gap }) => (now += gap)),
          sizes: list.map(({ size }) => size),
          costs: list.map(({ cost }) => cost),
          ops: list.map(({ op }) => op),
        })
        const replay = await startReplay(trace, name, cache)
        while (!replay.done) {
          replay.advance(1)
          expect(replay.occupied).toBeLessThanOrEqual(cache.capacity)
        }
      }),
      { numRuns: 60 },
    )
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

describe('in entries', () => {
  const plain = real.filter(([, definition]) => lacks(definition, ['future', 'ttl', 'sizes', 'costs']))

  it.each(plain)('%s beats the bound on no trace', async (name) => {
    await fc.assert(
      fc.asyncProperty(keyLists, fc.integer({ min: 1, max: 15 }), async (keys, capacity) => {
        const bound = await hitsOf(traceOf(keys), 'optimal', { capacity })
        expect(await hitsOf(traceOf(keys), name, { capacity })).toBeLessThanOrEqual(bound)
      }),
      { numRuns: 60 },
    )
  })

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
