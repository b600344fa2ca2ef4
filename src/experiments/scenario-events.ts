/* What a scenario may let happen. */
import { z } from 'zod'
import { group, mustBe, mustBeOneOf, type Shape } from './recipe-fields.ts'
import { duration, factor, share, text, whole } from './scenario-fields.ts'

/** More instances than anyone has; each has caches of its own. */
export const MOST_INSTANCES = 4096

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

export const events = z.array(
  z.discriminatedUnion('kind', EVENTS as unknown as readonly [z.ZodObject, ...z.ZodObject[]], {
    error(issue) {
      const given = (issue.input as { kind?: unknown } | null)?.kind
      return mustBeOneOf('kind', KINDS, `one of ${KINDS.join(', ')}`)({ input: given })
    },
  }),
  { error: mustBe('events', 'a list of events, such as [{ at: 10m, kind: model-update }]') },
)
