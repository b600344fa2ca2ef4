import { describe, expect, it } from 'vitest'
import { studentQuantile } from '../../src/analysis/student.ts'

describe("quantiles of Student's t", () => {
  // NIST/SEMATECH e-Handbook of Statistical Methods, table 1.3.6.7.2, and the usual printed tables.
  it.each([
    [1, 0.975, 12.706],
    [2, 0.975, 4.303],
    [3, 0.975, 3.182],
    [4, 0.975, 2.776],
    [5, 0.975, 2.571],
    [9, 0.975, 2.262],
    [10, 0.975, 2.228],
    [19, 0.975, 2.093],
    [29, 0.975, 2.045],
    [30, 0.975, 2.042],
    [60, 0.975, 2.0],
    [100, 0.975, 1.984],
    [1, 0.9, 3.078],
    [7, 0.95, 1.895],
    [12, 0.99, 2.681],
    [5, 0.995, 4.032],
    [3, 0.999, 10.215],
    [20, 0.999, 3.552],
  ])('with %i degrees of freedom at %f is %f', (degrees, probability, value) => {
    expect(Math.abs(studentQuantile(probability, degrees) - value)).toBeLessThan(0.00051)
  })

  it('has its closed forms for 1, 2 and 4 degrees of freedom', () => {
    for (const p of [0.51, 0.6, 0.9, 0.975, 0.9995]) {
      expect(studentQuantile(p, 1)).toBeCloseTo(Math.tan(Math.PI * (p - 0.5)), 7)
      expect(studentQuantile(p, 2)).toBeCloseTo((2 * p - 1) / Math.sqrt(2 * p * (1 - p)), 9)
      const root = Math.sqrt(4 * p * (1 - p))
      const q = Math.cos(Math.acos(root) / 3) / root
      expect(studentQuantile(p, 4)).toBeCloseTo(2 * Math.sqrt(q - 1), 9)
    }
  })

  it('approaches the normal distribution', () => {
    expect(studentQuantile(0.975, 100_000)).toBeCloseTo(1.959964, 4)
  })

  it('is symmetric, and 0 in the middle', () => {
    expect(studentQuantile(0.025, 7)).toBeCloseTo(-studentQuantile(0.975, 7), 9)
    expect(studentQuantile(0.5, 7)).toBe(0)
  })

  it('refuses what has no quantile', () => {
    expect(() => studentQuantile(1, 5)).toThrow(RangeError)
    expect(() => studentQuantile(0, 5)).toThrow(RangeError)
    expect(() => studentQuantile(0.9, 0)).toThrow(RangeError)
    expect(() => studentQuantile(0.9, 2.5)).toThrow(RangeError)
  })
})
