import { createRandom } from '../../src/core/random.ts'
import { createKeyStream } from '../../src/generators/plan.ts'
import { parseLatency } from '../../src/latency/index.ts'

const MODELS = [
  { name: 'ranker-v2', latency: 'lognormal:p50=45ms,p99=200ms' },
  { name: 'embed-small', latency: 'lognormal:p50=20ms,p99=90ms' },
  { name: 'summarize-7b', latency: 'lognormal:p50=900ms,p99=4s' },
  { name: 'vision-xl', latency: 'lognormal:p50=2.4s,p99=9s' },
]
const ROWS = 3000
const START = Date.UTC(2026, 2, 2, 8, 0, 0)

/**
 * The sample log in workloads/samples: what a gateway before four models might write, with users and their models
 * drawn by the zipf generator. Fast models are asked more often than slow ones, and one request in fifty fails.
 */
export function sampleRequests(): string {
  const random = createRandom(1, 'sample')
  const pairs = new Uint32Array(ROWS)
  createKeyStream(
    { generator: 'zipf', keys: 700, parameters: { alpha: 0.9 } },
    { requests: ROWS, random },
  ).fill(pairs)
  const latencies = MODELS.map(({ latency }) => parseLatency(latency, 'duration', 'sample'))
  const rows = ['ts,request_id,user_id,model,latency_ms,status']
  let now = START
  pairs.forEach((pair, at) => {
    now += Math.round(-Math.log(1 - random.double()) * 4000)
    const model = (pair * 7) % 10
    const which = model < 4 ? 0 : model < 7 ? 1 : model < 9 ? 2 : 3
    const user = `u${((pair * 7919) % 9973).toString().padStart(4, '0')}`
    const latency = latencies[which]!.sample(random).toFixed(1)
    const status = random() < 0.02 ? 503 : 200
    rows.push(
      `${new Date(now).toISOString()},r${100_000 + at},${user},${MODELS[which]!.name},${latency},${status}`,
    )
  })
  return `${rows.join('\n')}\n`
}
