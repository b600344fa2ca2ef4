import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { InputError } from '../../src/core/errors.ts'
import { simulate } from '../../src/experiments/simulate.ts'
import { folderWith } from '../support/cli.ts'
import { sharedFolder, sharedNote, sharedPath } from '../support/shared.ts'

/** Simulates a log; the results must not contradict themselves. */
async function play(log: string, settings: string) {
  const folder = folderWith({ 'log.csv': log, 'mine.yaml': `workload: { trace: log.csv }\n${settings}` })
  const { simulated } = await simulate({ scenario: join(folder, 'mine.yaml') })
  expect(simulated.warnings.filter((warning) => warning.includes('contradict'))).toEqual([])
  return simulated
}

/** 3,000 requests over 150 s with sizes and costs, a seventh of them writes, an eleventh deletes. */
const LOG = `time,key,op,size,cost\n${Array.from({ length: 3000 }, (_, at) => {
  const key = (at * at + 7 * at) % 197
  const op = at % 7 === 3 ? 'write' : at % 11 === 5 ? 'delete' : 'read'
  return `${at / 20},${key},${op},${(key * 97) % 5000},${(at * 31) % 3000}`
}).join('\n')}\n`

describe('a log', () => {
  it.each([
    [
      'everything that protects, and everything that happens',
      `
tiers: [{scope: instance, capacity: 10KiB, ttl: 10s, timeout: 5ms},{capacity: 100KiB, policy: gdsf, ttl: 1m, timeout: 50ms}]
instances: 3
onMiss: {protection: lock, lease: 500ms, earlyRefresh: 1, staleWhileRevalidate: 5s, staleIfError: 1m, negative: 1s}
model: {errorRate: 10%, workers: 30}
events: [{at: 10s, kind: restart-instance},{at: 20s, kind: model-update},{at: 30s, kind: restart-tier, tier: 1},
  {at: 40s, kind: model-outage, for: 10s},{at: 60s, kind: scale, instances: 5},{at: 80s, kind: scale, instances: 1},
  {at: 100s, kind: surge, factor: 5, for: 3s}]
invalidation: {delay: 1s, loss: 30%}`,
    ],
    [
      'exclusive tiers, batches, versions and warm-ups',
      `
tiers: [{scope: instance, capacity: 10KiB, ttl: 10s, ttlMode: idle},{capacity: 100KiB, exclusive: true, ttl: 10s}]
instances: 3
warmUp: {keys: 20, every: 10s, of: last-window, concurrency: 3}
model: {batching: {maxSize: 8, maxWait: 10ms, fixed: 100ms, perItem: 20ms}, queue: {limit: 20, timeout: 1s}, workers: 2}
invalidation: {mode: versioned, delivery: pull, every: 7s}
events: [{at: 20s, kind: model-update, share: 30%},{at: 30s, kind: model-update, share: 30%}]`,
    ],
  ])('with %s adds up', async (_, settings) => {
    const { variants } = await play(LOG, settings)
    const { requests, answers, failures } = variants[0]!.with
    expect(requests).toBe(LOG.split('read').length - 1)
    expect(answers + failures).toBe(requests)
  })

  it.each([
    ['of one request', 'time,key\n5,a\n', { requests: 1, answers: 1 }],
    ['of writes and deletes only', 'time,key,op\n1,a,write\n2,b,write\n3,a,delete\n', { latency: null }],
    ['whose requests all come at once', 'time,key\n7,a\n7,b\n7,a\n7,a\n', { requests: 4, answers: 4 }],
    ['of values of no bytes', 'time,key,size\n0,a,0\n9,b,0\n18,a,0\n', { answers: 3 }],
    ['over a hundred years', `time,key\n${3e9},a\n${4e9},b\n${6e9},a\n`, { answers: 3 }],
  ])('%s is simulated', async (_, log, expected) => {
    const { variants } = await play(log, 'model: { latency: 300ms, workers: 2 }')
    expect(variants[0]!.with).toMatchObject(expected)
  })

  it('is answered by what the cache has while the model is down, and by nothing without', async () => {
    // One key every second, computed at 0, 10, 20; of the requests of 25 … 44 those up to 29 find it.
    const log = `time,key\n${Array.from({ length: 60 }, (_, at) => `${at},a`).join('\n')}\n`
    const { variants } = await play(
      log,
      `tiers: [{ ttl: 10s, lookup: 0ms }]
model: { latency: 0s, workers: unlimited }
events: [{ at: 40s, kind: model-outage, for: 5s }, { at: 25s, kind: model-outage, for: 18s }]`,
    )
    const [{ with: run, without }] = variants as [(typeof variants)[0]]
    expect([run.availabilityInOutages, run.availability]).toEqual([5 / 20, 45 / 60])
    expect([without!.availabilityInOutages, without!.availability]).toEqual([0, 40 / 60])
    expect((await play(log, '')).variants[0]!.with.availabilityInOutages).toBeNull()
  })

  it('whose times are said to be of another unit is refused', async () => {
    const folder = folderWith({
      'log.csv': 'time,key\n1e12,a\n2e12,b\n',
      'mine.yaml': 'workload: { trace: log.csv, timeUnit: s }',
    })
    await expect(simulate({ scenario: join(folder, 'mine.yaml') })).rejects.toThrow(
      new InputError(
        `${join(folder, 'mine.yaml')}:1:39: the requests of log.csv come over 3.17e+4 years, and 1,000 are the most: is the unit of their times right ('timeUnit')?`,
      ),
    )
  })

  it.runIf(sharedFolder)(`may lie anywhere${sharedNote}`, async () => {
    const trace = sharedPath('traces/cloudPhysicsIO.csv.gz')
    const text = `workload: { trace: ${JSON.stringify(trace)}, limit: 20000 }\ntiers: [{ capacity: 5% }]\ncompareWithout: false`
    const { simulated } = await simulate({ scenario: join(folderWith({ 'mine.yaml': text }), 'mine.yaml') })
    expect(simulated.workload.requests).toBe(20_000)
    expect(simulated.warnings.filter((warning) => warning.includes('contradict'))).toEqual([])
  })
})
