import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { InputError } from '../../src/core/errors.ts'
import {
  formatBytes,
  formatCount,
  formatMilliseconds,
  formatMoney,
  formatPercent,
  formatPoints,
  formatSeconds,
  parseBytes,
  parseCount,
  parseDuration,
  parseRate,
  parseSize,
} from '../../src/core/units.ts'

/** Names that every object has, and that a careless table of units would know. */
const inherited = ['constructor', 'toString', 'valueOf', 'hasOwnProperty', 'isPrototypeOf', '__proto__']

describe('parseDuration', () => {
  it.each([
    ['0s', 0],
    ['250ms', 0.25],
    ['10m', 600],
    ['10min', 600],
    ['1.5h', 5400],
    ['.5h', 1800],
    ['2d', 172_800],
    ['1w', 604_800],
    ['3us', 3e-6],
    ['3µs', 3e-6],
    ['7ns', 7e-9],
    ['1e3s', 1000],
    ['1_000 ms', 1],
    [' 5s ', 5],
    ['+5s', 5],
  ])('%s', (text, seconds) => {
    expect(parseDuration(text)).toBeCloseTo(seconds, 12)
  })

  it.each<[string, RegExp]>([
    ['', /not understood/],
    ['s', /not understood/],
    ['10', /'10' has no unit/],
    ['10 parsecs', /not understood.*ns, us, µs, ms, s, m, min, h, d, w/],
    ['10S', /not understood/],
    ['1.2.3s', /not understood/],
    ['1,5s', /not understood/],
    ['-5s', /'-5s' is negative/],
    ['NaNs', /not understood/],
    ['Infinitys', /not understood/],
    ['1e400s', /too large/],
    ['1e300w', /too large/],
    ['10m\n5s', /not understood/],
    ...inherited.map((name): [string, RegExp] => [`5${name}`, /not understood/]),
  ])('refuses %j', (text, message) => {
    expect(() => parseDuration(text, '--ttl')).toThrow(InputError)
    expect(() => parseDuration(text, '--ttl')).toThrow(message)
    expect(() => parseDuration(text, '--ttl')).toThrow(/^--ttl '/)
  })
})

describe('parseBytes', () => {
  it.each([
    ['0B', 0],
    ['1KiB', 1024],
    ['64MiB', 64 * 1024 ** 2],
    ['1.5MB', 1_500_000],
    ['1.005kB', 1005],
    ['4.35kB', 4350],
    ['0.1GB', 100_000_000],
    ['1.9999kB', 1999],
    ['2TiB', 2 * 1024 ** 4],
  ])('%s', (text, bytes) => {
    expect(parseBytes(text)).toBe(bytes)
  })

  it.each(['64', '64mib', '64 bits', '-1KiB', '99999999TiB', '5constructor', '1.5B', '0.5 B', '0.0001kB'])(
    'refuses %s',
    (text) => {
      expect(() => parseBytes(text)).toThrow(InputError)
    },
  )
})

describe('parseCount', () => {
  it.each([
    ['0', 0],
    ['1_000_000', 1e6],
    ['10M', 1e7],
    ['2.5k', 2500],
    ['1.005k', 1005],
    ['8.2M', 8_200_000],
    ['1e6', 1e6],
    ['1e3k', 1e6],
    ['3 G', 3e9],
    ['9007199254740991', Number.MAX_SAFE_INTEGER],
  ])('%s', (text, count) => {
    expect(parseCount(text, '--requests')).toBe(count)
  })

  it('is exact for every count that is written in thousands or millions', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 999_999_999 }), (count) => {
        expect(parseCount(`${Math.floor(count / 1000)}.${String(count % 1000).padStart(3, '0')}k`, 'n')).toBe(
          count,
        )
        expect(parseCount(`${Math.floor(count / 1e6)}.${String(count % 1e6).padStart(6, '0')}M`, 'n')).toBe(
          count,
        )
      }),
    )
  })

  it.each([
    '',
    '-1',
    '1.5',
    '1.0005k',
    '1e',
    '0x10',
    '1e-3',
    'NaN',
    '∞',
    '10m',
    '1 000',
    '9007199254740992',
    '1e99',
  ])('refuses %j', (text) => {
    expect(() => parseCount(text, '--requests')).toThrow(/^--requests '.*' is not a whole number/)
  })
})

describe('parseRate', () => {
  it.each([
    ['50/s', 50],
    ['600/min', 10],
    ['2.5k/s', 2500],
    ['1M/d', 1e6 / 86_400],
    ['1e3 / h', 1000 / 3600],
    ['5/ms', 5000],
  ])('%s', (text, rate) => {
    expect(parseRate(text)).toBeCloseTo(rate, 9)
  })

  it.each([
    '50',
    '50/',
    '/s',
    '0/s',
    '-1/s',
    '1/fortnight',
    '1e400/s',
    ...inherited.map((name) => `5/${name}`),
  ])('refuses %s', (text) => {
    expect(() => parseRate(text, '--rate')).toThrow(InputError)
  })
})

describe('parseSize', () => {
  it.each([
    ['1000', { unit: 'entries', value: 1000 }],
    ['1_000', { unit: 'entries', value: 1000 }],
    ['10k', { unit: 'entries', value: 10_000 }],
    ['0', { unit: 'entries', value: 0 }],
    ['5%', { unit: 'percent', value: 5 }],
    ['.5 %', { unit: 'percent', value: 0.5 }],
    ['1e-3%', { unit: 'percent', value: 0.001 }],
    ['250%', { unit: 'percent', value: 250 }],
    ['64MiB', { unit: 'bytes', value: 64 * 1024 ** 2 }],
    ['64 MiB', { unit: 'bytes', value: 64 * 1024 ** 2 }],
    ['512B', { unit: 'bytes', value: 512 }],
  ])('%s', (text, size) => {
    expect(parseSize(text)).toEqual(size)
  })

  it.each([
    '',
    '%',
    '-5%',
    '5%%',
    '-1',
    '1.5',
    'big',
    '64mib',
    '1e999%',
    'NaN',
    'Infinity',
    '1e+21',
    '5constructor',
    '5toString',
    '1..10',
  ])('refuses %j', (text) => {
    expect(() => parseSize(text, '--size')).toThrow(InputError)
    expect(() => parseSize(text, '--size')).toThrow(/--size/)
  })
})

it('whatever is typed, a quantity is read or refused in a sentence, and never NaN or infinite', () => {
  const texts = fc.oneof(
    fc.string({ maxLength: 12 }),
    fc.stringMatching(/^[0-9._eE+-]{0,8}\s?(%|s|ms|h|B|KiB|MB|k|M|G|\/s|\/min|[a-z]{0,4})$/),
  )
  fc.assert(
    fc.property(texts, (text) => {
      for (const parse of [parseDuration, parseBytes, parseCount, parseRate, parseSize]) {
        let value: unknown
        try {
          value = parse(text, 'it')
        } catch (error) {
          expect(error).toBeInstanceOf(InputError)
          continue
        }
        const number = typeof value === 'number' ? value : (value as { value: number }).value
        expect(number >= 0 && number < Infinity).toBe(true)
      }
    }),
    { numRuns: 2000 },
  )
})

describe('formats', () => {
  it('counts and shares', () => {
    expect(formatCount(1_234_567)).toBe('1,234,567')
    expect(formatPercent(0.6123)).toBe('61.2 %')
    expect(formatPercent(0.6123, 0)).toBe('61 %')
    expect(formatPoints(-0.041)).toBe('4.1 points')
  })

  it.each([
    [0, '0 s'],
    [5e-10, '0.5 ns'],
    [0.00085, '850 µs'],
    [0.0021, '2.1 ms'],
    [1.4, '1.4 s'],
    [119.9, '120 s'],
    [1380, '23 min'],
    [11_520, '3.2 h'],
    [1_036_800, '12 d'],
    [864e6, '10,000 d'],
    [-0.5, '-500 ms'],
  ])('%d seconds', (seconds, text) => {
    expect(formatSeconds(seconds)).toBe(text)
    expect(formatMilliseconds(seconds * 1000)).toBe(text)
  })

  it.each([
    [0, '0 B'],
    [512, '512 B'],
    [1023, '1,023 B'],
    [1024, '1 KiB'],
    [1536, '1.5 KiB'],
    [64 * 1024 ** 2, '64 MiB'],
    [5 * 1024 ** 5, '5,120 TiB'],
  ])('%d bytes', (bytes, text) => {
    expect(formatBytes(bytes)).toBe(text)
  })

  it.each([
    [0, '$0.00'],
    [12.4, '$12.40'],
    [1240.4, '$1,240'],
    [0.0021, '$0.0021'],
    [-3, '−$3.00'],
  ])('%d dollars', (dollars, text) => {
    expect(formatMoney(dollars)).toBe(text)
  })
})
