import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { inspectTrace } from '../../src/analysis/inspect.ts'
import { createTrace, Op } from '../../src/core/trace.ts'

type Columns = Parameters<typeof createTrace>[0]
const reuseSeconds = (columns: Columns) => inspectTrace(createTrace(columns)).reuseSeconds

describe('the time between two reads of a key', () => {
  it('is that of a trace worked by hand', () => {
    // a: 4 − 0 and 64 − 4; b: 11 − 1; c never again.
    const found = reuseSeconds({ keys: ['a', 'b', 'a', 'b', 'c', 'a'], times: [0, 1, 4, 11, 12, 64] })!
    expect(found.reuses).toBe(3)
    expect(found.quantiles).toMatchObject({ p1: 4, p50: 10, max: 60, mean: 24.66667 })
    expect(found.p95).toBe(60)
    // What comes after exactly a minute is too late for a TTL of one.
    expect(found.within.map(({ seconds, share }) => [seconds, share])).toEqual([
      [1, 0],
      [10, 1 / 3],
      [60, 2 / 3],
      [600, 1],
      [3600, 1],
      [86_400, 1],
    ])
  })

  it('starts at the first request, wherever the clock does, and leaves writes out', () => {
    const found = reuseSeconds({
      keys: ['a', 'a', 'a', 'a'],
      times: [-7, -5, -4, 0],
      ops: [Op.read, Op.write, Op.read, Op.read],
    })!
    expect(found).toMatchObject({ reuses: 2, quantiles: { p1: 3, max: 4 } })
  })

  it('is null without times, and where no key comes twice', () => {
    expect(reuseSeconds({ keys: ['a', 'a'] })).toBeNull()
    expect(reuseSeconds({ keys: ['a', 'b'], times: [0, 1] })).toBeNull()
  })

  it('is what looking back at every read finds', () => {
    const request = fc.record({ key: fc.nat(5), after: fc.nat(5000), op: fc.constantFrom(0, 0, 0, 1, 2) })
    fc.assert(
      fc.property(fc.array(request, { maxLength: 60 }), (requests) => {
        let now = 0
        const times = requests.map(({ after }) => {
          now += after / 8
          return now
        })
        const gaps = requests.flatMap(({ key, op }, at) => {
          if (op !== Op.read) return []
          const before = requests.findLastIndex(
            (other, i) => i < at && other.key === key && other.op === Op.read,
          )
          return before < 0 ? [] : [times[at]! - times[before]!]
        })
        const found = reuseSeconds({
          keys: requests.map(({ key }) => key),
          ops: requests.map(({ op }) => op),
          times,
        })
        expect(found?.reuses ?? 0).toBe(gaps.length)
        for (const { seconds, share } of found?.within ?? []) {
          expect(share).toBeCloseTo(gaps.filter((gap) => gap < seconds).length / gaps.length, 12)
        }
        if (found) expect(found.quantiles.max).toBeCloseTo(Math.max(...gaps), 3)
      }),
    )
  })
})
