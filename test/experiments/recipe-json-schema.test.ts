import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Ajv } from 'ajv'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { parseRecipe, recipeJsonSchema } from '../../src/experiments/recipe.ts'
import { arrivals } from '../../src/generators/arrivals/index.ts'
import { generators } from '../../src/generators/index.ts'
import { root } from '../support/cli.ts'

/** As editors read it: the file, and a validator that is not ours. */
const schema = JSON.parse(readFileSync(join(root, 'workloads/recipe.schema.json'), 'utf8')) as object
const isValid = new Ajv({ allErrors: true, allowUnionTypes: true }).compile(schema)
const folder = join(root, 'workloads')

function accepted(text: string) {
  const isRecipe = () => {
    try {
      parseRecipe(text, 'mine.yaml')
      return true
    } catch {
      return false
    }
  }
  return { schema: isValid(parse(text)), program: isRecipe() }
}

describe('the JSON Schema of recipes', () => {
  it('is the one in workloads/recipe.schema.json', async () => {
    const text = `${JSON.stringify(recipeJsonSchema(), null, 2)}\n`
    await expect(text).toMatchFileSnapshot('../../workloads/recipe.schema.json')
  })

  it.each(readdirSync(folder).filter((name) => name.endsWith('.yaml')))(
    'allows %s, which is shipped',
    (name) => {
      const valid = isValid(parse(readFileSync(join(folder, name), 'utf8')))
      expect(isValid.errors).toBe(null)
      expect(valid).toBe(true)
    },
  )

  it.each([
    'story: x',
    'story: x\nrequests: 1000\nseed: 7',
    'story: x\nrequests: 10M\nseed: seven',
    ...generators.names.map((name) => `story: x\nkeys: { generator: ${name}, count: 10k }`),
    ...arrivals.names.map((name) => `story: x\narrivals: { process: ${name}, rate: 600/min }`),
    'story: x\nkeys: { alpha: 0.8 }',
    'story: x\nkeys: { generator: mixture, components: [{ generator: zipf, alpha: 0.8, weight: 3 }, { generator: scan, catalogue: own }] }',
    'story: x\nkeys: { generator: mixture, components: [{ generator: mixture, components: [{ generator: zipf }] }] }',
    'story: x\narrivals: { process: diurnal, amplitude: 0.5, period: 3_600 }',
    'story: x\nvalues: { size: "lognormal:p50=4KiB,p99=64KiB", cost: 120ms }',
    'story: x\nvalues: { cost: 1s }\nservice: { hitLatency: 2ms, missLatency: recorded, storeLatency: 1ms, missCost: 0.36/h }',
    'story: x\nservice: { missCost: 0.002 }',
    'story: x\ncache: { size: 5%, ttl: none, ttlMode: idle, warmup: 10%, policies: [lru, "lru-k(k=3)", ./mine.js] }',
    'story: x\ncache: { size: 1000, ttl: 10m, warmup: 10_000 }',
  ])('allows what the program allows: %j', (text) => {
    expect(accepted(text)).toEqual({ schema: true, program: true })
  })

  it.each([
    'requests: 1000',
    'story: ""',
    'story: "  "',
    'story: 3',
    'story: x\nrequets: 1000',
    'story: x\nkeys: { generator: zpf }',
    'story: x\nkeys: { generator: scan, alpha: 0.8 }',
    'story: x\nkeys: { alpha: x }',
    'story: x\nkeys: { alpha: -1 }',
    'story: x\nkeys: { generator: mixture }',
    'story: x\nkeys: { generator: mixture, components: [] }',
    'story: x\nkeys: { generator: mixture, components: [{ weight: 0 }] }',
    'story: x\nkeys: { weight: 1 }',
    'story: x\narrivals: { process: diurnl }',
    'story: x\narrivals: { process: poisson, amplitude: 0.5 }',
    'story: x\nvalues: { sizes: 4KiB }',
    'story: x\nservice: 3',
    'story: x\ncache: { ttlMode: sliding }',
    'story: x\ncache: { policies: [] }',
    'story: x\ncache: { policies: lru }',
    'story: x\nseed: [1]',
  ])('refuses what the program refuses: %j', (text) => {
    expect(accepted(text)).toEqual({ schema: false, program: false })
  })
})
