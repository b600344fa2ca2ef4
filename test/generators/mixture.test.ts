import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createRandom } from '../../src/core/random.ts'
import type { KeyPlan, MixturePlan } from '../../src/generators/plan.ts'
import { createKeyStream } from '../../src/generators/plan.ts'
import { countIds, drawPlan } from './support.ts'

const simple = (generator: string, keys: number, parameters = {}): KeyPlan => ({
  generator,
  keys,
  parameters,
})
function mix(
  keys: number,
  parameters: Partial<MixturePlan['parameters']>,
  components: MixturePlan['components'],
): KeyPlan {
  return { generator: 'mixture', keys, parameters: { by: 'weight', cycles: 1, ...parameters }, components }
}

describe('mixture by phase', () => {
  it('runs its components one after another, each with its share of the requests', () => {
    const plan = mix(3, { by: 'phase' }, [
      { weight: 1, catalogue: 'shared', keys: simple('scan', 3) },
      { weight: 3, catalogue: 'own', keys: simple('scan', 2) },
    ])
    expect([...drawPlan(plan, 8, 'seed', 3)]).toEqual([0, 1, 3, 4, 3, 4, 3, 4])
  })

  it('comes round as often as it is told, each component going on where it stopped', () => {
    const plan = mix(4, { by: 'phase', cycles: 3 }, [
      { weight: 1, catalogue: 'shared', keys: simple('scan', 4) },
      { weight: 1, catalogue: 'own', keys: simple('loop', 1, { workingSet: 1 }) },
    ])
    expect([...drawPlan(plan, 12)]).toEqual([0, 1, 4, 4, 2, 3, 4, 4, 0, 1, 4, 4])
  })

  it('survives more phases than requests', () => {
    const plan = mix(4, { by: 'phase', cycles: 50 }, [
      { weight: 1, catalogue: 'shared', keys: simple('one-hit-wonders', 4) },
      { weight: 2, catalogue: 'own', keys: simple('shifting', 4) },
    ])
    expect(drawPlan(plan, 7).every((id) => id < 20)).toBe(true)
  })
})

describe('mixture by weight', () => {
  const plan = mix(10, {}, [
    { weight: 1, catalogue: 'shared', keys: simple('loop', 10, { workingSet: 0.1 }) },
    { weight: 2, catalogue: 'own', keys: simple('loop', 5, { workingSet: 0.2 }) },
    { weight: 7, catalogue: 'own', keys: simple('loop', 5, { workingSet: 0.2 }) },
  ])

  it('gives each component exactly its share', () => {
    const counts = countIds(drawPlan(plan, 10_000), 20)
    expect([counts[0], counts[10], counts[15]]).toEqual([1000, 2000, 7000])
  })

  it('mixes them independently: the same component follows itself as often as chance has it', () => {
    const ids = drawPlan(plan, 100_000)
    let repeats = 0
    for (let i = 1; i < ids.length; i++) repeats += Number(ids[i] === ids[i - 1])
    // 0.1² + 0.2² + 0.7² = 0.54, four standard deviations either way.
    expect(Math.abs(repeats / 99_999 - 0.54)).toBeLessThan(0.0064)
  })

  it('keeps the order of a component of its own', () => {
    const scans = mix(5, {}, [
      { weight: 1, catalogue: 'own', keys: simple('scan', 3000) },
      { weight: 1, catalogue: 'own', keys: simple('scan', 3000) },
    ])
    const first = drawPlan(scans, 6000).filter((id) => id < 3005)
    expect([...first]).toEqual(Array.from({ length: 3000 }, (_, i) => i + 5))
  })

  it('says so when more is asked for than it was made for', () => {
    const stream = createKeyStream(plan, { requests: 5, random: createRandom(1, 'keys') })
    expect(() => stream.fill(new Uint32Array(6))).toThrow(RangeError)
  })
})

describe('catalogues', () => {
  it('shared means the same keys in the same order, shuffled the same keys in another', () => {
    const both = (catalogue: 'shared' | 'shuffled') =>
      drawPlan(
        mix(100, { by: 'phase' }, [
          { weight: 1, catalogue: 'shared', keys: simple('scan', 100) },
          { weight: 1, catalogue, keys: simple('scan', 100) },
        ]),
        200,
      )
    const shared = both('shared')
    expect([...shared.subarray(100)]).toEqual([...shared.subarray(0, 100)])
    const shuffled = both('shuffled')
    expect([...shuffled.subarray(100)]).not.toEqual([...shuffled.subarray(0, 100)])
    expect([...shuffled.subarray(100)].sort((a, b) => a - b)).toEqual([...shuffled.subarray(0, 100)])
  })

  it('keys that a component brings beyond the shared catalogue are its own', () => {
    const wonders = {
      weight: 1,
      catalogue: 'shared',
      keys: simple('one-hit-wonders', 10, { share: 1 }),
    } as const
    const ids = drawPlan(mix(10, {}, [wonders, wonders]), 1000)
    expect(new Set(ids).size).toBe(1000)
    expect(ids.every((id) => id >= 10 && id < 1010)).toBe(true)
  })

  it('nest', () => {
    const inner = mix(10, {}, [
      { weight: 1, catalogue: 'shared', keys: simple('scan', 10) },
      { weight: 1, catalogue: 'own', keys: simple('scan', 7) },
    ])
    const outer = mix(10, { by: 'phase' }, [
      { weight: 1, catalogue: 'shared', keys: inner },
      { weight: 1, catalogue: 'own', keys: inner },
    ])
    // 10 shared and 7 own of the first, 17 own of the second.
    expect(new Set(drawPlan(outer, 400)).size).toBe(34)
  })
})

const anyPlan = fc.letrec<{ plan: KeyPlan; leaf: KeyPlan; mixture: KeyPlan }>((tie) => ({
  plan: fc.oneof({ maxDepth: 3, depthSize: 'small' }, tie('leaf'), tie('mixture')),
  leaf: fc
    .tuple(
      fc.constantFrom('zipf', 'uniform', 'scan', 'loop', 'hotspot', 'shifting', 'one-hit-wonders'),
      fc.integer({ min: 1, max: 50 }),
    )
    .map(([generator, keys]) => simple(generator, keys)),
  mixture: fc
    .record({
      by: fc.constantFrom('weight', 'phase'),
      cycles: fc.integer({ min: 1, max: 9 }),
      components: fc.array(
        fc.record({
          weight: fc.double({ min: 0.001, max: 1000, noNaN: true }),
          catalogue: fc.constantFrom('shared' as const, 'shuffled' as const, 'own' as const),
          keys: tie('plan'),
        }),
        { minLength: 1, maxLength: 4 },
      ),
    })
    .map(({ by, cycles, components }) => mix(50, { by, cycles }, components)),
}))

describe('any mixture of mixtures', () => {
  it('gives as many ids as asked, inside its key space, the same each time', () => {
    fc.assert(
      fc.property(anyPlan.plan, fc.integer({ min: 1, max: 3000 }), (plan, requests) => {
        const { keySpace } = createKeyStream(plan, { requests, random: createRandom('test', 'keys') })
        const ids = drawPlan(plan, requests)
        expect(ids.every((id) => id < keySpace)).toBe(true)
        expect(drawPlan(plan, requests)).toEqual(ids)
      }),
      { seed: 7, numRuns: 150 },
    )
  })
})
