import { expect, it } from 'vitest'
import { createRandom } from '../../src/core/random.ts'
import { createTrace } from '../../src/core/trace.ts'
import { hitsOf } from '../support/replay.ts'

it('keeps a part of a loop that does not fit, of which lru keeps nothing', async () => {
  // At most half of the requests can hit: MIN gets 99 in 199.
  const trace = createTrace({ keys: Array.from({ length: 200_000 }, (_, at) => at % 200) })
  expect(await hitsOf(trace, 'lru', { capacity: 100 })).toBe(0)
  expect(await hitsOf(trace, 'lhd(interval=4096)', { capacity: 100 })).toBeGreaterThan(0.3 * trace.length)
})

it('prefers many small values to few large ones', async () => {
  const random = createRandom(1, 'sizes')
  const keys = Array.from({ length: 40_000 }, () => Math.floor(random() * 400))
  const trace = createTrace({ keys, sizes: keys.map((key) => (key % 2 === 0 ? 10 : 1000)) })
  const cache = { capacity: 20_000, capacityUnit: 'bytes' } as const
  // All 200 small ones fit into a tenth of the room: half of the requests hit, and a few of the large ones.
  expect(await hitsOf(trace, 'lhd', cache)).toBeGreaterThan(0.48 * keys.length)
  expect(await hitsOf(trace, 'lru', cache)).toBeLessThan(0.2 * keys.length)
})
