import fc from 'fast-check'
import type { PolicyDefinition } from '../core/policy.ts'
import { createTrace, Op, type Trace } from '../core/trace.ts'
import { plural } from '../core/units.ts'
import type { CacheSettings } from '../engine/replay.ts'

/** One request, and what is asked of the policy at it. */
interface Request {
  readonly key: number
  readonly op: Op
  /** Bytes. */
  readonly size: number
  /** Milliseconds. */
  readonly cost: number
  /** Seconds since the request before. */
  readonly gap: number
  /** An admission filter in front looks at the victim and declines the incoming key. */
  readonly declines: boolean
}

/** A cache and what is asked of it: small, and full of collisions. */
export interface Scenario {
  readonly requests: readonly Request[]
  readonly capacity: number
  /** False: reads only, in entries, with nothing that expires; the fields below then do not count. */
  readonly full: boolean
  readonly unit: 'entries' | 'bytes'
  readonly expires: boolean
  readonly ttlSeconds: number
  readonly ttlMode: 'write' | 'idle'
  /** Whether `victim` is asked before `evict`, where there is such a method. */
  readonly asksVictim: boolean
  /** Of the policy's random stream. */
  readonly draw: number
  /** Whether the upper half of the ids is taken, the last one included, rather than the lower. */
  readonly high: boolean
  /** Whether it is also run again, and beside another instance. */
  readonly inCompany: boolean
}

/** Every choice shrinks to its first, a request to a read of key 0. */
export const scenarios: fc.Arbitrary<Scenario> = fc.record({
  requests: fc.array(
    fc.record({
      key: fc.oneof(fc.nat(3), fc.nat(9)),
      op: fc.constantFrom<Op[]>(Op.read, Op.read, Op.read, Op.read, Op.write, Op.delete),
      size: fc.constantFrom(1, 2, 3, 6, 0),
      cost: fc.constantFrom(1, 20, 3000),
      gap: fc.constantFrom(0, 0, 0, 1, 4),
      declines: fc.constantFrom(false, false, false, true),
    }),
    { minLength: 1, maxLength: 80, size: 'max' },
  ),
  capacity: fc.oneof(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 30 })),
  full: fc.boolean(),
  unit: fc.constantFrom('entries', 'bytes'),
  expires: fc.boolean(),
  ttlSeconds: fc.constantFrom(2, 30),
  ttlMode: fc.constantFrom('write', 'idle'),
  asksVictim: fc.boolean(),
  draw: fc.nat(99),
  high: fc.boolean(),
  inCompany: fc.constantFrom(false, false, false, true),
})

/**
 * The smallest scenarios there are, in this order. State that instances share spoils whatever comes later, so what is
 * found first must be small as it is.
 */
export const firstScenarios: readonly Scenario[] = [
  [[0], 1],
  [[0, 1], 1],
  [[0, 1], 2],
  [[0, 1, 2], 2],
  [[0, 1, 0, 2], 2],
  [[0, 1, 2, 3, 0, 1, 4], 3],
].map(([keys, capacity]) => ({
  requests: (keys as number[]).map((key) => ({
    key,
    op: Op.read,
    size: 1,
    cost: 1,
    gap: 0,
    declines: false,
  })),
  capacity: capacity as number,
  full: false,
  unit: 'entries',
  expires: false,
  ttlSeconds: 30,
  ttlMode: 'write',
  asksVictim: false,
  draw: 0,
  high: false,
  inCompany: true,
}))

/** A scenario as the engine replays it, with ids of its own: two with different ones share no key. */
export interface Course {
  readonly trace: Trace
  readonly cache: CacheSettings
  /** An id that no request asks for. */
  readonly spare: number
  /** What each request is, in words. */
  readonly requests: readonly string[]
  readonly summary: string
}

export function courseOf(scenario: Scenario, { needs }: PolicyDefinition): Course {
  const { requests, full, capacity, high } = scenario
  const unit = full ? scenario.unit : 'entries'
  const expires = (full && scenario.expires) || needs.includes('ttl')
  let now = 0
  const plain = createTrace({
    keys: requests.map(({ key }) => key),
    ...(expires && { times: requests.map(({ gap }) => (now += gap)) }),
    ...((unit === 'bytes' || needs.includes('sizes')) && { sizes: requests.map(({ size }) => size) }),
    ...(needs.includes('costs') && { costs: requests.map(({ cost }) => cost) }),
    ...(full && { ops: requests.map(({ op }) => op) }),
  })
  const spare = plain.keyCount
  const first = high ? spare + 1 : 0
  const trace = { ...plain, keyCount: 2 * spare + 1, keys: plain.keys.map((key) => key + first) }
  const { ttlSeconds, ttlMode } = scenario
  const room = unit === 'bytes' ? plural(capacity, 'byte') : plural(capacity, 'entry', 'entries')
  const life = expires
    ? `, where a key lives ${ttlSeconds} s from its last ${ttlMode === 'idle' ? 'use' : 'write'}`
    : ''
  return {
    trace,
    cache: { capacity, capacityUnit: unit, ...(expires && { ttlSeconds, ttlMode }) },
    spare,
    requests: requests.map((_, at) => describeRequest(trace, at)),
    summary: `a cache of ${room}${life}; keys 0 … ${trace.keyCount - 1}`,
  }
}

function describeRequest({ keys, ops, sizes, costs, times }: Trace, at: number): string {
  const op = ops?.[at] === Op.delete ? 'delete' : ops?.[at] === Op.write ? 'write' : 'read'
  const of = [
    ...(sizes && op !== 'delete' ? [plural(sizes[at]!, 'byte')] : []),
    ...(costs && op !== 'delete' ? [`${costs[at]} ms`] : []),
    ...(times ? [`second ${times[at]}`] : []),
  ]
  return `${op} key ${keys[at]}${of.length > 0 ? ` (${of.join(', ')})` : ''}`
}
