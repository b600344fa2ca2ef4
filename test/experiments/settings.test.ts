import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { InputError } from '../../src/core/errors.ts'
import { createTrace } from '../../src/core/trace.ts'
import { compare } from '../../src/experiments/compare.ts'
import { resolveSettings, type SettingsOptions } from '../../src/experiments/settings.ts'

const keys = Array.from({ length: 200 }, (_, at) => at)
const plain = createTrace({ keys, name: 'plain.txt' })
const timed = createTrace({ keys, times: keys })
const costly = createTrace({ keys, costs: keys })

describe('settings', () => {
  it('come from the flag, else from the recipe, else are assumed, and that is told', () => {
    const flags = { hitLatency: '3ms', ttl: '5s', warmup: '10%' }
    const recipe = {
      hitLatency: '9ms',
      missLatency: '80ms',
      ttl: '1h',
      ttlMode: 'idle' as const,
      warmup: '1',
    }
    expect(resolveSettings(flags, recipe, timed).description).toEqual({
      ttl: 'constant',
      ttlSeconds: 5,
      ttlMode: 'idle',
      warmupRequests: 20,
      repeats: 1,
      hitLatency: '3ms',
      missLatency: '80ms',
      storeLatency: '0ms',
      missCost: '0.002',
      assumed: ['storeLatency', 'missCost'],
    })
    expect(resolveSettings({}, recipe, timed).description).toMatchObject({
      ttlSeconds: 3600,
      hitLatency: '9ms',
      warmupRequests: 1,
    })
    expect(resolveSettings({ ttl: 'none' }, recipe, timed).ttlSeconds).toBeUndefined()
  })

  it('assume what is usual where nobody says anything', () => {
    const { description } = resolveSettings({}, {}, plain)
    expect(description).toMatchObject({
      ttl: 'none',
      ttlSeconds: null,
      ttlMode: 'write',
      warmupRequests: 0,
      missLatency: 'lognormal:p50=120ms,p99=900ms',
      assumed: ['hitLatency', 'missLatency', 'storeLatency', 'missCost'],
    })
  })

  it('take the recorded costs for the model’s latency where there are any', () => {
    expect(resolveSettings({}, {}, costly).description.missLatency).toBe('recorded')
    expect(resolveSettings({ missLatency: '5ms' }, {}, costly).description.missLatency).toBe('5ms')
  })

  it.each([
    ['0', 0],
    ['50', 50],
    ['199', 199],
    ['12.3%', 24],
    ['99.9 %', 199],
    ['0%', 0],
  ])('warm up over %s of 200 requests', (warmup, requests) => {
    expect(resolveSettings({ warmup }, {}, plain).warmupRequests).toBe(requests)
  })

  it.each<[SettingsOptions, string]>([
    [{ ttl: '0s' }, "--ttl '0s' lets nothing live"],
    [{ ttl: '-1s' }, "--ttl '-1s' is negative"],
    [{ ttl: '10' }, "--ttl '10' has no unit"],
    [{ warmup: '200' }, "--warmup '200' takes all 200 requests"],
    [{ warmup: '100%' }, 'takes all 200 requests'],
    [{ warmup: '-5' }, "--warmup '-5' is not a whole number"],
    [{ warmup: 'half' }, "--warmup 'half' is not a whole number"],
    [{ hitLatency: 'recorded' }, "--hit-latency cannot be 'recorded'"],
    [{ storeLatency: 'recorded' }, "--store-latency cannot be 'recorded'"],
    [{ missLatency: 'recorded' }, '--miss-latency recorded needs costs'],
    [{ missLatency: '-5ms' }, "--miss-latency '-5ms' is negative"],
    [{ missLatency: 'lognormal:p50=9ms,p99=1ms' }, 'must be above'],
    [{ missCost: '-1' }, "--miss-cost '-1' is negative"],
    [{ missCost: 'free' }, "--miss-cost 'free' is not understood"],
    [{ repeat: 0 }, "--repeat '0' must be a whole number from 1 to 10,000"],
    [{ repeat: '2.5' }, "--repeat '2.5'"],
    [{ repeat: 'x' }, "--repeat 'x'"],
  ])('refuse %j', (given, message) => {
    const trace = createTrace({ keys, times: keys })
    expect(() => resolveSettings(given, {}, trace)).toThrow(InputError)
    expect(() => resolveSettings(given, {}, trace)).toThrow(message)
  })

  it('take the trace’s own TTLs where there are any, unless another is given', () => {
    const own = createTrace({ keys, times: keys, ttls: keys.map((key) => key + 1) })
    const described = (ttl?: string) => resolveSettings({ ttl }, {}, own).description
    expect(described()).toMatchObject({ ttl: 'recorded', ttlSeconds: null })
    expect(described().assumed).toContain('ttl')
    expect(described('recorded')).toMatchObject({ ttl: 'recorded', ttlSeconds: null })
    expect(described('recorded').assumed).not.toContain('ttl')
    expect(described('10m')).toMatchObject({ ttl: 'constant', ttlSeconds: 600 })
    expect(described('none')).toMatchObject({ ttl: 'none', ttlSeconds: null })
  })

  it('have recorded TTLs only where the trace has both them and times', () => {
    expect(() => resolveSettings({ ttl: 'recorded' }, {}, timed)).toThrow(InputError)
    expect(() => resolveSettings({ ttl: 'recorded' }, {}, timed)).toThrow(
      '--ttl recorded needs TTLs, which trace does not have: give one for all, such as 10m, or leave out --ttl',
    )
    const timeless = createTrace({ keys, ttls: keys.map(() => 5), name: 'plain.txt' })
    expect(() => resolveSettings({ ttl: 'recorded' }, {}, timeless)).toThrow(
      '--ttl recorded needs times, which plain.txt does not have',
    )
    expect(resolveSettings({}, {}, timeless).description.ttl).toBe('none')
  })

  it('have a TTL only where there are times', () => {
    expect(() => resolveSettings({ ttl: '5s' }, {}, plain)).toThrow(
      "--ttl needs times, which plain.txt does not have: give createTrace() 'times', or leave out --ttl",
    )
  })
})

describe('a recipe', () => {
  const folder = mkdtempSync(join(tmpdir(), 'cachesim-settings-'))
  afterAll(() => rmSync(folder, { recursive: true }))
  const workload = join(folder, 'shop.yaml')
  writeFileSync(
    workload,
    `story: A shop.
requests: 500
keys: { generator: uniform, count: 40 }
service: { hitLatency: 4ms, missLatency: 70ms, missCost: 0.01 }
cache: { size: 25%, ttl: 30s, ttlMode: idle, warmup: 10% }
seed: 9
`,
  )

  it('says what no flag says, and nothing of that is assumed', async () => {
    const { settings, runs, workload: described } = (await compare({ workload, policies: 'lru' })).simulated
    expect(settings).toMatchObject({
      hitLatency: '4ms',
      missLatency: '70ms',
      missCost: '0.01',
      ttlSeconds: 30,
      ttlMode: 'idle',
      warmupRequests: 50,
      assumed: ['storeLatency'],
    })
    expect(runs[0]).toMatchObject({ size: 10, ttlSeconds: 30 })
    expect(described).toMatchObject({ name: 'shop', seed: '9', requests: 500, keys: 40 })
  })

  it('gives way to flags', async () => {
    const flags = { hitLatency: '1ms', size: 7, ttl: 'none', seed: 3, requests: '300', keys: 20, warmup: '0' }
    const {
      settings,
      runs,
      workload: described,
    } = (await compare({ workload, policies: 'lru', ...flags })).simulated
    expect(settings).toMatchObject({
      hitLatency: '1ms',
      missLatency: '70ms',
      ttlSeconds: null,
      warmupRequests: 0,
    })
    expect(runs[0]).toMatchObject({ size: 7, requests: 300 })
    expect(described).toMatchObject({ seed: '3', requests: 300, keys: 20 })
  })

  it('without a size leaves it to be assumed', async () => {
    const { settings, runs } = (
      await compare({ workload: 'uniform()', keys: 50, requests: 1000, policies: 'lru' })
    ).simulated
    expect(settings.assumed).toEqual(['hitLatency', 'missLatency', 'storeLatency', 'missCost', 'size'])
    expect(runs[0]!.size).toBe(5)
  })
})
