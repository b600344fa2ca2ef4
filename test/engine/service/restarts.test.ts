import { describe, expect, it } from 'vitest'
import { createTrace } from '../../../src/core/trace.ts'
import type { ServiceEvent, ServiceSettings } from '../../../src/engine/service/settings.ts'
import { seconds, service, simulated, tier } from '../../support/service.ts'

const rounded = (values: ArrayLike<number>) => Array.from(values, (value) => Number(value.toFixed(9)))

function run(
  times: readonly number[],
  keys: readonly number[],
  events: readonly ServiceEvent[],
  over: Parameters<typeof service>[0] = {},
) {
  return simulated(createTrace({ keys, times }), {
    ...service({ tiers: [tier('lru', 10, { shared: false })], model: { latency: seconds(5) }, ...over }),
    events,
  } satisfies ServiceSettings)
}

const restart = (at: number, lasts: number, instance?: number): ServiceEvent => ({
  kind: 'restart-instance',
  at,
  instance,
  seconds: lasts,
})

/** Lookups in the cache of each instance. */
const lookups = ({ tiers }: ReturnType<typeof run>) =>
  tiers[0]!.stores.map(({ answers }) => answers.reduce((sum, count) => sum + count, 0))

describe('an instance that restarts from 10 to 12', () => {
  it('answers what it has, and what is computed for that is lost with the process', () => {
    // Key 0 comes at 8, is there at 13, and is asked for again at 19: the new process has never heard of it.
    const { meters } = run([8, 19, 25], [0, 0, 0], [restart(10, 2)])
    expect(rounded(meters.latencies)).toEqual([5, 5, 0])
  })

  it('knows of no computation of the process before it', () => {
    const { meters } = run([9, 13, 20], [0, 0, 0], [restart(10, 2)], {
      onMiss: { protection: 'single-flight' },
    })
    // The first is answered at 14, and the second computes for itself until 18.
    expect(rounded(meters.latencies)).toEqual([5, 5, 0])
    expect({ calls: meters.calls, delayed: meters.delayedHits }).toEqual({ calls: 2, delayed: 0 })
  })

  it('still has its cache for what it answers meanwhile', () => {
    const { meters } = run([0, 9.5], [0, 0], [restart(10, 2)], {
      tiers: [tier('lru', 10, { shared: false, lookup: seconds(1) })],
    })
    // Looked up from 9.5 to 10.5.
    expect(rounded(meters.latencies)).toEqual([6, 1])
  })

  it('remembers no error', () => {
    const { meters } = run([0, 13], [0, 0], [restart(10, 2)], {
      model: { latency: seconds(0), errorRate: 1 },
      onMiss: { negativeTtl: 60 },
    })
    expect({ failed: meters.failedCalls, remembered: meters.rememberedFailures }).toEqual({
      failed: 2,
      remembered: 0,
    })
  })

  it('keeps what is persistent, also what the process before it stored last', () => {
    const { meters } = run([8, 19], [0, 0], [restart(10, 2)], {
      tiers: [tier('lru', 10, { shared: false, persistent: true })],
    })
    expect(rounded(meters.latencies)).toEqual([5, 0])
  })
})

describe('rolling restarts', () => {
  it('that overlap go on each by itself', () => {
    // One takes 0, 1, 2 away from 0, 10, 20 on; the other from 5, 15, 25 on; for 10 s each.
    const times = [12, 12.1, 22, 22.1, 32, 32.1]
    const simulation = run(times, [0, 0, 0, 0, 0, 0], [restart(0, 10), restart(5, 10)], { instances: 3 })
    // At 12 only 2 is there, at 22 only 0, at 32 both 0 and 1.
    expect(lookups(simulation)).toEqual([3, 1, 2])
    expect(simulation.meters.failures).toBe(0)
  })

  it('pass over what a scale has taken away, and new instances', () => {
    const events: ServiceEvent[] = [
      restart(0, 10),
      { kind: 'scale', at: 5, instances: 1 },
      { kind: 'scale', at: 12, instances: 3 },
    ]
    const simulation = run([11, 13, 13.1, 13.2], [0, 0, 0, 0], events, { instances: 3 })
    expect(lookups(simulation)).toEqual([2, 1, 1])
  })
})

it('an instance that is scaled away while it restarts is there at once when it comes back', () => {
  const events: ServiceEvent[] = [
    restart(10, 100, 1),
    { kind: 'scale', at: 20, instances: 1 },
    { kind: 'scale', at: 30, instances: 2 },
    // A restart of its own goes on when that of the one before would have ended.
    restart(105, 10, 1),
  ]
  const times = [15, 15.1, 31, 31.1, 111, 111.1, 116, 116.1]
  const simulation = run(
    times,
    times.map(() => 0),
    events,
    { instances: 2 },
  )
  expect(lookups(simulation)).toEqual([6, 2])
})
