import type { ParameterValues } from '../../core/parameters.ts'
import type { PolicyDefinition } from '../../core/policy.ts'
import type { Duration } from './duration.ts'

/*
 * A prediction service, understood: what the simulation is told. Durations are seconds. Nothing here is checked: who
 * reads a scenario does that, where he can say the line.
 */

export type RoutingName = 'round-robin' | 'random' | 'least-loaded' | 'by-key'

/** One tier of caches: one store in each instance, or one that all instances share. */
export interface TierSettings {
  readonly name: string
  readonly shared: boolean
  readonly policy: {
    readonly text: string
    readonly definition: PolicyDefinition
    readonly parameters: ParameterValues<PolicyDefinition['parameters']>
  }
  /** Entries of one store, or bytes. */
  readonly capacity: number
  readonly capacityUnit: 'entries' | 'bytes'
  /** Undefined: entries live for ever. */
  readonly ttlSeconds: number | undefined
  /** Entries live as long as the trace's requests say, and `ttlSeconds` where these do not. */
  readonly recordedTtls: boolean
  readonly renewOnHit: boolean
  readonly lookup: Duration
  readonly store: Duration
  /** How long its answer is waited for at most; 0: without end, and while it is down it refuses at once. */
  readonly timeoutSeconds: number
  /** Whether its content outlives a restart. */
  readonly persistent: boolean
  /** An entry is here or in the tier before it, never in both: what that one evicts comes here, what is hit here moves there. */
  readonly exclusive: boolean
}

/** Calls that a free worker takes together. */
export interface BatchingSettings {
  readonly maxSize: number
  /** How long the first waits for others. */
  readonly maxWait: number
  readonly fixed: number
  readonly perItem: number
}

export interface ModelSettings {
  /** Of one call, alone; not looked at where calls are batched. */
  readonly latency: Duration
  /** Infinity: every call has a worker of its own. */
  readonly workers: number
  /** Calls that may wait for a worker; beyond it they fail at once. */
  readonly queueLimit: number
  /** A call that has waited that long fails. */
  readonly queueTimeout: number
  readonly batching: BatchingSettings | undefined
  /** Share of the calls that fail, after their time. */
  readonly errorRate: number
  /** How long a call takes to fail while the model is down. */
  readonly failAfter: number
}

export interface MissSettings {
  /** Who computes what many ask for: each of them; one an instance; one of all, as long as its lease lasts. */
  readonly protection: 'none' | 'single-flight' | 'lock'
  /** Of a lock. */
  readonly leaseSeconds: number
  /** β of XFetch; 0: nothing is refreshed early. */
  readonly earlyRefresh: number
  /** How long after its TTL an entry is served while it is computed anew behind it. */
  readonly staleWhileRevalidate: number
  /** How long after its TTL an entry is served where the model fails. */
  readonly staleIfError: number
  /** How long an error is remembered and answered from memory. */
  readonly negativeTtl: number
}

/** How caches hear of a new model. */
export interface InvalidationSettings {
  /**
   * flush: a store that hears of it forgets everything; affected: only the keys whose model it is; versioned: an instance
   * that hears of it asks for keys of the new version; ttl: nobody is told.
   */
  readonly mode: 'flush' | 'affected' | 'versioned' | 'ttl'
  readonly delivery: 'push' | 'pull'
  /** Of a message that is pushed. */
  readonly delay: Duration
  /** Share of the messages to instances that never arrive; a shared tier answers, so that the command is repeated. */
  readonly lossRate: number
  /** Seconds between two pulls. */
  readonly interval: number
}

export type ServiceEvent =
  | {
      readonly kind: 'model-update'
      readonly at: number
      /** [keyCount] 1 for the keys whose predictions change; absent: all. */
      readonly affected?: Uint8Array
    }
  | {
      readonly kind: 'restart-instance'
      readonly at: number
      /** Undefined: all, one after another, each when the one before is back. */
      readonly instance: number | undefined
      readonly seconds: number
    }
  | { readonly kind: 'restart-tier'; readonly at: number; readonly tier: number; readonly seconds: number }
  | { readonly kind: 'model-outage'; readonly at: number; readonly seconds: number }
  | { readonly kind: 'scale'; readonly at: number; readonly instances: number }
  | {
      readonly kind: 'warm-up'
      readonly at: number
      /** A request for each key that is to be computed, in that order. */
      readonly requests: Uint32Array
    }

export interface ServiceSettings {
  /** At the start. */
  readonly instances: number
  readonly routing: RoutingName
  /** Nearest first. */
  readonly tiers: readonly TierSettings[]
  readonly model: ModelSettings
  readonly onMiss: MissSettings
  readonly invalidation: InvalidationSettings
  /** In any order. */
  readonly events: readonly ServiceEvent[]
  /** Calls of a warm-up that run at once. */
  readonly warmUpConcurrency: number
  /** Requests before this one fill the caches and are not counted. */
  readonly countFrom: number
  /** More requests than these at once end the run. */
  readonly maxInFlight: number
}
