/*
 * A scenario and its requests become the settings of a simulation: capacities are counted, draws get their streams, keys
 * of a model are found, and what is to be warmed up is chosen.
 */
import { availableMemory } from 'node:process'
import { InputError } from '../core/errors.ts'
import { createIndexedRandom } from '../core/indexed-random.ts'
import { howToGive } from '../core/lacking.ts'
import type { LatencyModel } from '../core/latency.ts'
import type { Trace } from '../core/trace.ts'
import { formatBytes, parseSize, plural } from '../core/units.ts'
import { Duration } from '../engine/service/duration.ts'
import type { ServiceEvent, ServiceSettings, TierSettings } from '../engine/service/settings.ts'
import { parseLatency } from '../latency/index.ts'
import { choosePolicy } from './policies.ts'
import { mostInstances, type Scenario, type ScenarioEvent, type ScenarioTier } from './scenario.ts'
import { type Footprint, resolveSize } from './sizes.ts'

/** Of a model, where neither scenario nor trace says. */
const DEFAULT_LATENCY = 'lognormal:p50=120ms,p99=900ms'
/** More requests at once than these end a run. */
const MOST_IN_FLIGHT = 1_000_000
/** Keys in all their versions: a store takes some 20 bytes for each. */
const MOST_IDS = 500_000_000

/** The latency of a call, as the result says it. */
export function describeModelLatency({ model }: Scenario, trace: Trace): string {
  const { batching, latency } = model
  if (batching !== undefined) return `batches of ${batching.maxSize}`
  if (latency === undefined) return trace.costs === undefined ? DEFAULT_LATENCY : 'recorded'
  if ('perToken' in latency)
    return `${latency.fixed * 1000}ms + ${latency.perToken * 1000}ms for each of ${latency.tokens.constant === undefined ? latency.tokens.text.replaceAll(/s(?=,|$)/g, '') : latency.tokens.constant / 1000} tokens`
  return latency.text
}

/**
 * @throws InputError where the scenario asks for what the trace does not have
 */
export function serviceSettings(
  scenario: Scenario,
  trace: Trace,
  extent: Footprint,
  seed: string,
): ServiceSettings {
  const { model, onMiss, invalidation, warmUp, events } = scenario
  const updates = events.filter(({ kind }) => kind === 'model-update').length
  if (invalidation.mode === 'versioned' && trace.keyCount * (updates + 1) > MOST_IDS)
    throw new InputError(
      `${updates} updates of ${trace.keyCount} versioned keys are more than can be told apart: take fewer, or 'mode: flush'`,
    )
  checkMemory(scenario, trace.keyCount * (invalidation.mode === 'versioned' ? updates + 1 : 1))
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
    events: [...events.flatMap((event) => serviceEvent(event, trace, seed)), ...warmUps(scenario, trace)],
    warmUpConcurrency: warmUp.concurrency,
    countFrom: Math.floor(warmUp.first * trace.length),
    maxInFlight: MOST_IN_FLIGHT,
  }
}

/** Bytes that a cache takes for each key there is, whatever its capacity: where it stands, when it expires, its rank. */
const BYTES_A_KEY = 40

/**
 * Most systems promise memory that they do not have, and end the program when it is used.
 * @param ids keys in all their versions
 * @param memory bytes that are free
 * @throws InputError where the caches need more
 */
export function checkMemory(scenario: Scenario, ids: number, memory = availableMemory()): void {
  const most = mostInstances(scenario)
  const stores = scenario.tiers.reduce((sum, { scope }) => sum + (scope === 'shared' ? 1 : most), 0)
  const needed = stores * ids * BYTES_A_KEY
  if (needed > memory)
    throw new InputError(
      `${plural(stores, 'cache')} over ${plural(ids, 'key')} need ${formatBytes(needed)} of memory, and ${formatBytes(memory)} are free: take fewer instances or keys`,
    )
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
    throw new InputError(
      `tier '${name}' takes TTLs as recorded, which ${trace.name} does not have: give it a duration`,
    )
  if (needs.includes('ttl') && tier.ttl === 'none')
    throw new InputError(`policy '${policy.text}' of tier '${name}' needs a TTL: give the tier one`)
  if (needs.includes('sizes') && trace.sizes === undefined)
    throw new InputError(
      `policy '${policy.text}' of tier '${name}' needs sizes, which ${trace.name} does not have: ${howToGive('sizes', trace)}`,
    )
  const size = parseSize(tier.capacity, "'capacity'")
  if (size.unit === 'bytes' && trace.sizes === undefined)
    throw new InputError(
      `'capacity' of tier '${name}' is in bytes, which needs value sizes, and ${trace.name} has none: ${howToGive('sizes', trace)}, or give it in entries`,
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
    persistent: tier.persistent,
    exclusive: tier.exclusive,
  }
}

function modelLatency({ model }: Scenario, trace: Trace, seed: string): Duration {
  const given =
    model.latency ?? parseLatency(trace.costs ? 'recorded' : DEFAULT_LATENCY, 'duration', "'latency'")
  if ('perToken' in given) return new Duration(tokenLatency(given), seed, 'service:model')
  if (given.recorded && trace.costs === undefined)
    throw new InputError(
      `the model's latency is 'recorded', which needs costs, and ${trace.name} has none: ${howToGive('costs', trace)}, or give a latency`,
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

function serviceEvent(event: ScenarioEvent, trace: Trace, seed: string): ServiceEvent[] {
  const { at } = event
  switch (event.kind) {
    case 'model-update': {
      const affected = affectedKeys(event, trace, seed)
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
): Uint8Array | undefined {
  if (prefix === undefined && share === undefined) return undefined
  const affected = new Uint8Array(trace.keyCount)
  if (share !== undefined) {
    // The same keys at every update: those of one model.
    const random = createIndexedRandom(seed, 'service:models')
    for (let key = 0; key < affected.length; key++) affected[key] = random(key)() < share ? 1 : 0
    return affected
  }
  const { keyNames } = trace
  if (keyNames === undefined)
    throw new InputError(`'prefix' needs the names of keys, which ${trace.name} does not have`)
  let found = 0
  for (let key = 0; key < affected.length; key++) {
    if (!keyNames.nameOf(key).startsWith(prefix!)) continue
    affected[key] = 1
    found++
  }
  if (found === 0)
    throw new InputError(`no key begins with the prefix '${prefix}': the update would change nothing`)
  return affected
}

/** When which keys are computed ahead. */
function warmUps({ warmUp }: Scenario, trace: Trace): ServiceEvent[] {
  const { keys, of, every, before } = warmUp
  if (keys === 0 || trace.length === 0) return []
  const times = trace.times!
  const end = times[trace.length - 1]!
  const events: ServiceEvent[] = []
  if (of === 'sample')
    events.push({ kind: 'warm-up', at: -before, requests: mostPopular(trace, 0, trace.length, keys) })
  let from = 0
  for (let at = every; at < end; at += every) {
    let to = from
    while (to < trace.length && times[to]! < at) to++
    const requests =
      of === 'sample'
        ? events[0]!.kind === 'warm-up'
          ? events[0]!.requests
          : undefined
        : mostPopular(trace, from, to, keys)
    events.push({ kind: 'warm-up', at, requests: requests! })
    from = to
  }
  return events
}

/** A request of each of the keys that are asked for most between two requests, the most popular first. */
function mostPopular({ keys, keyCount }: Trace, from: number, to: number, most: number): Uint32Array {
  const counts = new Uint32Array(keyCount)
  const last = new Uint32Array(keyCount)
  for (let at = from; at < to; at++) {
    counts[keys[at]!]!++
    last[keys[at]!] = at
  }
  const seen = Uint32Array.from(counts.keys()).filter((key) => counts[key]! > 0)
  // Of equally popular ones the one that came first, whose id is lower.
  seen.sort((a, b) => counts[b]! - counts[a]! || a - b)
  return seen.subarray(0, most).map((key) => last[key]!)
}
