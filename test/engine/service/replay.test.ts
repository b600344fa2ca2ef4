import { describe, expect, it } from 'vitest'
import { definePolicy } from '../../../src/core/policy.ts'
import { createRandom } from '../../../src/core/random.ts'
import { createTrace, Op } from '../../../src/core/trace.ts'
import { Found } from '../../../src/engine/loop.ts'
import { createReplay, TraceColumns } from '../../../src/engine/replay.ts'
import { choosePolicy } from '../../../src/experiments/policies.ts'
import { policies } from '../../../src/policies/index.ts'
import { startReplay } from '../../support/replay.ts'
import { seconds, service, simulated, tier } from '../../support/service.ts'

/*
 * Where the model takes no time and has workers without number, time does not matter: every request is answered before
 * the next comes, and the simulation must find what the replay finds, request for request of every kind.
 */
const LENGTH = 10_000
const random = createRandom('service', 'replay')
const draw = (length: number, of: () => number) => Array.from({ length }, of)
const sizes = draw(500, () => 1 + Math.floor(1000 * random()))
const keys = draw(LENGTH, () => Math.floor(500 * random() ** 2))
const columns = {
  keys,
  times: draw(LENGTH, () => random()).map((_, at) => at * 0.5),
  sizes: keys.map((key) => sizes[key]!),
  costs: keys.map((key) => 1 + sizes[(key * 7) % 500]!),
}
const trace = createTrace(columns)
const mixed = createTrace({
  ...columns,
  ops: keys.map(() => [Op.read, Op.read, Op.read, Op.write, Op.delete][Math.floor(5 * random())]!),
})

describe.each(policies.names)('%s', (policy) => {
  it.each([
    { name: 'entries', trace, capacity: 100, capacityUnit: 'entries' as const },
    { name: 'bytes', trace, capacity: 40_000, capacityUnit: 'bytes' as const },
    { name: 'a TTL from the write', trace, capacity: 100, capacityUnit: 'entries' as const, ttlSeconds: 60 },
    {
      name: 'a TTL from the last use',
      trace,
      capacity: 100,
      capacityUnit: 'entries' as const,
      ttlSeconds: 60,
      renewOnHit: true,
    },
    {
      name: 'writes and deletes',
      trace: mixed,
      capacity: 100,
      capacityUnit: 'entries' as const,
      ttlSeconds: 60,
    },
  ])('hits and misses as in the replay: $name', async ({ trace, name: _, ...cache }) => {
    const needsTtl = policies.get(policy).needs.includes('ttl')
    const { renewOnHit = false, ...rest } = cache
    const withTtl = { ...rest, ttlSeconds: rest.ttlSeconds ?? (needsTtl ? 100 : undefined) }
    const { definition, parameters } = choosePolicy(policy)
    const replay = await createReplay(
      new TraceColumns(trace),
      definition,
      parameters,
      { ...withTtl, ttlMode: renewOnHit ? 'idle' : 'write' },
      createRandom('1', `policy:${policy}`),
    )
    replay.advance()
    const counted = new Float64Array(6)
    for (const found of replay.outcomes) if (found !== Found.uncounted) counted[found]!++

    const { capacity, ...over } = withTtl
    const settings = service({ tiers: [tier(policy, capacity, { ...over, renewOnHit })] })
    const { tiers, meters } = simulated(trace, settings)
    const store = tiers[0]!.stores[0]!
    expect([...store.answers.subarray(0, 5)]).toEqual([...counted.subarray(0, 5)])
    expect(store.evictions).toBe(replay.evictions)
    expect(store.occupied).toBe(replay.occupied)
    expect(meters.hits[0]).toBe(counted[Found.resident])
    expect(meters.calls).toBe(meters.arrivals - meters.hits[0]!)
  })
})

it('asks a policy whether a key may come in, as the replay does', async () => {
  const choosy = definePolicy({
    name: 'choosy',
    summary: 'lets every third key in, and gives up the one that came first',
    create() {
      const queue: number[] = []
      return {
        touch() {},
        insert: (key) => queue.push(key),
        evict: () => queue.shift()!,
        remove: (key) => queue.splice(queue.indexOf(key), 1),
        admit: (key, at) => (key + at) % 3 === 0,
      }
    },
  })
  const replay = await startReplay(trace, choosy, { capacity: 50 })
  replay.advance()
  const chosen = { ...tier('lru', 50), policy: choosePolicy(choosy) }
  const store = simulated(trace, service({ tiers: [chosen] })).tiers[0]!.stores[0]!
  expect(store.answers[1]).toBe(replay.outcomes.filter((found) => found === Found.resident).length)
  expect(store.evictions).toBe(replay.evictions)
})

it('lets entries live as long as the trace says', async () => {
  const recorded = createTrace({
    ...columns,
    ttls: keys.map((key) => [5, 50, Infinity, Number.NaN][key % 4]!),
  })
  for (const renewOnHit of [false, true]) {
    const replay = await startReplay(recorded, 'lru', {
      capacity: 100,
      recordedTtls: true,
      ttlSeconds: 30,
      ttlMode: renewOnHit ? 'idle' : 'write',
    })
    replay.advance()
    const chosen = tier('lru', 100, { recordedTtls: true, ttlSeconds: 30, renewOnHit })
    const store = simulated(recorded, service({ tiers: [chosen] })).tiers[0]!.stores[0]!
    const count = (kind: number) => replay.outcomes.filter((found) => found === kind).length
    expect([...store.answers.subarray(0, 5)]).toEqual([0, 1, 2, 3, 4].map(count))
  }
})

it('takes lookups that last as long as nothing else does', async () => {
  const replay = await startReplay(trace, 'lru', { capacity: 100 })
  replay.advance()
  const settings = service({ tiers: [tier('lru', 100, { lookup: seconds(0.001), store: seconds(0.001) })] })
  const { tiers } = simulated(trace, settings)
  expect(tiers[0]!.stores[0]!.answers[1]).toBe(
    replay.outcomes.filter((found) => found === Found.resident).length,
  )
})
