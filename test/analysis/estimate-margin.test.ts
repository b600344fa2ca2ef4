import { describe, expect, it } from 'vitest'
import { checkedRequests, estimateMargin, firstRequests, scales } from '../../src/analysis/estimate-margin.ts'
import { createTrace } from '../../src/core/trace.ts'

describe('the margin of an estimate', () => {
  const checks = [
    { size: 10, error: 0.04 },
    { size: 100, error: -0.02 },
    { size: 1000, error: 0.001 },
    { size: 10_000, error: 0 },
  ]
  const scaling = (size: number) => estimateMargin(size, 0, checks) - 0.0005

  it('goes with the standard error where nothing is known to scale otherwise', () => {
    expect(estimateMargin(50, 0, [])).toBe(0.0005)
    expect(estimateMargin(50, 0.01, [])).toBeCloseTo(0.0255, 12)
  })

  it('goes with the worse of the checks on both sides, and is never far below the worst of all', () => {
    const of = (near: number) => 1.5 * Math.hypot(near, 0.3 * 0.04)
    expect(scaling(1)).toBeCloseTo(of(0.04), 12)
    expect(scaling(50)).toBeCloseTo(of(0.04), 12)
    expect(scaling(100)).toBeCloseTo(of(0.04), 12)
    expect(scaling(101)).toBeCloseTo(of(0.02), 12)
    expect(scaling(5000)).toBeCloseTo(of(0.001), 12)
    expect(scaling(20_000)).toBeCloseTo(of(0), 12)
  })

  it('is more than either of its parts', () => {
    expect(estimateMargin(50, 0.01, checks)).toBeGreaterThan(Math.max(0.025, scaling(50)))
  })

  it('says what does not scale: an error of more than a point, either way', () => {
    expect(scales(checks)).toBe(false)
    expect(scales(checks.slice(1))).toBe(false)
    expect(scales(checks.slice(2))).toBe(true)
    expect(scales([])).toBe(true)
  })
})

describe('the requests of a check', () => {
  it('are a share of those that are counted, after all of the warm-up', () => {
    expect(checkedRequests(1000, 0, 0.25)).toBe(250)
    expect(checkedRequests(1000, 600, 0.25)).toBe(700)
  })

  it('are the first of every column', () => {
    const trace = createTrace({ keys: [7, 8, 7, 9], times: [0, 1, 2, 3], ops: [0, 1, 0, 2] })
    const first = firstRequests(trace, 2)
    expect(first).toMatchObject({ length: 2, keyCount: 3 })
    expect(Array.from(first.keys)).toEqual([0, 1])
    expect(Array.from(first.times!)).toEqual([0, 1])
    expect(Array.from(first.ops!)).toEqual([0, 1])
  })
})
