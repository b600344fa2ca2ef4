import fc from 'fast-check'
import { expect } from 'vitest'
import {
  definePolicy,
  type EvictionPolicy,
  type PolicyContext,
  type PolicyNeed,
} from '../../src/core/policy.ts'
import { createTrace, type Trace } from '../../src/core/trace.ts'
import { traceFrom } from './random-traces.ts'
import { outcomesOf } from './replay.ts'

/** A key and its size, as the models of policies keep them. */
export interface Item {
  readonly key: number
  readonly size: number
}

/** Entries or bytes of a list. */
export const sizeOfAll = (items: readonly Item[]) => items.reduce((total, { size }) => total + size, 0)

/** Takes a key out of a list; undefined where it is not in it. */
export function take(items: Item[], key: number): Item | undefined {
  const at = items.findIndex((item) => item.key === key)
  return at === -1 ? undefined : items.splice(at, 1)[0]
}

/** Small traces in which everything collides: reads with sizes, costs and times, or also deletes and writes. */
const traces = fc
  .record({
    requests: fc.array(
      fc.record({
        key: fc.oneof(fc.nat(5), fc.nat(15)),
        gap: fc.constantFrom(0, 0, 0, 0, 0, 0.5, 3),
        size: fc.oneof(fc.nat(3), fc.nat(12)),
        cost: fc.constantFrom(0, 1, 1, 2, 7.5, 300),
        op: fc.constantFrom(0, 0, 0, 0, 0, 1, 2),
      }),
      { minLength: 1, maxLength: 200, size: 'max' },
    ),
    deletes: fc.boolean(),
  })
  .map(({ requests, deletes }) =>
    traceFrom(requests.map(({ op, ...read }) => ({ ...read, ...(deletes && { op }) }))),
  )

const settings = fc.record(
  {
    capacity: fc.oneof(fc.integer({ min: 1, max: 6 }), fc.integer({ min: 1, max: 40 })),
    capacityUnit: fc.constantFrom('entries', 'entries', 'bytes'),
    ttlSeconds: fc.constantFrom(1, 10, 60),
    ttlMode: fc.constantFrom('write', 'idle'),
  },
  { requiredKeys: ['capacity', 'capacityUnit'] },
)

/**
 * Holds a policy against a model of it that spends no thought on speed: every request must find the same, over random
 * traces with deletes, writes, expiry and byte sizes, in caches from one entry to more than there are keys.
 * @param needs what the policy needs of the trace, which its model is given then too
 */
export async function expectAsModel(
  policy: string,
  model: (context: PolicyContext) => EvictionPolicy,
  runs = 300,
  needs: readonly PolicyNeed[] = [],
): Promise<void> {
  const definition = definePolicy({ name: 'model', summary: `a model of ${policy}`, needs, create: model })
  let evictions = 0
  await fc.assert(
    fc.asyncProperty(traces, settings, async (trace, cache) => {
      const expected = await outcomesOf(trace, definition, cache)
      expect(await outcomesOf(trace, policy, cache)).toEqual(expected)
      if (expected.includes('capacity')) evictions++
    }),
    { numRuns: runs },
  )
  // Where nothing is ever evicted, all policies are the same.
  expect(evictions).toBeGreaterThan(runs / 2)
}

/** `a+ b- …`: which requests of the string hit, under a policy with room for `capacity` entries. */
export async function hitsIn(requests: string, policy: string, capacity: number): Promise<string> {
  const keys = requests.split(' ')
  const outcomes = await outcomesOf(createTrace({ keys }), policy, { capacity })
  return keys.map((key, at) => `${key}${outcomes[at] === 'hit' ? '+' : '-'}`).join(' ')
}

/** Plain reads: key lists of a few keys, long enough to fill a small cache many times. */
export const keyLists: fc.Arbitrary<number[]> = fc.array(fc.oneof(fc.nat(6), fc.nat(20)), {
  minLength: 1,
  maxLength: 250,
  size: 'max',
})

export const traceOf = (keys: readonly number[]): Trace => createTrace({ keys: [...keys] })
