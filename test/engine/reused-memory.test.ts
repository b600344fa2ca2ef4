import { describe, expect, it } from 'vitest'
import { ReusedMemory } from '../../src/core/memory.ts'
import { createRandom } from '../../src/core/random.ts'
import { createTrace, type Trace } from '../../src/core/trace.ts'
import { type CacheSettings, createReplay, TraceColumns } from '../../src/engine/replay.ts'
import { choosePolicy } from '../../src/experiments/policies.ts'
import { policies } from '../../src/policies/index.ts'

/** Every policy, filters that keep something, and capacities of which each leaves other things behind. */
const TEXTS = [...policies.names, 'lru+tinylfu', 'arc+tinylfu(doorkeeper=true)', 's3-fifo+doorkeeper']
const CACHES: readonly CacheSettings[] = [
  { capacity: 300, capacityUnit: 'entries', ttlSeconds: 400 },
  { capacity: 20, capacityUnit: 'entries', ttlSeconds: 30, ttlMode: 'idle' },
  { capacity: 2000, capacityUnit: 'bytes', recordedTtls: true, ttlSeconds: 50 },
]

const random = createRandom('1', 'a trace for all')
const requests = 4000
const column = <T>(value: () => T) => Array.from({ length: requests }, value)
const trace = createTrace({
  keys: column(() => Math.floor(400 * random() ** 3)),
  times: [...Array(requests).keys()].map((at) => at / 10),
  sizes: column(() => Math.floor(30 * random())),
  costs: column(() => 100 * random()),
  ops: column(() => (random() < 0.9 ? 0 : 1 + Math.floor(2 * random()))),
  ttls: column(() => (random() < 0.5 ? Number.NaN : 60 * random())),
})

async function outcomesIn(trace: Trace, text: string, cache: CacheSettings, memory?: ReusedMemory) {
  memory?.reuse()
  const { definition, parameters } = choosePolicy(text)
  const replay = await createReplay(
    new TraceColumns(trace),
    definition,
    parameters,
    cache,
    createRandom(1, text),
    {
      text,
      ...(memory && { memory }),
    },
  )
  replay.advance()
  return [...replay.outcomes]
}

describe('a replay in memory that others have used', () => {
  // One memory for all: each finds what the one before has left.
  const memory = new ReusedMemory()

  it.each(TEXTS)('%s does what it does in fresh memory', async (text) => {
    for (const cache of CACHES)
      expect(await outcomesIn(trace, text, cache, memory)).toEqual(await outcomesIn(trace, text, cache))
  })
})
