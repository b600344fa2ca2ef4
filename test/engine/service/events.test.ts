import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createTrace } from '../../../src/core/trace.ts'
import type { ServiceSettings } from '../../../src/engine/service/settings.ts'
import { drawn, exponential, seconds, service, simulated, tier } from '../../support/service.ts'

const rounded = (values: ArrayLike<number>) => Array.from(values, (value) => Number(value.toFixed(9)))
const each = (count: number, every = 1) => Array.from({ length: count }, (_, at) => at * every)

describe('a model update', () => {
  // One key, asked for every second; it is computed at 0 and never expires.
  const trace = createTrace({ keys: each(100).map(() => 0), times: each(100) })
  const run = (invalidation: Parameters<typeof service>[0] & object, over: Partial<ServiceSettings> = {}) =>
    simulated(trace, {
      ...service({ tiers: [tier('lru', 10, { shared: false })], ...invalidation }),
      events: [{ kind: 'model-update', at: 49.5 }],
      ...over,
    })

  it.each(['flush', 'affected', 'versioned'] as const)(
    '%s: answers are stale from the update to the message',
    (mode) => {
      const { meters } = run({ invalidation: { mode, delay: seconds(7) } })
      // Those of 50 … 56; the message comes at 56.5. The first was outdated for 0.5 s, the last for 6.5.
      expect(meters.staleAnswers).toBe(7)
      expect({ sum: meters.outdated.sum, max: meters.outdated.max }).toEqual({ sum: 24.5, max: 6.5 })
      expect(meters.calls).toBe(2)
    },
  )

  it('a message that is lost leaves the old predictions there', () => {
    const { meters } = run({ invalidation: { mode: 'flush', lossRate: 1 } })
    expect({ stale: meters.staleAnswers, calls: meters.calls }).toEqual({ stale: 50, calls: 1 })
  })

  it('of messages lost at random, as many instances stay stale', () => {
    const instances = 400
    const many = createTrace({
      keys: each(2 * instances).map(() => 0),
      times: each(2 * instances).map((at) => (at < instances ? 0 : 2)),
    })
    const { meters } = simulated(many, {
      ...service({
        instances,
        tiers: [tier('lru', 1, { shared: false })],
        invalidation: { mode: 'flush', lossRate: 0.3 },
      }),
      events: [{ kind: 'model-update', at: 1 }],
    })
    expect(Math.abs(meters.staleAnswers - 120)).toBeLessThan(4 * Math.sqrt(400 * 0.3 * 0.7))
  })

  it('where it is pulled, answers are stale until the next pull', () => {
    const { meters } = run({ invalidation: { mode: 'flush', delivery: 'pull', interval: 20 } })
    // Pulls at 20, 40, 60: 50 … 59 are stale; the pull at 60 comes before the request at 60.
    expect(meters.staleAnswers).toBe(10)
  })

  it('where nobody is told, until the TTL', () => {
    const { meters } = run({ tiers: [tier('lru', 10, { shared: false, ttlSeconds: 30 })] })
    // Written at 0, 30 and 60.
    expect(meters.staleAnswers).toBe(10)
  })

  it('changes the keys of one model only, where several share the cache', () => {
    const two = createTrace({ keys: each(100).map((at) => at % 2), times: each(100) })
    const { meters, tiers } = simulated(two, {
      ...service({ tiers: [tier('lru', 10)], invalidation: { mode: 'affected', delay: seconds(6) } }),
      events: [{ kind: 'model-update', at: 49.5, affected: Uint8Array.of(0, 1) }],
    })
    // Key 1 is asked for at 51, 53, 55; the message comes at 55.5.
    expect(meters.staleAnswers).toBe(3)
    expect(meters.calls).toBe(3)
    expect(tiers[0]!.stores[0]!.answers[4]).toBe(1)
  })

  it('what was being computed when it came is outdated when it is stored', () => {
    const { meters } = run({
      model: { latency: seconds(60) },
      onMiss: { protection: 'single-flight' },
      invalidation: { mode: 'flush' },
    })
    // Asked at 0, there at 60, after the flush at 49.5: all 100 answers are of the old model.
    expect({ stale: meters.staleAnswers, answers: meters.answers }).toEqual({ stale: 100, answers: 100 })
  })
})

describe('an outage of the model', () => {
  // One key, every second, TTL 10: computed at 0, 10, 20 …; the model is down from 25 to 45.
  const trace = createTrace({ keys: each(60).map(() => 0), times: each(60) })
  const run = (onMiss: Partial<ServiceSettings['onMiss']>) =>
    simulated(trace, {
      ...service({ tiers: [tier('lru', 10, { ttlSeconds: 10 })], onMiss }),
      events: [{ kind: 'model-outage', at: 25, seconds: 20 }],
    }).meters

  it('fails what the cache does not have', () => {
    const { failures, answers, failedCalls } = run({})
    // 30 … 44.
    expect({ failures, answers, failedCalls }).toEqual({ failures: 15, answers: 45, failedCalls: 15 })
  })

  it('is bridged by what is stale', () => {
    const meters = run({ staleIfError: 60 })
    expect({ failures: meters.failures, stale: meters.staleIfError }).toEqual({ failures: 0, stale: 15 })
    // Past the TTL by 0 … 14 seconds.
    expect({ max: meters.pastTtl.max, sum: meters.pastTtl.sum }).toEqual({ max: 14, sum: 105 })
    expect(run({ staleIfError: 6 }).failures).toBe(9)
  })

  it('costs fewer calls where errors are remembered', () => {
    const meters = run({ negativeTtl: 5 })
    // Asked at 30, 35, 40; 45 is the first that succeeds.
    expect({ failures: meters.failures, calls: meters.failedCalls }).toEqual({ failures: 15, calls: 3 })
    expect(meters.rememberedFailures).toBe(12)
  })
})

it('what is past its TTL is served while it is computed anew behind it', () => {
  const trace = createTrace({ keys: [0, 0, 0, 0], times: [0, 11, 12, 40] })
  const settings = service({
    tiers: [tier('lru', 10, { ttlSeconds: 9 })],
    model: { latency: seconds(1.5) },
    onMiss: { protection: 'single-flight', staleWhileRevalidate: 5 },
  })
  const { meters } = simulated(trace, settings)
  // There from 1.5 to 10.5; 11 is served and asks, 12 is served too, at 12.5 it is new; 40 is past all.
  expect(rounded(meters.latencies)).toEqual([1.5, 0, 0, 1.5])
  expect({ calls: meters.calls, refreshes: meters.refreshCalls, stale: meters.staleAnswers }).toEqual({
    calls: 3,
    refreshes: 1,
    stale: 2,
  })
  expect(meters.pastTtl.max).toBeCloseTo(1.5, 12)
})

describe('instances', () => {
  const trace = createTrace({ keys: each(40).map(() => 0), times: each(40) })
  const own = [tier('lru', 10, { shared: false })]

  it('that restart lose what they had, one after another', () => {
    const { meters } = simulated(trace, {
      ...service({ instances: 2, tiers: own }),
      events: [{ kind: 'restart-instance', at: 9.5, instance: undefined, seconds: 5 }],
    })
    // Each is filled once and once more after its restart.
    expect({ calls: meters.calls, failures: meters.failures }).toEqual({ calls: 4, failures: 0 })
  })

  it('of which there are none answer nothing', () => {
    const { meters } = simulated(trace, {
      ...service({ tiers: own }),
      events: [{ kind: 'restart-instance', at: 9.5, instance: 0, seconds: 5 }],
    })
    expect({ failures: meters.failures, noInstance: meters.noInstance, calls: meters.calls }).toEqual({
      failures: 5,
      noInstance: 5,
      calls: 2,
    })
  })

  it('that are added begin empty, those that come back too', () => {
    const { meters } = simulated(trace, {
      ...service({ tiers: own }),
      events: [
        { kind: 'scale', at: 9.5, instances: 3 },
        { kind: 'scale', at: 19.5, instances: 1 },
        { kind: 'scale', at: 29.5, instances: 2 },
      ],
    })
    expect(meters.calls).toBe(4)
  })

  it.each([
    { routing: 'round-robin' as const, most: 1 },
    { routing: 'random' as const, most: 4 * Math.sqrt(4000 * 0.25 * 0.75) },
    { routing: 'least-loaded' as const, most: 1 },
  ])('share requests: $routing', ({ routing, most }) => {
    const many = createTrace({ keys: each(4000), times: each(4000) })
    const { tiers } = simulated(many, service({ instances: 4, routing, tiers: own }))
    for (const { answers } of tiers[0]!.stores) expect(Math.abs(answers[0]! - 1000)).toBeLessThanOrEqual(most)
  })

  it('by key: a key has one of them, and keeps it when another is added, mostly', () => {
    const keys = 2000
    const many = createTrace({ keys: each(3 * keys).map((at) => at % keys), times: each(3 * keys) })
    const large = [tier('lru', keys, { shared: false })]
    const settings = service({ instances: 4, routing: 'by-key', tiers: large })
    expect(simulated(many, settings).meters.calls).toBe(keys)
    const grown = simulated(many, { ...settings, events: [{ kind: 'scale', at: keys - 0.5, instances: 5 }] })
    const moved = grown.meters.calls - keys
    // The fifth takes a fifth, give or take how unevenly 128 places lie on the ring.
    expect(moved / keys).toBeGreaterThan(0.14)
    expect(moved / keys).toBeLessThan(0.26)
  })
})

it('a warm-up computes what is asked for first, and pays for it', () => {
  const trace = createTrace({ keys: [0, 1, 2, 0, 1, 2], times: [0, 10, 11, 12, 13, 14] })
  const { meters } = simulated(trace, {
    ...service({ instances: 3, tiers: [tier('lru', 10, { shared: false })], model: { latency: seconds(1) } }),
    events: [{ kind: 'warm-up', at: 1, requests: Uint32Array.of(0, 1, 2) }],
  })
  expect(meters.warmUpCalls).toBe(3)
  expect(rounded(meters.latencies)).toEqual([1, 0, 0, 0, 0, 0])
})

it('ends early rather than hold ever more requests', () => {
  const trace = createTrace({ keys: each(1000), times: each(1000) })
  const simulation = simulated(
    trace,
    service({ model: { workers: 1, latency: seconds(10) }, maxInFlight: 100 }),
  )
  expect(simulation.stoppedEarly).toBe(true)
  expect(simulation.inFlight).toBe(101)
  const { meters } = simulation
  expect(meters.answers + meters.failures + simulation.inFlight).toBe(meters.arrivals)
})

describe('whatever the service', () => {
  const durations = { none: seconds(0), some: seconds(0.3), varying: exponential(0.5) }
  const duration = fc.constantFrom('none' as const, 'some' as const, 'varying' as const)
  const aTier = fc.record({
    policy: fc.constantFrom('lru', 'fifo', 's3-fifo', 'lfu', 'w-tinylfu'),
    capacity: fc.integer({ min: 0, max: 12 }),
    shared: fc.boolean(),
    ttlSeconds: fc.constantFrom(undefined, 3, 10),
    renewOnHit: fc.boolean(),
    lookup: duration,
    store: duration,
    timeoutSeconds: fc.constantFrom(0, 0.05, 2),
    persistent: fc.boolean(),
  })
  const at = fc.double({ min: -5, max: 110, noNaN: true })
  const lasts = fc.double({ min: 0.1, max: 30, noNaN: true })
  const event = (tiers: number) =>
    fc.oneof(
      fc.record({ kind: fc.constant('model-update' as const), at }),
      fc.record({
        kind: fc.constant('model-update' as const),
        at,
        affected: fc.constant(Uint8Array.from(each(15), (key) => key % 2)),
      }),
      fc.record({
        kind: fc.constant('restart-instance' as const),
        at,
        instance: fc.constantFrom(undefined, 0),
        seconds: lasts,
      }),
      fc.record({ kind: fc.constant('model-outage' as const), at, seconds: lasts }),
      fc.record({ kind: fc.constant('scale' as const), at, instances: fc.integer({ min: 1, max: 4 }) }),
      fc.record({
        kind: fc.constant('warm-up' as const),
        at,
        requests: fc.constant(Uint32Array.of(0, 1, 2, 3)),
      }),
      ...(tiers === 0
        ? []
        : [
            fc.record({
              kind: fc.constant('restart-tier' as const),
              at,
              tier: fc.nat(tiers - 1),
              seconds: lasts,
            }),
          ]),
    )
  const scenario = fc.array(aTier, { maxLength: 3 }).chain((tiers) =>
    fc.record({
      tiers: fc.constant(tiers),
      exclusive: fc.boolean(),
      instances: fc.integer({ min: 1, max: 3 }),
      routing: fc.constantFrom(
        'round-robin' as const,
        'random' as const,
        'least-loaded' as const,
        'by-key' as const,
      ),
      model: fc.record({
        latency: duration,
        workers: fc.constantFrom(1, 2, Infinity),
        queueLimit: fc.constantFrom(8, 20, Infinity),
        queueTimeout: fc.constantFrom(0.5, 5, Infinity),
        errorRate: fc.constantFrom(0, 0.2),
        failAfter: fc.constantFrom(0, 0.1),
        batching: fc.constantFrom(undefined, { maxSize: 4, maxWait: 0.2, fixed: 0.2, perItem: 0.05 }),
      }),
      onMiss: fc.record({
        protection: fc.constantFrom('none' as const, 'single-flight' as const, 'lock' as const),
        leaseSeconds: fc.constantFrom(0.2, 2, Infinity),
        earlyRefresh: fc.constantFrom(0, 1),
        staleWhileRevalidate: fc.constantFrom(0, 4),
        staleIfError: fc.constantFrom(0, 6),
        negativeTtl: fc.constantFrom(0, 2),
      }),
      invalidation: fc.record({
        mode: fc.constantFrom('flush' as const, 'affected' as const, 'versioned' as const, 'ttl' as const),
        delivery: fc.constantFrom('push' as const, 'pull' as const),
        delay: duration,
        lossRate: fc.constantFrom(0, 0.5),
      }),
      events: fc.array(event(tiers.length), { maxLength: 5 }),
      arrivals: fc.array(fc.tuple(fc.nat(14), fc.double({ min: 0, max: 1.5, noNaN: true }), fc.nat(20)), {
        minLength: 1,
        maxLength: 150,
      }),
    }),
  )

  it('nothing is lost: requests, lookups, calls and time add up', () => {
    fc.assert(
      fc.property(
        scenario,
        ({ arrivals, exclusive, tiers, model: { latency, ...model }, invalidation, ...over }) => {
          let now = 0
          const trace = createTrace({
            keys: arrivals.map(([key]) => key),
            times: arrivals.map(([, gap]) => {
              now += gap
              return now
            }),
            ops: arrivals.map(([, , op]) => (op < 19 ? 0 : op - 18)),
          })
          const settings = service({
            ...over,
            model: { ...model, latency: durations[latency] },
            invalidation: { ...invalidation, delay: durations[invalidation.delay] },
            tiers: tiers.map(({ policy, capacity, ...rest }, at) =>
              tier(policy, capacity, {
                ...rest,
                lookup: durations[rest.lookup],
                store: durations[rest.store],
                ...(at > 0 &&
                  exclusive && {
                    exclusive: true,
                    ttlSeconds: tiers[0]!.ttlSeconds,
                    shared: rest.shared || tiers[at - 1]!.shared,
                  }),
                ...(at > 0 && tiers[at - 1]!.shared && { shared: true }),
              }),
            ),
          })
          const simulation = simulated(trace, settings)
          const { meters, model: queue } = simulation
          const served = meters.hits.reduce((sum, hits) => sum + hits, 0)
          expect(simulation.inFlight).toBe(0)
          expect(meters.inFlight).toBe(0)
          expect(meters.answers + meters.failures).toBe(meters.arrivals)
          expect(served + meters.delayedHits + meters.computed).toBe(meters.answers)
          expect(Math.abs(meters.inFlightSeconds - meters.sojournSeconds)).toBeLessThan(1e-6)
          expect({ busy: queue.busy, running: queue.running, waiting: queue.waiting }).toEqual({
            busy: 0,
            running: 0,
            waiting: 0,
          })
          expect(Math.abs(meters.busySeconds - queue.workSeconds)).toBeLessThan(1e-6)
          expect(Math.abs(meters.waitingSeconds - queue.waitSeconds)).toBeLessThan(1e-6)
          expect(meters.duplicateCalls).toBeLessThan(Math.max(1, meters.calls))
          simulation.tiers.forEach(({ stores, settings: { capacity } }) => {
            for (const { occupied, states } of stores) {
              expect(occupied).toBe(states.filter((state) => state === 1).length)
              expect(occupied).toBeLessThanOrEqual(capacity)
            }
          })
        },
      ),
      { numRuns: 1500, seed: 6 },
    )
  })
})

it('the same draws whatever else is asked for: a cache changes nothing for what misses it', () => {
  const trace = createTrace({ keys: each(500), times: each(500, 10) })
  const model = { latency: drawn((random) => random.double()) }
  const alone = simulated(trace, service({ model }))
  const cached = simulated(
    trace,
    service({
      model,
      tiers: [tier('random', 10, { lookup: seconds(0), ttlSeconds: 3 })],
      onMiss: { protection: 'single-flight', earlyRefresh: 1 },
    }),
  )
  expect(rounded(cached.meters.latencies)).toEqual(rounded(alone.meters.latencies))
})
