import { z } from 'zod'
import { count, fraction } from './result-fields.ts'

/** What a sample of the keys says of policies at several sizes: part of the result of a sweep. */
export const estimatesSchema = z.object({
  rate: fraction.describe('share of the keys that was asked for'),
  keys: count.describe('in the sample'),
  requests: count.describe('in the sample: all of its keys'),
  sizes: z.array(
    z.object({
      size: z.number().min(0),
      sizeUnit: z.enum(['entries', 'bytes']),
      sizeShare: z.number().min(0),
    }),
  ),
  policies: z.array(
    z.object({
      policy: z.string(),
      bound: z.boolean(),
      exact: z
        .boolean()
        .describe(
          'run exactly, because it does not scale, or the sample is too small: its runs are among the runs',
        ),
      scales: z
        .boolean()
        .describe(
          'whether the sample in a small cache of no less than 32 entries behaves as all keys do in a large one',
        ),
      tooSmallBelow: z
        .number()
        .optional()
        .describe('where the sample is too small to tell, as its cache has fewer entries: below which size'),
      checks: z
        .array(z.object({ size: z.number(), error: z.number() }))
        .describe('sizes at which that was checked, and by how much the hit rate of the sample was off'),
      rates: z
        .array(
          z.object({
            hitRate: z.number(),
            margin: z
              .number()
              .min(0)
              .describe(
                'half-width of the error bar, which is made to hold the exact rate nine times in ten',
              ),
          }),
        )
        .describe('one a size'),
      knee: z.object({ size: z.number().nullable(), hitRate: z.number().nullable() }),
    }),
  ),
})

export type SweepEstimates = z.infer<typeof estimatesSchema>
export type PolicyEstimate = SweepEstimates['policies'][number]
