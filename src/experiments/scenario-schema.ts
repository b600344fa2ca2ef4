/*
 * What a scenario may say, as a zod schema: the service that `cachesim simulate` plays requests through. Everything has
 * a default but the workload. The JSON Schema for editors comes from the same schema.
 */
import { z } from 'zod'
import { parsePrice } from '../analysis/savings.ts'
import { InputError } from '../core/errors.ts'
import type { LatencyModel } from '../core/latency.ts'
import { parseCount, parseDuration, parseRate, parseSize } from '../core/units.ts'
import { parseLatency } from '../latency/index.ts'
import { choosePolicy } from './policies.ts'
import { checked, group, mustBe, parsed, type Shape } from './recipe-fields.ts'

/** More instances than anyone has; each has caches of its own. */
const MOST_INSTANCES = 4096
const MOST_WORKERS = 1_000_000

function whole(name: string, most: number, description: string, least = 1) {
  return parsed(name, `a whole number from ${least} to ${most}`, (text) => {
    const value = parseCount(text, `'${name}'`)
    if (value < least || value > most)
      throw new InputError(`'${name}' is ${text}: it must be a whole number from ${least} to ${most}`)
    return value
  }).meta({ description })
}

function duration(name: string, description: string, { positive = false } = {}) {
  return parsed(name, 'a duration such as 30s or 10m', (text) => {
    const seconds = parseDuration(text, `'${name}'`)
    if (positive && seconds === 0) throw new InputError(`'${name}' is 0: it must be above 0`)
    return seconds
  }).meta({ description })
}

/** A duration, or a word that stands for none. */
function durationOrNone(name: string, description: string) {
  return parsed(name, "a duration such as 30s, or 'none'", (text) => {
    if (text === 'none') return Infinity
    const seconds = parseDuration(text, `'${name}'`)
    if (seconds === 0) throw new InputError(`'${name}' is 0: it must be above 0, or 'none'`)
    return seconds
  }).meta({ description: `${description}; none: no end to it` })
}

function latency(name: string, description: string, { recorded = false } = {}) {
  return parsed(
    name,
    'a duration or a distribution, such as 2ms or lognormal:p50=120ms,p99=900ms',
    (text) => {
      const model = parseLatency(text, 'duration', `'${name}'`)
      if (model.recorded && !recorded)
        throw new InputError(`'${name}' cannot be 'recorded': the recorded costs are the model's`)
      return model
    },
  ).meta({ description })
}

function share(name: string, description: string, { below1 = false } = {}) {
  return parsed(name, 'a share such as 1% or 0.01', (text) => {
    const match = /^\+?(\d+\.?\d*|\.\d+)\s*(%?)$/.exec(text.trim())
    const value = match ? Number(match[1]) / (match[2] === '%' ? 100 : 1) : Number.NaN
    if (!(value >= 0 && value <= 1) || (below1 && value === 1))
      throw new InputError(
        `'${name}' is '${text}': it must be a share from 0 to 1${below1 ? ', below 1' : ''}, such as 1%`,
      )
    return value
  }).meta({ description })
}

function factor(name: string, description: string) {
  const error = mustBe(name, 'a number above 0')
  return z.number({ error }).positive({ error }).meta({ description })
}

function flag(name: string, description: string) {
  return z.boolean({ error: mustBe(name, 'true or false') }).meta({ description })
}

function choice<const T extends readonly [string, ...string[]]>(
  name: string,
  values: T,
  description: string,
) {
  return z.enum(values, { error: mustBe(name, values.join(', ')) }).meta({ description })
}

const text = (name: string, example: string, description: string) =>
  z.string({ error: mustBe(name, `a text such as ${example}`) }).meta({ description })
/** A number stands for itself where a command line would have it as a text. */
const word = (name: string, example: string, description: string) =>
  parsed(name, `a text such as ${example}`, (value) => value).meta({ description })
const words = (name: string, example: string, description: string) =>
  z
    .union([z.string(), z.array(z.string())], {
      error: mustBe(name, `a text or a list of texts, such as ${example}`),
    })
    .transform((value) => (typeof value === 'string' ? [value] : value))
    .meta({ description })

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

const perToken = group(
  'the latency of a model',
  {
    fixed: duration('fixed', 'of every call').prefault('0ms'),
    perToken: duration('perToken', 'of each token', { positive: true }),
    tokens: parsed('tokens', 'a number of tokens such as 200, or lognormal:p50=200,p99=900', (given) =>
      tokenModel(given),
    )
      .prefault(200)
      .meta({ description: 'tokens of an answer: always the same, or drawn for each request' }),
  },
  '{ fixed: 300ms, perToken: 20ms, tokens: 200 }',
)

/** A count of tokens, read by the models that read durations. */
function tokenModel(given: string): LatencyModel {
  // A token stands for a second in what the models parse: milliseconds come out, a thousand for each.
  const inSeconds = given.replaceAll(/(\d)(?=\s*(,|$))/g, '$1s')
  const model = parseLatency(inSeconds, 'duration', "'tokens'")
  if (model.recorded)
    throw new InputError("'tokens' cannot be 'recorded': it must be a number or a distribution")
  return model
}

const event = (kind: string, description: string, shape: Shape) =>
  group(
    `event '${kind}'`,
    { kind: z.literal(kind), at: duration('at', 'when, from the first request on'), ...shape },
    `{ at: 10m, kind: ${kind} }`,
  ).describe(description)

const lasting = (what: string) => duration('for', `how long ${what}`, { positive: true })

const EVENTS = [
  event('model-update', 'a new model answers from now on: predictions of the old one are stale', {
    prefix: text(
      'prefix',
      'prices:',
      'only for keys whose name begins so: several models share the cache',
    ).optional(),
    share: share('share', 'only for that share of the keys, drawn at random').optional(),
  }),
  event(
    'restart-instance',
    'an instance, or all one after another, take no requests for a while and lose their caches',
    {
      instance: whole('instance', MOST_INSTANCES - 1, 'which, from 0 on; default: all in turn', 0).optional(),
      for: lasting('it takes').prefault('10s'),
    },
  ),
  event('restart-tier', 'a tier cannot be reached for a while; a volatile one loses its content', {
    tier: whole('tier', 31, 'which, from 0, the nearest, on', 0).prefault(0),
    for: lasting('it is away').prefault('10s'),
  }),
  event('model-outage', 'every call of the model fails', { for: lasting('it lasts').prefault('1m') }),
  event('surge', 'requests come faster', {
    for: lasting('it lasts').prefault('1m'),
    factor: factor('factor', 'how many times as many requests a second').prefault(3),
  }),
  event('scale', 'the service has that many instances from now on', {
    instances: whole('instances', MOST_INSTANCES, 'how many'),
  }),
]
const KINDS = ['model-update', 'restart-instance', 'restart-tier', 'model-outage', 'surge', 'scale'] as const

const events = z.array(
  z.discriminatedUnion('kind', EVENTS as unknown as readonly [z.ZodObject, ...z.ZodObject[]], {
    error(issue) {
      const given = (issue.input as { kind?: unknown } | null)?.kind
      return mustBe('kind', `one of ${KINDS.join(', ')}`)({ input: given })
    },
  }),
  { error: mustBe('events', 'a list of events, such as [{ at: 10m, kind: model-update }]') },
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

const onMiss = z.preprocess(
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
      ).prefault('none'),
      lease: durationOrNone('lease', 'how long a lock is held at most').prefault('none'),
      earlyRefresh: parsed('earlyRefresh', 'a number of 0 or more: the β of XFetch', (given) => {
        const beta = Number(given)
        if (!(beta >= 0 && beta < 1e6))
          throw new InputError(`'earlyRefresh' is '${given}': it must be a number of 0 or more`)
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
  ),
)

const model = group(
  'the model',
  {
    latency: z
      .union([z.number(), z.string(), z.looseObject({})], {
        error: mustBe('latency', 'a duration, a distribution, recorded, or { fixed: 300ms, perToken: 20ms }'),
      })
      .pipe(
        z.any().transform((value, context) => {
          const schema = typeof value === 'object' ? perToken : latency('latency', '', { recorded: true })
          const result = schema.safeParse(value)
          if (result.success) return result.data
          for (const issue of result.error.issues)
            context.addIssue({ code: 'custom', message: issue.message, path: issue.path })
          return z.NEVER
        }),
      )
      .optional()
      .meta({
        description:
          'how long a call takes: a duration, a distribution, recorded (the cost of each request), or { fixed, perToken, tokens }; default: recorded where the trace has costs, else lognormal:p50=120ms,p99=900ms',
      }),
    workers: parsed('workers', `a whole number from 1 to ${MOST_WORKERS}, or 'unlimited'`, (given) => {
      if (given === 'unlimited') return Infinity
      const value = parseCount(given, "'workers'")
      if (value < 1 || value > MOST_WORKERS)
        throw new InputError(`'workers' is ${given}: it must be from 1 to ${MOST_WORKERS}, or 'unlimited'`)
      return value
    })
      .prefault(8)
      .meta({ description: 'calls that run at once' }),
    queue: group(
      'the queue of the model',
      {
        limit: parsed('limit', "a whole number of 0 or more, or 'none'", (given) =>
          given === 'none' ? Infinity : parseCount(given, "'limit'"),
        )
          .prefault('none')
          .meta({ description: 'calls that may wait; more fail at once' }),
        timeout: durationOrNone('timeout', 'how long a call may wait before it fails').prefault('none'),
      },
      '{ limit: 100, timeout: 30s }',
    ).prefault({}),
    batching: group(
      'batching',
      {
        maxSize: whole('maxSize', 65_536, 'calls that a worker takes at once'),
        maxWait: duration('maxWait', 'how long the first of them waits for others').prefault('10ms'),
        fixed: duration('fixed', 'how long a batch takes, and'),
        perItem: duration('perItem', 'how much longer for each call in it').prefault('0ms'),
      },
      '{ maxSize: 8, maxWait: 20ms, fixed: 100ms, perItem: 10ms }',
    ).optional(),
    price: checked('price', 'dollars a call, such as 0.002, or for model time, such as 0.36/h', (given) =>
      parsePrice(given, "'price'"),
    ).prefault('0.002'),
    errorRate: share('errorRate', 'share of the calls that fail').prefault(0),
    failAfter: duration('failAfter', 'how long a call takes to fail while the model is down').prefault(
      '100ms',
    ),
  },
  '{ latency: 120ms, workers: 8 }',
)

const workload = z.preprocess(
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
      requests: word('requests', '200k', 'requests to generate').optional(),
      keys: word('keys', '10k', 'distinct keys of a generated workload').optional(),
      alpha: word('alpha', '0.9', 'skew of a zipf').optional(),
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
  const schema = z.toJSONSchema(scenarioSchema, { io: 'input', target: 'draft-7', unrepresentable: 'any' })
  return { title: 'cachesim scenario', ...schema }
}
