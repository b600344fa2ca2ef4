import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { curveAnswers } from '../../src/analysis/curve-answers.ts'
import { findKnee } from '../../src/analysis/knee.ts'
import type { SweepResult } from '../../src/core/result.ts'
import { createTrace, Op } from '../../src/core/trace.ts'
import { mergeSweeps } from '../../src/experiments/merge.ts'
import { type SweepOptions, sweep } from '../../src/experiments/sweep.ts'
import { findDisagreements } from '../../src/reports/consistency.ts'

const swept = async (options: SweepOptions) => (await sweep({ policies: 'lru', ...options })).simulated
const bytes = ({ simulated }: SweepResult) => JSON.stringify(simulated)
const saved = (result: SweepResult): SweepResult => JSON.parse(JSON.stringify(result))

/** Which window a request is in, counted from 0, by the definition: one request after another, by comparing. */
function windowOf(
  at: number,
  windows: number,
  warmup: number,
  length: number,
  times?: readonly number[],
): number {
  const [first, last] = times ? [times[warmup]!, times[length - 1]!] : [0, 0]
  if (times && last > first) {
    let window = 0
    while (window < windows - 1 && times[at]! >= first + ((last - first) * (window + 1)) / windows) window++
    return window
  }
  let window = 0
  while (at >= warmup + Math.floor(((length - warmup) * (window + 1)) / windows)) window++
  return window
}

/** A cache in ten lines, with a counter a window. */
function naiveLru(
  keys: readonly number[],
  capacity: number,
  windows: number,
  warmup: number,
  times?: readonly number[],
) {
  const cache = new Set<number>()
  const seen = new Set<number>()
  const counts = Array.from({ length: windows }, () => ({
    requests: 0,
    hits: 0,
    newKeys: 0,
    keys: new Set<number>(),
  }))
  keys.forEach((key, at) => {
    const hit = cache.delete(key)
    if (!hit && cache.size === capacity) cache.delete(cache.values().next().value!)
    cache.add(key)
    if (at >= warmup) {
      const count = counts[windowOf(at, windows, warmup, keys.length, times)]!
      count.requests++
      if (hit) count.hits++
      if (!seen.has(key)) count.newKeys++
      count.keys.add(key)
    }
    seen.add(key)
  })
  return counts
}

describe('windows', () => {
  it('hold the hits of one warm run, as a naive cache counts them', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({ key: fc.nat(12), gap: fc.constantFrom(0, 0, 1, 5, 100) }), {
          minLength: 12,
          maxLength: 120,
        }),
        fc.boolean(),
        fc.integer({ min: 2, max: 7 }),
        fc.nat(4),
        async (requests, timed, windows, warmup) => {
          const keys = requests.map(({ key }) => key)
          let now = 0
          const times = timed ? requests.map(({ gap }) => (now += gap)) : undefined
          // Times begin at 0, as those of a trace do.
          const since = times?.map((time) => time - times[0]!)
          const trace = createTrace({ keys, ...(since && { times: since }) })
          const result = await swept({ trace, sizes: '1,2,3', windows, warmup })
          expect(result.windows).toHaveLength(windows)
          for (const capacity of [1, 2, 3]) {
            const expected = naiveLru(keys, capacity, windows, warmup, since)
            if (capacity > trace.keyCount) continue
            expect(
              result.windows!.map(({ requests, newKeys, distinctKeys, curves: [lru] }) => ({
                requests,
                newKeys,
                distinctKeys,
                hits: lru!.points.find(({ size }) => size === capacity)!.hits,
              })),
            ).toEqual(expected.map(({ keys, ...counts }) => ({ ...counts, distinctKeys: keys.size })))
          }
          const unlimited = naiveLru(keys, Infinity, windows, warmup, since)
          expect(result.windows!.map(({ curves: [lru] }) => lru!.ceiling)).toEqual(
            unlimited.map(({ requests, hits }) => (requests === 0 ? null : hits / requests)),
          )
        },
      ),
      { numRuns: 60 },
    )
  })

  it('follow upon each other, from the warm-up to the end, and say when', async () => {
    const trace = createTrace({ keys: [1, 2, 1, 2, 1, 2, 1, 1], times: [0, 10, 20, 21, 22, 23, 90, 110] })
    const windowed = await swept({ trace, sizes: '1,2', windows: 4, warmup: 1 })
    expect(windowed.windows!.map(({ curves: _, ...window }) => window)).toEqual([
      { from: 1, to: 6, fromSeconds: 10, toSeconds: 35, requests: 5, distinctKeys: 2, newKeys: 1 },
      { from: 6, to: 6, fromSeconds: 35, toSeconds: 60, requests: 0, distinctKeys: 0, newKeys: 0 },
      { from: 6, to: 6, fromSeconds: 60, toSeconds: 85, requests: 0, distinctKeys: 0, newKeys: 0 },
      { from: 6, to: 8, fromSeconds: 85, toSeconds: 110, requests: 2, distinctKeys: 1, newKeys: 0 },
    ])
    expect(windowed.windows![1]!.curves[0]).toMatchObject({
      ceiling: null,
      knee: { size: null, reason: 'the window has no reads' },
      points: [
        { size: 1, hits: 0, hitRate: null },
        { size: 2, hits: 0, hitRate: null },
      ],
    })
  })

  it('are of requests where all come at once, or nobody knows when', async () => {
    const keys = [1, 1, 2, 2, 3, 3, 4]
    for (const trace of [createTrace({ keys }), createTrace({ keys, times: keys.map(() => 0) })]) {
      const { windows } = await swept({ trace, sizes: '1', windows: 3 })
      expect(
        windows!.map(({ from, to, fromSeconds, toSeconds }) => [from, to, fromSeconds, toSeconds]),
      ).toEqual([
        [0, 2, null, null],
        [2, 4, null, null],
        [4, 7, null, null],
      ])
    }
  })

  it('count reads only; a key that was written before is not new', async () => {
    const trace = createTrace({
      keys: [1, 2, 1, 2, 3, 3],
      ops: [Op.write, Op.read, Op.read, Op.delete, Op.write, Op.read],
    })
    const { windows } = await swept({ trace, sizes: '3', windows: 2 })
    expect(windows).toMatchObject([
      { requests: 2, distinctKeys: 2, newKeys: 1, curves: [{ points: [{ hits: 1 }] }] },
      { requests: 1, distinctKeys: 1, newKeys: 0, curves: [{ points: [{ hits: 1 }] }] },
    ])
  })

  it('change nothing else, and have knees and answers of their own', async () => {
    const options = {
      workload: 'shifting',
      requests: 6000,
      keys: 300,
      policies: 'lru,lfu,optimal',
      sizes: '3..300:9',
    }
    const { windows, verdict: _, ...rest } = await swept({ ...options, windows: 5 })
    const { verdict: __, ...plain } = await swept(options)
    expect(rest).toEqual(plain)
    for (const { curves } of windows!) {
      expect(curves.map(({ policy }) => policy)).toEqual(['lru', 'lfu', 'optimal'])
      for (const { points, ceiling, knee, reaches } of curves) {
        const sizes = points.map(({ size }) => size)
        const rates = points.map(({ hitRate }) => hitRate!)
        const { size, hitRate } = findKnee(sizes, rates)
        expect(knee).toMatchObject({ size, hitRate })
        expect(reaches).toEqual(curveAnswers(sizes, rates, { ceiling: ceiling!, total: 300 }).reaches)
      }
    }
  })

  it('are means over seeds where there are several', async () => {
    const options = { workload: 'zipf', requests: 3000, keys: 200, rate: '10/s', sizes: '10,50', windows: 3 }
    const { windows, settings } = await swept({ ...options, repeat: 3, seed: 'S' })
    const singles = await Promise.all(settings.seeds!.map((seed) => swept({ ...options, seed })))
    windows!.forEach(({ requests, curves: [lru] }, at) => {
      const mean = (of: (window: NonNullable<typeof windows>[number]) => number) =>
        singles.reduce((sum, single) => sum + of(single.windows![at]!), 0) / 3
      expect(requests).toBeCloseTo(
        mean((window) => window.requests),
        9,
      )
      lru!.points.forEach(({ hits, hitRate }, size) => {
        expect(hits).toBeCloseTo(
          mean((window) => window.curves[0]!.points[size]!.hits),
          9,
        )
        expect(hitRate).toBe(hits / requests)
      })
    })
  })

  it('add up to the whole, and a result in which they do not says so', async () => {
    const result = await sweep({
      workload: 'zipf',
      requests: 3000,
      keys: 200,
      policies: 'lru,fifo',
      sizes: '10,50',
      windows: 4,
    })
    expect(findDisagreements(result)).toEqual([])
    const wrong = saved(result)
    wrong.simulated.windows![2]!.curves[1]!.points[0]!.hits += 7
    const { hits } = wrong.simulated.runs[2]!
    expect(findDisagreements(wrong)).toEqual([
      `these results contradict themselves: fifo at 10 entries has windows with ${(hits + 7).toLocaleString('en')} hits together, not ${hits.toLocaleString('en')}`,
    ])
  })

  it('survive shards and going on, but not as another number of them', async () => {
    const options: SweepOptions = {
      workload: 'zipf',
      requests: 900,
      keys: 90,
      sizes: '5,20,60',
      policies: 'lru,fifo',
      windows: 4,
    }
    for (const more of [{}, { repeat: 2 }]) {
      const whole = await sweep({ ...options, ...more })
      const parts = []
      for (const part of [1, 2, 3])
        parts.push({
          name: `${part}`,
          result: saved(await sweep({ ...options, ...more, shard: `${part}/3` })),
        })
      expect(bytes(mergeSweeps(parts))).toBe(bytes(whole))
      expect(bytes(await sweep({ ...options, ...more, resume: parts[1]!.result }))).toBe(bytes(whole))
    }
    const part = saved(await sweep({ ...options, shard: '1/3' }))
    for (const windows of [undefined, 5])
      await expect(sweep({ ...options, windows, resume: part })).rejects.toThrow(
        '--resume is given a sweep of another number of windows: it must be a part of this one',
      )
    const robbed = saved(part)
    robbed.simulated.cells![0]!.windows = undefined
    await expect(sweep({ ...options, resume: robbed })).rejects.toThrow(
      '--resume has lru at 5 entries with 0 windows, not 4',
    )
  })

  it.each([
    ['0', "--windows '0' must be a whole number from 2 to 1,000"],
    ['1', "--windows '1' must be a whole number from 2 to 1,000"],
    ['2.5', "--windows '2.5' must be a whole number from 2 to 1,000"],
    ['', "--windows '' must be a whole number from 2 to 1,000"],
    ['many', "--windows 'many' must be a whole number from 2 to 1,000"],
    [1001, "--windows '1001' must be a whole number from 2 to 1,000"],
    [5, "--windows '5' are more than the 4 requests counted"],
  ])('are not %j', async (windows, message) => {
    const trace = createTrace({ keys: [1, 2, 1, 2, 1] })
    await expect(swept({ trace, sizes: '1', warmup: 1, windows })).rejects.toThrow(message)
  })
})

describe('the verdict over windows', () => {
  /** A loop over few keys, then one over many: an lru cache has all of it or nothing. */
  const loops = (few: number, many: number) =>
    createTrace({
      keys: Array.from({ length: 4000 }, (_, at) => (at < 2000 ? at % few : 1000 + (at % many))),
    })
  const sizes = '2,5,10,20,50,100,200'

  it('says that a size holds where nothing changes', async () => {
    const { verdict } = await swept({ trace: loops(10, 10), sizes: '2,4,8,16,20', windows: 4 })
    expect(verdict).toMatchInlineSnapshot(`
      [
        "This is lru alone.",
        "Its curve has no knee: the curve bends too little: the gains hardly shrink within this range.",
        "Of the ceiling of 99.5 %, 90 % takes 16 entries, 95 % takes 16 entries and 99 % takes 16 entries.",
        "The size holds over time: lru at 16 entries serves 99.5 % of the requests over the whole trace and 99.0 % to 100.0 % in single windows.",
        "No single window has a knee.",
      ]
    `)
  })

  it('says where it does not, and what it would take there', async () => {
    const { verdict } = await swept({ trace: loops(10, 100), sizes, windows: 4, sensitivity: 0.1 })
    expect(verdict).toMatchInlineSnapshot(`
      [
        "This is lru alone.",
        "Its knee is at 10 entries, where it serves 49.8 % of the requests; a point more takes 41 entries more.",
        "Of the ceiling of 97.3 %, 90 % takes 100 entries, 95 % takes 100 entries and 99 % takes 100 entries.",
        "The size does not hold over time: lru at 10 entries serves 49.8 % of the requests over the whole trace, but 0.0 % in window 3; as much takes 100 entries there. In 2 of 4 windows more than a tenth is missing for want of size.",
        "The knee moves between 10 entries (window 1) and 100 entries (window 3).",
      ]
    `)
  })

  it('does not blame the size for what is new', async () => {
    // Ten keys in turn; in the third quarter every other request is for a key that never comes again.
    const keys = Array.from({ length: 4000 }, (_, at) =>
      at >= 2000 && at < 3000 && at % 2 === 0 ? 1000 + at : at % 10,
    )
    const { verdict, windows } = await swept({
      trace: createTrace({ keys }),
      sizes: '5,15,25,50,2000',
      windows: 4,
    })
    expect(windows![2]!.curves[0]!.points[1]!.hitRate).toBeLessThan(0.51)
    expect(verdict).toMatchInlineSnapshot(`
      [
        "This is lru alone.",
        "Its knee is at 15 entries, where it serves 87.1 % of the requests.",
        "Of the ceiling of 87.3 %, 90 % takes 15 entries, 95 % takes 15 entries and 99 % takes 15 entries.",
        "The size holds over time: lru at 15 entries serves 87.1 % of the requests over the whole trace and 50.0 % to 100.0 % in single windows; where it serves less, size is not why.",
        "The knee stays at 15 entries in every window that has one.",
      ]
    `)
  })

  it('does not take a trace in which nothing changes for one that does', async () => {
    // What a cache that never evicts serves rises all the time: that of a small one does not.
    const { verdict, windows } = await swept({
      workload: 'zipf',
      keys: 5000,
      requests: 40_000,
      sizes: '5..5000:12',
      windows: 6,
    })
    const ceilings = windows!.map(({ curves: [lru] }) => lru!.ceiling!)
    expect(ceilings.at(-1)! - ceilings[0]!).toBeGreaterThan(0.2)
    expect(verdict.find((sentence) => sentence.startsWith('The size'))).toMatch(/^The size holds over time/)
  })

  it('does not judge by a handful of requests', async () => {
    const keys = Array.from({ length: 300 }, (_, at) => at % 7)
    const times = keys.map((_, at) => (at < 299 ? at : 1200))
    const { verdict } = await swept({ trace: createTrace({ keys, times }), sizes: '2,7', windows: 4 })
    expect(verdict.slice(-2)).toEqual([
      'The size holds over time: lru at 7 entries serves 97.7 % of the requests over the whole trace and 97.7 % in single windows.',
      '3 windows with fewer than 100 requests are not judged.',
    ])
  })
})
