import { describe, expect, it } from 'vitest'
import {
  checkedRequests,
  curveMargin,
  firstRequests,
  scaling,
  scalingError,
} from '../../src/analysis/estimate-margin.ts'
import { createTrace } from '../../src/core/trace.ts'

describe('the margin of an LRU curve', () => {
  it('goes with the luck of the draw, the scaling error and the blur, and is more than any', () => {
    expect(curveMargin(0, 0, 0)).toBe(0.0005)
    expect(curveMargin(0.01, 0, 0)).toBeCloseTo(0.0255, 12)
    expect(curveMargin(0, -0.01, 0)).toBeCloseTo(0.0165, 12)
    expect(curveMargin(0, 0, -0.01)).toBeCloseTo(0.0105, 12)
    expect(curveMargin(0.01, 0.01, 0)).toBeGreaterThan(0.0255)
    expect(curveMargin(0.01, 0.01, 0.01)).toBeGreaterThan(curveMargin(0.01, 0.01, 0))
  })
})

describe('a scaling error', () => {
  it('is the difference of two hit rates over the same requests, weighed', () => {
    expect(scalingError([1, 1, 2], [1, 0.5, 0], [1, 0, 1])).toBeCloseTo((0.5 - 2) / 4, 12)
    expect(scalingError([1, 1, 2], [1, 0.5, 0], [1, 0, 1], 2)).toBeCloseTo(0.25, 12)
    expect(scalingError([0, 0], [1, 1], [0, 0])).toBe(0)
    expect(scalingError([], [], [])).toBe(0)
  })

  it('of more than a point, either way, says what does not scale', () => {
    const checks = [0.011, -0.011, 0.009, -0.009].map((error, at) => ({
      size: 10 ** at,
      error,
      entries: 32,
    }))
    expect(scaling(checks)).toBe('does not scale')
    expect(scaling(checks.slice(1))).toBe('does not scale')
    expect(scaling(checks.slice(2))).toBe('scales')
    expect(scaling([])).toBe('scales')
  })
})

it('of a miniature with few entries says that the sample is too small, unless one with more is off too', () => {
  const few = { size: 403, error: -0.05, entries: 4 }
  const more = { size: 5000, error: 0.005, entries: 50 }
  expect(scaling([few])).toBe('sample too small')
  expect(scaling([few, more])).toBe('sample too small')
  expect(scaling([few, { ...more, error: 0.02 }])).toBe('does not scale')
  expect(scaling([{ ...few, error: 0.005 }, more])).toBe('scales')
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
