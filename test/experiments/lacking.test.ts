import { describe, expect, it } from 'vitest'
import { createTrace } from '../../src/core/trace.ts'
import { type CompareOptions, compare } from '../../src/experiments/compare.ts'
import { sweep } from '../../src/experiments/sweep.ts'
import { folderWith } from '../support/cli.ts'

/* What a policy or a setting needs and the requests lack: each message says how these requests can be given it. */

const file = { trace: `${folderWith({ 'keys.csv': 'key\na\nb\na\n' })}/keys.csv` }
const memory = { trace: createTrace({ keys: ['a', 'b', 'a'], name: 'mine' }) }
const drawn = { requests: 100, keys: 10 }

const SIZES = {
  file: 'name their column with --value-size, or give all the same, such as --value-size =1024',
  memory: "give createTrace() 'sizes'",
  drawn: 'take a recipe that has them, such as one with values: { size: 4KiB }',
}
const COSTS = {
  file: 'name their column with --cost, or give all the same, such as --cost =120',
  memory: "give createTrace() 'costs'",
  drawn: 'take a recipe that has them, such as one with values: { cost: 120ms }',
}
const TIMES = { file: 'name their column with --time', memory: "give createTrace() 'times'" }

const bytes = (how: string) =>
  `a size in bytes (1 MiB) needs value sizes, which this workload does not have: ${how}, or give the size in entries`
const filter = (name: string, how: string) =>
  `policy 'lru+max-size(1KiB)' needs sizes, which ${name} does not have: ${how}`
const policy = (name: string, how: string) =>
  `policy 'gdsf-cost' needs costs, which ${name} does not have: ${how}`
const latency = (name: string, how: string) =>
  `--miss-latency recorded needs costs, which ${name} does not have: ${how}, or give a latency such as 120ms`

describe('what is lacking and how to give it', () => {
  it.each<[string, CompareOptions, string]>([
    ['a size in bytes, of a file', { ...file, size: '1MiB' }, bytes(SIZES.file)],
    ['a size in bytes, of a trace in memory', { ...memory, size: '1MiB' }, bytes(SIZES.memory)],
    ['a size in bytes, of a generated workload', { ...drawn, size: '1MiB' }, bytes(SIZES.drawn)],
    ['sizes, of a file', { ...file, policies: 'lru+max-size(1KiB)' }, filter('keys.csv', SIZES.file)],
    [
      'sizes, of a trace in memory',
      { ...memory, policies: 'lru+max-size(1KiB)' },
      filter('mine', SIZES.memory),
    ],
    [
      'sizes, of a generated workload',
      { ...drawn, policies: 'lru+max-size(1KiB)' },
      filter('zipf', SIZES.drawn),
    ],
    ['costs, of a file', { ...file, policies: 'gdsf-cost' }, policy('keys.csv', COSTS.file)],
    ['costs, of a trace in memory', { ...memory, policies: 'gdsf-cost' }, policy('mine', COSTS.memory)],
    ['costs, of a generated workload', { ...drawn, policies: 'gdsf-cost' }, policy('zipf', COSTS.drawn)],
    ['model times, of a file', { ...file, missLatency: 'recorded' }, latency('keys.csv', COSTS.file)],
    [
      'model times, of a trace in memory',
      { ...memory, missLatency: 'recorded' },
      latency('mine', COSTS.memory),
    ],
    [
      'model times, of a generated workload',
      { ...drawn, missLatency: 'recorded' },
      latency('zipf', COSTS.drawn),
    ],
    [
      'times, of a file',
      { ...file, policies: 'ttl' },
      `policy 'ttl' needs times, which keys.csv does not have: ${TIMES.file}, or take another policy`,
    ],
    [
      'times, of a trace in memory',
      { ...memory, ttl: '5s' },
      `--ttl needs times, which mine does not have: ${TIMES.memory}, or leave out --ttl`,
    ],
  ])('%s', async (_, options, message) => {
    await expect(compare({ size: 2, ...options })).rejects.toThrow(message)
  })

  it('costs, of a file, in a sweep on several threads', async () => {
    await expect(sweep({ ...file, policies: 'gdsf-cost,lru', sizes: '1,2', threads: 2 })).rejects.toThrow(
      policy('keys.csv', COSTS.file),
    )
  })

  it('a sweep in bytes, of a generated workload', async () => {
    await expect(sweep({ ...drawn, sizes: '1KiB..1MiB:5' })).rejects.toThrow(SIZES.drawn)
  })

  it('what is followed helps', async () => {
    const given = { ...file, size: '2KiB', valueSize: '=1024', cost: '=120', missLatency: 'recorded' }
    const { runs, warnings } = (await compare({ ...given, policies: 'gdsf-cost,lru+max-size(1KiB)' }))
      .simulated
    expect(runs.map(({ hits }) => hits)).toEqual([1, 1])
    expect(warnings.filter((text) => text.includes('lack'))).toEqual([])
    const recipe = 'story: mine\nrequests: 100\nvalues: { size: 4KiB, cost: 120ms }\n'
    const workload = `${folderWith({ 'mine.yaml': recipe })}/mine.yaml`
    const drawnSo = await compare({ workload, size: '1MiB', missLatency: 'recorded', policies: 'gdsf-cost' })
    expect(drawnSo.simulated.runs[0]!.sizeUnit).toBe('bytes')
  })

  it('of what nobody asked for by name, in a warning for each', async () => {
    const warned = async (options: CompareOptions) =>
      (await compare({ ...options, size: 2, policies: 'all' })).simulated.warnings.filter((text) =>
        text.includes('left out'),
      )
    expect(await warned(file)).toEqual([
      `the trace has no times, so ttl is left out: ${TIMES.file}`,
      `the trace has no costs, so gdsf-cost is left out: ${COSTS.file}`,
      `the trace has no costs, so greedy-dual is left out: ${COSTS.file}`,
      `the trace has no costs, so gd-wheel is left out: ${COSTS.file}`,
      `the trace has no times, so redis-volatile-ttl is left out: ${TIMES.file}`,
    ])
    expect((await warned(drawn))[0]).toBe(
      `the workload has no costs, so gdsf-cost is left out: ${COSTS.drawn}`,
    )
    expect((await warned(memory))[0]).toBe(`the trace has no times, so ttl is left out: ${TIMES.memory}`)
  })
})
