import { InputError } from '../core/errors.ts'
import type { SavedCell, SweepPlan, SweepResult } from '../core/result.ts'
import { cellsByNumber, planDifference } from './sweep-plan.ts'

/*
 * A part of the cells of a sweep: one of several equal ones, or what another left.
 */

/** Of an earlier sweep, what can be gone on with. */
interface SavedPart {
  readonly plan: SweepPlan
  readonly cells: readonly SavedCell[]
}

/** @throws InputError where nothing can */
export function partOf({ simulated: { partial, plan, cells, estimates } }: SweepResult): SavedPart {
  if (estimates) throw new InputError('--resume is given estimates, of which there is nothing to go on with')
  if (!partial || !plan || !cells)
    throw new InputError('--resume is given a sweep that is complete: nothing of it is left to do')
  return { plan, cells }
}

/**
 * The cells that an earlier sweep has done.
 * @throws InputError where it is another
 */
export function resumed(
  { plan: before, cells }: SavedPart,
  plan: SweepPlan,
): ReturnType<typeof cellsByNumber> {
  const difference = planDifference(before, plan)
  if (difference !== undefined)
    throw new InputError(`--resume is given a sweep of ${difference}: it must be a part of this one`)
  return cellsByNumber(plan, cells, '--resume')
}

/** One of several equal parts of the cells: the first is 1. */
interface Shard {
  readonly part: number
  readonly of: number
}

const MOST_SHARDS = 100_000

/** @throws InputError for what is not K/N with 1 ≤ K ≤ N */
export function parseShard(text: string | undefined): Shard {
  if (text === undefined) return { part: 1, of: 1 }
  const [, part, of] = /^\s*(\d+)\s*\/\s*(\d+)\s*$/.exec(text)?.map(Number) ?? []
  if (part === undefined || of === undefined || part < 1 || part > of || of > MOST_SHARDS)
    throw new InputError(
      `--shard '${text}' is not understood: write K/N, such as 3/16 for the third of 16 parts`,
    )
  return { part, of }
}

export function inShard(cell: number, { part, of }: Shard): boolean {
  return cell % of === part - 1
}
