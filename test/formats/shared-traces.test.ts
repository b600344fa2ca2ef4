import { describe, expect, it } from 'vitest'
import { readTrace } from '../../src/formats/index.ts'
import { sharedFolder, sharedNote, sharedPath } from '../support/shared.ts'

const path = (name: string) => sharedPath(`traces/${name}`)

describe(`recorded traces${sharedNote}`, () => {
  const recorded = it.runIf(sharedFolder !== undefined)

  recorded.each([
    ['cache2k-web07.txt.gz', 76_118, 20_484],
    ['cache2k-web12.txt.gz', 95_607, 13_756],
    ['lirs-loop.trace.gz', 505_500, 1_011],
  ])('%s has %d requests for %d keys', async (name, requests, keys) => {
    const trace = await readTrace(path(name))
    expect([trace.length, trace.keyCount]).toEqual([requests, keys])
    expect(trace.source).toMatchObject({ format: 'lines', compression: 'gzip' })
  })

  recorded('cloudPhysicsIO is two hours of 113,872 requests for 48,974 blocks', async () => {
    const trace = await readTrace(path('cloudPhysicsIO.csv.gz'), { key: ['lbn'] })
    expect([trace.length, trace.keyCount, trace.times!.at(-1)]).toEqual([113_872, 48_974, 7200])
    expect(trace.ops).toBeUndefined()
  })

  recorded('delayed-hits has steps and keys between semicolons, without a header', async () => {
    const trace = await readTrace(path('delayed-hits-trace.csv'), { key: ['2'], time: '1' })
    expect([trace.length, trace.keyCount]).toEqual([5000, 1606])
    await expect(readTrace(path('delayed-hits-trace.csv'))).rejects.toThrow(/--key 2 --time 1/)
  })

  recorded('the image-generation service has its seconds and local times', async () => {
    const trace = await readTrace(path('genai-lora_request_trace.csv.gz'), {
      key: ['predict_type', 'groupId', 'checkpoint_model_version_id'],
      time: 'gmt_create',
      cost: 'exec_time_seconds',
      costUnit: 's',
      where: ['predict_status=SUCCEED'],
    })
    const { source, length } = trace
    expect(source!.rows).toBe(26_823)
    expect(length + source!.filteredRows).toBe(26_823)
    expect(trace.keyNames!.nameOf(0)).toBe('TXT_2_IMG|G0000|M0000')
    expect(Math.floor(trace.times!.at(-1)! / 86_400)).toBe(23)
    expect(trace.costs!.toSorted()[Math.floor(length / 2)]).toBe(23_000)
  })

  recorded('mooncake asks for a key, and takes its list of blocks as one', async () => {
    await expect(readTrace(path('mooncake-synthetic.jsonl.gz'))).rejects.toThrow(/--key.*hash_ids/)
    const trace = await readTrace(path('mooncake-synthetic.jsonl.gz'), { key: ['hash_ids'], timeUnit: 'ms' })
    expect(trace.length).toBe(3993)
  })

  recorded.each([
    ['cloudPhysicsIO.oracleGeneral.bin', 'oracle-general', 7200],
    ['cloudPhysicsIO.vscsi.gz', 'vscsi', 7200.4],
  ])('%s is the same trace as %s', async (name, format, seconds) => {
    const trace = await readTrace(path(name))
    const csv = await readTrace(path('cloudPhysicsIO.csv.gz'), { key: ['lbn'] })
    expect(trace.source!.format).toBe(format)
    expect(trace.keys).toEqual(csv.keys)
    expect(trace.keyNames!.nameOf(48_973)).toBe(csv.keyNames!.nameOf(48_973))
    expect(Math.abs(trace.times!.at(-1)! - seconds)).toBeLessThan(1)
    if (format === 'vscsi') expect(trace.sizes).toEqual(csv.sizes)
  })

  recorded('vscsi tells reads and writes apart, if asked', async () => {
    const { ops } = await readTrace(path('cloudPhysicsIO.vscsi.gz'), { op: 'cmd' })
    expect(ops!.filter((op) => op === 1).length).toBe(66_898)
    expect(ops!.filter((op) => op === 0).length).toBe(46_974)
  })

  recorded.each([
    ['arc-oltp.lis.gz', 'arc', 914_145, 186_880],
    ['lirs-2_pools.trace.gz', 'lirs', 100_000, 9939],
    ['lirs-gli.trace.gz', 'lines', 6015, 2529],
  ])('%s is in the format %s', async (name, format, requests, keys) => {
    const trace = await readTrace(path(name))
    expect([trace.source!.format, trace.length, trace.keyCount]).toEqual([format, requests, keys])
  })

  recorded('adaptsize is a table between blanks, whose ids come with several sizes', async () => {
    const by = async (...key: string[]) => readTrace(path('adaptsize.trace.gz'), { key, valueSize: '3' })
    const trace = await by('2')
    expect([trace.length, trace.keyCount]).toEqual([66_987, 36_815])
    expect((await by('2', '3')).keyCount).toBe(40_240)
  })
})
