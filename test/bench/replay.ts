import { LRUCache } from 'lru-cache'
import { Bench } from 'tinybench'
import { createRandom } from '../../src/core/random.ts'
import { createColumn, type Trace } from '../../src/core/trace.ts'
import { createReplay, TraceColumns } from '../../src/engine/replay.ts'
import { choosePolicy } from '../../src/experiments/policies.ts'
import { createKeyStream } from '../../src/generators/plan.ts'

const REQUESTS = 10_000_000
const KEYS = 1_000_000
const ROUNDS = 5
const BASELINE = 'lru-cache (npm)'

/** The least each policy must do, as a multiple of lru-cache's get-then-set in the same round. */
const FLOORS: Record<string, number> = {
  lru: 7,
  fifo: 10,
  random: 8,
  lfu: 3.5,
  clock: 8,
  slru: 3,
  '2q': 3,
  arc: 3,
  mru: 0.5,
  car: 0.5,
  'clock-pro': 0.5,
  lirs: 1.5,
  'lfu-da': 0.5,
  'lru-k': 0.5,
  mq: 0.5,
  sieve: 8,
  's3-fifo': 5,
  'w-tinylfu': 1.5,
  lecar: 0.5,
  lhd: 0.5,
  gdsf: 0.5,
  hyperbolic: 0.5,
  'random-two-choices': 0.5,
  'redis-lru': 1.5,
  'redis-lfu': 0.5,
  'redis-random': 0.5,
  memcached: 0.5,
  'lru-cache': 0.5,
  'quick-lru': 0.5,
  optimal: 1,
}

/**
 * Replays 10 M Zipf(1.0) requests over 1 M keys, interned, through a cache of 10 %, each policy and the npm package
 * `lru-cache` in turn, round by round, so that a machine whose speed drifts drifts for all. The first column of numbers
 * is the median over the rounds; the multiple is the median of the rounds' own ratios.
 */
export async function benchReplay(): Promise<void> {
  const trace = zipfTrace()
  const capacity = Math.floor(trace.keyCount / 10)
  const columns = new TraceColumns(trace)
  void columns.nextUse
  const outcomes = createColumn(Uint8Array, trace.length)
  const policies = Object.keys(FLOORS)
  const seconds = new Map<string, number[]>([BASELINE, ...policies].map((name) => [name, []]))
  const hits = new Map<string, number>()
  const bytesPerKey = new Map<string, number>()

  for (let round = 0; round < ROUNDS; round++) {
    const bench = new Bench({ iterations: 1, time: 0, warmup: false })
    bench.add(BASELINE, () => {
      hits.set(BASELINE, replayLruCache(trace.keys, capacity))
    })
    for (const name of policies) {
      const { definition, parameters } = choosePolicy(name)
      const start = async () => {
        const before = process.memoryUsage().arrayBuffers
        const replay = await createReplay(
          columns,
          definition,
          parameters,
          { capacity, capacityUnit: 'entries' },
          createRandom(1, name),
          { outcomes },
        )
        bytesPerKey.set(name, (process.memoryUsage().arrayBuffers - before) / trace.keyCount)
        return replay
      }
      let replay = await start()
      bench.add(name, () => replay.advance(), {
        beforeEach: async () => {
          replay = await start()
        },
        afterEach: () => {
          hits.set(
            name,
            replay.outcomes.reduce((sum, found) => sum + (found === 1 ? 1 : 0), 0),
          )
        },
      })
    }
    for (const task of await bench.run()) {
      const { result } = task
      if (result.state !== 'completed') throw new Error(`${task.name} did not complete: ${result.state}`)
      seconds.get(task.name)!.push(result.latency.mean / 1000)
    }
  }
  if (hits.get('lru') !== hits.get(BASELINE)) {
    throw new Error(`lru and lru-cache differ: ${hits.get('lru')} and ${hits.get(BASELINE)} hits`)
  }

  console.log(
    `replay: ${REQUESTS / 1e6} M Zipf(1.0) requests, ${trace.keyCount} of ${KEYS} keys seen, cache ${capacity}, median of ${ROUNDS} rounds`,
  )
  console.log('policy           M requests/s  ns/request  bytes/key  × lru-cache  floor  hit rate')
  for (const [name, times] of seconds) {
    const time = median(times)
    const multiple = median(times.map((own, round) => seconds.get(BASELINE)![round]! / own))
    const floor = FLOORS[name]
    console.log(
      [
        name.padEnd(16),
        (REQUESTS / time / 1e6).toFixed(1).padStart(13),
        ((time / REQUESTS) * 1e9).toFixed(1).padStart(11),
        (bytesPerKey.get(name)?.toFixed(1) ?? '').padStart(10),
        multiple.toFixed(2).padStart(12),
        (floor?.toFixed(1) ?? '').padStart(6),
        `${((100 * hits.get(name)!) / REQUESTS).toFixed(2)} %`.padStart(9),
        floor !== undefined && multiple < floor ? '  below its floor' : '',
      ].join(' '),
    )
  }
}

/** Ids in order of first appearance, as every reader and generator gives them. */
export function zipfTrace(): Trace {
  const plan = { generator: 'zipf', keys: KEYS, parameters: { alpha: 1 } }
  const stream = createKeyStream(plan, { requests: REQUESTS, random: createRandom(1, 'bench') })
  const keys = createColumn(Uint32Array, REQUESTS)
  stream.fill(keys)
  const ids = new Int32Array(stream.keySpace).fill(-1)
  let keyCount = 0
  for (let at = 0; at < REQUESTS; at++) {
    const key = keys[at]!
    if (ids[key] === -1) ids[key] = keyCount++
    keys[at] = ids[key]!
  }
  return { name: 'zipf', length: REQUESTS, keyCount, keys }
}

function replayLruCache(keys: Uint32Array, max: number): number {
  const cache = new LRUCache<number, number>({ max })
  let hits = 0
  for (let at = 0; at < keys.length; at++) {
    const key = keys[at]!
    if (cache.get(key) !== undefined) hits++
    else cache.set(key, 1)
  }
  return hits
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2
}
