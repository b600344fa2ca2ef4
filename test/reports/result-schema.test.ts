import { describe, expect, it } from 'vitest'
import { InputError } from '../../src/core/errors.ts'
import type { Result } from '../../src/core/result.ts'
import json from '../../src/reports/json.ts'
import { parseResult, resultJsonSchema } from '../../src/reports/result-schema.ts'
import {
  sampleAnswers,
  sampleBench,
  sampleCompare,
  sampleInspect,
  sampleSweep,
} from '../support/sample-results.ts'

const save = (result: Result) => json.render(result, { color: false, width: 80 })

describe('the JSON Schema of results', () => {
  it('is the one that is shipped', async () => {
    await expect(`${JSON.stringify(resultJsonSchema(), null, 2)}\n`).toMatchFileSnapshot(
      '../../results/result.schema.json',
    )
  })

  it('describes each command, and names the fields that must be there', () => {
    const { oneOf } = resultJsonSchema() as {
      oneOf: { properties: { command: { const: string } }; required: string[] }[]
    }
    expect(oneOf.map((one) => one.properties.command.const)).toEqual([
      'compare',
      'sweep',
      'inspect',
      'bench',
      'simulate',
    ])
    for (const one of oneOf) expect(one.required).toEqual(['schema', 'command', 'simulated'])
  })
})

describe('reading a saved result', () => {
  it.each([sampleCompare(), sampleSweep(), sampleAnswers(), sampleInspect(), sampleBench()])(
    'gives back what was saved: $command',
    (result) => {
      const text = save(result)
      expect(parseResult(text, 'saved.json')).toEqual(result)
      expect(save(parseResult(text, 'saved.json'))).toBe(text)
    },
  )

  it('keeps the order of fields, and fields of a later version', () => {
    const { schema, command, simulated } = sampleCompare()
    const text = JSON.stringify({ note: 'new', simulated, command, schema }, null, 2)
    expect(save(parseResult(text, 'saved.json'))).toBe(`${text}\n`)
  })

  it('takes a byte order mark', () => {
    expect(parseResult(`\ufeff${save(sampleInspect())}`, 'saved.json').command).toBe('inspect')
  })

  const edit = (change: (result: ReturnType<typeof sampleCompare>) => void) => {
    const result = structuredClone(sampleCompare())
    change(result)
    return JSON.stringify(result)
  }
  it.each([
    ['nothing', ' \n', /'r\.json' is empty/],
    ['a file cut short', save(sampleCompare()).slice(0, 500), /'r\.json' .* not JSON: \S+/],
    ['CSV', 'policy,size\nlru,10\n', /not JSON/],
    ['other JSON', '[1, 2]', /not a result saved by cachesim: .*"schema": "cachesim\/result\/1"/],
    ['null', 'null', /not a result saved by cachesim/],
    ['JSON of another tool', '{"schema": "other/3"}', /not a result saved by cachesim/],
    [
      'another version',
      '{"schema": "cachesim/result/9"}',
      /has schema 'cachesim\/result\/9'.*reads 'cachesim\/result\/1' only/,
    ],
    ['an unknown command', edit((r) => Object.assign(r, { command: 'guess' })), /at command: /],
    ['a missing half', '{"schema":"cachesim/result/1","command":"compare"}', /at simulated: expected object/],
    [
      'a hit rate above 1',
      edit((r) => (r.simulated.runs[3]!.hitRate = 1.5)),
      /at simulated\.runs\[3\]\.hitRate: .*<=1/,
    ],
    [
      'a text for a number',
      edit((r) => Object.assign(r.simulated.runs[0]!, { hits: 'many' })),
      /at simulated\.runs\[0\]\.hits: expected number, received string/,
    ],
    [
      'no runs at all',
      edit((r) => Object.assign(r.simulated, { runs: [] })),
      /at simulated\.runs: it must hold one run or more/,
    ],
    [
      'a hit too many',
      edit((r) => (r.simulated.runs[0]!.hits += 1)),
      /contradict themselves: \S+ at [\d,]+ entries has [\d,]+ hits and [\d,]+ misses in [\d,]+ requests \(and 2 more\)$/,
    ],
    [
      'a better hit rate',
      edit((r) => (r.simulated.runs[0]!.hitRate += 0.01)),
      /contradict themselves: .* has a hit rate of [\d.]+ with [\d,]+ hits in [\d,]+ requests$/,
    ],
    [
      'kinds of misses that do not add up',
      edit((r) => (r.simulated.runs[0]!.missKinds.expired += 7)),
      /contradict themselves: .* kinds of misses that add up to [\d,]+, not [\d,]+$/,
    ],
    [
      'more money than there was',
      edit((r) => (r.simulated.runs[0]!.money.saved *= 2)),
      /contradict themselves: .* money spent and saved/,
    ],
    [
      'a reduction that is not that of the means',
      edit((r) => (r.simulated.runs[0]!.latency.reduction = 0.99)),
      /contradict themselves: .* a latency reduction/,
    ],
    [
      'several mistakes',
      edit((r) => Object.assign(r.simulated.runs[0]!, { hits: 'x', misses: 'y' })),
      /\(and 1 more\)$/,
    ],
  ])('refuses %s in a sentence', (_what, text, message) => {
    expect(() => parseResult(text, 'r.json')).toThrow(InputError)
    expect(() => parseResult(text, 'r.json')).toThrow(message)
    try {
      parseResult(text, 'r.json')
    } catch (error) {
      expect((error as Error).message).not.toMatch(/\n/)
    }
  })
})
