/*
 * A sweep's curves in each window of the trace, see `sweepResultSchema` in result.ts.
 *
 * Import the types only (`import type`) unless you validate: loading zod costs start-up time.
 */
import { z } from 'zod'
import { count, fraction, meanCount } from './result-fields.ts'

const rate = fraction.nullable().describe('null where the window has no reads')

const boundsSchema = {
  from: count.describe('first request of the window, from 0; of the first seed, where there are several'),
  to: count.describe('the request after its last'),
  fromSeconds: z.number().min(0).nullable().describe('since the first request; null without times'),
  toSeconds: z.number().min(0).nullable(),
  distinctKeys: count.describe('keys read in it; of the first seed'),
  newKeys: count.describe('of them, those that no request had before'),
}

/** What a window is, whatever was simulated in it. */
export const windowPlanSchema = z.object(boundsSchema)

/** One curve's hits in each window. */
export const savedWindowsSchema = z.object({
  requests: z.array(meanCount).describe('counted reads in each window'),
  hits: z.array(meanCount),
})

/** @param curve what a curve is known by */
export function windowSchemaOf<Curve extends z.ZodRawShape>(curve: Curve) {
  return z.object({
    ...boundsSchema,
    requests: meanCount.describe('reads counted'),
    curves: z
      .array(
        z.object({
          ...curve,
          ceiling: rate.describe('hit rate of a cache that never evicts'),
          points: z.array(z.object({ size: z.number().min(0), hits: meanCount, hitRate: rate })),
          knee: z
            .object({
              size: z.number().nullable().describe('null: no knee'),
              hitRate: z.number().nullable(),
              reason: z.string().optional(),
            })
            .describe('of the curve in this window'),
          reaches: z
            .array(z.object({ share: z.number(), size: z.number().nullable() }))
            .describe('smallest simulated size that reaches this share of the window’s ceiling'),
        }),
      )
      .describe('one a policy, in the order of the runs'),
  })
}

export type WindowPlan = z.infer<typeof windowPlanSchema>
export type SavedWindows = z.infer<typeof savedWindowsSchema>
