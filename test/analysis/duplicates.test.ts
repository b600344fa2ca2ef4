import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { inspectTrace } from '../../src/analysis/inspect.ts'
import { createTrace, Op } from '../../src/core/trace.ts'

type Columns = Parameters<typeof createTrace>[0]
const duplicates = (columns: Columns) => inspectTrace(createTrace(columns)).duplicatesInFlight

/** Every read against every earlier one. */
function naive(reads: readonly { readonly key: string; readonly time: number; readonly cost: number }[]) {
  let requests = 0
  let despiteCache = 0
  let worst: { key: string; duplicates: number } | null = null
  reads.forEach(({ key, time }, at) => {
    const before = reads.slice(0, at).filter((read) => read.key === key)
    const runs = (read: { time: number; cost: number }) => time < read.time + read.cost / 1000
    const running = before.filter(runs).length
    if (running === 0) return
    requests++
    if (runs(before[0]!)) despiteCache++
    if (running > (worst?.duplicates ?? 0)) worst = { key, duplicates: running }
  })
  return { requests, despiteCache, shareOfRequests: reads.length === 0 ? 0 : requests / reads.length, worst }
}

describe('duplicates in flight', () => {
  it('are those of a trace worked by hand', () => {
    // a runs in [0, 2), [1, 3), [2.5, 3.5) and [3.5, 4.5): the second and third are duplicates, and the second alone
    // runs beside the first. b runs in [1, 2) and, as that ends, in [2, 3): none.
    expect(
      duplicates({
        keys: ['a', 'a', 'b', 'b', 'a', 'a'],
        times: [0, 1, 1, 2, 2.5, 3.5],
        costs: [2000, 2000, 1000, 1000, 1000, 1000],
      }),
    ).toEqual({
      requests: 2,
      despiteCache: 1,
      shareOfRequests: 2 / 6,
      worst: { key: 'a', duplicates: 1 },
    })
  })

  it('name the key with most at one moment', () => {
    const burst = {
      keys: ['x', 'y', 'x', 'y', 'y', 'x'],
      times: [0, 0, 1, 1, 1, 9],
      costs: Array(6).fill(3000),
    }
    expect(duplicates(burst)).toMatchObject({ requests: 3, worst: { key: 'y', duplicates: 2 } })
  })

  it('count reads only', () => {
    const ops = [Op.write, Op.read, Op.delete, Op.read]
    expect(
      duplicates({ keys: ['a', 'a', 'a', 'a'], times: [0, 0, 1, 1], costs: [9e3, 9e3, 9e3, 9e3], ops }),
    ).toEqual({ requests: 1, despiteCache: 1, shareOfRequests: 0.5, worst: { key: 'a', duplicates: 1 } })
  })

  it('are none where the model takes no time, and not known without times or costs', () => {
    const keys = ['a', 'a', 'a']
    expect(duplicates({ keys, times: [0, 0, 0], costs: [0, 0, 0] })).toMatchObject({
      requests: 0,
      worst: null,
    })
    expect(duplicates({ keys, times: [0, 0, 0] })).toBeNull()
    expect(duplicates({ keys, costs: [1, 1, 1] })).toBeNull()
  })

  it('are what comparing every two reads finds', () => {
    const request = fc.record({ key: fc.constantFrom('a', 'b', 'c'), after: fc.nat(4), cost: fc.nat(24) })
    fc.assert(
      fc.property(fc.array(request, { maxLength: 80 }), (requests) => {
        let now = 0
        const reads = requests.map(({ key, after, cost }) => {
          now += after / 4
          return { key, time: now, cost: cost * 250 }
        })
        const columns = {
          keys: reads.map(({ key }) => key),
          times: reads.map(({ time }) => time),
          costs: reads.map(({ cost }) => cost),
        }
        expect(duplicates(columns)).toEqual(naive(reads))
      }),
      { numRuns: 300 },
    )
  })

  it('of one key that is always being computed take no long time', () => {
    const length = 200_000
    const found = duplicates({
      keys: Array<string>(length).fill('a'),
      times: Float64Array.from({ length }, (_, i) => i / 1000),
      costs: Float64Array.from({ length }, (_, i) => 60_000 + ((i * 7919) % 60_000)),
    })!
    expect(found.requests).toBe(length - 1)
    expect(found.worst!.duplicates).toBeGreaterThan(80_000)
  })
})
