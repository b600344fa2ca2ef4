import type { Trace } from './trace.ts'

/** What of a trace tells where its columns come from. */
export type Origin = Pick<Trace, 'source' | 'generated'>

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
