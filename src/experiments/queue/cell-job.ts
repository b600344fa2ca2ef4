import type { Queue } from 'bullmq'
import type { SavedCell, SweepPlan } from '../../core/result.ts'
import { cellCount } from '../sweep-plan.ts'
import type { Connection } from './connection.ts'

/** A job: the number of a cell. What the cell is stands in the notice of the sweep. */
export interface CellJob {
  readonly at: number
}

/** What a worker makes of it. */
export type CellAnswer = {
  /** Who it was. */
  readonly worker: string
} & (
  | { readonly cell: SavedCell }
  /** The run would fail anywhere: `isInput` where it is the user's mistake. */
  | { readonly error: string; readonly isInput: boolean }
)

/** Workers that may die over a cell before it is given up. */
export const MOST_DEATHS = 3

/** How often a worker shows that it is still at a cell, and how soon one that does not is taken for dead, in ms. */
export const LOCK = { lockDuration: 10_000, stalledInterval: 5_000, maxStalledCount: MOST_DEATHS - 1 }

const NAME = 'cell'

/** The queue of one sweep. */
export function queueOf({ bullmq, redis, prefix }: Connection, id: string): Queue<CellJob, CellAnswer> {
  const queue = new bullmq.Queue<CellJob, CellAnswer>(id, {
    connection: redis,
    prefix,
    skipWaitingForReady: true,
  })
  // Whoever sends a command hears of its failure; the connection is watched where it was made.
  queue.on('error', () => {})
  return queue
}

/** Puts cells on the queue, those first that stand first; a cell that is there already stays as it is. */
export async function enqueue(queue: Queue<CellJob, CellAnswer>, cells: readonly number[]): Promise<void> {
  await queue.addBulk(cells.map((at) => ({ name: NAME, data: { at }, opts: { jobId: jobIdOf(at) } })))
}

function jobIdOf(at: number): string {
  return `${NAME}-${at}`
}

/** The cell that a job of this name is for; undefined for what is no cell of the plan. */
export function cellOfJob(jobId: string | undefined, plan: SweepPlan): number | undefined {
  const at = Number(/^cell-(\d{1,9})$/.exec(jobId ?? '')?.[1] ?? Number.NaN)
  return at < cellCount(plan) ? at : undefined
}
