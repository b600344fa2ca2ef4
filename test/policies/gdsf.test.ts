import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { EvictionPolicy, PolicyContext } from '../../src/core/policy.ts'
import { createTrace } from '../../src/core/trace.ts'
import { expectAsModel, hitsIn, keyLists } from '../support/against-model.ts'
import { outcomesOf } from '../support/replay.ts'

it('weighs uses against bytes, worked by hand', async () => {
  // 10 bytes. a (1 byte, a use) ranks 1, b (8 bytes, two uses) 1/4: c, 4 bytes, drives out b. The clock stands at 1/4, so
  // that b comes back with 3/8, more than c with 1/4: c goes, and a is still there.
  const trace = createTrace({ keys: ['a', 'b', 'b', 'c', 'b', 'a'], sizes: [1, 8, 8, 4, 8, 1] })
  expect(await outcomesOf(trace, 'gdsf', { capacity: 10, capacityUnit: 'bytes' })).toEqual([
    'compulsory',
    'compulsory',
    'hit',
    'compulsory',
    'capacity',
    'hit',
  ])
})

it('declines a newcomer that ranks below all, which still moves the clock', async () => {
  // a and b rank 3 and 2 uses. c would rank 1 and stays out, the clock at 1; d would rank 2, as b does, but b was used
  // longer ago and goes.
  expect(await hitsIn('a a a b b c d b a', 'gdsf', 2)).toBe('a- a+ a+ b- b+ c- d- b- a+')
})

/** All residents in the order they were used, sorted for every eviction. */
class Model implements EvictionPolicy {
  private readonly context: PolicyContext
  private residents: { key: number; uses: number; rank: number }[] = []
  private clock = 0
  private incoming: { at: number; rank: number } | undefined

  constructor(context: PolicyContext) {
    this.context = context
  }

  touch(key: number): void {
    const uses = this.residents.find((resident) => resident.key === key)!.uses + 1
    this.remove(key)
    this.residents.push({ key, uses, rank: this.rank(key, uses) })
  }

  insert(key: number, at: number): void {
    const rank = this.incoming?.at === at ? this.incoming.rank : this.rank(key, 1)
    this.residents.push({ key, uses: 1, rank })
  }

  evict(incoming: number, at: number): number {
    if (this.incoming?.at !== at) this.incoming = { at, rank: this.rank(incoming, 1) }
    const newcomer = { key: incoming, uses: 1, rank: this.incoming.rank }
    const lowest = [...this.residents, newcomer].sort((a, b) => a.rank - b.rank)[0]!
    this.clock = lowest.rank
    this.remove(lowest.key)
    return lowest.key
  }

  remove(key: number): void {
    this.residents = this.residents.filter((resident) => resident.key !== key)
  }

  private rank(key: number, uses: number): number {
    const { costOf, sizeOf } = this.context
    return this.clock + (uses * costOf(key) * 1e6) / Math.max(1, sizeOf(key))
  }
}

it('does what a sorted array does', async () => {
  await expectAsModel('gdsf', (context) => new Model(context))
})

describe('with costs', () => {
  it('weighs uses times cost against bytes, worked by hand', async () => {
    // Room for 2. a, which costs 10, ranks 10, and b, which costs 1, after three uses 3: c, which costs 5, drives out b,
    // and the clock stands at 3. b would come back with 4, less than c, and stays out; the clock stands at 4.
    const keys = [...'abbbcbca']
    const costs = keys.map((key) => ({ a: 10, b: 1, c: 5 })[key]!)
    const hits = async (policy: string) =>
      (await outcomesOf(createTrace({ keys, costs }), policy, { capacity: 2 }))
        .map((outcome) => (outcome === 'hit' ? '+' : '-'))
        .join('')
    expect(await hits('gdsf-cost')).toBe('--++--++')
    // Without, a and c rank 1 when c comes, and a was used longer ago.
    expect(await hits('gdsf')).toBe('--++-++-')
  })

  it('divides costs by bytes', async () => {
    // 10 bytes. a costs 8 on 8 bytes, b 3 on 2: a ranks 1, b 1.5. c costs 4 on 2, 2 a byte, and drives out a.
    const trace = createTrace({
      keys: [...'abcba'],
      sizes: [8, 2, 2, 2, 8],
      costs: [8, 3, 4, 3, 8],
    })
    expect(await outcomesOf(trace, 'gdsf-cost', { capacity: 10, capacityUnit: 'bytes' })).toEqual([
      'compulsory',
      'compulsory',
      'compulsory',
      'hit',
      'capacity',
    ])
  })

  it('does what a sorted array does', async () => {
    await expectAsModel('gdsf-cost', (context) => new Model(context), 300, ['costs'])
  })

  it('is gdsf where all cost the same', async () => {
    await fc.assert(
      fc.asyncProperty(
        keyLists,
        fc.integer({ min: 1, max: 12 }),
        fc.constantFrom(0.25, 1, 4096),
        async (keys, capacity, cost) => {
          const trace = createTrace({ keys, costs: keys.map(() => cost) })
          const expected = await outcomesOf(trace, 'gdsf', { capacity })
          expect(await outcomesOf(trace, 'gdsf-cost', { capacity })).toEqual(expected)
        },
      ),
    )
  })
})
