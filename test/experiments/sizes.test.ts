import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createTrace, Op, type Trace } from '../../src/core/trace.ts'
import { parseSize } from '../../src/core/units.ts'
import { clipSizes, describeSize, footprint, resolveSize, resolveSizes } from '../../src/experiments/sizes.ts'

const of = { keys: 2000, bytes: 1_048_576 }
const capacities = (text: string | readonly (string | number)[]) =>
  resolveSizes(text, of).capacities.map(({ capacity }) => capacity)

describe('a size', () => {
  it.each([
    ['100', { capacity: 100, unit: 'entries', share: 0.05 }],
    ['0', { capacity: 0, unit: 'entries', share: 0 }],
    ['5000', { capacity: 5000, unit: 'entries', share: 2.5 }],
    ['5%', { capacity: 100, unit: 'entries', share: 0.05 }],
    ['0%', { capacity: 0, unit: 'entries', share: 0 }],
    ['100%', { capacity: 2000, unit: 'entries', share: 1 }],
    ['0.12%', { capacity: 2, unit: 'entries', share: 0.001 }],
    ['256KiB', { capacity: 262_144, unit: 'bytes', share: 0.25 }],
    ['0B', { capacity: 0, unit: 'bytes', share: 0 }],
  ])('%s', (text, capacity) => {
    expect(resolveSize(parseSize(text), of)).toEqual(capacity)
  })

  it('above 0 % is at least one entry', () => {
    expect(resolveSize(parseSize('0.0001%'), of)).toEqual({ capacity: 1, unit: 'entries', share: 1 / 2000 })
  })

  it('in bytes needs sizes', () => {
    expect(() => resolveSize(parseSize('1MiB'), { keys: 10, bytes: null })).toThrow(
      'a size in bytes (1 MiB) needs value sizes, which this workload does not have',
    )
  })

  it('in bytes of values that have none is no share of them', () => {
    expect(resolveSize(parseSize('1MiB'), { keys: 10, bytes: 0 }).share).toBe(0)
  })

  it('reads in a sentence', () => {
    expect([describeSize(1, 'entries'), describeSize(1234, 'entries'), describeSize(1536, 'bytes')]).toEqual([
      '1 entry',
      '1,234 entries',
      '1.5 KiB',
    ])
  })
})

it('the footprint of a trace is its keys, and the bytes of each as last seen', () => {
  expect(footprint(createTrace({ keys: ['a', 'b', 'a'], sizes: [10, 5, 7] }))).toEqual({ keys: 2, bytes: 12 })
  expect(footprint(createTrace({ keys: ['a', 'b', 'a'] }))).toEqual({ keys: 2, bytes: null })
  // What is deleted had a size; the deletion itself has none.
  const deleted = createTrace({
    keys: ['a', 'b', 'a', 'a'],
    sizes: [10, 5, 7, 0],
    ops: [Op.read, Op.read, Op.write, Op.delete],
  })
  expect(footprint(deleted)).toEqual({ keys: 2, bytes: 12 })
})

describe('the sizes of a sweep', () => {
  it('are a list, in ascending order, each once', () => {
    expect(resolveSizes('1000,10,5%,100', of)).toEqual({
      capacities: [
        { capacity: 10, unit: 'entries', share: 0.005 },
        { capacity: 100, unit: 'entries', share: 0.05 },
        { capacity: 1000, unit: 'entries', share: 0.5 },
      ],
      duplicates: 1,
    })
    expect(capacities([10, '5%', 1000])).toEqual([10, 100, 1000])
  })

  it('are a range, spaced evenly on a logarithmic scale, its ends exact', () => {
    expect(capacities('1..1000:4')).toEqual([1, 10, 100, 1000])
    expect(capacities('1%..100%:3')).toEqual([20, 200, 2000])
    expect(capacities('1KiB..1MiB:3')).toEqual([1024, 32_768, 1_048_576])
    expect(capacities(['1..100:3', 7])).toEqual([1, 7, 10, 100])
  })

  it('are fewer than asked for where entries are whole, and that is counted', () => {
    const { capacities: found, duplicates } = resolveSizes('1..4:10', of)
    expect(found.map(({ capacity }) => capacity)).toEqual([1, 2, 3, 4])
    expect(duplicates).toBe(6)
  })

  const clip = (text: string, trace: Trace) => {
    const extent = footprint(trace)
    const { capacities, clipped } = clipSizes(resolveSizes(text, extent).capacities, extent, trace)
    return [...capacities.map(({ capacity }) => capacity), `${clipped} clipped`]
  }

  it('beyond the number of keys become that number, once', () => {
    const trace = createTrace({ keys: Array.from({ length: 20 }, (_, at) => at) })
    expect(clip('3,10,20', trace)).toEqual([3, 10, 20, '0 clipped'])
    expect(clip('3,10,21', trace)).toEqual([3, 10, 20, '1 clipped'])
    expect(clip('3,100%,150%,31', trace)).toEqual([3, 20, '2 clipped'])
    expect(clip('50', trace)).toEqual([20, '1 clipped'])
  })

  it('beyond the bytes of all values at their largest become as many bytes, once', () => {
    // 10 + 20 bytes at the end, 30 + 20 at most; the deletion is of a value, and has none.
    const trace = createTrace({
      keys: ['a', 'b', 'a', 'a', 'b'],
      sizes: [10, 20, 30, 99, 5],
      ops: [Op.read, Op.write, Op.write, Op.delete, Op.read],
    })
    expect(clip('10B,50B', trace)).toEqual([10, 50, '0 clipped'])
    expect(clip('10B,51B', trace)).toEqual([10, 50, '1 clipped'])
    expect(clip('10B,36B,50B,51B,1TiB', trace)).toEqual([10, 36, 50, '2 clipped'])
    expect(clip('1TiB', trace)).toEqual([50, '1 clipped'])
    expect(clip('0B,1GiB', createTrace({ keys: [1, 2], sizes: [0, 0] }))).toEqual([0, 1, '1 clipped'])
  })

  it('keep their steps in proportion, whatever the range', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 1e6 }),
        fc.integer({ min: 1, max: 1e6 }),
        fc.integer({ min: 2, max: 60 }),
        (from, more, count) => {
          const to = from + more
          const { capacities: found, duplicates } = resolveSizes(`${from}..${to}:${count}`, of)
          const sizes = found.map(({ capacity }) => capacity)
          expect(sizes.length + duplicates).toBe(count)
          expect([sizes[0], sizes.at(-1)]).toEqual([from, to])
          for (const [at, size] of sizes.entries()) {
            expect(Number.isInteger(size)).toBe(true)
            if (at > 0) expect(size).toBeGreaterThan(sizes[at - 1]!)
            if (duplicates > 0) continue
            expect(Math.abs(size - from * (to / from) ** (at / (count - 1)))).toBeLessThanOrEqual(
              0.5 + 1e-6 * size,
            )
          }
        },
      ),
    )
  })

  it.each([
    ['', 'names no size'],
    [',', 'names no size'],
    ['0..100:5', 'starts at 0'],
    ['0%..100%:5', 'starts at 0'],
    ['100..10:5', 'runs backwards'],
    ['10..10:5', 'begins where it ends'],
    ['1%..1.0%:5', 'begins where it ends'],
    ['10..50%:5', 'mixes units'],
    ['10,1MiB', 'mixes entries and bytes'],
    ['1%,1MiB', 'mixes entries and bytes'],
    ['10..100', 'is not a range'],
    ['10..100:', 'is not a range'],
    ['10..100:1', 'is not a range'],
    ['10..100:2.5', 'is not a range'],
    ['10..100:-3', 'is not a range'],
    ['10..100:99999', 'is not a range'],
    ['1..10..100:3', 'is not a range'],
    ['..100:3', 'not a cache size'],
    ['10..:3', 'is not a range'],
    ['10,big', "'big' is not a cache size"],
  ])('refuse %j', (text, message) => {
    expect(() => resolveSizes(text, of)).toThrow(message)
    expect(() => resolveSizes(text, of)).toThrow(/^--sizes/)
  })
})
