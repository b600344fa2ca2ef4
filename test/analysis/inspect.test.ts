import { describe, expect, it } from 'vitest'
import { inspectTrace } from '../../src/analysis/inspect.ts'
import { inspectionSchema } from '../../src/core/inspect-result.ts'
import { createTrace, Op } from '../../src/core/trace.ts'

describe('the inspection of a trace', () => {
  const keys = ['a', 'b', 'a', 'c', 'b', 'a', 'd', 'a']

  it('counts keys, reuse and the ceiling of a trace worked by hand', () => {
    const inspection = inspectTrace(createTrace({ keys, times: [0, 1, 2, 3, 4, 5, 6, 14] }))
    expect(inspection).toMatchObject({
      reads: 8,
      distinctKeys: 4,
      oneHitKeys: { keys: 2, shareOfKeys: 0.5, shareOfRequests: 0.25 },
      compulsoryMissRate: 0.5,
      hitRateCeiling: 0.5,
      meanRate: 0.5,
      zipf: null,
      valueBytes: null,
      costMilliseconds: null,
    })
    // a after b: 1; b after a, c: 2; a after c, b: 2; a after d: 1.
    expect(inspection.reuseDistance).toEqual({
      reuses: 4,
      spike: null,
      histogram: [
        { from: 0, to: 1, count: 0 },
        { from: 1, to: 2, count: 2 },
        { from: 2, to: 4, count: 2 },
      ],
      quantiles: { p1: 1, p10: 1, p25: 1, p50: 1, p75: 2, p90: 2, p99: 2, max: 2, mean: 1.5 },
    })
    expect(inspection.topKeys).toEqual([
      { key: 'a', requests: 4, share: 0.5 },
      { key: 'b', requests: 2, share: 0.25 },
      { key: 'c', requests: 1, share: 0.125 },
      { key: 'd', requests: 1, share: 0.125 },
    ])
    expect(inspectionSchema.parse(inspection)).toEqual(inspection)
  })

  it('takes sizes and costs as they were requested', () => {
    const { valueBytes, costMilliseconds } = inspectTrace(
      createTrace({ keys: ['a', 'a', 'a', 'b'], sizes: [10, 10, 10, 4_000_000_000], costs: [1, 2, 3, 0.5] }),
    )
    expect(valueBytes).toMatchObject({ p50: 10, p75: 10, p90: 4_000_000_000, mean: 1_000_000_007.5 })
    expect(costMilliseconds).toMatchObject({ p1: 0.5, p50: 1, max: 3, mean: 1.625 })
  })

  it('counts only reads', () => {
    const { read, write } = Op
    const inspection = inspectTrace(
      createTrace({
        keys: ['w', 'a', 'a', 'a', 'b'],
        ops: [write, read, write, read, Op.delete],
        sizes: [1, 2, 3, 4, 5],
        costs: [1, 2, 3, 4, 5],
      }),
    )
    expect(inspection).toMatchObject({ reads: 2, distinctKeys: 1, compulsoryMissRate: 0.5 })
    expect(inspection.topKeys).toEqual([{ key: 'a', requests: 2, share: 1 }])
    expect(inspection.reuseDistance).toMatchObject({ reuses: 1, quantiles: { max: 0 } })
    expect(inspection.valueBytes).toMatchObject({ p1: 2, max: 4 })
    expect(inspection.costMilliseconds).toMatchObject({ p1: 2, max: 4 })
  })

  it('does not call a read compulsory whose key was written before', () => {
    const inspection = inspectTrace(
      createTrace({ keys: ['a', 'a', 'b', 'c', 'c'], ops: [Op.write, Op.read, Op.read, Op.delete, Op.read] }),
    )
    expect(inspection.compulsoryMissRate).toBeCloseTo(2 / 3, 12)
    expect(inspection.hitRateCeiling).toBeCloseTo(1 / 3, 12)
  })

  it('lists ten keys, of equals the one seen first', () => {
    const many = Array.from({ length: 50 }, (_, i) => `k${i}`)
    const { topKeys } = inspectTrace(createTrace({ keys: [...many, 'k40', 'k30', 'k40', 'k5'] }))
    expect(topKeys.map(({ key }) => key)).toEqual([
      'k40',
      'k5',
      'k30',
      'k0',
      'k1',
      'k2',
      'k3',
      'k4',
      'k6',
      'k7',
    ])
  })

  it('numbers keys that have no names', () => {
    const { keyNames: _, ...trace } = createTrace({ keys: ['x', 'y', 'y'] })
    expect(inspectTrace(trace).topKeys[0]!.key).toBe('1')
  })

  it('has no reuse where no key comes twice, and no rate where time stands still', () => {
    const inspection = inspectTrace(createTrace({ keys: ['a', 'b', 'c'], times: [0, 0, 0] }))
    expect(inspection.reuseDistance).toBeNull()
    expect(inspection.zipf).toBeNull()
    expect(inspection.meanRate).toBeNull()
    expect(inspection.hitRateCeiling).toBe(0)
  })

  it.each([
    ['no requests', createTrace({ keys: [] })],
    ['no reads', createTrace({ keys: ['a', 'a'], ops: [Op.write, Op.delete] })],
    ['one read', createTrace({ keys: ['a'] })],
  ])('is complete for a trace of %s', (_, trace) => {
    const inspection = inspectTrace(trace)
    expect(inspectionSchema.parse(inspection)).toEqual(inspection)
    expect(inspection.hitRateCeiling).toBe(0)
  })
})
