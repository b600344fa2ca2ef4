import { describe, expect, it } from 'vitest'
import { InputError } from '../../src/core/errors.ts'
import { createRandom } from '../../src/core/random.ts'
import { latencies, parseLatency } from '../../src/latency/index.ts'
import { normalQuantile } from '../../src/latency/normal-quantile.ts'
import { drawNormal } from '../../src/latency/ziggurat.ts'

/** P(Z ≤ x) by the series of Marsaglia (2004, "Evaluating the normal distribution"): independent of both methods. */
function normalDistribution(x: number): number {
  let term = x
  let sum = x
  for (let i = 3; Math.abs(term) > 1e-18; i += 2) {
    term *= (x * x) / i
    sum += term
  }
  return 0.5 + sum * Math.exp(-0.5 * x * x - 0.9189385332046727)
}

describe('normalQuantile', () => {
  it('gives the published percentage points', () => {
    expect(normalQuantile(0.5)).toBe(0)
    expect(normalQuantile(0.9)).toBeCloseTo(1.2815515655446004, 14)
    expect(normalQuantile(0.975)).toBeCloseTo(1.959963984540054, 14)
    expect(normalQuantile(0.99)).toBeCloseTo(2.3263478740408408, 14)
    expect(normalQuantile(0.999)).toBeCloseTo(3.090232306167813, 14)
    // Wichura's own check values.
    expect(normalQuantile(0.25)).toBeCloseTo(-0.6744897501960817, 14)
    expect(normalQuantile(0.001)).toBeCloseTo(-3.090232306167814, 14)
    expect(normalQuantile(1e-20)).toBeCloseTo(-9.26234008979841, 13)
  })

  it('inverts the distribution function over the middle and the near tails', () => {
    for (let x = -6; x <= 3; x += 0.05) {
      const p = normalDistribution(x)
      // The series loses digits to cancellation far to the left.
      if (x > -4) expect(normalQuantile(p)).toBeCloseTo(x, 8)
      else expect(Math.abs(normalQuantile(p) / x - 1)).toBeLessThan(1e-4)
    }
  })
})

describe('drawNormal', () => {
  const random = createRandom('test', 'normal')
  const draws = Float64Array.from({ length: 1_000_000 }, () => drawNormal(random))

  it('follows the normal law', () => {
    const sorted = Float64Array.from(draws).sort()
    let distance = 0
    sorted.forEach((value, i) => {
      distance = Math.max(distance, Math.abs(normalDistribution(value) - (i + 0.5) / sorted.length))
    })
    // Kolmogorov and Smirnov: passed once in a thousand samples.
    expect(distance * Math.sqrt(sorted.length)).toBeLessThan(1.95)
  })

  it.each([3, 3.442619855899, 4, 4.5])(
    'reaches beyond %s standard deviations as often on both sides as it should',
    (edge) => {
      const expected = draws.length * (1 - normalDistribution(edge))
      for (const side of [-1, 1]) {
        const beyond = draws.reduce((sum, value) => sum + Number(value * side > edge), 0)
        expect(Math.abs(beyond - expected)).toBeLessThan(4 * Math.sqrt(expected) + 1)
      }
    },
  )

  it('does not follow the draw before', () => {
    let product = 0
    for (let i = 1; i < draws.length; i++) product += draws[i]! * draws[i - 1]!
    expect(Math.abs(product / draws.length)).toBeLessThan(4 / Math.sqrt(draws.length))
  })
})

function quantile(sorted: Float64Array, p: number): number {
  return sorted[Math.floor(p * sorted.length)]!
}

function sample(text: string, unit: 'duration' | 'bytes' = 'duration', count = 400_000): Float64Array {
  const model = parseLatency(text, unit, '--x')
  const random = createRandom('test', 'latency')
  return Float64Array.from({ length: count }, () => model.sample(random)).sort()
}

describe('constant', () => {
  it.each([
    ['2ms', 2],
    ['1.5s', 1500],
    ['250us', 0.25],
    ['1m', 60_000],
    ['0ms', 0],
    ['1.1ms', 1.1],
    ['constant:2ms', 2],
    ['  2ms ', 2],
  ])('%s is %s milliseconds', (text, expected) => {
    const model = parseLatency(text, 'duration', '--hit-latency')
    expect(model.constant).toBe(expected)
    expect(model.sample(createRandom(1, 'x'))).toBe(expected)
    expect(model.recorded).toBeUndefined()
  })

  it.each([
    ['4KiB', 4096],
    ['1.5MB', 1_500_000],
    ['1B', 1],
    ['4294967295B', 4_294_967_295],
  ])('%s is %s bytes', (text, expected) => {
    expect(parseLatency(text, 'bytes', '--value-size').constant).toBe(expected)
  })

  it('is said as it was given, and as its text reads again', () => {
    expect(parseLatency('constant:2ms', 'duration', '--x').text).toBe('2ms')
    const text = 'lognormal:p50=120ms,p99=900ms'
    expect(parseLatency(text, 'duration', '--x').text).toBe(text)
    expect(parseLatency('recorded', 'duration', '--x').text).toBe('recorded')
  })
})

describe('lognormal', () => {
  it.each([
    [
      'p50=120ms,p99=900ms',
      [
        [0.5, 120],
        [0.99, 900],
      ],
    ],
    [
      'p10=20ms,p90=80ms',
      [
        [0.1, 20],
        [0.9, 80],
        [0.5, 40],
      ],
    ],
    [
      'p99=900ms, p50=120ms',
      [
        [0.5, 120],
        [0.99, 900],
      ],
    ],
    [
      'p25=1s,p99.9=1m',
      [
        [0.25, 1000],
        [0.999, 60_000],
      ],
    ],
  ] as const)('%s has these percentiles', (text, percentiles) => {
    const sorted = sample(`lognormal:${text}`)
    const logOf = (p: number) => Math.log(quantile(sorted, p))
    const sigma = (logOf(0.95) - logOf(0.05)) / 3.2897
    for (const [p, expected] of percentiles) {
      const z = normalQuantile(p)
      // Four standard errors of an empirical quantile of a lognormal, relative.
      const density = Math.exp(-0.5 * z * z) / Math.sqrt(2 * Math.PI)
      const error = (4 * sigma * Math.sqrt((p * (1 - p)) / sorted.length)) / density
      expect(Math.abs(Math.log(quantile(sorted, p) / expected))).toBeLessThan(error)
    }
  })

  it('has the mean of its closed form, exp(mu + sigma²/2)', () => {
    const sigma = Math.log(900 / 120) / 2.3263478740408408
    const mean = sample('lognormal:p50=120ms,p99=900ms').reduce((sum, value) => sum + value, 0) / 400_000
    expect(mean / (120 * Math.exp(sigma ** 2 / 2))).toBeCloseTo(1, 1.8)
  })

  it('gives bytes where bytes are asked for', () => {
    expect(quantile(sample('lognormal:p50=4KiB,p99=64KiB', 'bytes'), 0.5) / 4096).toBeCloseTo(1, 1.5)
  })

  it('has no constant and is not recorded', () => {
    const model = parseLatency('lognormal:p50=1s,p99=2s', 'duration', '--x')
    expect([model.constant, model.recorded]).toEqual([undefined, undefined])
  })

  it('draws these very values on every machine', () => {
    const model = parseLatency('lognormal:p50=120ms,p99=900ms', 'duration', '--x')
    const random = createRandom('golden', 'latency')
    expect(Array.from({ length: 6 }, () => model.sample(random))).toMatchInlineSnapshot(`
      [
        308.63152726855475,
        234.64675262353072,
        159.01247109270074,
        1271.019362539767,
        171.31226863319694,
        43.285244875708926,
      ]
    `)
  })
})

describe('recorded', () => {
  it('says that it is, and has nothing to draw from', () => {
    const model = parseLatency('recorded', 'duration', '--miss-latency')
    expect(model.recorded).toBe(true)
    expect(() => model.sample(createRandom(1, 'x'))).toThrow(/read from the trace/)
  })
})

describe('every model', () => {
  it.each(latencies.all.map(({ usage }) => usage))('%s, as its usage says, is understood', (usage) => {
    expect(parseLatency(usage, 'duration', '--miss-latency').text).toBe(usage)
  })
})

describe('a mistake names the flag and what is allowed', () => {
  it.each([
    [
      'lognorml:p50=1s,p99=2s',
      /unknown model in --miss-latency 'lognorml'; did you mean 'lognormal'\?.*constant, lognormal, recorded.*2ms/,
    ],
    ['fast', /unknown model in --miss-latency 'fast'/],
    ['', /--miss-latency is empty: write a quantity such as 2ms/],
    ['  ', /--miss-latency is empty/],
    ['5', /--miss-latency '5' has no unit.*250ms/],
    ['-5ms', /--miss-latency '-5ms' is negative/],
    ['5 parsecs', /--miss-latency '5 parsecs' is not understood/],
    ['constant', /--miss-latency 'constant' needs a quantity/],
    ['constant:', /--miss-latency 'constant' needs a quantity/],
    ['lognormal', /--miss-latency 'lognormal:' gives 0 percentiles: it needs two/],
    ['lognormal:', /gives 0 percentiles: it needs two percentiles, such as p50 and p99/],
    ['lognormal:p99=900ms', /--miss-latency .* gives 1 percentiles \(p50 is missing\)/],
    ['lognormal:p50=900ms', /\(p99 is missing\)/],
    ['lognormal:p10=1s,p50=2s,p90=3s', /gives 3 percentiles: it needs two/],
    ['lognormal:p50=1s,p50=2s', /gives p50 twice/],
    ['lognormal:p50=1s,p99=1s', /p99 \(1s\) must be above p50 \(1s\)/],
    ['lognormal:p50=2s,p99=1s', /--miss-latency .*: p99 \(1s\) must be above p50 \(2s\)/],
    ['lognormal:p50=0ms,p99=1s', /p50 in --miss-latency .* is '0ms': it must be above 0/],
    ['lognormal:p50=-1ms,p99=1s', /--miss-latency '-1ms' is negative/],
    ['lognormal:p50=1,p99=2', /--miss-latency '1' has no unit/],
    ['lognormal:p0=1s,p99=2s', /'p0=1s' in --miss-latency .* is not a percentile/],
    ['lognormal:p50=1s,p100=2s', /'p100=2s' .* is not a percentile: write two of p1 to p99.9/],
    ['lognormal:mean=1s,p99=2s', /'mean=1s' .* is not a percentile/],
    ['lognormal:p50', /'p50' .* is not a percentile/],
    ['recorded:cost', /'recorded' takes nothing after the colon/],
  ])('%s', (text, message) => {
    expect(() => parseLatency(text, 'duration', '--miss-latency')).toThrow(InputError)
    expect(() => parseLatency(text, 'duration', '--miss-latency')).toThrow(message)
  })

  it.each([
    ['recorded', /'size' 'recorded' is for latencies only: write a size such as 4KiB/],
    ['0B', /'size' '0B' is out of range: a value has from 1B to just below 4GiB/],
    ['4GiB', /'size' '4GiB' is out of range/],
    ['lognormal:p50=1GiB,p99=1TiB', /'size' '1TiB' is out of range/],
    ['1.5B', /'size' '1.5B' is a part of a byte/],
    ['2ms', /'size' '2ms' is not understood.*KiB/],
    ['lognormal:p50=1s,p99=2s', /'size' '1s' is not understood/],
    ['lognorml:p50=1B,p99=2B', /did you mean 'lognormal'\? \(allowed: constant, lognormal\)/],
  ])('%s as a size', (text, message) => {
    expect(() => parseLatency(text, 'bytes', "'size'")).toThrow(InputError)
    expect(() => parseLatency(text, 'bytes', "'size'")).toThrow(message)
  })
})
