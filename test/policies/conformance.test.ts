import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { resolveParameters } from '../../src/core/parameters.ts'
import type { PolicyContext, PolicyDefinition, PolicyNeed } from '../../src/core/policy.ts'
import { createRandom } from '../../src/core/random.ts'
import { createTrace } from '../../src/core/trace.ts'
import { policies } from '../../src/policies/index.ts'
import { keyLists, traceOf } from '../support/against-model.ts'
import { hitsOf, outcomesOf, startReplay } from '../support/replay.ts'

const all = policies.names.map((name): [string, PolicyDefinition] => [name, policies.get(name)])
const real = all.filter(([, definition]) => !definition.bound)
const lacks = (definition: PolicyDefinition, needs: readonly PolicyNeed[]) =>
  needs.every((need) => !definition.needs.includes(need))

/**
 * What can be asked of a policy next: `evicts` victims in a row for one key, which then comes in; with or without asking
 * for the victim ahead, or that alone, after which the key stays out.
 */
const steps = fc.array(
  fc.record({
    key: fc.nat(11),
    size: fc.nat(9),
    removes: fc.constantFrom(false, false, false, true),
    evicts: fc.constantFrom(0, 0, 1, 2, 5),
    asks: fc.constantFrom('not', 'ahead', 'and declines'),
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
          soonestToExpire: () => 0,
          random: createRandom(1, 'conformance'),
          keys: Uint32Array.from(list, ({ key }) => key),
          nextUse: new Uint32Array(0),
        }
        const policy = definition.create(context, resolveParameters(definition.parameters, {}, 'it'))
        const residents = new Set<number>()
        const occupied = () => [...residents].reduce((total, key) => total + context.sizeOf(key), 0)
        /** False where the incoming key is declined. */
        const evict = (incoming: number, at: number, asks = 'not') => {
          const named = asks === 'not' ? undefined : policy.victim!(incoming, at)
          if (named !== undefined) expect(named === incoming || residents.has(named)).toBe(true)
          if (asks === 'and declines') return false
          const victim = policy.evict(incoming, at)
          if (named !== undefined) expect(victim).toBe(named)
          if (victim === incoming) return false
          expect(residents.delete(victim)).toBe(true)
          return true
        }
        list.forEach(({ key, size, removes, evicts, asks }, at) => {
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
            if (!evict(key, at, asks)) return
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
  const traceWith = (list: typeof requests extends fc.Arbitrary<infer T> ? T : never) => {
    let now = 0
    return createTrace({
      keys: list.map(({ key }) => key),
      times: list.map(({ gap }) => (now += gap)),
      sizes: list.map(({ size }) => size),
      costs: list.map(({ cost }) => cost),
      ops: list.map(({ op }) => op),
    })
  }
  const caches = fc.record({
    capacity: fc.integer({ min: 1, max: 30 }),
    capacityUnit: fc.constantFrom('entries', 'bytes'),
    ttlSeconds: fc.constantFrom(2, 30),
    ttlMode: fc.constantFrom('write', 'idle'),
  })

  // Bounds that no capacity holds back are the exception, and say so.
  const held = all.filter(([, definition]) => !definition.unbounded)

  it.each(held)('%s never holds more than there is room for', async (name) => {
    await fc.assert(
      fc.asyncProperty(requests, caches, async (list, cache) => {
        const replay = await startReplay(traceWith(list), name, cache)
        while (!replay.done) {
          replay.advance(1)
          expect(replay.occupied).toBeLessThanOrEqual(cache.capacity)
        }
      }),
      { numRuns: 60 },
    )
  })

  it.each(all)('%s gives up the victim it named, and is the same for having named it', async (name) => {
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
      fc.asyncProperty(requests, caches, async (list, cache) => {
        const trace = traceWith(list)
        expect(await outcomesOf(trace, asked, cache)).toEqual(await outcomesOf(trace, definition, cache))
      }),
      { numRuns: 60 },
    )
    expect(named).toBeGreaterThan(100)
  })

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

it('only bounds are held back by no capacity', () => {
  expect(real.filter(([, definition]) => definition.unbounded)).toEqual([])
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
