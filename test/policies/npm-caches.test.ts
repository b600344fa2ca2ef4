import fc from 'fast-check'
import { LRUCache } from 'lru-cache'
import QuickLRU from 'quick-lru'
import { describe, expect, it } from 'vitest'
import { createTrace, Op } from '../../src/core/trace.ts'
import { hitsIn } from '../support/against-model.ts'
import { outcomesOf, startReplay } from '../support/replay.ts'

/** The part of a package's cache that a service would call. */
interface Cache {
  get(key: number): unknown
  set(key: number, size: number): unknown
  delete(key: number): unknown
}

type Requests = readonly { readonly key: number; readonly size: number; readonly op: number }[]

const requests = fc.array(
  fc.record({
    key: fc.oneof(fc.nat(5), fc.nat(15)),
    size: fc.integer({ min: 1, max: 12 }),
    op: fc.constantFrom(Op.read, Op.read, Op.read, Op.read, Op.read, Op.write, Op.delete),
  }),
  { minLength: 1, maxLength: 250, size: 'max' },
)

/** Which requests hit in a real cache that a service fills after each miss. */
function hitsOfPackage(cache: Cache, list: Requests): boolean[] {
  return list.map(({ key, size, op }) => {
    if (op === Op.delete) cache.delete(key)
    const hit = op === Op.read && cache.get(key) !== undefined
    if (op === Op.write || (op === Op.read && !hit)) cache.set(key, size)
    return hit
  })
}

async function expectAsPackage(
  policy: string,
  create: (capacity: number) => Cache,
  capacityUnit: 'entries' | 'bytes' = 'entries',
): Promise<void> {
  let hits = 0
  await fc.assert(
    fc.asyncProperty(
      requests,
      fc.integer({ min: 1, max: 20 }),
      fc.boolean(),
      async (list, capacity, reads) => {
        const asked = reads ? list.map((request) => ({ ...request, op: Op.read })) : list
        const trace = createTrace({
          keys: asked.map(({ key }) => key),
          sizes: asked.map(({ size }) => size),
          ...(!reads && { ops: asked.map(({ op }) => op) }),
        })
        const outcomes = await outcomesOf(trace, policy, { capacity, capacityUnit })
        const expected = hitsOfPackage(create(capacity), asked)
        expect(outcomes.map((outcome) => outcome === 'hit')).toEqual(expected)
        hits += expected.filter(Boolean).length
      },
    ),
    { numRuns: 400 },
  )
  expect(hits).toBeGreaterThan(1000)
}

describe('lru-cache', () => {
  it('is the package, request by request', async () => {
    await expectAsPackage('lru-cache', (max) => new LRUCache<number, number>({ max }))
  })

  it('is the package in bytes, request by request', async () => {
    const create = (maxSize: number) =>
      new LRUCache<number, number>({ maxSize, sizeCalculation: (size) => size })
    await expectAsPackage('lru-cache', create, 'bytes')
  })
})

describe('quick-lru', () => {
  it('is the package, request by request, with half the size', async () => {
    await expectAsPackage('quick-lru', (size) => new QuickLRU({ maxSize: Math.ceil(size / 2) }))
  })

  it('drops the old generation at once, worked by hand', async () => {
    // maxSize is 2. a and b are old when c comes, which is young. a is used: now c and a are old, and b is gone.
    expect(await hitsIn('a b c a b', 'quick-lru', 3)).toBe('a- b- c- a+ b-')
    // The four of a, b, c and d do not fit: when d comes, c and d are old, a and b gone.
    expect(await hitsIn('a b c d c a', 'quick-lru', 3)).toBe('a- b- c- d- c+ a-')
  })

  it('holds from maxSize to twice that, less one', async () => {
    const keys = [...Array(40).keys()]
    const replay = await startReplay(createTrace({ keys }), 'quick-lru', { capacity: 19 })
    const held = keys.map(() => {
      replay.advance(1)
      return replay.occupied
    })
    expect(held.slice(0, 10)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10])
    // Nine more, and with the tenth all ten old ones are gone.
    const cycle = [11, 12, 13, 14, 15, 16, 17, 18, 19, 10]
    expect(held.slice(10)).toEqual([...cycle, ...cycle, ...cycle])
    expect(replay.evictions).toBe(30)
  })

  it.each([
    [1, 1],
    [2, 1],
    [3, 3],
    [4, 3],
    [5, 5],
  ])('of size %i holds at most %i, as the package with half of it for maxSize', async (capacity, most) => {
    const keys = [...Array(20).keys()]
    const replay = await startReplay(createTrace({ keys }), 'quick-lru', { capacity })
    const cache = new QuickLRU<number, number>({ maxSize: Math.ceil(capacity / 2) })
    const held = keys.map((key) => {
      replay.advance(1)
      cache.set(key, key)
      // Its own `size` never says more than `maxSize`.
      expect([...cache.keys()].length).toBe(replay.occupied)
      return replay.occupied
    })
    expect(Math.max(...held)).toBe(most)
  })

  it('measures its generations in bytes where the capacity is', async () => {
    // Half of 20 bytes is 10: a and b are old. c of 9 comes, then b is used: c and b are old, a is gone.
    const trace = createTrace({ keys: [...'abcbca'], sizes: [5, 5, 9, 5, 9, 5] })
    const outcomes = await outcomesOf(trace, 'quick-lru', { capacity: 20, capacityUnit: 'bytes' })
    expect(outcomes.map((outcome) => (outcome === 'hit' ? '+' : '-')).join('')).toBe('---++-')
  })
})
