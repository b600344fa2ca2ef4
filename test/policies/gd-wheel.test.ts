import fc from 'fast-check'
import { expect, it } from 'vitest'
import { definePolicy, type EvictionPolicy, type PolicyContext } from '../../src/core/policy.ts'
import { createTrace } from '../../src/core/trace.ts'
import { traceFrom } from '../support/random-traces.ts'
import { hitsOf, outcomesOf, startReplay } from '../support/replay.ts'

it('keeps what was dear to compute, and counts turns of the wheel below, worked by hand', async () => {
  // Two wheels of 4 queues, room for 2; a costs 6: one turn and 2 more. b costs 3, the others 1. c drives out b, 3 ahead
  // of the hand, and lies 1 ahead of that, where the second turn begins. There d drives out c, and a comes down to 2
  // ahead. d lies 1 ahead, where e drives it out; e lies 1 ahead of that, with a, which came there first: f drives out a.
  const last = async (requests: string) => {
    const keys = requests.split(' ')
    const costs = keys.map((key) => ({ a: 6, b: 3 })[key] ?? 1)
    const policy = 'gd-wheel(wheels=2,slots=4)'
    return (await outcomesOf(createTrace({ keys, costs }), policy, { capacity: 2 })).at(-1)
  }
  expect(await last('a b c d e a')).toBe('hit')
  expect(await last('a b c d e f a')).toBe('capacity')
})

it('is greedy-dual where whole costs fit the lowest wheel, whatever the wheels', async () => {
  const requests = fc.array(
    fc.record({
      key: fc.nat(12),
      cost: fc.oneof(fc.nat(15), fc.constantFrom(0, 1, 15)),
      gap: fc.constantFrom(0, 0, 0, 2),
      op: fc.constantFrom(0, 0, 0, 0, 1, 2),
    }),
    { minLength: 1, maxLength: 250, size: 'max' },
  )
  let evicted = 0
  await fc.assert(
    fc.asyncProperty(
      requests,
      fc.integer({ min: 1, max: 14 }),
      fc.constantFrom('wheels=1,slots=16', 'wheels=2,slots=16', 'wheels=3,slots=64', 'wheels=2'),
      fc.constantFrom(undefined, 9),
      async (list, capacity, settings, ttlSeconds) => {
        const trace = traceFrom(list)
        const expected = await outcomesOf(trace, 'greedy-dual', { capacity, ttlSeconds })
        expect(await outcomesOf(trace, `gd-wheel(${settings})`, { capacity, ttlSeconds })).toEqual(expected)
        if (expected.includes('capacity')) evicted++
      },
    ),
    { numRuns: 400 },
  )
  expect(evicted).toBeGreaterThan(200)
})

/** As published: queues in arrays, the most recently used first, and hands that move a queue at a time. */
class Model implements EvictionPolicy {
  private readonly context: PolicyContext
  private readonly slots: number
  private readonly wheels: number[][][]
  private readonly hands: number[]

  constructor(context: PolicyContext, wheels: number, slots: number) {
    this.context = context
    this.slots = slots
    this.wheels = Array.from({ length: wheels }, () => Array.from({ length: slots }, () => []))
    this.hands = this.wheels.map(() => 0)
  }

  touch(key: number): void {
    this.remove(key)
    this.insert(key)
  }

  insert(key: number): void {
    const cost = this.cost(key)
    // The digits of the cost, to the base of the slots: the first that is not 0 tells the wheel and how far ahead.
    const digits = this.wheels.map((_, wheel) => Math.floor(cost / this.slots ** wheel) % this.slots)
    const wheel = Math.max(
      0,
      digits.findLastIndex((digit) => digit > 0),
    )
    this.wheels[wheel]![(this.hands[wheel]! + digits[wheel]!) % this.slots]!.unshift(key)
  }

  evict(): number {
    for (;;) {
      const victim = this.wheels[0]![this.hands[0]!]!.pop()
      if (victim !== undefined) return victim
      this.advance(0)
    }
  }

  remove(key: number): void {
    for (const queue of this.wheels.flat()) if (queue.includes(key)) queue.splice(queue.indexOf(key), 1)
  }

  private advance(wheel: number): void {
    if (wheel === this.wheels.length) return
    this.hands[wheel] = (this.hands[wheel]! + 1) % this.slots
    if (this.hands[wheel] === 0) this.advance(wheel + 1)
    if (wheel === 0) return
    const below = wheel - 1
    for (const key of this.wheels[wheel]![this.hands[wheel]!]!.splice(0).reverse()) {
      const left = this.cost(key) % this.slots ** wheel
      const ahead = Math.floor(left / this.slots ** below)
      this.wheels[below]![(this.hands[below]! + ahead) % this.slots]!.unshift(key)
    }
  }

  private cost(key: number): number {
    return Math.min(Math.round(this.context.costOf(key)), this.slots ** this.wheels.length - 1)
  }
}

it.each([
  [1, 8],
  [2, 4],
  [3, 3],
  [2, 256],
])('does what queues in arrays do, with %i wheels of %i', async (wheels, slots) => {
  const model = definePolicy({
    name: 'model',
    summary: 'gd-wheel as published',
    needs: ['costs'],
    create: (context) => new Model(context, wheels, slots),
  })
  const requests = fc.array(
    fc.record({
      key: fc.nat(12),
      cost: fc.oneof(fc.nat(70), fc.constantFrom(0, 0.4, 3.6, 1000, 1e6)),
      size: fc.nat(6),
      op: fc.constantFrom(0, 0, 0, 0, 1, 2),
    }),
    { minLength: 1, maxLength: 250, size: 'max' },
  )
  let hits = 0
  await fc.assert(
    fc.asyncProperty(
      requests,
      fc.integer({ min: 1, max: 20 }),
      fc.constantFrom('entries', 'bytes'),
      async (list, capacity, capacityUnit) => {
        const trace = traceFrom(list)
        const cache = { capacity, capacityUnit } as const
        const policy = `gd-wheel(wheels=${wheels},slots=${slots})`
        expect(await outcomesOf(trace, policy, cache)).toEqual(await outcomesOf(trace, model, cache))
        hits += await hitsOf(trace, policy, cache)
      },
    ),
    { numRuns: 150 },
  )
  expect(hits).toBeGreaterThan(1000)
})

it('saves nearly as much model time as greedy-dual where costs span all its wheels', async () => {
  // Each key has a cost of its own, from 1 ms to a minute, evenly over the orders of magnitude.
  const costOf = (key: number) => 10 ** ((4.78 * ((key * 7919) % 1000)) / 1000)
  const keys = Array.from({ length: 60_000 }, (_, at) => Math.floor(1000 * ((at * 0.618034) % 1) ** 3))
  const trace = createTrace({ keys, costs: keys.map(costOf) })
  const saved = async (policy: string) => {
    const outcomes = await outcomesOf(trace, policy, { capacity: 100 })
    return outcomes.reduce((total, found, at) => total + (found === 'hit' ? costOf(keys[at]!) : 0), 0)
  }
  const [wheel, exact, lru] = await Promise.all(['gd-wheel', 'greedy-dual', 'lru'].map(saved))
  expect(wheel).toBeGreaterThan(0.97 * exact!)
  expect(wheel).toBeGreaterThan(1.3 * lru!)
})

it('needs costs', async () => {
  const trace = createTrace({ keys: [1, 2], name: 'mine' })
  await expect(startReplay(trace, 'gd-wheel', { capacity: 1 })).rejects.toThrow(
    "policy 'gd-wheel' needs costs, which mine does not have",
  )
})
