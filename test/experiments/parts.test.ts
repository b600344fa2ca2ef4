import { describe, expect, it } from 'vitest'
import { definePolicy } from '../../src/core/policy.ts'
import type { SweepResult } from '../../src/core/result.ts'
import { createTrace } from '../../src/core/trace.ts'
import { mergeSweeps } from '../../src/experiments/merge.ts'
import { type SweepOptions, sweep } from '../../src/experiments/sweep.ts'

const keys = Array.from({ length: 500 }, (_, at) => (at * at * 31) % 83)
const trace = createTrace({ keys, times: keys.map((_, at) => 10 * at), sizes: keys.map((key) => 10 + key) })
const options: SweepOptions = {
  trace,
  policies: 'lru,ttl,random,optimal',
  sizes: '1,5,10,20,30',
  warmup: 50,
  missLatency: 'lognormal:p50=10ms,p99=50ms',
}
/** What is compared byte for byte. */
const bytes = ({ simulated }: SweepResult) => JSON.stringify(simulated)
/** As it comes back from a file. */
const saved = (result: SweepResult): SweepResult => JSON.parse(JSON.stringify(result))
const shards = async (of: number, more: SweepOptions = {}) => {
  const parts = []
  for (let part = 1; part <= of; part++) {
    const result = await sweep({ ...options, ...more, shard: `${part}/${of}` })
    parts.push({ name: `part-${part}.json`, result: saved(result) })
  }
  return parts
}

describe('the parts of a sweep', () => {
  it.each([2, 3, 7, 22])('in %i shards are together what one run gives, byte for byte', async (of) => {
    const whole = await sweep(options)
    expect(whole.simulated).not.toHaveProperty('partial')
    expect(bytes(mergeSweeps(await shards(of)))).toBe(bytes(whole))
  })

  it('are it in bytes, with recorded TTLs, several seeds, and where the bound was not asked for', async () => {
    const ttls = keys.map((_, at) => [5, 100, 5000][at % 3]!)
    const recorded = createTrace({ keys, times: keys.map((_, at) => 10 * at), sizes: keys, ttls })
    for (const more of [
      { sizes: '30B,100B,300B' },
      { trace: recorded },
      { trace: undefined, workload: 'zipf', requests: 400, keys: 60, repeat: 3 },
      { policies: 'lru,fifo' },
    ])
      expect(bytes(mergeSweeps(await shards(3, more)))).toBe(bytes(await sweep({ ...options, ...more })))
  })

  it('come in any order, and say what they are', async () => {
    const parts = await shards(3)
    const [first] = parts
    expect(first!.result.simulated).toMatchObject({ partial: true })
    expect(first!.result.simulated.verdict).toEqual([
      'This is a part: 7 of 20 cells, which a policy at a size is, are done.',
    ])
    expect(bytes(mergeSweeps(parts.toReversed()))).toBe(bytes(mergeSweeps(parts)))
  })

  it('count what was asked for: a cache that never evicts comes only with it', async () => {
    const few = { policies: 'fifo', sizes: '1,5' }
    const said = (await shards(3, few)).map(({ result }) => result.simulated.verdict)
    expect(said).toEqual([
      ['This is a part: 1 of 2 cells, which a policy at a size is, is done.'],
      ['This is a part: 1 of 2 cells, which a policy at a size is, is done.'],
      ['This is a part: 0 of 2 cells, which a policy at a size is, are done.'],
    ])
    const [first, second] = await shards(3, few)
    const cells = [...first!.result.simulated.cells!, ...second!.result.simulated.cells!]
    const resumed = { ...first!.result, simulated: { ...first!.result.simulated, cells } }
    const stop = { aborted: true }
    expect((await sweep({ ...options, ...few, resume: resumed, stop })).simulated.verdict).toEqual([
      'This is a part: 2 of 2 cells, which a policy at a size is, are done, but not yet a cache that never evicts, which shows the ceiling.',
    ])
    const grid = await sweep({ ...options, ...few, ttls: '10s,none', shard: '1/2' })
    expect(grid.simulated.verdict[0]).toMatch(
      '2 of 4 cells, which a policy with a TTL at a size is, are done',
    )
  })

  it('may be resumed instead', async () => {
    const [first] = await shards(3)
    let replayed = 0
    const whole = await sweep({
      ...options,
      resume: first!.result,
      onProgress: ({ done }) => {
        replayed = done
      },
    })
    expect(bytes(whole)).toBe(bytes(await sweep(options)))
    // 8 of the 22 cells were there. Of the others 4 are of lru, which one pass serves: 3 sizes and the ceiling.
    expect(replayed).toBe((10 + 1) * trace.length)
  })
})

describe('parts that do not belong together', () => {
  const merge = (...parts: { name: string; result: SweepResult }[]) => {
    try {
      return bytes(mergeSweeps(parts))
    } catch (error) {
      return (error as Error).message
    }
  }

  it('are refused, with what is wrong', async () => {
    const [one, two, three] = await shards(3)
    expect(merge()).toBe('there is nothing to merge: name the parts of a sweep')
    expect(merge(one!, three!)).toBe(
      'lru at 5 entries and 6 more cells are in no part: name all parts, or finish one with --resume',
    )
    expect(merge(one!, two!, three!, two!)).toBe(
      "lru at 5 entries is both in 'part-2.json' and in 'part-2.json'",
    )
    expect(merge(one!, { name: 'whole.json', result: await sweep(options) })).toBe(
      "'whole.json' is a complete sweep, and no part of one: a part is made with --shard",
    )
  })

  it.each<[string, SweepOptions]>([
    ['another trace', { trace: createTrace({ keys, times: keys.map((_, at) => 11 * at), sizes: keys }) }],
    ['other policies', { policies: 'lru,ttl,random,fifo' }],
    ['other sizes', { sizes: '1,5,10,20,31' }],
    ['another seed', { seed: '2' }],
    ['other settings', { warmup: 51 }],
    ['another sensitivity of the knee', { sensitivity: 2 }],
    ['another least gain', { minGain: 3 }],
  ])('because they are of %s, are refused for merging and resuming', async (what, more) => {
    const [one] = await shards(3)
    const [, other] = await shards(3, more)
    expect(merge(one!, other!)).toBe(
      `'part-2.json' is of ${what} than 'part-1.json': only parts of one sweep can be merged`,
    )
    await expect(sweep({ ...options, resume: other!.result })).rejects.toThrow(
      `--resume is given a sweep of ${what}: it must be a part of this one`,
    )
  })

  it('because a cell is not the one that its number says, are refused', async () => {
    const [one, two, three] = await shards(3)
    const cells = two!.result.simulated.cells!
    ;[cells[0]!.at, cells[1]!.at] = [cells[1]!.at, cells[0]!.at]
    expect(merge(one!, two!, three!)).toBe(
      "'part-2.json' has lru at 5 entries where lru at 30 entries should be",
    )
    cells[0]!.at = 99
    expect(merge(one!, two!, three!)).toBe("'part-2.json' has a cell 99, but there are 22 only, from 0")
  })

  it('because a complete sweep is given to be resumed, are refused', async () => {
    await expect(sweep({ ...options, resume: await sweep(options) })).rejects.toThrow(
      '--resume is given a sweep that is complete: nothing of it is left to do',
    )
  })
})

describe('a shard', () => {
  it.each(['', '0/3', '4/3', '1', '1/0', '-1/3', '1.5/3', '1/2/3', 'a/b'])('%j is refused', async (shard) => {
    await expect(sweep({ ...options, shard })).rejects.toThrow(
      `--shard '${shard}' is not understood: write K/N, such as 3/16 for the third of 16 parts`,
    )
  })

  it('without a cell is refused', async () => {
    await expect(sweep({ ...options, shard: '30/30' })).rejects.toThrow(
      "--shard '30/30' has no cells: 22 parts are the most there can be",
    )
  })
})

describe('a sweep of which a cell fails', () => {
  const faulty = definePolicy({
    name: 'faulty',
    summary: 'fails at one size',
    create({ capacity }) {
      if (capacity === 20 && isBroken) throw new Error('no room')
      const queue: number[] = []
      return {
        touch() {},
        insert: (key) => void queue.push(key),
        evict: () => queue.shift()!,
        remove: (key) => void queue.splice(queue.indexOf(key), 1),
      }
    },
  })
  let isBroken = true
  const asked: SweepOptions = { ...options, policies: ['fifo', faulty, 'random'] }

  it('gives what is done to whoever hears of the failure, and can be gone on with', async () => {
    isBroken = true
    const failures: unknown[] = []
    const part = saved(await sweep({ ...asked, onFailure: (error) => failures.push(error) }))
    expect(failures.map(String)).toEqual(["InputError: policy 'faulty' failed in create: no room"])
    expect(part.simulated.partial).toBe(true)
    expect(part.simulated.runs.map(({ policy, size }) => `${policy} ${size}`)).toEqual([
      ...['fifo 1', 'fifo 5', 'fifo 10', 'fifo 20', 'fifo 30', 'faulty 1', 'faulty 5', 'faulty 10'],
    ])
    isBroken = false
    expect(bytes(await sweep({ ...asked, resume: part }))).toBe(bytes(await sweep(asked)))
  })

  it('rejects where nobody hears of it, where nothing is done, and where it was interrupted', async () => {
    isBroken = true
    await expect(sweep(asked)).rejects.toThrow('no room')
    const failures: unknown[] = []
    const onFailure = (error: unknown) => failures.push(error)
    const first = { ...asked, policies: [faulty], sizes: '20' }
    await expect(sweep({ ...first, onFailure, stop: { aborted: false } })).rejects.toThrow('no room')
    const interrupt = new AbortController()
    const onProgress = ({ label }: { label: string }) => {
      if (label === 'faulty at 1') interrupt.abort(new Error('enough'))
    }
    await expect(sweep({ ...asked, onFailure, onProgress, signal: interrupt.signal })).rejects.toThrow(
      'enough',
    )
    expect(failures).toEqual([])
  })
})

describe('a sweep that is stopped', () => {
  const stoppedAt = async (label: string, more: SweepOptions = {}) => {
    const stop = { aborted: false }
    const result = await sweep({
      ...options,
      ...more,
      stop,
      onProgress: (progress) => {
        stop.aborted ||= progress.label === label
      },
    })
    return saved(result)
  }

  it('gives what is done, and can be gone on with', async () => {
    const part = await stoppedAt('ttl at 10')
    expect(part.simulated.partial).toBe(true)
    expect(part.simulated.runs.map(({ policy, size }) => `${policy} ${size}`)).toEqual([
      ...['lru 1', 'lru 5', 'lru 10', 'lru 20', 'lru 30', 'ttl 1', 'ttl 5'],
    ])
    expect(bytes(await sweep({ ...options, resume: part }))).toBe(bytes(await sweep(options)))
    // And stopped once more on the way.
    const more = await stoppedAt('random at 20', { resume: part })
    // All cells before it, and the ceiling, which came with the sizes of lru.
    expect(more.simulated.cells).toHaveLength(14)
    expect(bytes(await sweep({ ...options, resume: more }))).toBe(bytes(await sweep(options)))
  })

  it('before anything is done, says so', async () => {
    await expect(stoppedAt('lru at all sizes')).rejects.toThrow('stopped before the first cell was done')
  })
})
