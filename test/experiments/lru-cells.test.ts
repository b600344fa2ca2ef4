import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Run, SweepResult } from '../../src/core/result.ts'
import { createTrace } from '../../src/core/trace.ts'
import { compare } from '../../src/experiments/compare.ts'
import { type SweepOptions, sweep } from '../../src/experiments/sweep.ts'
import { fewKeys } from '../support/random-traces.ts'

const settings = fc.record(
  {
    warmup: fc.constantFrom('10%', '50%', '90%'),
    hitLatency: fc.constantFrom('2ms', 'lognormal:p50=1ms,p99=9ms'),
    missLatency: fc.constantFrom('100ms', 'recorded', 'lognormal:p50=10ms,p99=90ms'),
  },
  { requiredKeys: [] },
)

/** Every number of a run but those that stand beside another. */
const alone = ({ shareOfOptimal: _, ...run }: Run) => run

/** What a replay gives: a comparison has one size only. */
async function replayed(options: SweepOptions, size: string): Promise<Run> {
  const { sizes: _, ...others } = options
  return (await compare({ ...others, policies: 'lru', size })).simulated.runs[0]!
}

async function expectAsReplayed(options: SweepOptions, sizes: readonly string[]): Promise<SweepResult> {
  const result = await sweep({ ...options, policies: 'lru', sizes })
  const { runs } = result.simulated
  for (const run of runs) {
    const size = `${run.size}${run.sizeUnit === 'bytes' ? 'B' : ''}`
    expect(alone(run)).toEqual(alone(await replayed(options, size)))
  }
  // What is larger than all there is to keep was cut to that.
  const most = runs.at(-1)!.size
  const asked = sizes.map((size) => Number.parseInt(size, 10)).filter((size) => size < most)
  expect(runs.slice(0, -1).map(({ size }) => size)).toEqual(asked)
  return result
}

/** Requests that were replayed, or looked at in one pass. */
async function worked(options: SweepOptions): Promise<number> {
  let requests = 0
  await sweep({
    ...options,
    threads: 1,
    onProgress: ({ done, total }) => {
      requests = done
      expect(done).toBeLessThanOrEqual(total!)
    },
  })
  return requests
}

describe('lru at several sizes, in one pass', () => {
  it('has every number of a replay, in entries', async () => {
    await fc.assert(
      fc.asyncProperty(fewKeys(9, false), settings, async (trace, more) => {
        const largest = trace.keyCount
        const sizes = [0, 1, 2, 3, 5, 8, 13].filter((size) => size <= largest).map(String)
        const { curves } = (await expectAsReplayed({ ...more, trace }, sizes)).simulated
        expect(curves[0]!.ceiling).toBe((await replayed({ ...more, trace }, String(largest))).hitRate)
      }),
      { numRuns: 60 },
    )
  })

  it('has every number of a replay, in bytes, whether keys keep their sizes or not', async () => {
    for (const steady of [true, false]) {
      await fc.assert(
        fc.asyncProperty(fewKeys(9, steady), settings, async (trace, more) => {
          await expectAsReplayed(
            { ...more, trace },
            [0, 1, 5, 8, 9, 10, 20, 40, 80].map((size) => `${size}B`),
          )
        }),
        { numRuns: 40 },
      )
    }
  })

  it('has every number of a replay where ranks of sizes take two bytes', async () => {
    const keys = Array.from({ length: 4000 }, (_, at) => (at * at * 31) % 977)
    const trace = createTrace({ keys, ops: keys.map((key, at) => (key % 7 === 0 ? at % 3 : 0)) })
    const { runs } = (
      await sweep({ trace, policies: 'lru', sizes: Array.from({ length: 400 }, (_, at) => at + 1) })
    ).simulated
    expect(runs.length).toBeGreaterThan(256)
    for (const size of [1, 17, 311, 400])
      expect(alone(runs.find((run) => run.size === size)!)).toEqual(
        alone(await replayed({ trace }, String(size))),
      )
  })

  it('takes the place of replays only where entries live for ever', async () => {
    const keys = Array.from({ length: 500 }, (_, at) => (at * at) % 37)
    const trace = createTrace({ keys, times: keys.map((_, at) => at) })
    // Both have the cell that never evicts beside three sizes.
    expect(await worked({ trace, policies: 'lru', sizes: '3,5,9' })).toBe(500)
    expect(await worked({ trace, policies: 'lru', sizes: '3,5,9', ttl: '20s' })).toBe(4 * 500)
    expect(await worked({ trace, policies: 'lru,fifo', sizes: '3,5' })).toBe(3 * 500)
    expect(await worked({ trace, policies: 'fifo', sizes: '3,5' })).toBe(3 * 500)
  })

  it('is left where it is stopped', async () => {
    const keys = Array.from({ length: 500 }, (_, at) => (at * at) % 37)
    const stop = { aborted: false }
    const stopped = sweep({
      trace: createTrace({ keys }),
      policies: 'lru',
      sizes: '3,5',
      stop,
      onBegin: () => {
        stop.aborted = true
      },
    })
    await expect(stopped).rejects.toThrow('stopped before the first cell was done')
  })
})
