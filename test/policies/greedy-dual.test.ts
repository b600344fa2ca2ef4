import fc from 'fast-check'
import { expect, it } from 'vitest'
import { definePolicy, type EvictionPolicy, type PolicyContext } from '../../src/core/policy.ts'
import { createTrace } from '../../src/core/trace.ts'
import { keyLists } from '../support/against-model.ts'
import { traceFrom } from '../support/random-traces.ts'
import { hitsOf, outcomesOf, startReplay } from '../support/replay.ts'

it('keeps what was dear to compute, but not for ever, worked by hand', async () => {
  // Room for 2; a costs 3, the others 1. c drives out b and d c, and a pays 1 each time. What it has left is what d has,
  // and a was used longer ago: e drives it out.
  const last = async (keys: string[]) => {
    const costs = keys.map((key) => (key === 'a' ? 3 : 1))
    return (await outcomesOf(createTrace({ keys, costs }), 'greedy-dual', { capacity: 2 })).at(-1)
  }
  expect(await last(['a', 'b', 'c', 'd', 'a'])).toBe('hit')
  expect(await last(['a', 'b', 'c', 'd', 'e', 'a'])).toBe('capacity')
})

it('is lru where all cost the same', async () => {
  await fc.assert(
    fc.asyncProperty(keyLists, fc.integer({ min: 1, max: 12 }), async (keys, capacity) => {
      const trace = createTrace({ keys, costs: keys.map(() => 7) })
      const expected = await outcomesOf(trace, 'lru', { capacity })
      expect(await outcomesOf(trace, 'greedy-dual', { capacity })).toEqual(expected)
    }),
  )
})

it('needs costs', async () => {
  const trace = createTrace({ keys: [1, 2], name: 'mine' })
  await expect(startReplay(trace, 'greedy-dual', { capacity: 1 })).rejects.toThrow(
    "policy 'greedy-dual' needs costs, which mine does not have",
  )
})

/** As published: at each eviction all pay, in place. */
class Model implements EvictionPolicy {
  private readonly context: PolicyContext
  private residents: { readonly key: number; readonly credit: number }[] = []

  constructor(context: PolicyContext) {
    this.context = context
  }

  touch(key: number): void {
    this.remove(key)
    this.insert(key)
  }

  insert(key: number): void {
    this.residents.push({ key, credit: this.context.costOf(key) / Math.max(1, this.context.sizeOf(key)) })
  }

  evict(): number {
    const least = this.residents.toSorted((a, b) => a.credit - b.credit)[0]!
    this.remove(least.key)
    this.residents = this.residents.map(({ key, credit }) => ({ key, credit: credit - least.credit }))
    return least.key
  }

  remove(key: number): void {
    this.residents = this.residents.filter((resident) => resident.key !== key)
  }
}

const model = definePolicy({
  name: 'model',
  summary: 'greedy-dual as published',
  needs: ['costs'],
  create: (context) => new Model(context),
})

it('does what it does as published, where all pay in place', async () => {
  const requests = fc.array(
    fc.record({
      key: fc.nat(9),
      // Powers of two over powers of two: paying is exact, whatever the order.
      cost: fc.constantFrom(0, 1, 2, 4, 64),
      size: fc.constantFrom(0, 1, 2, 8),
      op: fc.constantFrom(0, 0, 0, 0, 1, 2),
    }),
    { minLength: 1, maxLength: 200, size: 'max' },
  )
  const units = fc.constantFrom('entries', 'bytes')
  let hits = 0
  await fc.assert(
    fc.asyncProperty(
      requests,
      fc.integer({ min: 1, max: 20 }),
      units,
      async (list, capacity, capacityUnit) => {
        const trace = traceFrom(list)
        const cache = { capacity, capacityUnit } as const
        expect(await outcomesOf(trace, 'greedy-dual', cache)).toEqual(await outcomesOf(trace, model, cache))
        hits += await hitsOf(trace, 'greedy-dual', cache)
      },
    ),
    { numRuns: 300 },
  )
  expect(hits).toBeGreaterThan(1000)
})
