import { describe, expect, it } from 'vitest'
import { createTrace } from '../../../src/core/trace.ts'
import { Duration } from '../../../src/engine/service/duration.ts'
import type { ServiceEvent, TierSettings } from '../../../src/engine/service/settings.ts'
import { seconds, service, simulated, tier } from '../../support/service.ts'

const rounded = (values: ArrayLike<number>) => Array.from(values, (value) => Number(value.toFixed(9)))

/** A cache of 10 ms to look up and 20 ms to store, in front of a model of a second. */
const cache = (over: Partial<TierSettings> = {}) =>
  tier('lru', 10, { lookup: seconds(0.01), store: seconds(0.02), persistent: true, ...over })

const down: ServiceEvent = { kind: 'restart-tier', at: 10, tier: 0, seconds: 10 }

function latencies(times: readonly number[], tiers: readonly TierSettings[], keys = times.map(() => 0)) {
  const simulation = simulated(createTrace({ keys, times }), {
    ...service({ tiers, model: { latency: seconds(1) } }),
    events: [down],
  })
  return { of: rounded(simulation.meters.latencies), tiers: simulation.tiers }
}

describe('a tier that is down from 10 to 20', () => {
  const TIMES = [0, 2, 9.995, 12, 19.98, 25]

  it('refuses at once where it has no time-out', () => {
    const { of, tiers } = latencies(TIMES, [cache()])
    // A miss looks up, computes and stores. That of 9.995 ends its lookup at 10.005; that of 19.98 is stored at 20.98.
    expect(of).toEqual([1.03, 0.01, 1.01, 1, 1.02, 0.01])
    expect(tiers[0]).toMatchObject({ skipped: 3, timeouts: 0 })
  })

  it('is waited for before each lookup and each store where it has one', () => {
    const { of, tiers } = latencies(TIMES, [cache({ timeoutSeconds: 0.05 })])
    // 9.995: asked while it was up, given up at 10.045. 12: 50 ms twice. 19.98: given up at 20.03, though it is back.
    expect(of).toEqual([1.03, 0.01, 1.1, 1.1, 1.07, 0.01])
    expect(tiers[0]).toMatchObject({ skipped: 3, timeouts: 3 })
  })

  it('holds up what is found behind it', () => {
    const { of, tiers } = latencies([0, 12, 30], [cache({ timeoutSeconds: 0.05 }), cache()])
    // 12: 50 ms for the first, 10 ms in the second, 50 ms for the copy that the first should have.
    expect(of).toEqual([1.06, 0.11, 0.01])
    expect(tiers.map(({ skipped, timeouts }) => [skipped, timeouts])).toEqual([
      [1, 1],
      [0, 0],
    ])
  })

  it('sends those who wait together on together', () => {
    const trace = createTrace({ keys: [0, 0, 0], times: [12, 12.02, 12.5] })
    const { meters } = simulated(trace, {
      ...service({
        tiers: [cache({ timeoutSeconds: 0.05 })],
        model: { latency: seconds(1) },
        onMiss: { protection: 'single-flight' },
      }),
      events: [down],
    })
    // The first asks the model at 12.05 and answers at 13.1, after its store was given up.
    expect(rounded(meters.latencies)).toEqual([1.1, 1.08, 0.6])
    expect(meters.calls).toBe(1)
  })
})

it('a lookup slower than the time-out is given up, and a store is not waited for', () => {
  const trace = createTrace({ keys: [0, 0, 0], times: [0, 5, 10], costs: [10, 80, 50] })
  const recorded = new Duration(
    { text: 'recorded', recorded: true, sample: () => Number.NaN },
    '1',
    'lookup',
    trace.costs,
  )
  const simulation = simulated(
    trace,
    service({
      tiers: [cache({ lookup: recorded, store: seconds(3), timeoutSeconds: 0.05 })],
      model: { latency: seconds(1) },
    }),
  )
  // 10 + 1,000 + 50; 50 + 1,000 + 50; 50 is in time.
  expect(rounded(simulation.meters.latencies)).toEqual([1.06, 1.1, 0.05])
  expect(simulation.tiers[0]).toMatchObject({ skipped: 1, timeouts: 1 })
})
