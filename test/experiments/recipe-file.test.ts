import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { InputError } from '../../src/core/errors.ts'
import { listRecipes, readRecipe } from '../../src/experiments/recipe-file.ts'
import { synthesize } from '../../src/experiments/synthesize.ts'

const folder = mkdtempSync(join(tmpdir(), 'cachesim-recipe-'))
afterAll(() => rmSync(folder, { recursive: true }))

describe('shipped recipes', () => {
  const names = listRecipes().map(({ name }) => name)

  it('are these at least', () => {
    expect(names).toEqual(
      expect.arrayContaining([
        'chat-prompts',
        'feature-store',
        'flash-crowd',
        'nightly-scan',
        'price-prediction',
        'recommendations',
        'uniform',
        'zipf',
      ]),
    )
  })

  it('are listed with the first sentence of their story', () => {
    for (const { summary } of listRecipes()) expect(summary).toMatch(/^[A-Z][^\n]*[.!?]$/)
  })

  for (const name of names) {
    it(`${name} starts with its schema and its story, and becomes a trace`, () => {
      const text = readFileSync(new URL(`../../workloads/${name}.yaml`, import.meta.url), 'utf8')
      expect(text).toMatch(/^# yaml-language-server: \$schema=\.\/recipe\.schema\.json\nstory: >\n/)
      const recipe = readRecipe(name)
      expect(recipe.name).toBe(name)
      expect(recipe.cache.size).toBeDefined()
      const trace = synthesize({ ...recipe, requests: 20_000 }, 'test')
      expect(trace.length).toBe(20_000)
      expect(trace.keyCount).toBeGreaterThan(1000)
      expect(trace.costs !== undefined).toBe(recipe.values.cost !== undefined)
    })
  }
})

describe('readRecipe', () => {
  it('reads a file by its path', () => {
    const path = join(folder, 'mine.yaml')
    writeFileSync(path, 'story: Mine.\nrequests: 5')
    expect(readRecipe(path)).toMatchObject({ name: 'mine', story: 'Mine.', requests: 5 })
  })

  it('names the file as it was given, the line and the column of a mistake', () => {
    const path = join(folder, 'bad.yaml')
    writeFileSync(path, 'story: Mine.\nrequets: 5')
    expect(() => readRecipe(path)).toThrow(`${path}:2:1: unknown setting in a recipe 'requets'`)
  })

  it.each([
    ['hotspot', { generator: 'hotspot', keys: 100_000, parameters: { hotKeys: 0.2, hotRequests: 0.8 } }],
    ['zipf(alpha=0.8)', { generator: 'zipf', keys: 100_000, parameters: { alpha: 0.8 } }],
    ['loop( workingSet = 0.5 )', { generator: 'loop', keys: 100_000, parameters: { workingSet: 0.5 } }],
  ])('takes %s as a recipe of that generator', (text, keys) => {
    expect(readRecipe(text)).toMatchObject({ name: text, requests: 1_000_000, keys })
  })

  it.each([
    ['zipff', /unknown workload 'zipff'; did you mean 'zipf'\?.*nightly-scan.*hotspot/],
    ['mixture', /unknown workload 'mixture'/],
    ['zipf(alpha=-1)', /'alpha' of generator 'zipf' is '-1': it must be a number of 0 or more/],
    ['zipf(beta=1)', /unknown setting of generator 'zipf' 'beta'/],
    ['zipf(alpha', /not understood/],
    ['uniform(alpha=1)', /setting of generator 'uniform' 'alpha'/],
    ['', /not understood/],
    ['gone.yaml', /the recipe 'gone.yaml' cannot be read: there is no such file/],
    ['./gone', /the recipe '.\/gone' cannot be read: there is no such file/],
  ])('refuses %j in one sentence', (text, message) => {
    expect(() => readRecipe(text)).toThrow(InputError)
    expect(() => readRecipe(text)).toThrow(message)
  })

  it('refuses a folder', () => {
    expect(() => readRecipe(folder)).toThrow(/cannot be read: it is a folder/)
    expect(() => readRecipe(folder)).toThrow(InputError)
  })
})
