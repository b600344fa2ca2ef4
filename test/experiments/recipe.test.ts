import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { InputError } from '../../src/core/errors.ts'
import { parseRecipe } from '../../src/experiments/recipe.ts'
import { arrivals } from '../../src/generators/arrivals/index.ts'
import { generators } from '../../src/generators/index.ts'

const parse = (...lines: string[]) => parseRecipe(lines.join('\n'), 'shop.yaml')

function mistake(text: string): string {
  try {
    parseRecipe(text, 'shop.yaml')
  } catch (error) {
    expect(error).toBeInstanceOf(InputError)
    return (error as Error).message
  }
  throw new Error('no mistake was found')
}

describe('a recipe', () => {
  it('has a default for everything but its story', () => {
    expect(parse('story: Nothing special.')).toEqual({
      name: 'shop',
      story: 'Nothing special.',
      requests: 1_000_000,
      keys: { generator: 'zipf', keys: 100_000, parameters: {} },
      arrivals: { process: 'poisson', rate: 100, parameters: {} },
      values: {},
      service: {},
      cache: {},
    })
  })

  it('says all of it', () => {
    const recipe = parse(
      'story: >',
      '  A shop.',
      '  It sells.',
      'requests: 2_000_000',
      'keys: { generator: zipf, count: 10k, alpha: 0.8 }',
      'arrivals: { process: diurnal, rate: 600/min, amplitude: 0.5, period: 3_600 }',
      'values: { size: "lognormal:p50=4KiB,p99=64KiB", cost: 120ms }',
      'service: { hitLatency: 2ms, missLatency: recorded, storeLatency: 1ms, missCost: 0.36/h }',
      'cache: { size: 5%, ttl: 5s, ttlMode: idle, warmup: 10% }',
      'seed: 7',
    )
    expect(recipe).toEqual({
      name: 'shop',
      story: 'A shop. It sells.',
      requests: 2_000_000,
      keys: { generator: 'zipf', keys: 10_000, parameters: { alpha: 0.8 } },
      arrivals: { process: 'diurnal', rate: 10, parameters: { amplitude: 0.5, period: 3600 } },
      values: { size: 'lognormal:p50=4KiB,p99=64KiB', cost: '120ms' },
      service: { hitLatency: '2ms', missLatency: 'recorded', storeLatency: '1ms', missCost: '0.36/h' },
      cache: { size: '5%', ttl: '5s', ttlMode: 'idle', warmup: '10%' },
      seed: '7',
    })
  })

  it.each([
    ['1_000_000', 1_000_000],
    ['10M', 10_000_000],
    ['1e6', 1_000_000],
    ['250', 250],
    ['"12_000"', 12_000],
    ['1.5k', 1500],
  ])('understands %s requests', (text, expected) => {
    expect(parse('story: x', `requests: ${text}`).requests).toBe(expected)
  })

  it('nests mixtures, whose components take the count of the mixture unless they say their own', () => {
    const { keys } = parse(
      'story: x',
      'keys:',
      '  generator: mixture',
      '  by: phase',
      '  cycles: 3',
      '  count: 500',
      '  components:',
      '    - { weight: 3, alpha: 0.9 }',
      '    - generator: mixture',
      '      catalogue: own',
      '      components: [{ generator: scan }, { generator: loop, count: 9, workingSet: 1 }]',
    )
    expect(keys).toEqual({
      generator: 'mixture',
      keys: 500,
      parameters: { by: 'phase', cycles: 3 },
      components: [
        {
          weight: 3,
          catalogue: 'shared',
          keys: { generator: 'zipf', keys: 500, parameters: { alpha: 0.9 } },
        },
        {
          weight: 1,
          catalogue: 'own',
          keys: {
            generator: 'mixture',
            keys: 500,
            parameters: { by: 'weight', cycles: 1 },
            components: [
              { weight: 1, catalogue: 'shared', keys: { generator: 'scan', keys: 500, parameters: {} } },
              {
                weight: 1,
                catalogue: 'shared',
                keys: { generator: 'loop', keys: 9, parameters: { workingSet: 1 } },
              },
            ],
          },
        },
      ],
    })
  })

  it('may use anchors', () => {
    const text = ['story: x', 'values: &v { size: 4KiB }', 'cache: { size: 5% }', 'seed: &s 3']
    expect(parse(...text).values.size).toBe('4KiB')
  })

  it.each(generators.all)(
    'can name the generator $name with each of its settings',
    ({ name, parameters }) => {
      const settings = Object.entries(parameters).map(([key, parameter]) => `, ${key}: ${parameter.default}`)
      const { keys } = parse('story: x', `keys: { generator: ${name}${settings.join('')} }`)
      expect(keys.generator).toBe(name)
      expect(Object.keys(keys.parameters)).toEqual(Object.keys(parameters))
    },
  )

  it.each(arrivals.all)(
    'can name the arrival process $name with each of its settings',
    ({ name, parameters }) => {
      const settings = Object.entries(parameters).map(([key, parameter]) => `, ${key}: ${parameter.default}`)
      expect(parse('story: x', `arrivals: { process: ${name}${settings.join('')} }`).arrivals.process).toBe(
        name,
      )
    },
  )
})

describe('a mistake is shown with its line and column', () => {
  it.each<[string, string, string, RegExp]>([
    [
      'an unknown setting',
      'story: x\nreqests: 5',
      '2:1',
      /unknown setting in a recipe 'reqests'; did you mean 'requests'\?/,
    ],
    [
      'an unknown setting inside',
      'story: x\nkeys: { generator: zipf, alhpa: 1 }',
      '2:26',
      /'alhpa'; did you mean 'alpha'\?/,
    ],
    [
      'a setting of another generator',
      'story: x\nkeys: { generator: uniform, alpha: 1 }',
      '2:29',
      /setting in generator 'uniform' 'alpha'/,
    ],
    [
      'an unknown generator',
      'story: x\nkeys:\n  generator: zipff',
      '3:14',
      /unknown generator 'zipff'; did you mean 'zipf'\?.*mixture/,
    ],
    [
      'an unknown process',
      'story: x\narrivals: { process: poison }',
      '2:22',
      /unknown arrival process 'poison'; did you mean 'poisson'/,
    ],
    [
      'a generator that is a number',
      'story: x\nkeys: { generator: 5 }',
      '2:20',
      /'generator' is '5': it must be one of zipf/,
    ],
    [
      'alpha below 0',
      'story: x\nkeys:\n  alpha: -1',
      '3:10',
      /'alpha' .* is '-1': it must be a number of 0 or more/,
    ],
    [
      'alpha as a text',
      'story: x\nkeys: { alpha: steep }',
      '2:16',
      /'alpha' .* is 'steep': it must be a number of 0 or more/,
    ],
    [
      'alpha without end',
      'story: x\nkeys: { alpha: .inf }',
      '2:16',
      /'alpha' is 'Infinity': it must be a number of 0 or more/,
    ],
    ['alpha left empty', 'story: x\nkeys:\n  alpha:', '3:3', /'alpha' is empty: it must be a number/],
    [
      'a share above 1',
      'story: x\nkeys: { generator: one-hit-wonders, share: 30 }',
      '2:44',
      /'share' .* is '30': it must be a number from 0 to 1/,
    ],
    ['no story', 'requests: 5', '1:1', /'story' is missing: it must be a text/],
    ['an empty story', 'requests: 5\nstory: " "', '2:8', /'story' is empty/],
    ['a story that is a list', 'story: [a]', '1:8', /'story' is a list: it must be a text/],
    ['requests as a word', 'story: x\nrequests: many', '2:11', /'requests' 'many' is not a whole number/],
    ['no requests', 'story: x\nrequests: 0', '2:11', /'requests' is 0: it must be from 1 to/],
    ['half a request', 'story: x\nrequests: 1.5', '2:11', /'1.5' is not a whole number/],
    [
      'a negative count',
      'story: x\nkeys: { count: -4 }',
      '2:16',
      /'count' '-4' is not a whole number of 0 or more/,
    ],
    [
      'too many keys',
      'story: x\nkeys: { count: 9000000000 }',
      '2:16',
      /'count' is 9000000000: it must be from 1 to 1000000000/,
    ],
    [
      'requests as a list',
      'story: x\nrequests: [1]',
      '2:11',
      /'requests' is a list: it must be a whole number/,
    ],
    [
      'keys as a name',
      'story: x\nkeys: zipf',
      '2:7',
      /'keys' is 'zipf': it must be a group of settings, such as \{ generator: zipf \}/,
    ],
    ['keys as a list', 'story: x\nkeys: [zipf]', '2:7', /'keys' is a list: it must be a group of settings/],
    ['keys left empty', 'story: x\nkeys:', '2:1', /'keys' is empty: it must be a group of settings/],
    [
      'a rate without a unit',
      'story: x\narrivals: { rate: 100 }',
      '2:19',
      /'rate' '100' is not understood: write a number per unit of time/,
    ],
    ['a rate of 0', 'story: x\narrivals: { rate: 0/s }', '2:19', /'rate' '0\/s' must be above 0/],
    [
      'a percentile below the other',
      'story: x\nvalues:\n  cost: lognormal:p50=2s,p99=1s',
      '3:9',
      /p99 \(1s\) must be above p50 \(2s\)/,
    ],
    [
      'a comma that YAML took',
      'story: x\nvalues: { size: lognormal:p50=4KiB,p99=64KiB }',
      '2:36',
      /'p99=64KiB' in values is cut off.*put it in quotes.*1 more mistake/,
    ],
    [
      'recorded sizes',
      'story: x\nvalues: { size: recorded }',
      '2:17',
      /'size' 'recorded' is for latencies only/,
    ],
    ['recorded costs', 'story: x\nvalues: { cost: recorded }', '2:17', /'cost' cannot be 'recorded'/],
    [
      'a recorded hit',
      'story: x\nservice: { hitLatency: recorded }',
      '2:24',
      /'hitLatency' cannot be 'recorded'/,
    ],
    [
      'recorded misses without costs',
      'story: x\nservice: { missLatency: recorded }',
      '2:25',
      /the values have no cost: give 'cost' in 'values'/,
    ],
    ['a negative price', 'story: x\nservice: { missCost: -1 }', '2:22', /'missCost' '-1' is negative/],
    ['a TTL without a unit', 'story: x\ncache: { ttl: 5 }', '2:15', /'ttl' '5' has no unit/],
    ['a negative TTL', 'story: x\ncache: { ttl: -5s }', '2:15', /'ttl' '-5s' is negative/],
    ['a TTL of 0', 'story: x\ncache: { ttl: 0s }', '2:15', /'ttl' is 0: it must be above 0/],
    [
      'an unknown TTL mode',
      'story: x\ncache: { ttlMode: wirte }',
      '2:19',
      /'ttlMode' is 'wirte': it must be write or idle/,
    ],
    ['a size that is none', 'story: x\ncache: { size: big }', '2:16', /'size' 'big' is not a cache size/],
    [
      'a warm-up of everything',
      'story: x\ncache: { warmup: 100% }',
      '2:18',
      /'warmup' is '100%': it must be below 100%/,
    ],
    [
      'a warm-up in bytes',
      'story: x\ncache: { warmup: 5MB }',
      '2:18',
      /'warmup' '5MB' is not a whole number/,
    ],
    [
      'a mixture of nothing',
      'story: x\nkeys: { generator: mixture, components: [] }',
      '2:41',
      /'components' is an empty list/,
    ],
    [
      'a mixture without components',
      'story: x\nkeys: { generator: mixture }',
      '2:7',
      /'components' is missing: it must be a list of one generator or more/,
    ],
    [
      'a component that is a name',
      'story: x\nkeys:\n  generator: mixture\n  components:\n    - zipf',
      '5:7',
      /'components' is 'zipf': it must be a group/,
    ],
    [
      'a mistake in a nested component',
      'story: x\nkeys:\n  generator: mixture\n  components:\n    - generator: mixture\n      components:\n        - { generator: scna }',
      '7:24',
      /unknown generator 'scna'; did you mean 'scan'/,
    ],
    [
      'a weight of 0',
      'story: x\nkeys:\n  generator: mixture\n  components:\n    - { weight: 0 }',
      '5:17',
      /'weight' is '0': it must be a number above 0/,
    ],
    [
      'an unknown catalogue',
      'story: x\nkeys:\n  generator: mixture\n  components:\n    - { catalogue: mine }',
      '5:20',
      /'catalogue' is 'mine': it must be shared or shuffled or own/,
    ],
    [
      'more keys than the catalogue it shares',
      'story: x\nkeys:\n  generator: mixture\n  count: 10\n  components:\n    - { count: 11 }',
      '6:16',
      /'count' is 11, but the catalogue it shares has 10 keys/,
    ],
    [
      'a weight outside a mixture',
      'story: x\nkeys: { weight: 3 }',
      '2:9',
      /unknown setting in generator 'zipf' 'weight'/,
    ],
    [
      'half a cycle',
      'story: x\nkeys:\n  generator: mixture\n  cycles: 1.5\n  components: [{}]',
      '4:11',
      /'cycles' .* is '1.5': it must be a whole number from 1/,
    ],
    ['a setting named __proto__', 'story: x\n__proto__: 5', '2:1', /unknown setting in a recipe '__proto__'/],
    ['a merge key', 'story: x\ncache: { <<: 5 }', '2:10', /unknown setting in cache '<<'/],
    ['a key that is no text', 'story: x\n? [a, b]\n: 5', '2:3', /this key is a group or a list/],
    ['a setting given twice', 'story: x\nrequests: 5\nrequests: 6', '3:1', /'requests' stands twice/],
    [
      'a setting given twice inside',
      'story: x\ncache: { size: 5%, size: 6% }',
      '2:20',
      /'size' stands twice/,
    ],
    ['a tab', 'story: x\nkeys:\n\tcount: 5', '3:1', /a tab indents this line/],
    ['an unclosed brace', 'story: x\nkeys: { count: 5', '2:17', /this is not YAML/],
    ['two documents', 'story: x\n---\nstory: y', '2:1', /a second document starts here/],
    ['an empty file', '', '1:1', /the recipe is empty: it needs at least a story/],
    ['only a comment', '# hello\n', '1:1', /the recipe is empty/],
    ['a list', '- story: x', '1:1', /the recipe is a list: it must be settings/],
    ['a plain text', 'hello', '1:1', /the recipe is a plain text/],
    ['an alias to nothing', 'story: *gone', '1:8', /aliases are used .* before they are named/],
  ])('%s', (_what, text, place, message) => {
    const said = mistake(text)
    expect(said).toMatch(message)
    expect(said).toMatch(new RegExp(`^shop\\.yaml:${place}: `))
    expect(said.split('\n')).toHaveLength(1)
  })

  it('and the count of the others', () => {
    expect(mistake('story: x\nrequests: many\nseeed: 3\nkeys: { alpha: -1 }')).toMatch(
      /^shop\.yaml:2:11: .*\(and 2 more mistakes\)$/,
    )
  })

  it('points into the definition where an alias stands for a value', () => {
    const text = 'story: &s x\nkeys: &bad { alpha: -1 }\narrivals: { process: *s }'
    expect(mistake(text)).toMatch(/^shop\.yaml:2:21: .*1 more mistake\)$/)
  })

  it('does not expand a bomb of aliases', () => {
    const levels = ['a: &a [x, x, x, x, x, x, x, x, x, x]']
    for (let i = 1; i < 9; i++) {
      const before = String.fromCharCode(96 + i)
      const name = String.fromCharCode(97 + i)
      levels.push(`${name}: &${name} [${Array(10).fill(`*${before}`).join(', ')}]`)
    }
    expect(mistake(['story: x', ...levels].join('\n'))).toMatch(/aliases are used too often/)
  })

  it('answers any text with a recipe or with one sentence', () => {
    const line = fc.oneof(
      fc.constantFrom(
        'story: x',
        'keys:',
        '  count: 5',
        '- a',
        '\tx',
        '&a b',
        '*a',
        '? x',
        '{',
        '[',
        '"',
        '|',
        '%YAML 1.2',
        '--- ',
        '!!binary x',
        '!!set {}',
        '<<: *a',
      ),
      fc.string({ maxLength: 12 }),
    )
    fc.assert(
      fc.property(fc.array(line, { maxLength: 6 }), (lines) => {
        try {
          parseRecipe(lines.join('\n'), 'any.yaml')
        } catch (error) {
          expect(error).toBeInstanceOf(InputError)
          expect((error as Error).message).toMatch(/^any\.yaml:\d+:\d+: .+/)
        }
      }),
      { seed: 11, numRuns: 2000 },
    )
  })
})
