/* What a scenario may say of its model. */
import { z } from 'zod'
import { parsePrice } from '../analysis/savings.ts'
import { InputError } from '../core/errors.ts'
import type { LatencyModel } from '../core/latency.ts'
import { parseLatency } from '../latency/index.ts'
import { checked, group, groupOf, mustBe, parsed } from './recipe-fields.ts'
import { duration, durationOrNone, latency, share, whole, wholeOrUnlimited } from './scenario-fields.ts'

export const MOST_WORKERS = 1_000_000

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

export const model = group(
  'the model',
  {
    latency: z
      .union([z.number(), z.string(), groupOf(perToken)], {
        error: mustBe('latency', 'a duration, a distribution, recorded, or { fixed: 300ms, perToken: 20ms }'),
      })
      .pipe(
        z.any().transform((value, context) => {
          const schema = typeof value === 'object' ? perToken : latency('latency', '', { recorded: true })
          const result = schema.safeParse(value)
          if (result.success) return result.data
          for (const issue of result.error.issues) context.addIssue({ ...issue, input: value })
          return z.NEVER
        }),
      )
      .optional()
      .meta({
        description:
          'how long a call takes: a duration, a distribution, recorded (the cost of each request), or { fixed, perToken, tokens }; default: recorded where the trace has costs, else lognormal:p50=120ms,p99=900ms',
      }),
    workers: wholeOrUnlimited('workers', MOST_WORKERS, 1)
      .prefault(8)
      .meta({ description: 'calls that run at once; unlimited, or none: as many as there are calls' }),
    queue: group(
      'the queue of the model',
      {
        limit: wholeOrUnlimited('limit', Number.MAX_SAFE_INTEGER, 0)
          .prefault('none')
          .meta({ description: 'calls that may wait; more fail at once; unlimited, or none: no limit' }),
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
