import { sampleCorrelation } from 'simple-statistics'
import { describe, expect, it } from 'vitest'
import { parseRecipe } from '../../src/experiments/recipe.ts'
import { checkMemory, synthesize, synthesizeInSteps } from '../../src/experiments/synthesize.ts'

const recipe = (...lines: string[]) => parseRecipe(['story: A test.', ...lines].join('\n'), 'test.yaml')
const base = [
  'requests: 100_000',
  'keys: { count: 5_000, alpha: 0.7 }',
  'values: { size: "lognormal:p50=4KiB,p99=64KiB", cost: "lognormal:p50=120ms,p99=900ms" }',
]

/** Byte by byte; `toEqual` takes long for columns. */
function same(a?: ArrayBufferView, b?: ArrayBufferView): boolean {
  const bytes = (view: ArrayBufferView) => Buffer.from(view.buffer, view.byteOffset, view.byteLength)
  return a !== undefined && b !== undefined && bytes(a).equals(bytes(b))
}

describe('synthesize', () => {
  const trace = synthesize(recipe(...base), '1')

  it('lays its columns on shared memory, all of the length of the trace', () => {
    const { keys, times, sizes, costs } = trace
    for (const column of [keys, times, sizes, costs]) {
      expect(column?.buffer).toBeInstanceOf(SharedArrayBuffer)
      expect(column?.length).toBe(100_000)
    }
  })

  it('numbers keys in order of first appearance, without a gap', () => {
    let next = 0
    const ahead = trace.keys.filter((key) => {
      if (key === next) next++
      return key >= next
    })
    expect(ahead).toHaveLength(0)
    expect(trace.keyCount).toBe(next)
  })

  it('keeps apart what the generator kept apart: names are different numbers of the catalogue', () => {
    const names = Array.from({ length: trace.keyCount }, (_, key) => Number(trace.keyNames!.nameOf(key)))
    expect(new Set(names).size).toBe(trace.keyCount)
    expect(names.every((name) => Number.isInteger(name) && name >= 0 && name < 5000)).toBe(true)
  })

  it('gives names that tell nothing of popularity', () => {
    const counts = new Float64Array(trace.keyCount)
    for (const key of trace.keys) counts[key]!++
    const byCount = [...counts.keys()].sort((a, b) => counts[b]! - counts[a]!)
    const names = byCount.map((key) => Number(trace.keyNames!.nameOf(key)))
    const correlation = sampleCorrelation([...names.keys()], names)
    // Four standard errors.
    expect(Math.abs(correlation)).toBeLessThan(4 / Math.sqrt(names.length))
  })

  it('keeps the size and the cost of a key the same each time', () => {
    const sizes = new Map<number, number>()
    const costs = new Map<number, number>()
    const changes = trace.keys.filter((key, i) => {
      const [size, cost] = [trace.sizes![i]!, trace.costs![i]!]
      const changed = (sizes.get(key) ?? size) !== size || (costs.get(key) ?? cost) !== cost
      sizes.set(key, size)
      costs.set(key, cost)
      return changed
    })
    expect(changes).toHaveLength(0)
    expect(sizes.size).toBe(trace.keyCount)
    const median = [...sizes.values()].sort((a, b) => a - b)[Math.floor(sizes.size / 2)]!
    expect(median / 4096).toBeGreaterThan(0.9)
    expect(median / 4096).toBeLessThan(1.1)
    const size = sampleCorrelation([...sizes.values()].map(Math.log), [...costs.values()].map(Math.log))
    expect(Math.abs(size)).toBeLessThan(4 / Math.sqrt(sizes.size))
  })

  it('gives the same bytes for the same seed, and others for another', () => {
    const again = synthesize(recipe(...base), '1')
    for (const column of ['keys', 'times', 'sizes', 'costs'] as const) {
      expect(same(again[column], trace[column])).toBe(true)
    }
    expect(again.keyNames!.nameOf(17)).toBe(trace.keyNames!.nameOf(17))
    const other = synthesize(recipe(...base), '2')
    expect(same(other.keys, trace.keys)).toBe(false)
    expect(same(other.times, trace.times)).toBe(false)
  })

  it('arrives at whole microseconds, so that a trace file of it stays short', () => {
    expect(Array.from(trace.times!, String).filter((text) => !/^\d+(\.\d{1,6})?$/.test(text))).toEqual([])
  })

  it('changes nothing else when arrivals change', () => {
    const other = synthesize(recipe(...base, 'arrivals: { process: bursts, rate: 7/s }'), '1')
    expect(same(other.times, trace.times)).toBe(false)
    expect(same(other.keys, trace.keys)).toBe(true)
    expect(same(other.sizes, trace.sizes)).toBe(true)
    expect(same(other.costs, trace.costs)).toBe(true)
  })

  it('changes nothing else when sizes change', () => {
    const other = synthesize(
      recipe(...base.slice(0, 2), 'values: { cost: "lognormal:p50=120ms,p99=900ms" }'),
      '1',
    )
    expect(other.sizes).toBeUndefined()
    expect(same(other.keys, trace.keys)).toBe(true)
    expect(same(other.times, trace.times)).toBe(true)
    expect(same(other.costs, trace.costs)).toBe(true)
  })

  it('begins with the same requests when more are asked for', () => {
    const longer = synthesize({ ...recipe(...base), requests: 150_000 }, '1')
    expect(same(longer.keys?.subarray(0, 100_000), trace.keys)).toBe(true)
    expect(same(longer.times?.subarray(0, 100_000), trace.times)).toBe(true)
    expect(same(longer.sizes?.subarray(0, 100_000), trace.sizes)).toBe(true)
  })

  it('copes with one request, with one key, and with more keys than requests', () => {
    expect(synthesize(recipe('requests: 1'), '1')).toMatchObject({ length: 1, keyCount: 1 })
    expect(synthesize(recipe('requests: 100', 'keys: { count: 1 }'), '1').keyCount).toBe(1)
    const sparse = synthesize(recipe('requests: 50', 'keys: { generator: scan, count: 1M }'), '1')
    expect([...sparse.keys]).toEqual(Array.from({ length: 50 }, (_, i) => i))
  })

  it('keeps sizes between one byte and what a column holds', () => {
    const sizes = (size: string) =>
      synthesize(recipe('requests: 1000', `values: { size: "${size}" }`), '1').sizes!
    expect(Math.max(...sizes('4294967295B'))).toBe(2 ** 32 - 1)
    expect(Math.min(...sizes('lognormal:p1=1B,p99=4B'))).toBe(1)
    expect(() => sizes('lognormal:p50=1GiB,p99=3GiB')).toThrow(
      /^'size' is 'lognormal:p50=1GiB,p99=3GiB', which drew a value of [\d.]+ GiB: none can have 4GiB or more/,
    )
  })

  it('says how much memory a workload would take where there is less', () => {
    const large = recipe('requests: 100', 'keys: { count: 1_000_000_000 }')
    expect(() => checkMemory(large, 1e9, 6 * 2 ** 30)).toThrow(
      '100 requests over 1,000,000,000 keys need 7.45 GiB of memory, and 6 GiB are free: ask for fewer',
    )
    expect(() => checkMemory(large, 1e9, 8 * 2 ** 30)).not.toThrow()
  })

  it('pauses while many keys are shuffled, by whatever shuffles them', () => {
    const steps = (...lines: string[]) => [...synthesizeInSteps(recipe('requests: 10', ...lines), '1')].length
    expect(steps('keys: { count: 100 }')).toBe(1)
    expect(steps('keys: { count: 5_000_000 }')).toBe(5)
    const shuffled = '{ generator: mixture, count: 5_000_000, components: [{ catalogue: shuffled }] }'
    expect(steps(`keys: ${shuffled}`)).toBe(10)
  })

  it('numbers the keys of a nested mixture, those shared once', () => {
    const mixed = synthesize(
      recipe(
        'requests: 4_000',
        'keys:',
        '  generator: mixture',
        '  count: 100',
        '  components:',
        '    - { generator: scan }',
        '    - { generator: scan, catalogue: shuffled }',
        '    - { generator: scan, catalogue: own, count: 50 }',
      ),
      '1',
    )
    expect(mixed.keyCount).toBe(150)
  })
})
