/*
 * A scenario and its requests become the settings of a simulation: capacities are counted, draws get their streams, keys
 * of a model are found, and what is to be warmed up is chosen.
 */
import { InputError } from '../core/errors.ts'
import { createIndexedRandom } from '../core/indexed-random.ts'
import { howToGive } from '../core/lacking.ts'
import type { LatencyModel } from '../core/latency.ts'
import { createColumn, type Trace } from '../core/trace.ts'
import { parseSize, plural } from '../core/units.ts'
import { Duration } from '../engine/service/duration.ts'
import type { ServiceEvent, ServiceSettings, TierSettings } from '../engine/service/settings.ts'
import { parseLatency } from '../latency/index.ts'
import { choosePolicy } from './policies.ts'
import type { Scenario, ScenarioEvent, ScenarioTier } from './scenario.ts'
import { checkMemory, idsOf } from './service-memory.ts'
import { warmUps } from './service-warm-up.ts'
import { SettingError } from './setting-error.ts'
import { type Footprint, resolveSize } from './sizes.ts'

/** Of a model, where neither scenario nor trace says. */
export const DEFAULT_LATENCY = 'lognormal:p50=120ms,p99=900ms'
/** More requests at once than these end a run. */
const MOST_IN_FLIGHT = 1_000_000
/** Keys in all their versions: a store takes some 20 bytes for each. */
const MOST_IDS = 500_000_000

/** [keyCount] 1 for the keys whose names begin with a prefix, by prefix. */
export type KeysByPrefix = ReadonlyMap<string, Uint8Array>

/**
 * @param prefixes of `keysByPrefix`, which threads that do not know names are given
 * @throws InputError where the scenario asks for what the trace does not have
 */
export function serviceSettings(
  scenario: Scenario,
  trace: Trace,
  extent: Footprint,
  seed: string,
  prefixes: KeysByPrefix,
): ServiceSettings {
  const { model, onMiss, invalidation, warmUp, events } = scenario
  const ids = idsOf(scenario, trace.keyCount)
  if (ids > MOST_IDS)
    throw new InputError(
      `${plural(ids / trace.keyCount - 1, 'update')} of ${plural(trace.keyCount, 'versioned key')} are more than can be told apart: take fewer, or 'mode: flush'`,
    )
  checkMemory(scenario, ids)
  return {
    instances: scenario.instances,
    routing: scenario.routing,
    tiers: scenario.tiers.map((tier, at) => tierSettings(tier, at, scenario, trace, extent, seed)),
    model: {
      latency: modelLatency(scenario, trace, seed),
      workers: model.workers,
      queueLimit: model.queue.limit,
      queueTimeout: model.queue.timeout,
      batching: model.batching,
      errorRate: model.errorRate,
      failAfter: model.failAfter,
    },
    onMiss: {
      protection: onMiss.protection,
      leaseSeconds: onMiss.lease,
      earlyRefresh: onMiss.earlyRefresh,
      staleWhileRevalidate: onMiss.staleWhileRevalidate,
      staleIfError: onMiss.staleIfError,
      negativeTtl: onMiss.negative,
    },
    invalidation: {
      mode: invalidation.mode,
      delivery: invalidation.delivery,
      delay: new Duration(invalidation.delay, seed, 'service:messages:delay'),
      lossRate: invalidation.loss,
      interval: invalidation.every,
    },
    events: [
      ...events.flatMap((event) => serviceEvent(event, trace, seed, prefixes)),
      ...warmUps(scenario, trace),
    ],
    warmUpConcurrency: warmUp.concurrency,
    countFrom: Math.floor(warmUp.first * trace.length),
    maxInFlight: MOST_IN_FLIGHT,
  }
}

/** The same service without its caches: every request pays the model. */
export function withoutCaches(settings: ServiceSettings): ServiceSettings {
  return {
    ...settings,
    tiers: [],
    onMiss: {
      protection: 'none',
      leaseSeconds: Infinity,
      earlyRefresh: 0,
      staleWhileRevalidate: 0,
      staleIfError: 0,
      negativeTtl: 0,
    },
    events: settings.events.filter(({ kind }) => kind !== 'warm-up' && kind !== 'restart-tier'),
  }
}

/** What a tier is called: as its scenario says, else by where it is. */
export function tierName({ name, scope }: ScenarioTier, at: number, tiers: readonly ScenarioTier[]): string {
  if (name !== undefined) return name
  const usual = scope === 'shared' ? 'shared' : 'in-process'
  const alike = tiers.filter((tier) => tier.name === undefined && tier.scope === scope).length
  return alike > 1 ? `${usual} ${at}` : usual
}

function tierSettings(
  tier: ScenarioTier,
  at: number,
  { tiers }: Scenario,
  trace: Trace,
  extent: Footprint,
  seed: string,
): TierSettings {
  const policy = choosePolicy(tier.policy)
  const name = tierName(tier, at, tiers)
  const { needs } = policy.definition
  const recordedTtls = tier.ttl === 'recorded'
  if (recordedTtls && trace.ttls === undefined)
    throw new SettingError(
      `tier '${name}' takes TTLs as recorded, which ${trace.name} does not have: give it a duration`,
      ['tiers', at, 'ttl'],
    )
  if (needs.includes('ttl') && tier.ttl === 'none')
    throw new SettingError(`policy '${policy.text}' of tier '${name}' needs a TTL: give the tier one`, [
      'tiers',
      at,
      'policy',
    ])
  if (needs.includes('sizes') && trace.sizes === undefined)
    throw new SettingError(
      `policy '${policy.text}' of tier '${name}' needs sizes, which ${trace.name} does not have: ${howToGive('sizes', trace)}`,
      ['tiers', at, 'policy'],
    )
  const size = parseSize(tier.capacity, "'capacity'")
  if (size.unit === 'bytes' && trace.sizes === undefined)
    throw new SettingError(
      `'capacity' of tier '${name}' is in bytes, which needs value sizes, and ${trace.name} has none: ${howToGive('sizes', trace)}, or give it in entries`,
      ['tiers', at, 'capacity'],
    )
  const { capacity, unit } = resolveSize(size, extent)
  return {
    name,
    shared: tier.scope === 'shared',
    policy,
    capacity,
    capacityUnit: unit,
    ttlSeconds: typeof tier.ttl === 'number' ? tier.ttl : undefined,
    recordedTtls,
    renewOnHit: tier.ttlMode === 'idle',
    lookup: new Duration(tier.lookup, seed, `service:tier:${at}:lookup`),
    store: new Duration(tier.store, seed, `service:tier:${at}:store`),
    timeoutSeconds: tier.timeout,
    persistent: tier.persistent,
    exclusive: tier.exclusive,
  }
}

function modelLatency({ model }: Scenario, trace: Trace, seed: string): Duration {
  const given =
    model.latency ?? parseLatency(trace.costs ? 'recorded' : DEFAULT_LATENCY, 'duration', "'latency'")
  if ('perToken' in given) return new Duration(tokenLatency(given), seed, 'service:model')
  if (given.recorded && trace.costs === undefined)
    throw new SettingError(
      `the model's latency is 'recorded', which needs costs, and ${trace.name} has none: ${howToGive('costs', trace)}, or give a latency`,
      ['model', 'latency'],
    )
  return new Duration(given, seed, 'service:model', trace.costs)
}

function tokenLatency(given: { fixed: number; perToken: number; tokens: LatencyModel }): LatencyModel {
  const { fixed, perToken, tokens } = given
  // Tokens are read as if they were seconds.
  const milliseconds = (count: number) => 1000 * fixed + perToken * count
  return {
    text: `${fixed}s + ${perToken}s a token`,
    ...(tokens.constant !== undefined && { constant: milliseconds(tokens.constant) }),
    sample: (random) => milliseconds(1000 * Math.max(1, Math.round(tokens.sample(random) / 1000))),
  }
}

function serviceEvent(
  event: ScenarioEvent,
  trace: Trace,
  seed: string,
  prefixes: KeysByPrefix,
): ServiceEvent[] {
  const { at } = event
  switch (event.kind) {
    case 'model-update': {
      const affected = affectedKeys(event, trace, seed, prefixes)
      return [{ kind: event.kind, at, ...(affected && { affected }) }]
    }
    case 'restart-instance':
      return [{ kind: event.kind, at, instance: event.instance, seconds: event.for }]
    case 'restart-tier':
      return [{ kind: event.kind, at, tier: event.tier, seconds: event.for }]
    case 'model-outage':
      return [{ kind: event.kind, at, seconds: event.for }]
    case 'scale':
      return [{ kind: event.kind, at, instances: event.instances }]
    case 'surge':
      // It has changed the arrivals already.
      return []
  }
}

/** [keyCount] 1 for the keys of the model that is updated; undefined: all. */
function affectedKeys(
  { prefix, share }: { readonly prefix?: string; readonly share?: number },
  trace: Trace,
  seed: string,
  prefixes: KeysByPrefix,
): Uint8Array | undefined {
  if (prefix !== undefined) return prefixes.get(prefix)!
  if (share === undefined) return undefined
  const affected = new Uint8Array(trace.keyCount)
  // The same keys at every update: those of one model.
  const random = createIndexedRandom(seed, 'service:models')
  for (let key = 0; key < affected.length; key++) affected[key] = random(key)() < share ? 1 : 0
  return affected
}

/**
 * The keys of the models that a scenario tells apart by prefix.
 * @throws InputError where keys have no names, or none begins so
 */
export function keysByPrefix({ events }: Scenario, { keyNames, keyCount, name }: Trace): KeysByPrefix {
  const prefixes = new Map<string, Uint8Array>()
  for (const [at, event] of events.entries()) {
    if (event.kind !== 'model-update' || event.prefix === undefined || prefixes.has(event.prefix)) continue
    const { prefix } = event
    const path = ['events', at, 'prefix']
    if (keyNames === undefined)
      throw new SettingError(`'prefix' needs the names of keys, which ${name} does not have`, path)
    const affected = createColumn(Uint8Array, keyCount)
    for (let key = 0; key < keyCount; key++) affected[key] = keyNames.nameOf(key).startsWith(prefix) ? 1 : 0
    if (!affected.includes(1))
      throw new SettingError(
        `no key begins with the prefix '${prefix}': the update would change nothing`,
        path,
      )
    prefixes.set(prefix, affected)
  }
  return prefixes
}
