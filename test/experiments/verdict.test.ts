import { describe, expect, it } from 'vitest'
import { createTrace } from '../../src/core/trace.ts'
import { type CompareOptions, compare } from '../../src/experiments/compare.ts'
import { type SweepOptions, sweep } from '../../src/experiments/sweep.ts'

const drawn = { workload: 'zipf', keys: 1000, requests: 20_000, missLatency: '120ms' }
const zipf = { ...drawn, size: 100 }
const compared = async (options: CompareOptions) => (await compare(options)).simulated.verdict.join('\n')
const swept = async (options: SweepOptions) => (await sweep(options)).simulated.verdict.join('\n')

/** A loop of 40 keys, 5 times round, with a cost each. */
const loop = (cost: (key: number) => number) => {
  const keys = Array.from({ length: 200 }, (_, at) => at % 40)
  return createTrace({ keys, costs: keys.map(cost) })
}

describe('the verdict of a comparison', () => {
  it('names the winner, what it gains on lru, the bound, and what that buys', async () => {
    expect(await compared({ ...zipf, policies: 'lru,lfu,fifo' })).toMatchInlineSnapshot(`
      "lfu serves 64.5 % of the requests, 7.4 points more than lru; the best possible is 75.0 %.
      It takes the mean latency from 120 ms to 44.6 ms (62.9 % less) and saves $25.81 of the $40.00 that 20,000 predictions cost."
    `)
  })

  it('compares with lru wherever that stands', async () => {
    const loop = { workload: 'loop(workingSet=1)', keys: 50, requests: 2000, size: 40 }
    expect(await compared({ ...loop, policies: 'fifo,lru,random' })).toMatch(
      /^random serves [\d.]+ % of the requests, [\d.]+ points more than lru;/,
    )
  })

  it('compares with the next best where lru does not run', async () => {
    expect(await compared({ ...zipf, policies: 'lfu,fifo' })).toMatchInlineSnapshot(`
      "lfu serves 64.5 % of the requests, 13.2 points more than fifo; the best possible is 75.0 %.
      It takes the mean latency from 120 ms to 44.6 ms (62.9 % less) and saves $25.81 of the $40.00 that 20,000 predictions cost."
    `)
  })

  it('says who ties', async () => {
    // Which of the two comes first is chance.
    expect(await compared({ ...zipf, policies: 'fifo,random' })).toMatch(
      /^(random|fifo) serves 5\d\.\d % of the requests; (random|fifo) ties with it \(the difference lies within the 95 % interval\); the best possible is 75\.0 %\.\n/,
    )
  })

  it('speaks of no interval where all serve the same', async () => {
    expect(
      await compared({ trace: loop(() => 5), size: 10, policies: 'lru,fifo,lfu' }),
    ).toMatchInlineSnapshot(`
      "lru serves 0.0 % of the requests; fifo and lfu tie with it; the best possible is 20.0 %.
      Not worth it for latency: the mean goes from 5 ms to 7 ms: it would pay above a hit rate of 40.0 %, and lru reaches 0.0 %."
    `)
  })

  it('speaks of no interval where the run is too short for one', async () => {
    const trace = createTrace({ keys: ['a', 'a', 'b'] })
    expect(
      await compared({ trace, size: 1, policies: 'lru,fifo', missLatency: '50ms' }),
    ).toMatchInlineSnapshot(`
      "lru serves 33.3 % of the requests; fifo ties with it; the best possible is 33.3 %.
      It takes the mean latency from 50 ms to 35.3 ms (29.3 % less) and saves $0.002 of the $0.006 that 3 predictions cost."
    `)
  })

  it('of one policy compares with the bound alone', async () => {
    expect(await compared({ ...zipf, policies: 'lru' })).toMatchInlineSnapshot(`
      "lru serves 57.1 % of the requests; the best possible is 75.0 %.
      It takes the mean latency from 120 ms to 53.4 ms (55.5 % less) and saves $22.86 of the $40.00 that 20,000 predictions cost."
    `)
  })

  it('of the bound alone is what is possible', async () => {
    expect(await compared({ ...zipf, policies: 'optimal' })).toMatchInlineSnapshot(
      `"The best possible hit rate is 75.0 %."`,
    )
    expect(await compared({ ...zipf, policies: 'optimal(bypass=false)' })).toMatchInlineSnapshot(
      `"The best possible hit rate is 75.0 %."`,
    )
  })

  it('is not worth it below the break-even hit rate', async () => {
    expect(await compared({ ...zipf, policies: 'lru', hitLatency: '100ms' })).toMatchInlineSnapshot(`
      "lru serves 57.1 % of the requests; the best possible is 75.0 %.
      Not worth it for latency: the mean goes from 120 ms to 151 ms: it would pay above a hit rate of 83.3 %, and lru reaches 57.1 %. It still saves $22.86 of the $40.00 that 20,000 predictions cost."
    `)
  })

  it('is never worth it where a lookup takes longer than the model, or as long', async () => {
    expect(await compared({ ...zipf, policies: 'lru', hitLatency: '121ms' })).toMatchInlineSnapshot(`
      "lru serves 57.1 % of the requests; the best possible is 75.0 %.
      Not worth it for latency: the mean goes from 120 ms to 172 ms: a lookup takes as long as the model or longer, so no hit rate makes it pay. It still saves $22.86 of the $40.00 that 20,000 predictions cost."
    `)
    expect(await compared({ ...zipf, policies: 'lru', hitLatency: '120ms', storeLatency: '1ms' })).toMatch(
      'a lookup takes as long as the model or longer, so no hit rate makes it pay',
    )
  })

  it('is not worth it where the model takes no time', async () => {
    expect(
      await compared({ ...zipf, policies: 'lru', missLatency: '0ms', missCost: '0' }),
    ).toMatchInlineSnapshot(`
      "lru serves 57.1 % of the requests; the best possible is 75.0 %.
      Not worth it for latency: the mean goes from 0 s to 2 ms, as the model takes no time."
    `)
  })

  it('explains a loss above the break-even hit rate, where hits fall on what is cheap', async () => {
    // Key 0 comes every other time and costs nothing; the others are new and cost 100 ms.
    const keys = Array.from({ length: 100 }, (_, at) => (at % 2 === 0 ? 0 : at))
    const trace = createTrace({ keys, costs: keys.map((key) => (key === 0 ? 0 : 100)) })
    expect(await compared({ trace, size: 2, policies: 'lru', hitLatency: '10ms' })).toMatchInlineSnapshot(`
      "lru serves 49.0 % of the requests; the best possible is 49.0 %.
      Not worth it for latency: the mean goes from 50 ms to 60 ms: lru reaches 49.0 %, above the break-even hit rate of 20.0 %, but with requests that the model answers faster than others. It still saves $0.10 of the $0.20 that 100 predictions cost."
    `)
  })

  it('with recorded costs takes them for the latency, and hours of the model for money', async () => {
    expect(
      await compared({
        trace: loop((key) => 1000 * (key + 1)),
        size: 50,
        policies: 'lru,lfu',
        missCost: '3.6/h',
      }),
    ).toMatchInlineSnapshot(`
      "lru serves 80.0 % of the requests; lfu ties with it; the best possible is 80.0 %.
      It takes the mean latency from 20.5 s to 4.1 s (80.0 % less) and saves $3.28 of the $4.10 that 200 predictions cost."
    `)
  })

  it('does not call the best possible what a policy passes', async () => {
    // In bytes the next use alone decides badly: room for a large value costs several small ones.
    const keys = ['B', 'D', 'D', 'D', 'A', 'A', 'B', 'D']
    const trace = createTrace({ keys, sizes: keys.map((key) => (key === 'D' ? 1 : 3)) })
    const { runs, verdict } = (await compare({ trace, size: '5B', policies: 'lfu,optimal' })).simulated
    expect(runs.map(({ hits }) => hits)).toEqual([4, 3])
    expect(verdict[0]).toBe('lfu serves 50.0 % of the requests; the bound, here a heuristic, serves 37.5 %.')
  })
})

describe('the verdict of a sweep', () => {
  const sizes = '1%..100%:12'

  it('names the leader, its knee, and what most of the ceiling takes', async () => {
    expect(await swept({ ...drawn, sizes, policies: 'lru,lfu,optimal' })).toMatchInlineSnapshot(`
      "lfu is best at every size.
      Its knee is at 121 entries, where it serves 67.3 % of the requests; a point more takes 11 entries more.
      Of the ceiling of 95.1 %, 90 % takes 647 entries, 95 % takes 647 entries and 99 % takes 983 entries."
    `)
  })

  it('names all that lead together', async () => {
    const keys = Array.from({ length: 300 }, (_, at) => at % 30)
    expect(
      await swept({ trace: createTrace({ keys }), sizes: '10,20,30', policies: 'lru,fifo' }),
    ).toMatchInlineSnapshot(`
      "lru is best at every size, and fifo is as good.
      The curve of lru has no knee: the curve only bends upwards: the gains are still growing at the largest size.
      Of the ceiling of 90.0 %, 90 % takes 30 entries, 95 % takes 30 entries and 99 % takes 30 entries."
    `)
  })

  it('of one policy, or the bound, speaks of it alone', async () => {
    expect(await swept({ ...drawn, sizes, policies: 'lru' })).toMatch(/^This is lru alone\.\nIts knee is at/)
    expect(await swept({ ...drawn, sizes, policies: 'optimal' })).toMatch(
      /^optimal is a bound, which no server can run\.\nIts knee is at/,
    )
  })

  it('says where nothing can be served, and where no size reaches much', async () => {
    expect(
      await swept({ trace: createTrace({ keys: [1, 2, 3] }), sizes: '1,2', policies: 'lru' }),
    ).toMatchInlineSnapshot(`"Even a cache that never evicts serves nothing here."`)
    expect(await swept({ ...drawn, sizes: '1,2,3', policies: 'lru' })).toMatchInlineSnapshot(`
      "This is lru alone.
      Its curve has no knee: the curve bends too little: the gains hardly shrink within this range.
      No size in the range reaches 90 % of the ceiling of 95.1 %."
    `)
  })

  it('gives sizes in bytes where they are', async () => {
    const keys = Array.from({ length: 3000 }, (_, at) => (at * at) % 101)
    const trace = createTrace({ keys, sizes: keys.map(() => 1024) })
    expect(await swept({ trace, sizes: '1KiB..128KiB:8', policies: 'lru' })).toMatch(/takes [\d.]+ KiB/)
  })
})
