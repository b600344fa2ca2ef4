import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { breakEvenHitRate, latencyReduction, parsePrice } from '../../src/analysis/savings.ts'
import { InputError } from '../../src/core/errors.ts'

describe('the break-even hit rate', () => {
  it('is 4 % for a 2 ms lookup and 1 ms store before a 74 ms model', () => {
    expect(breakEvenHitRate(2, 74, 1)).toBeCloseTo(0.04, 12)
  })

  it('is where the mean with the cache equals the mean without', () => {
    const time = fc.double({ min: 0.001, max: 1e5, noNaN: true })
    fc.assert(
      fc.property(time, time, time, (lookup, model, store) => {
        const rate = breakEvenHitRate(lookup, model, store)!
        const withCache = rate * lookup + (1 - rate) * (lookup + model + store)
        expect(Math.abs(withCache - model)).toBeLessThan(1e-9 * (1 + rate) * (lookup + model + store))
      }),
    )
  })

  it('is above 1 where a lookup takes longer than the model', () => {
    expect(breakEvenHitRate(10, 5, 0)).toBe(2)
  })

  it('is 0 for a cache that costs nothing, and none where the model takes no time', () => {
    expect(breakEvenHitRate(0, 5, 0)).toBe(0)
    expect(breakEvenHitRate(2, 0, 1)).toBeNull()
    expect(breakEvenHitRate(0, 0, 0)).toBeNull()
  })
})

describe('the latency reduction', () => {
  it('is the share of the mean that is gone, negative where it grew', () => {
    expect(latencyReduction(25, 100)).toBe(0.75)
    expect(latencyReduction(120, 100)).toBeCloseTo(-0.2, 12)
    expect(latencyReduction(0, 0)).toBe(0)
  })
})

describe('a price', () => {
  it.each([
    ['0.002', 2],
    ['$0.002', 2],
    ['0.002/call', 2],
    ['2e-3', 2],
    ['.002', 2],
    [' 0.002 ', 2],
    ['0', 0],
    ['1_000', 1e6],
    ['0.36/h', 0.72],
    ['$0.36 / h', 0.72],
    ['0.006/min', 0.72],
    ['0.0001/s', 0.72],
    ['8.64/d', 0.72],
  ])('%s makes 1000 calls of 7.2 s each cost $%f', (text, dollars) => {
    expect(parsePrice(text).dollars(1000, 7200)).toBeCloseTo(dollars, 9)
  })

  it('keeps the text it was given', () => {
    expect(parsePrice('0.36/h').text).toBe('0.36/h')
  })

  it.each([
    '',
    'free',
    '1 2',
    '0.36/fortnight',
    '0.36/toString',
    '3h',
    '/h',
    '1,000',
    'NaN',
    'Infinity',
    '1e999',
  ])('refuses %j and names the flag', (text) => {
    expect(() => parsePrice(text, '--miss-cost')).toThrow(InputError)
    expect(() => parsePrice(text, '--miss-cost')).toThrow(/--miss-cost/)
  })

  it('refuses a negative one in words', () => {
    expect(() => parsePrice('-1')).toThrow(/negative/)
  })
})
