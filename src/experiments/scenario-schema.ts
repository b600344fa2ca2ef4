/*
 * What a scenario may say, as a zod schema: the service that `cachesim simulate` plays requests through. Everything has
 * a default but the workload. The JSON Schema for editors comes from the same schema.
 */
import { z } from 'zod'
import { InputError } from '../core/errors.ts'
import { parseCount, parseDuration, parseRate, parseSize } from '../core/units.ts'
import { choosePolicy } from './policies.ts'
import { checked, group, inputJsonSchema, mustBe, mustBeOneOf, orShort, parsed } from './recipe-fields.ts'
import { events, MOST_INSTANCES } from './scenario-events.ts'
import {
  choice,
  duration,
  durationOrNone,
  flag,
  latency,
  share,
  text,
  whole,
  word,
  words,
} from './scenario-fields.ts'
import { MOST_WORKERS, model } from './scenario-model.ts'

const policy = checked('policy', 'a policy such as lru or s3-fifo(small=0.2)', (given) => choosePolicy(given))

const tier = group(
  'a tier',
  {
    name: text('name', 'redis', 'what it is called in reports').optional(),
    scope: choice(
      'scope',
      ['instance', 'shared'],
      'a cache in every instance, or one for all of them',
    ).prefault('shared'),
    policy: policy.prefault('lru').meta({ description: 'which entries it gives up', default: 'lru' }),
    capacity: checked(
      'capacity',
      'entries (1000), a share of the distinct keys (5%) or bytes (64MiB)',
      (given) => parseSize(given, "'capacity'"),
    ).prefault('10%'),
    ttl: parsed('ttl', "a duration such as 10m, 'recorded' or 'none'", (given) => {
      if (given === 'none' || given === 'recorded') return given
      const seconds = parseDuration(given, "'ttl'")
      if (seconds === 0) throw new InputError("'ttl' is 0: it must be above 0, or 'none'")
      return seconds
    })
      .prefault('none')
      .meta({ description: 'time to live of its entries; recorded: as the requests of the trace say' }),
    ttlMode: choice(
      'ttlMode',
      ['write', 'idle'],
      'whether the TTL counts from the write or from the last use',
    ).prefault('write'),
    lookup: latency('lookup', 'how long a lookup takes').prefault('1ms'),
    store: latency('store', 'how long storing takes, which the answer waits for').prefault('0ms'),
    timeout: duration(
      'timeout',
      'how long its answer is waited for at most, such as while it is down; 0s: without end, and while it is down it refuses at once',
    ).prefault('0s'),
    persistent: flag('persistent', 'whether its content outlives a restart').prefault(false),
    exclusive: flag(
      'exclusive',
      'an entry is here or in the tier before, not in both: what that one evicts comes here, and what is hit here goes there',
    ).prefault(false),
  },
  '{ scope: shared, policy: lru, capacity: 5% }',
)

/** Words for `onMiss`, and what each stands for. */
export const MISS_PRESETS = {
  none: {},
  'single-flight': { protection: 'single-flight' },
  lock: { protection: 'lock' },
  xfetch: { earlyRefresh: 1 },
  'stale-while-revalidate': { protection: 'single-flight', staleWhileRevalidate: '30s' },
  'stale-if-error': { protection: 'single-flight', staleIfError: '10m' },
} as const

/** What they are called in short, which is not what they are called here. */
const SHORT_NAMES = {
  sf: 'single-flight',
  swr: 'stale-while-revalidate',
  sie: 'stale-if-error',
  mutex: 'lock',
}

/** Of XFetch: from far less on every hit refreshes. */
const MOST_BETA = 1_000_000

const onMiss = orShort(
  { type: 'string', enum: Object.keys(MISS_PRESETS) },
  (value) =>
    typeof value === 'string' && Object.hasOwn(MISS_PRESETS, value)
      ? MISS_PRESETS[value as keyof typeof MISS_PRESETS]
      : value,
  group(
    'onMiss',
    {
      protection: choice(
        'protection',
        ['none', 'single-flight', 'lock'],
        'who computes what many ask for at once: each; one in every instance; one of all, while its lease lasts',
        SHORT_NAMES,
      ).prefault('none'),
      lease: durationOrNone('lease', 'how long a lock is held at most').prefault('none'),
      earlyRefresh: parsed('earlyRefresh', `a number from 0 to ${MOST_BETA}: the β of XFetch`, (given) => {
        const beta = Number(given)
        if (!(beta >= 0 && beta <= MOST_BETA))
          throw new InputError(`'earlyRefresh' is '${given}': it must be a number from 0 to ${MOST_BETA}`)
        return beta
      })
        .prefault(0)
        .meta({
          description: 'β of XFetch: entries are computed anew, behind a hit, before they expire; 0: never',
        }),
      staleWhileRevalidate: duration(
        'staleWhileRevalidate',
        'how long past its TTL an entry is served while it is computed anew',
      ).prefault('0s'),
      staleIfError: duration(
        'staleIfError',
        'how long past its TTL an entry is served if the model fails',
      ).prefault('0s'),
      negative: duration('negative', 'how long an error is remembered').prefault('0s'),
    },
    '{ protection: single-flight }',
    mustBeOneOf(
      'onMiss',
      Object.keys(MISS_PRESETS),
      `one of ${Object.keys(MISS_PRESETS).join(', ')}, or a group of settings, such as { protection: single-flight }`,
      SHORT_NAMES,
    ),
  ),
)

/** A count as it is written, for those who count on. */
function atLeastOne(name: string, example: string, description: string) {
  return parsed(name, `a whole number from 1 on, such as ${example}`, (given) => {
    if (parseCount(given, `'${name}'`) < 1)
      throw new InputError(`'${name}' is ${given}: it must be at least 1`)
    return given
  }).meta({ description })
}

const workload = orShort(
  { type: 'string', description: 'a recipe, a recipe file or a generator' },
  (value) => (typeof value === 'string' ? { recipe: value } : value),
  group(
    'the workload',
    {
      recipe: text('recipe', 'zipf', 'a recipe, a recipe file or a generator').optional(),
      trace: words(
        'trace',
        'requests.csv',
        'files of a recorded trace, from the folder of the scenario',
      ).optional(),
      requests: atLeastOne('requests', '200k', 'requests to generate').optional(),
      keys: atLeastOne('keys', '10k', 'distinct keys of a generated workload').optional(),
      alpha: parsed('alpha', 'a number of 0 or more', (given) => {
        if (!(Number(given) >= 0 && Number(given) < Infinity))
          throw new InputError(`'alpha' is '${given}': it must be a number of 0 or more`)
        return given
      })
        .optional()
        .meta({ description: 'skew of a zipf' }),
      rate: parsed('rate', 'a number per unit of time, such as 100/s or 2k/min', (given) => {
        parseRate(given, "'rate'")
        return given
      })
        .optional()
        .meta({ description: 'mean arrivals; those of a recorded trace are rescaled' }),
      format: text('format', 'csv', 'of a recorded trace; default: told by its content').optional(),
      key: words('key', '[user_id, model]', 'columns that make up the key').optional(),
      time: word('time', 'ts', 'column of the time').optional(),
      timeUnit: text('timeUnit', 'ms', 'its unit').optional(),
      valueSize: word('valueSize', 'bytes', 'column of the size').optional(),
      cost: word('cost', 'latency_ms', 'column of how long the model took').optional(),
      costUnit: text('costUnit', 'ms', 'its unit').optional(),
      ttlColumn: word('ttlColumn', 'ttl', 'column of the TTL').optional(),
      where: words('where', 'status=200', 'conditions that rows must meet').optional(),
      from: word('from', '10m', 'only from then on').optional(),
      to: word('to', '1h', 'only before then').optional(),
      limit: word('limit', '1M', 'requests to read at most').optional(),
      sort: flag('sort', 'sort by time').optional(),
    },
    '{ recipe: zipf, requests: 200k, rate: 50/s }',
  ),
)

export const scenarioSchema = group(
  'a scenario',
  {
    $schema: z.string().optional().meta({ description: 'where the JSON Schema lies, for editors' }),
    story: text('story', '…', 'what the scenario stands for; its first sentence is shown in lists').prefault(
      '',
    ),
    workload: workload.meta({
      description: 'the requests: a recipe, a generator, or a group with a trace and its columns',
    }),
    seed: parsed('seed', 'a number or a text', (given) => given)
      .optional()
      .meta({ description: 'of every random stream', default: 1 }),
    instances: whole('instances', MOST_INSTANCES, 'processes that answer requests').prefault(1),
    routing: choice(
      'routing',
      ['round-robin', 'random', 'least-loaded', 'by-key'],
      'which instance a request goes to; by-key: by consistent hashing',
    ).prefault('round-robin'),
    model: model.prefault({}).meta({ description: 'what computes predictions' }),
    tiers: z
      .array(tier, {
        error: mustBe('tiers', 'a list of caches, the nearest first, such as [{ scope: shared, ttl: 10m }]'),
      })
      .max(8, { error: () => "'tiers' is too long: it must be of 8 caches or fewer" })
      .prefault([{}])
      .meta({ description: 'caches, the nearest first; [] is none' }),
    onMiss: onMiss.prefault('none').meta({
      description: `what protects the model from many misses at once: ${Object.keys(MISS_PRESETS).join(', ')}, or a group of settings`,
    }),
    warmUp: group(
      'warmUp',
      {
        keys: whole(
          'keys',
          1_000_000_000,
          'how many of the most popular keys are computed ahead',
          0,
        ).prefault(0),
        of: choice(
          'of',
          ['sample', 'last-window'],
          'popular in the whole workload, as a log of another day would say; or in the window before, which predicts the next',
        ).prefault('sample'),
        every: durationOrNone('every', 'how often, and how long a window is').prefault('none'),
        before: duration('before', 'how long before the first request the first begins').prefault('0s'),
        concurrency: whole('concurrency', MOST_WORKERS, 'calls of it that run at once').prefault(1),
        first: share(
          'first',
          'share of the requests, at the start, that fill the caches and are not counted',
          {
            below1: true,
          },
        ).prefault(0),
      },
      '{ keys: 1000, before: 10m }',
    )
      .prefault({})
      .meta({ description: 'what is computed before it is asked for' }),
    invalidation: group(
      'invalidation',
      {
        mode: choice(
          'mode',
          ['flush', 'affected', 'versioned', 'ttl'],
          'on a model update: everything goes; the keys of that model go; instances ask for keys of the new version; nothing happens before the TTL',
        ).prefault('flush'),
        delivery: choice('delivery', ['push', 'pull'], 'how caches hear of it').prefault('push'),
        delay: latency('delay', 'of a message that is pushed').prefault('0ms'),
        loss: share('loss', 'share of the messages to instances that are lost').prefault(0),
        every: duration('every', 'time between two pulls', { positive: true }).prefault('30s'),
      },
      '{ mode: flush, delay: 1s }',
    )
      .prefault({})
      .meta({ description: 'how caches learn of a new model' }),
    events: events.prefault([]).meta({ description: 'what happens, and when' }),
    slo: duration('slo', 'a latency that requests should stay within', { positive: true }).prefault('1s'),
    compareWithout: flag(
      'compareWithout',
      'whether the service is simulated without its caches too',
    ).prefault(true),
  },
  '{ workload: zipf }',
)

/** The JSON Schema of scenarios, for editors. */
export function scenarioJsonSchema(): Record<string, unknown> {
  return { title: 'cachesim scenario', ...inputJsonSchema(scenarioSchema) }
}
