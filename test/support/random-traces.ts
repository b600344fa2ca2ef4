import fc from 'fast-check'
import { createTrace, Op, type Trace } from '../../src/core/trace.ts'

/** A request of a random trace. All of one trace say the same of themselves. */
export interface RandomRequest {
  readonly key: number
  /** Seconds since the one before. */
  readonly gap?: number
  readonly size?: number
  readonly cost?: number
  readonly op?: number
  readonly ttl?: number
}

/** The trace of some requests: a column for each thing that they say. */
export function traceFrom(requests: readonly RandomRequest[]): Trace {
  const has = (name: keyof RandomRequest) => requests[0]?.[name] !== undefined
  let now = 0
  return createTrace({
    keys: requests.map(({ key }) => key),
    ...(has('gap') && { times: requests.map(({ gap }) => (now += gap!)) }),
    ...(has('size') && { sizes: requests.map(({ size }) => size!) }),
    ...(has('cost') && { costs: requests.map(({ cost }) => cost!) }),
    ...(has('op') && { ops: requests.map(({ op }) => op!) }),
    ...(has('ttl') && { ttls: requests.map(({ ttl }) => ttl!) }),
  })
}

/** Small traces with all that policies may need, in which few keys come again, expire, are written over and deleted. */
export const fullTraces: fc.Arbitrary<Trace> = fc
  .array(
    fc.record({
      key: fc.nat(14),
      gap: fc.constantFrom(0, 0, 0, 1, 4),
      size: fc.nat(9),
      cost: fc.constantFrom(1, 20, 3000),
      op: fc.constantFrom(0, 0, 0, 0, 1, 2),
    }),
    { minLength: 1, maxLength: 150, size: 'max' },
  )
  .map(traceFrom)

/** Caches for them, in which entries expire. */
export const expiringCaches = fc.record({
  capacity: fc.integer({ min: 1, max: 30 }),
  capacityUnit: fc.constantFrom('entries', 'bytes'),
  ttlSeconds: fc.constantFrom(2, 30),
  ttlMode: fc.constantFrom('write', 'idle'),
})

/**
 * Small traces in which few keys come again: with writes and deletes, or reads alone.
 * @param largest bytes of a value
 * @param steady whether keys keep their size
 */
export function fewKeys(largest: number, steady: boolean): fc.Arbitrary<Trace> {
  return fc
    .record({
      requests: fc.array(
        fc.record({
          key: fc.oneof(fc.nat(4), fc.nat(14)),
          size: fc.nat(largest),
          cost: fc.constantFrom(1, 80, 4000),
          op: fc.constantFrom(0, 0, 0, 0, 1, 2, 2),
        }),
        { minLength: 1, maxLength: 150, size: 'max' },
      ),
      sizes: fc.array(fc.nat(largest), { minLength: 15, maxLength: 15 }),
      ops: fc.boolean(),
    })
    .map(({ requests, sizes, ops }) =>
      traceFrom(
        requests.map(({ key, size, cost, op }, at) => {
          // One read at least, behind any warm-up.
          const isDelete = ops && op === Op.delete && at < requests.length - 1
          return {
            key,
            gap: 1,
            cost,
            // A delete may say anything.
            size: isDelete ? 77 : steady ? sizes[key]! : size,
            ...(ops && { op: at < requests.length - 1 ? op : Op.read }),
          }
        }),
      ),
    )
}
