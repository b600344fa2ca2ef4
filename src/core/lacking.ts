import { InputError } from './errors.ts'
import type { PolicyNeed } from './policy.ts'
import type { Trace } from './trace.ts'

/** What of a trace tells where its columns come from: `source` of a file, or that it was generated. */
export interface Origin {
  readonly source?: unknown
  readonly generated?: true
}

const FROM_FILE = {
  times: 'name their column with --time',
  sizes: 'name their column with --value-size, or give all the same, such as --value-size =1024',
  costs: 'name their column with --cost, or give all the same, such as --cost =120',
} as const
const FROM_RECIPE = {
  // No recipe is without.
  times: 'take a recipe that has a rate of arrivals',
  sizes: 'take a recipe that has them, such as one with values: { size: 4KiB }',
  costs: 'take a recipe that has them, such as one with values: { cost: 120ms }',
} as const

/** How a trace that lacks a column is given it: the end of a message, for a file, a generated trace or one in memory. */
export function howToGive(column: keyof typeof FROM_FILE, { source, generated }: Origin): string {
  if (source !== undefined) return FROM_FILE[column]
  return generated ? FROM_RECIPE[column] : `give createTrace() '${column}'`
}

/** The first column that policies with these needs miss in a trace; undefined where there is none. */
export function lackedColumn(needs: readonly PolicyNeed[], trace: Trace): keyof typeof FROM_FILE | undefined {
  return needs
    .flatMap((need) => (need === 'future' ? [] : ([need === 'ttl' ? 'times' : need] as const)))
    .find((column) => trace[column] === undefined)
}

/**
 * @param text the policy as the user wrote it
 * @throws InputError where the trace lacks what the policy needs
 */
export function checkNeeds(text: string, needs: readonly PolicyNeed[], trace: Trace): void {
  const column = lackedColumn(needs, trace)
  if (column === undefined) return
  throw new InputError(
    `policy '${text}' needs ${column}, which ${trace.name} does not have: ${howToGive(column, trace)}, or take another policy`,
  )
}
