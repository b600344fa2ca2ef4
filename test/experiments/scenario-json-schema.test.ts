import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Ajv } from 'ajv'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { checkScenario, scenarioJsonSchema } from '../../src/experiments/scenario.ts'
import { root } from '../support/cli.ts'

/** As editors read it: the file, and a validator that is not ours. */
const schema = JSON.parse(readFileSync(join(root, 'workloads/scenario.schema.json'), 'utf8')) as object
const isValid = new Ajv({ allErrors: true, allowUnionTypes: true }).compile(schema)
const folder = join(root, 'workloads/services')

const accepted = (text: string) => {
  const plain: unknown = parse(text)
  return { schema: isValid(plain), program: checkScenario(plain).problems.length === 0 }
}

describe('the JSON Schema of scenarios', () => {
  it('is the one in workloads/scenario.schema.json', async () => {
    const text = `${JSON.stringify(scenarioJsonSchema(), null, 2)}\n`
    await expect(text).toMatchFileSnapshot('../../workloads/scenario.schema.json')
  })

  it.each(readdirSync(folder))('allows %s, which is shipped', (name) => {
    const valid = isValid(parse(readFileSync(join(folder, name), 'utf8')))
    expect(isValid.errors).toBe(null)
    expect(valid).toBe(true)
  })

  it.each([
    'workload: zipf',
    'workload: hotspot(hot=0.1)',
    'workload: { trace: a.csv, key: 1, time: 2, cost: 3 }',
    'workload: { trace: [a.csv, b.csv], key: [1, model], where: [status=200] }',
    'workload: zipf\ntiers: []',
    ...['none', 'single-flight', 'lock', 'xfetch', 'stale-while-revalidate', 'stale-if-error'].map(
      (word) => `workload: zipf\ntiers: [{ ttl: 1m }]\nonMiss: ${word}`,
    ),
    'workload: zipf\nonMiss: { protection: lock, lease: none }',
    'workload: zipf\nmodel: { workers: unlimited }',
    'workload: zipf\nmodel: { workers: none }',
    'workload: zipf\nmodel: { queue: { limit: none, timeout: none } }',
    'workload: zipf\nmodel: { queue: { limit: unlimited } }',
    'workload: zipf\nmodel: { latency: { perToken: 20ms } }',
    'workload: zipf\nmodel: { latency: { fixed: 1s, perToken: 20ms, tokens: "lognormal:p50=200,p99=900" } }',
    'workload: zipf\nmodel: { latency: recorded, price: 0.36/h }',
    'workload: zipf\ntiers: [{ ttl: recorded }, { ttl: none, capacity: 5% }, { capacity: 64MiB }]',
    'workload: zipf\nevents: [{ at: 1m, kind: model-update }, { at: 0s, kind: surge }, { at: 1h, kind: scale, instances: 2 }]',
  ])('allows what the program allows: %j', (text) => {
    expect(accepted(text)).toEqual({ schema: true, program: true })
  })

  it.each([
    'tiers: []',
    'workload: 3',
    'workload: zipf\ntiesr: []',
    'workload: { recipe: zipf, rat: 3/s }',
    'workload: zipf\nonMiss: single-flght',
    'workload: zipf\nonMiss: { protection: sf }',
    'workload: zipf\nmodel: { latency: { fixd: 1s, perToken: 1ms } }',
    'workload: zipf\nmodel: { latency: { fixed: 1s } }',
    'workload: zipf\nevents: [{ at: 1m, kind: outage }]',
    'workload: zipf\nrouting: by-keys',
  ])('refuses what the program refuses: %j', (text) => {
    expect(accepted(text)).toEqual({ schema: false, program: false })
  })
})
