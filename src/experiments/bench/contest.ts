import { createRandom } from '../../core/random.ts'
import { Op, type Trace } from '../../core/trace.ts'
import { Found } from '../../engine/loop.ts'
import { createReplay, type Replay, type TraceColumns } from '../../engine/replay.ts'
import type { ChosenPolicy } from '../policies.ts'
import type { Capacity } from '../sizes.ts'

/** Requests every policy replays before anything is timed: they are checked, and let V8 get to know the policy. */
const CHECKED_REQUESTS = 1 << 20

/** A policy before its first request, the way a benchmark runs it wherever that is. */
export function startPolicy(
  { definition, parameters, text }: ChosenPolicy,
  columns: TraceColumns,
  { capacity, unit }: Pick<Capacity, 'capacity' | 'unit'>,
  outcomes: Uint8Array,
): Promise<Replay> {
  const { times, length } = columns.trace
  return createReplay(
    columns,
    definition,
    parameters,
    {
      capacity,
      capacityUnit: unit,
      // Nothing expires before the end: what is timed is the choice of a victim, as with the others.
      ttlSeconds: definition.needs.includes('ttl') ? times![length - 1]! + 1 : undefined,
    },
    createRandom(1, `policy:${text}`),
    { text, outcomes },
  )
}

/** What typed arrays can do. */
interface Cuttable<T> {
  subarray(from: number, to: number): T
}

/** The first requests of a trace, with what policies and other threads can use of it: numbers. */
export function beginningOf(trace: Trace, requests = CHECKED_REQUESTS): Trace {
  const length = Math.min(trace.length, requests)
  const cut = <T extends Cuttable<T>>(column: T) => column.subarray(0, length)
  const { name, keyCount, keys, times, sizes, costs, ops } = trace
  return {
    name,
    length,
    keyCount,
    keys: cut(keys),
    ...(times && { times: cut(times) }),
    ...(sizes && { sizes: cut(sizes) }),
    ...(costs && { costs: cut(costs) }),
    ...(ops && { ops: cut(ops) }),
  }
}

/** How many requests were hits. */
export function countHits(outcomes: Uint8Array): number {
  let hits = 0
  for (let at = 0; at < outcomes.length; at++) if (outcomes[at] === Found.resident) hits++
  return hits
}

/** How many requests are hits or misses. */
export function countReads({ ops, length }: Trace): number {
  if (ops === undefined) return length
  let reads = 0
  for (const op of ops) if (op === Op.read) reads++
  return reads
}
