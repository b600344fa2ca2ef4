/* What runs over several sizes answer. Import the types only unless you validate, as of result.ts. */
import { z } from 'zod'
import { count, fraction, gridTtl } from './result-fields.ts'

const kneeRangeSchema = z.object({
  low: z
    .number()
    .nullable()
    .describe('simulated sizes between which the knee lies; null where most resampled curves have none'),
  high: z.number().nullable(),
  level: fraction.describe('with this probability'),
  share: fraction.describe('of the resampled curves that have a knee at all'),
  samples: count.describe('curves resampled from blocks of the run'),
  uncertain: z
    .boolean()
    .describe(
      'the knee jumps about: high is more than twice low and not the next size, or share is between 0.1 and 0.9',
    ),
})

const kneePointSchema = z.object({
  size: z.number().nullable().describe('null: the curve has no knee'),
  hitRate: z.number().nullable(),
  reason: z.string().optional().describe('why there is no knee'),
  sensitivity: z.number().describe('Kneedle’s S'),
  from: z.number().describe('smallest size of the range the knee was sought in'),
  to: z.number(),
  range: kneeRangeSchema
    .nullable()
    .optional()
    .describe('how sure the knee is; null where the run is too short to say'),
})
export const kneeSchema = z.object({ policy: z.string(), ...gridTtl, ...kneePointSchema.shape })

const curveAnswersSchema = z.object({
  ceiling: z.number().describe('hit rate of a cache that never evicts'),
  reaches: z
    .array(z.object({ share: fraction, size: z.number().nullable() }))
    .describe('smallest simulated size that reaches this share of the ceiling; null: none does'),
  worthwhile: z.object({
    minimumGain: z.number().describe('points of hit rate per 1 % of the keys (or of their bytes)'),
    size: z
      .number()
      .nullable()
      .describe('largest size whose last step still gained that much; null: none did'),
  }),
  pointCosts: z
    .array(
      z.object({
        hitRate: fraction,
        size: z.number().describe('that it takes, interpolated between simulated sizes'),
        nextHitRate: fraction.describe('a percentage point higher, or less on low curves'),
        extraSize: z
          .number()
          .nullable()
          .describe('that the next takes beyond it; null: none in the range does'),
      }),
    )
    .optional()
    .describe('what more hits cost, at round hit rates that all curves share'),
})
export const curveSchema = z.object({ policy: z.string(), ...gridTtl, ...curveAnswersSchema.shape })

export const envelopeSchema = z.object({
  points: z
    .array(z.object({ size: z.number(), policy: z.string(), hitRate: fraction }))
    .describe('the policy with the highest hit rate at each size, bounds left out'),
  knee: kneePointSchema,
  ...curveAnswersSchema.shape,
})

export const bestRangeSchema = z.object({
  from: z.number(),
  to: z.number().describe('where the curves cross, interpolated; first and last as far as the sizes go'),
  policy: z
    .string()
    .describe('at no simulated size shown to be worse than the best by 0.1 points; bounds left out'),
  ties: z
    .array(z.string())
    .describe('policies of which the same can be said, and which are nowhere a point behind the best'),
})

export type Knee = z.infer<typeof kneeSchema>
export type KneePoint = z.infer<typeof kneePointSchema>
export type CurveAnswers = z.infer<typeof curveSchema>
export type PointCost = NonNullable<CurveAnswers['pointCosts']>[number]
export type Envelope = z.infer<typeof envelopeSchema>
export type BestRange = z.infer<typeof bestRangeSchema>
