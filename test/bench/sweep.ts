import { type SweepOptions, sweep } from '../../src/experiments/sweep.ts'
import { openWorkload } from '../../src/experiments/workload.ts'

const POLICIES = 'lru,lfu,fifo,clock,sieve,s3-fifo,arc,slru'
const SIZES = '0.1%..100%:16'
const MEBIBYTE = 2 ** 20

/**
 * A sweep of 8 policies × 16 sizes: two threads against one, estimates against exact numbers, and what it takes beside the
 * trace. By the clock on the wall, so that nothing else should run.
 */
export async function benchSweep(): Promise<void> {
  const requests = process.env.BENCH_REQUESTS ?? '10M'
  const { trace } = await openWorkload({ workload: 'zipf', requests, keys: '1M' })
  console.log(`sweep of 8 policies × 16 sizes over ${requests} Zipf(1.0) requests, ${trace.keyCount} keys`)
  const options = { trace, policies: POLICIES, sizes: SIZES }
  // First, while nothing of another run is in memory.
  let before = 0
  let peak = 0
  const look = setInterval(() => {
    peak = Math.max(peak, process.memoryUsage.rss())
  }, 20)
  const two = await timed(() =>
    sweep({
      ...options,
      threads: 2,
      onBegin: () => {
        before = process.memoryUsage.rss()
      },
    }),
  )
  clearInterval(look)
  console.log(
    `  memory beside the trace ${((peak - before) / MEBIBYTE).toFixed(0)} MiB with 2 threads (at most 143, which are 150 MB)`,
  )
  const one = await timed(() => sweep({ ...options, threads: 1 }))
  console.log(
    `  2 threads ${two.toFixed(1)} s, 1 thread ${one.toFixed(1)} s: ${(two / one).toFixed(2)} of it (at most 0.65)`,
  )
  const estimated = await timed(() => sweep({ ...options, threads: 1, sample: '10%' }))
  console.log(
    `  estimated from 10 % ${estimated.toFixed(1)} s: ${(one / estimated).toFixed(1)} times as fast as exactly (at least 5)`,
  )
  await timeFirstLook(options)
}

async function timeFirstLook(options: Pick<SweepOptions, 'trace' | 'policies' | 'sizes'>): Promise<void> {
  let first: number | undefined
  const stop = { aborted: false }
  const started = performance.now()
  await sweep({
    ...options,
    threads: 1,
    stop,
    onEstimates({ policies }) {
      const seconds = (performance.now() - started) / 1000
      first ??= seconds
      if (policies.length < POLICIES.split(',').length) return
      console.log(
        `  a first look: first policy after ${first.toFixed(1)} s, all after ${seconds.toFixed(1)} s`,
      )
      stop.aborted = true
    },
  }).catch((error: Error) => {
    if (!error.message.startsWith('stopped before')) throw error
  })
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const started = performance.now()
  await work()
  return (performance.now() - started) / 1000
}
