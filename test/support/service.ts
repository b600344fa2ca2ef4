import type { LatencyModel } from '../../src/core/latency.ts'
import type { Trace } from '../../src/core/trace.ts'
import { TraceColumns } from '../../src/engine/replay.ts'
import { Duration } from '../../src/engine/service/duration.ts'
import type {
  InvalidationSettings,
  MissSettings,
  ModelSettings,
  ServiceSettings,
  TierSettings,
} from '../../src/engine/service/settings.ts'
import { ServiceSimulation } from '../../src/engine/service/simulation.ts'
import { choosePolicy } from '../../src/experiments/policies.ts'

/** Always that many seconds. */
export function seconds(constant: number): Duration {
  return new Duration(
    { text: `${constant}s`, constant: 1000 * constant, sample: () => 1000 * constant },
    '1',
    'constant',
  )
}

/** Drawn from a distribution, in seconds. */
export function drawn(sample: LatencyModel['sample'], seed = '1', stream = 'drawn'): Duration {
  return new Duration({ text: 'drawn', sample: (random) => 1000 * sample(random) }, seed, stream)
}

export function exponential(mean: number, seed = '1', stream = 'exponential'): Duration {
  return drawn((random) => -mean * Math.log(1 - random.double()), seed, stream)
}

export function tier(policy: string, capacity: number, over: Partial<TierSettings> = {}): TierSettings {
  return {
    name: policy,
    shared: true,
    policy: choosePolicy(policy),
    capacity,
    capacityUnit: 'entries',
    ttlSeconds: undefined,
    recordedTtls: false,
    renewOnHit: false,
    lookup: seconds(0),
    store: seconds(0),
    timeoutSeconds: 0,
    persistent: false,
    exclusive: false,
    ...over,
  }
}

type Over = Partial<Omit<ServiceSettings, 'model' | 'onMiss' | 'invalidation'>> & {
  readonly model?: Partial<ModelSettings>
  readonly onMiss?: Partial<MissSettings>
  readonly invalidation?: Partial<InvalidationSettings>
}

/** A service of one instance without a cache whose model takes no time and has workers without number, and what differs. */
export function service({ model, onMiss, invalidation, ...over }: Over = {}): ServiceSettings {
  return {
    instances: 1,
    routing: 'round-robin',
    tiers: [],
    model: {
      latency: seconds(0),
      workers: Infinity,
      queueLimit: Infinity,
      queueTimeout: Infinity,
      batching: undefined,
      errorRate: 0,
      failAfter: 0,
      ...model,
    },
    onMiss: {
      protection: 'none',
      leaseSeconds: Infinity,
      earlyRefresh: 0,
      staleWhileRevalidate: 0,
      staleIfError: 0,
      negativeTtl: 0,
      ...onMiss,
    },
    invalidation: {
      mode: 'ttl',
      delivery: 'push',
      delay: seconds(0),
      lossRate: 0,
      interval: 1,
      ...invalidation,
    },
    events: [],
    warmUpConcurrency: 1,
    countFrom: 0,
    maxInFlight: 1_000_000,
    ...over,
  }
}

/** A simulation at its end. */
export function simulated(
  trace: Trace,
  settings: ServiceSettings,
  seed = '1',
  parts = 10,
): ServiceSimulation {
  const simulation = new ServiceSimulation(new TraceColumns(trace), settings, seed, parts)
  simulation.advance()
  return simulation
}
