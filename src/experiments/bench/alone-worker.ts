import { memoryUsage } from 'node:process'
import { parentPort, workerData } from 'node:worker_threads'
import { TraceColumns } from '../../engine/replay.ts'
import { collectGarbage } from '../collect-garbage.ts'
import { findPolicy, type PolicyOrigin } from '../policies.ts'
import { keepManners } from '../thread-manners.ts'
import type { AloneRequest, AloneResult, AloneTask } from './alone.ts'
import { beginningOf, countHits, startPolicy } from './contest.ts'
import { loadGetSet } from './load.ts'
import { findPackages } from './packages.ts'

// A thread with a heap and an optimiser of its own, in which one policy runs and no other ever did.

keepManners()

/** Bytes of the heap that come and go whatever runs: compiled code, messages. */
const HEAP_NOISE = 1 << 20

type Memory = Pick<NodeJS.MemoryUsage, 'heapUsed' | 'arrayBuffers'>

function memory(): Memory {
  // Twice: arrays that are found dead are freed at leisure, but before the next search for dead ones.
  collectGarbage()
  collectGarbage()
  return memoryUsage()
}

/** Bytes that are alive now and were not before, in arrays and on the heap. */
function grownSince(before: Memory): number {
  const now = memory()
  const heap = now.heapUsed - before.heapUsed
  return now.arrayBuffers - before.arrayBuffers + (heap > HEAP_NOISE ? heap : 0)
}

const { trace, outcomes, contestant } = workerData as AloneTask
const beginning = beginningOf(trace)

async function policyRunner(origin: PolicyOrigin): Promise<(request: AloneRequest) => Promise<AloneResult>> {
  const policy = await findPolicy(origin)
  const columns = new TraceColumns(trace)
  if (policy.definition.needs.includes('future')) void columns.nextUse
  const warmup = new TraceColumns(beginning)
  const seen = new Set<number>()
  // A function of its own: what its frame holds would be alive, and weighed, during the run.
  const warmUp = async (capacity: AloneRequest) => {
    if (seen.has(capacity.capacity)) return
    seen.add(capacity.capacity)
    const replay = await startPolicy(policy, warmup, capacity, outcomes.subarray(0, beginning.length))
    replay.advance()
  }
  return async (capacity) => {
    await warmUp(capacity)
    const before = memory()
    const replay = await startPolicy(policy, columns, capacity, outcomes)
    const start = performance.now()
    replay.advance()
    const milliseconds = performance.now() - start
    const bytes = grownSince(before)
    return { milliseconds, hits: countHits(replay.outcomes), bytes }
  }
}

/** A package is only filled here: its memory cannot be told from that of the others where they are. */
async function packageRunner(name: string): Promise<(request: AloneRequest) => Promise<AloneResult>> {
  const { found } = await findPackages()
  const { create } = found.find((one) => one.name === name)!
  const { fill } = await loadGetSet(name)
  fill(create(10), 100)
  return async ({ capacity }) => {
    const before = memory()
    const cache = create(capacity)
    fill(cache, Math.min(2 * capacity, trace.keyCount))
    const bytes = grownSince(before)
    // Here so that it is alive until now.
    cache.get(0)
    return { milliseconds: 0, hits: 0, bytes }
  }
}

const run = await (contestant.kind === 'policy'
  ? policyRunner(contestant.origin)
  : packageRunner(contestant.name))
parentPort!.on('message', async (request: AloneRequest) => parentPort!.postMessage(await run(request)))
