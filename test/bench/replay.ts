import { bench } from '../../src/experiments/bench.ts'
import { render } from '../../src/experiments/render.ts'

const ROUNDS = 5
/** The share of the keys at which floors hold. */
const FLOOR_SIZE = '10%'

/** The least a policy must do, as a multiple of lru-cache's get-then-set in the same round. */
const FLOORS: Readonly<Record<string, number>> = {
  fifo: 10,
  random: 8,
  clock: 8,
  sieve: 8,
  lru: 7,
  's3-fifo': 5,
  lfu: 3.5,
  slru: 3,
  '2q': 3,
  arc: 3,
  'w-tinylfu': 1.5,
  lirs: 1.5,
  'redis-lru': 1.5,
}
const OTHER_FLOOR = 0.5

/** What `cachesim bench` measures, for every policy there is, and whether each is as fast as was promised. */
export async function benchReplay(): Promise<void> {
  const result = await bench({ policies: 'all', sizes: `1%,${FLOOR_SIZE}`, rounds: ROUNDS })
  console.log(render(result, 'terminal', { width: 120 }))
  const { speeds } = result.measured!
  const largest = Math.max(...speeds.map(({ size }) => size))
  const slow = speeds.flatMap(({ name, kind, size, timesBaseline }) => {
    const floor = FLOORS[name] ?? OTHER_FLOOR
    const multiple = timesBaseline!.median
    if (kind === 'package' || size !== largest || multiple >= floor) return []
    return [`${name} is ${multiple.toFixed(2)} times as fast as lru-cache, below its floor of ${floor}`]
  })
  console.log(slow.length === 0 ? `every policy is above its floor at ${FLOOR_SIZE}` : slow.join('\n'))
  if (slow.length > 0) process.exitCode = 1
}
