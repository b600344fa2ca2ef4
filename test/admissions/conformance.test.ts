import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { admissions } from '../../src/admissions/index.ts'
import { choosePolicy, withAdmission } from '../../src/experiments/policies.ts'
import { policies } from '../../src/policies/index.ts'
import { checkAdmission } from '../../src/testing/index.ts'
import { keyLists, traceOf } from '../support/against-model.ts'
import { expiringCaches, fullTraces } from '../support/random-traces.ts'
import { hitsOf, outcomesOf, startReplay } from '../support/replay.ts'

/** Each filter so that it declines some of these traces' keys and not all. */
const FILTERS: Record<string, string> = {
  tinylfu: 'tinylfu',
  doorkeeper: 'doorkeeper(2)',
  'max-size': 'max-size(6B)',
  'min-cost': 'min-cost(10ms)',
  probability: 'probability(0.6)',
}
/** A bound has no filters. */
const servable = policies.all.filter(({ bound }) => !bound).map(({ name }) => name)
const combinations = servable.flatMap((policy) =>
  admissions.names.map((filter) => `${policy}+${FILTERS[filter]}`),
)

it('every filter is tried', () => {
  expect(Object.keys(FILTERS).toSorted()).toEqual(admissions.names.toSorted())
})

// The same suite that others hold their own filters to.
it.each(admissions.names)('%s keeps the contract', (name) => checkAdmission(FILTERS[name]!, { runs: 120 }))

describe('in a cache', () => {
  it.each([...combinations, 's3-fifo(small=0.2)+doorkeeper(1)+max-size(8B)+tinylfu'])(
    '%s never holds more than there is room for, and gives up residents only',
    async (policy) => {
      let declined = false
      await fc.assert(
        fc.asyncProperty(fullTraces, expiringCaches, async (trace, cache) => {
          const replay = await startReplay(trace, policy, cache)
          while (!replay.done) {
            const { occupied } = replay
            replay.advance(1)
            expect(replay.occupied).toBeLessThanOrEqual(cache.capacity)
            expect(replay.occupied).toBeGreaterThanOrEqual(0)
            if (replay.occupied === 0 && occupied === 0) declined = true
          }
        }),
        { numRuns: 15 },
      )
      if (!policy.endsWith('tinylfu')) expect(declined).toBe(true)
    },
  )
})

describe('a filter that lets everything in', () => {
  it.each(servable)('changes nothing for %s, sizes and costs that it asks for included', async (name) => {
    // Under the policy's own name, so that both draw the same random numbers.
    const filtered = { ...withAdmission(name, 'max-size(1TiB)', 'min-cost(0ms)'), name }
    await fc.assert(
      fc.asyncProperty(fullTraces, expiringCaches, async (trace, cache) => {
        expect(await outcomesOf(trace, filtered, cache)).toEqual(await outcomesOf(trace, name, cache))
      }),
      { numRuns: 30 },
    )
  })
})

describe('in entries', () => {
  const plain = combinations.filter((text) => choosePolicy(text).definition.needs.length === 0)

  it.each(plain)('%s beats the bound on no trace', async (policy) => {
    await fc.assert(
      fc.asyncProperty(keyLists, fc.integer({ min: 1, max: 15 }), async (keys, capacity) => {
        const bound = await hitsOf(traceOf(keys), 'optimal', { capacity })
        expect(await hitsOf(traceOf(keys), policy, { capacity })).toBeLessThanOrEqual(bound)
      }),
      { numRuns: 15 },
    )
  })
})
