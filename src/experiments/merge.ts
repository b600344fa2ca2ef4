import { InputError } from '../core/errors.ts'
import { describeValue } from '../core/options.ts'
import type { SweepPlan, SweepResult } from '../core/result.ts'
import { RESULT_SCHEMA } from '../core/result-version.ts'
import { plural } from '../core/units.ts'
import { checkResult } from '../reports/result-schema.ts'
import type { CellResult } from './runner.ts'
import { assembleSweep, cellCount, cellsByNumber, describeCell, planDifference } from './sweep-plan.ts'

/** A part of a sweep, and what to call it in messages. */
export interface SweepPart {
  readonly name: string
  readonly result: SweepResult
}

/**
 * The parts of one sweep as one result: the same, byte for byte, as that of a sweep that ran every cell (its `simulated`
 * half; there is no other).
 * @throws InputError where one is no result of `sweep()`, and where the parts are not of one sweep, have a cell twice, or leave one out
 */
export function mergeSweeps(parts: readonly SweepPart[]): SweepResult {
  checkParts(parts)
  const [first, ...others] = parts
  if (first === undefined) throw new InputError('there is nothing to merge: name the parts of a sweep')
  const plan = planOf(first)
  for (const other of others) {
    const difference = planDifference(plan, planOf(other))
    if (difference !== undefined)
      throw new InputError(
        `'${other.name}' is of ${difference} than '${first.name}': only parts of one sweep can be merged`,
      )
  }
  const merged: (CellResult | undefined)[] = Array(cellCount(plan)).fill(undefined)
  const owners = new Map<number, SweepPart>()
  for (const part of parts) {
    cellsByNumber(plan, part.result.simulated.cells!, `'${part.name}'`).forEach((cell, at) => {
      if (cell === undefined) return
      const owner = owners.get(at)
      if (owner !== undefined)
        throw new InputError(`${describeCell(plan, at)} is both in '${owner.name}' and in '${part.name}'`)
      owners.set(at, part)
      merged[at] = cell
    })
  }
  const missing = merged.flatMap((cell, at) => (cell === undefined ? [at] : []))
  if (missing.length > 0) {
    const more =
      missing.length > 1 ? ` and ${plural(missing.length - 1, 'more cell', 'more cells')} are` : ' is'
    throw new InputError(
      `${describeCell(plan, missing[0]!)}${more} in no part: name all parts, or finish one with --resume`,
    )
  }
  return {
    schema: RESULT_SCHEMA,
    command: 'sweep',
    simulated: assembleSweep(plan, merged),
  }
}

/** What a part is, for messages. */
const PART = '{ name, result }, with a result of sweep() and a text to call it by'

/** @throws InputError for what callers without types may give instead of parts */
function checkParts(parts: readonly SweepPart[]): void {
  if (!Array.isArray(parts))
    throw new InputError(
      `mergeSweeps() is given ${describeValue(parts)}: it takes a list, each of it ${PART}`,
    )
  for (const [at, part] of parts.entries()) {
    const { name, result } = (part ?? {}) as Partial<SweepPart>
    const isPart = typeof name === 'string' && typeof result === 'object' && result !== null
    if (!isPart)
      throw new InputError(
        `element ${at} of what mergeSweeps() is given is ${describeValue(part)}: it must be ${PART}`,
      )
    const { command } = checkResult(result, name)
    if (command !== 'sweep')
      throw new InputError(`'${name}' is a result of ${command}: it must be one of sweep`)
  }
}

/** @throws InputError where the result is complete, or of estimates */
function planOf({ name, result }: SweepPart): SweepPlan {
  const { partial, plan, cells, estimates } = result.simulated
  if (estimates)
    throw new InputError(
      `'${name}' has estimates (--sample), which cannot be merged: a part is of exact numbers, made with --shard`,
    )
  if (!partial || !plan || !cells)
    throw new InputError(`'${name}' is a complete sweep, and no part of one: a part is made with --shard`)
  return plan
}
