import { type SizeRanks, sizeRanks } from '../analysis/size-ranks.ts'
import { type CurveSupport, canCurve } from '../analysis/smallest-sizes.ts'
import { type Steps, uncounted } from '../analysis/steps.ts'
import type { Trace } from '../core/trace.ts'
import { Found } from '../engine/loop.ts'
import lru from '../policies/lru.ts'
import type { CellInput, CellRunner, CellTask, MeasuredCell } from './cell-runner.ts'
import type { ChosenPolicy } from './policies.ts'

/*
 * Cells of plain LRU: one pass over the trace takes the place of their replays. Every number is what a replay would give.
 */

/** Below so many, replays are as fast. */
const WORTH_A_PASS = 2

/** The cells that one pass can serve, as their places among `tasks`; none where they are too few to be worth it. */
export function* lruCells(
  trace: Trace,
  policies: readonly ChosenPolicy[],
  tasks: readonly CellTask[],
): Steps<number[]> {
  // A definition of one's own may be the same, and go by another name.
  const plain = [...tasks.keys()].filter((at) => policies[at]!.definition === lru)
  if (plain.length < WORTH_A_PASS) return []
  const supports = new Map<string, CurveSupport>()
  const found: number[] = []
  for (const at of plain) {
    const { capacity, ...settings } = tasks[at]!.cache
    const kind = JSON.stringify(settings)
    const support = supports.get(kind) ?? (yield* uncounted(canCurve(trace, settings)))
    supports.set(kind, support)
    if (support.reason === undefined && capacity >= support.exactFrom) found.push(at)
  }
  return found.length < WORTH_A_PASS ? [] : found
}

/** What one pass says of caches of some capacities. */
export interface LruPass {
  /** Ascending. */
  readonly capacities: readonly number[]
  readonly ranks: SizeRanks
}

/** @param tasks of cells that `lruCells` has found */
export function* passOver({ trace, meter }: CellInput, tasks: readonly CellTask[]): Steps<LruPass> {
  const capacities = [...new Set(tasks.map(({ cache }) => cache.capacity))].sort((a, b) => a - b)
  const { capacityUnit } = tasks[0]!.cache
  return { capacities, ranks: yield* sizeRanks(trace, capacityUnit, capacities, meter.warmupRequests) }
}

/** What a cell of the pass comes to. */
export function measurePassed(
  runner: CellRunner,
  { capacities, ranks }: LruPass,
  { cache }: CellTask,
): MeasuredCell {
  const at = capacities.indexOf(cache.capacity)
  const kinds = foundByRank(capacities.length, at, ranks)
  return runner.measure({ codes: ranks.ranks, kinds }, ranks.evictions[at]!)
}

/** [ranks] what a request of a rank finds in the cache of one of the sizes. */
function foundByRank(sizes: number, size: number, { missRanks }: SizeRanks): Uint8Array {
  const found = new Uint8Array(missRanks.uncounted + 1)
  for (let rank = 0; rank <= sizes; rank++) found[rank] = rank <= size ? Found.resident : Found.evicted
  found[missRanks.absent] = Found.absent
  found[missRanks.deleted] = Found.invalidated
  found[missRanks.uncounted] = Found.uncounted
  return found
}
