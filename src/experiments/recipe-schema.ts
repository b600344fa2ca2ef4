/*
 * What a recipe may say, as a zod schema made from the registries: a generator or an arrival process that is
 * registered can be written in a recipe at once, with its parameters, their ranges and descriptions. The JSON Schema
 * for editors comes from the same schema.
 */
import { z } from 'zod'
import { parsePrice } from '../analysis/savings.ts'
import { InputError } from '../core/errors.ts'
import { LARGEST_COUNT } from '../core/generator.ts'
import { parseCount, parseDuration, parseRate, parseSize } from '../core/units.ts'
import { arrivals } from '../generators/arrivals/index.ts'
import { generators } from '../generators/index.ts'
import { catalogues, mixture } from '../generators/mixture.ts'
import { parseLatency } from '../latency/index.ts'
import { checked, group, mustBe, oneOf, parameterShape, parsed, type Shape } from './recipe-fields.ts'

/** Far more than any ratio of shares can mean, and far from where their sum overflows. */
const LARGEST_WEIGHT = 1e9

function count(name: string, description: string) {
  return parsed(name, `a whole number from 1 to ${LARGEST_COUNT}, such as 100_000 or 10M`, (text) => {
    const value = parseCount(text, `'${name}'`)
    if (value < 1 || value > LARGEST_COUNT)
      throw new InputError(`'${name}' is ${text}: it must be from 1 to ${LARGEST_COUNT}`)
    return value
  }).meta({ description: `${description}; 1_000_000 and 10M are understood` })
}

/** The choice of generators, or a mixture; `extra` are the settings of a component. */
function keysSchema(name: string, extra: Shape): z.ZodType {
  const shared = { count: count('count', 'keys in the catalogue').optional(), ...extra }
  const simple = generators.all.map(({ name, summary, parameters }) => ({
    name,
    summary,
    shape: { ...shared, ...parameterShape(parameters, `generator '${name}'`) },
  }))
  const mixed = {
    name: mixture.name,
    summary: mixture.summary,
    shape: {
      ...shared,
      ...parameterShape(mixture.parameters, mixture.name),
      components: z
        .array(
          z.lazy(() => component),
          { error: mustBe('components', 'a list of one generator or more') },
        )
        .min(1, { error: () => "'components' is an empty list: it must name one generator or more" })
        .max(200, { error: () => "'components' is too long: it must be of 200 generators or less" })
        .describe('the generators that are mixed'),
    },
  }
  return oneOf(name, 'generator', 'generator', 'zipf', [...simple, mixed])
}

const weightError = mustBe('weight', `a number above 0, ${LARGEST_WEIGHT} at most`)
const component: z.ZodType = keysSchema('components', {
  weight: z
    .number({ error: weightError })
    .positive({ error: weightError })
    .max(LARGEST_WEIGHT, { error: weightError })
    .optional()
    .meta({ description: 'its share of the requests, relative to the others', default: 1 }),
  catalogue: z
    .enum(catalogues, { error: mustBe('catalogue', catalogues.join(' or ')) })
    .optional()
    .meta({
      description:
        "which keys it asks for: shared, the mixture's in the same order; shuffled, the same in another order; own, keys no other component has",
      default: 'shared',
    }),
}).meta({ id: 'component' })

const rate = parsed('rate', 'a number per unit of time, such as 100/s or 2k/min', (text) =>
  parseRate(text, "'rate'"),
)
const duration = 'a duration or a distribution, such as 2ms or lognormal:p50=120ms,p99=900ms'
const latency = (name: string, expected: string) =>
  checked(name, expected, (text) => {
    const model = parseLatency(text, 'duration', `'${name}'`)
    if (model.recorded && name !== 'missLatency')
      throw new InputError(`'${name}' cannot be 'recorded': it must be ${expected}`)
  }).optional()

const policyList = 'a list of policies, such as [lru, lru-k(k=3), ./mine.js]'

export const recipeSchema = group(
  'a recipe',
  {
    $schema: z.string().optional().meta({ description: 'where the JSON Schema lies, for editors' }),
    story: z
      .string({ error: mustBe('story', 'a text that tells what the workload stands for') })
      .regex(/\S/, { error: "'story' is empty: tell what the workload stands for" })
      .meta({ description: 'what the workload stands for; its first sentence is shown in lists' }),
    requests: count('requests', 'requests in all').prefault(1_000_000),
    keys: keysSchema('keys', {})
      .prefault({})
      .meta({ description: 'which keys are asked for', default: { generator: 'zipf', count: 100_000 } }),
    arrivals: oneOf(
      'arrivals',
      'arrival process',
      'process',
      'poisson',
      arrivals.all.map(({ name, summary, parameters }) => ({
        name,
        summary,
        shape: {
          rate: rate.optional().meta({ description: 'mean rate, such as 100/s or 2k/min', default: '100/s' }),
          ...parameterShape(parameters, `arrival process '${name}'`),
        },
      })),
    )
      .prefault({})
      .meta({ description: 'when requests arrive' }),
    values: group(
      'values',
      {
        size: checked(
          'size',
          'a size or a distribution of sizes, such as 4KiB or lognormal:p50=4KiB,p99=64KiB',
          (text) => parseLatency(text, 'bytes', "'size'"),
        ).optional(),
        cost: checked('cost', duration, (text) => {
          if (parseLatency(text, 'duration', "'cost'").recorded)
            throw new InputError(`'cost' cannot be 'recorded': it must be ${duration}`)
        }).optional(),
      },
      '{ size: 4KiB, cost: 120ms }',
    )
      .prefault({})
      .meta({
        description:
          'bytes of each value and time the model takes for it, both the same each time a key is asked for',
      }),
    service: group(
      'service',
      {
        hitLatency: latency('hitLatency', duration),
        missLatency: latency('missLatency', `${duration}, or recorded for the cost of each key`),
        storeLatency: latency('storeLatency', duration),
        missCost: checked(
          'missCost',
          'dollars a call, such as 0.002, or for model time, such as 0.36/h',
          (text) => parsePrice(text, "'missCost'"),
        ).optional(),
      },
      '{ hitLatency: 2ms, missLatency: 120ms }',
    )
      .prefault({})
      .meta({ description: 'what a hit and a miss take, where no flag says otherwise' }),
    cache: group(
      'cache',
      {
        size: checked('size', 'entries (1000), a share of the distinct keys (5%) or bytes (64MiB)', (text) =>
          parseSize(text, "'size'"),
        ).optional(),
        ttl: checked('ttl', "a duration such as 10m, or 'none'", (text) => {
          if (text !== 'none' && parseDuration(text, "'ttl'") === 0)
            throw new InputError("'ttl' is 0: it must be above 0, or 'none'")
        }).optional(),
        ttlMode: z
          .enum(['write', 'idle'], { error: mustBe('ttlMode', 'write or idle') })
          .optional()
          .describe('whether the TTL counts from the write or from the last use'),
        warmup: checked('warmup', 'a number of requests (10_000) or a share of them (10%)', (text) => {
          const share = /^(\d+\.?\d*)\s*%$/.exec(text.trim())
          if (!share) parseCount(text, "'warmup'")
          else if (Number(share[1]) >= 100)
            throw new InputError(`'warmup' is '${text}': it must be below 100%`)
        }).optional(),
        policies: z
          .array(
            z
              .string({ error: mustBe('policies', policyList) })
              .trim()
              .min(1, { error: mustBe('policies', policyList) }),
            {
              error: mustBe('policies', policyList),
            },
          )
          .min(1, { error: () => `'policies' is an empty list: it must be ${policyList}` })
          .optional()
          .describe('what is compared: names with settings, or files relative to this one'),
      },
      '{ size: 5%, ttl: 10m }',
    )
      .prefault({})
      .meta({ description: 'the cache, where no flag says otherwise' }),
    seed: parsed('seed', 'a number or a text', (text) => text)
      .optional()
      .meta({ description: 'seed of the workload, where no flag gives one' }),
  },
  'story: …',
)

/** The JSON Schema of recipes, for editors. */
export function recipeJsonSchema(): Record<string, unknown> {
  const schema = z.toJSONSchema(recipeSchema, {
    io: 'input',
    target: 'draft-7',
    // Left out by zod where a value is transformed, though what stands in the recipe has that default.
    override({ zodSchema, jsonSchema }) {
      const usual = z.globalRegistry.get(zodSchema)?.default
      if (usual !== undefined) jsonSchema.default = usual
    },
  })
  return { title: 'cachesim recipe', ...schema }
}
