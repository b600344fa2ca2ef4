import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type KeySample, sampleKeys } from '../../src/analysis/key-sample.ts'
import { finish } from '../../src/analysis/steps.ts'
import { createRandom } from '../../src/core/random.ts'
import { createTrace, type Trace } from '../../src/core/trace.ts'

const requests = fc.array(
  fc.record({ key: fc.oneof(fc.nat(4), fc.nat(40)), size: fc.nat(9), op: fc.constantFrom(0, 0, 0, 1, 2) }),
  { maxLength: 200, size: 'max' },
)
const traces = requests.map((list) =>
  createTrace({
    keys: list.map(({ key }) => key),
    times: list.map((_, at) => at / 2),
    sizes: list.map(({ size }) => size),
    ops: list.map(({ op }) => op),
    ttls: list.map(({ size }) => (size === 0 ? Number.NaN : size)),
  }),
)

/** What a sample says of each of its requests, by its place in the whole trace. */
function rows(trace: Trace, positions: ArrayLike<number>) {
  return Array.from(positions, (_, at) => ({
    time: trace.times![at],
    size: trace.sizes![at],
    op: trace.ops![at],
    ttl: trace.ttls![at],
  }))
}

/** The ids in the whole trace of the sample's keys. */
function keysOf(whole: Trace, { trace, positions }: KeySample): Map<number, number> {
  const keys = new Map<number, number>()
  trace.keys.forEach((key, at) => {
    const id = whole.keys[positions[at]!]!
    expect(keys.get(key) ?? id).toBe(id)
    keys.set(key, id)
  })
  return keys
}

describe('a sample of keys', () => {
  it.each(['stratified', 'hashed'] as const)('is all requests of some, as they are: %s', (method) => {
    fc.assert(
      fc.property(traces, fc.double({ min: 0.05, max: 1, noNaN: true }), fc.nat(), (whole, rate, seed) => {
        const sample = finish(sampleKeys(whole, rate, createRandom(seed, 'keys'), method))
        const { trace, positions } = sample
        expect(positions).toEqual(positions.toSorted())
        const all = rows(whole, whole.keys)
        expect(rows(trace, positions)).toEqual(Array.from(positions, (at) => all[at]))
        const keys = new Set(keysOf(whole, sample).values())
        expect(keys.size).toBe(trace.keyCount)
        const expected = Array.from(whole.keys.keys()).filter((at) => keys.has(whole.keys[at]!))
        expect(Array.from(positions)).toEqual(expected)
        // Ids are dense, in order of first appearance.
        expect([...new Set(trace.keys)]).toEqual(Array.from({ length: trace.keyCount }, (_, id) => id))
        expect(sample.ranking.toSorted()).toEqual(Uint32Array.from({ length: trace.keyCount }, (_, id) => id))
      }),
      { numRuns: 100 },
    )
  })

  it('of rate 1 is the whole trace', () => {
    const whole = createTrace({ keys: [5, 3, 5, 9], sizes: [1, 2, 1, 4] })
    for (const method of ['stratified', 'hashed'] as const) {
      const sample = finish(sampleKeys(whole, 1, createRandom(1, 'keys'), method))
      expect(sample).toMatchObject({ keyShare: 1, byteShare: 1, positions: Uint32Array.of(0, 1, 2, 3) })
      expect(sample.trace.keys).toEqual(whole.keys)
    }
  })

  it('takes one key of every rank range where it is stratified, any of them as often as another', () => {
    // Key k is read k + 1 times.
    const keys = Array.from({ length: 20 }, (_, key) => Array<number>(key + 1).fill(key)).flat()
    const whole = createTrace({ keys })
    const chosen = new Float64Array(20)
    const DRAWS = 500
    for (let seed = 0; seed < DRAWS; seed++) {
      const sample = finish(sampleKeys(whole, 0.2, createRandom(seed, 'keys')))
      const byRank = Array.from(sample.ranking, (id) => keysOf(whole, sample).get(id)!)
      expect(byRank.map((key) => Math.floor(key / 5))).toEqual([0, 1, 2, 3])
      for (const key of byRank) chosen[key]!++
    }
    // Within five standard deviations of a fifth.
    for (const count of chosen)
      expect(Math.abs(count / DRAWS - 0.2)).toBeLessThan(5 * Math.sqrt(0.16 / DRAWS))
  })

  it('says what share of keys and bytes it has', () => {
    const whole = createTrace({ keys: [0, 1, 2, 3], sizes: [10, 20, 30, 40] })
    const sample = finish(sampleKeys(whole, 0.5, createRandom(3, 'keys')))
    expect(sample.keyShare).toBe(0.5)
    expect(sample.byteShare).toBe(sample.trace.sizes!.reduce((sum, size) => sum + size, 0) / 100)
    expect(finish(sampleKeys(createTrace({ keys: [1] }), 0.5, createRandom(3, 'keys'))).byteShare).toBeNull()
  })

  it('of no requests is empty', () => {
    const sample = finish(sampleKeys(createTrace({ keys: [] }), 0.1, createRandom(1, 'keys')))
    expect(sample.trace).toMatchObject({ length: 0, keyCount: 0 })
  })

  it.each([0, -0.1, 1.1, Number.NaN])('has no rate of %s', (rate) => {
    expect(() => finish(sampleKeys(createTrace({ keys: [1] }), rate, createRandom(1, 'keys')))).toThrow(
      `the sampling rate is ${rate}: it must be above 0 and at most 1`,
    )
  })

  it('is drawn in ways there are', () => {
    const draw = () =>
      finish(sampleKeys(createTrace({ keys: [1] }), 0.1, createRandom(1, 'keys'), 'hased' as never))
    expect(draw).toThrow("unknown sampling method 'hased'; did you mean 'hashed'?")
  })
})
