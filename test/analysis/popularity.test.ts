import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { inspectTrace } from '../../src/analysis/inspect.ts'
import { createTrace } from '../../src/core/trace.ts'
import { readRecipe } from '../../src/experiments/recipe-file.ts'
import { synthesize } from '../../src/experiments/synthesize.ts'

const generated = (workload: string, requests: number, seed = '1', keys?: number) => {
  const recipe = readRecipe(workload)
  const plan = keys === undefined ? recipe.keys : { ...recipe.keys, keys }
  return inspectTrace(synthesize({ ...recipe, requests, keys: plan }, seed)).popularity!
}

describe('popularity over time', () => {
  it.each([
    ['zipf', 200_000],
    ['zipf', 20_000],
    ['zipf(alpha=0.6)', 200_000],
    ['zipf(alpha=1.5)', 20_000],
    ['uniform', 300_000],
    ['uniform', 50_000],
    ['hotspot', 200_000],
    ['one-hit-wonders', 200_000],
    ['loop', 200_000],
    ['price-prediction', 200_000],
    ['chat-prompts', 200_000],
  ])('of %s is stable over %i requests', (workload, requests) => {
    const { verdict, neighbours, distant } = generated(workload, requests)
    expect(verdict).toBe('stable')
    expect(neighbours!).toBeGreaterThan(0.97)
    expect(distant ?? 1).toBeGreaterThan(0.95)
  })

  it('is called stable whatever the seed, where noise is all there is', () => {
    for (let seed = 0; seed < 100; seed++) {
      for (const [workload, requests, keys] of [
        ['zipf', 3000, 1000],
        ['uniform', 3000, 1000],
        ['uniform', 5000, 5000],
      ] as const) {
        expect(['stable', null]).toContain(generated(workload, requests, String(seed), keys).verdict)
      }
    }
  })

  it.each([
    ['shifting', 'moving'],
    ['recommendations', 'moving'],
    ['shifting(turnover=0.01)', 'drifting'],
    ['shifting(turnover=0.001)', 'drifting'],
    ['flash-crowd', 'drifting'],
  ])('of %s is %s', (workload, verdict) => {
    expect(generated(workload, 300_000).verdict).toBe(verdict)
  })

  it('of a window that moves over evenly popular keys is moving, though no hot set stands out', () => {
    const keys = Array.from({ length: 50_000 }, (_, i) => Math.floor(i / 10) + ((i * 7919) % 200))
    expect(inspectTrace(createTrace({ keys })).popularity!.verdict).toBe('moving')
  })

  it('says nothing where there is nothing to go by', () => {
    expect(inspectTrace(createTrace({ keys: Array(99).fill('a') })).popularity).toBeNull()
    const once = createTrace({ keys: Array.from({ length: 5000 }, (_, i) => i) })
    expect(inspectTrace(once).popularity).toMatchObject({ verdict: null, neighbours: null, distant: null })
  })

  it('has nothing in common where every part has keys of its own, and all where all are alike', () => {
    const parts = Array.from({ length: 10 }, (_, part) =>
      Array.from({ length: 200 }, (_, i) => [part, i % 20]),
    )
    const own = createTrace({ keys: parts.flat().map(String) })
    expect(inspectTrace(own).popularity).toMatchObject({ neighbours: 0, distant: 0, verdict: 'moving' })
    const alike = createTrace({ keys: parts.flat().map(([, key]) => key!) })
    const { neighbours, verdict } = inspectTrace(alike).popularity!
    expect({ verdict, atLeastChance: neighbours! >= 1 }).toEqual({ verdict: 'stable', atLeastChance: true })
  })

  it('tells of each part what counting it by itself tells', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(60), { minLength: 100, maxLength: 160 }), (keys) => {
        const { parts, hotKeys } = inspectTrace(createTrace({ keys })).popularity!
        /** The keys most read, of equals the one first seen in the trace. */
        const hottest = (part: readonly number[]) =>
          [...new Set(keys)]
            .map((key) => ({ key, reads: part.filter((other) => other === key).length }))
            .filter(({ reads }) => reads > 0)
            .sort((a, b) => b.reads - a.reads)
            .slice(0, hotKeys)
            .map(({ key }) => key)
        const cut = (part: number) => Math.floor((keys.length * part) / 10)
        const pieces = parts.map((_, part) => keys.slice(cut(part), cut(part + 1)))
        const hot = hottest(keys)
        expect(parts).toEqual(
          pieces.map((piece, part) => {
            const now = hottest(piece)
            const kept = (before: readonly number[]) =>
              before.filter((key) => now.includes(key)).length / before.length
            return {
              requests: piece.length,
              newKeys: [...new Set(piece)].filter((key) => !keys.slice(0, cut(part)).includes(key)).length,
              shareOfHotKeys: piece.filter((key) => hot.includes(key)).length / piece.length,
              keptOfFirst: part === 0 ? null : kept(hottest(pieces[0]!)),
              keptOfPrevious: part === 0 ? null : kept(hottest(pieces[part - 1]!)),
            }
          }),
        )
      }),
      { numRuns: 50 },
    )
  })
})
