/* What one policy at one size came to. Import the types only unless you validate, as of result.ts. */
import { z } from 'zod'
import { count, fraction, gridTtl, meanCount, ttlSchema, ttlSecondsSchema } from './result-fields.ts'

const latencySchema = z.object({
  mean: z.number(),
  p50: z.number(),
  p95: z.number(),
  p99: z.number(),
  meanWithout: z.number().describe('without a cache: every request pays the model'),
  p50Without: z.number(),
  p95Without: z.number(),
  p99Without: z.number(),
  reduction: z.number().max(1).describe('1 − mean / meanWithout; negative where the cache makes it worse'),
})

const intervalSchema = z.object({
  low: z.number(),
  high: z.number(),
  level: fraction,
  method: z.enum(['batch-means', 'repeats']),
  samples: count.describe('batches or seeds it rests on'),
})

export const runSchema = z.object({
  policy: z.string().describe('as given: lru, optimal(bypass=false)'),
  bound: z.boolean().describe('true for what no server can do, such as Belady’s MIN'),
  size: z.number().min(0).describe('capacity in sizeUnit'),
  sizeUnit: z.enum(['entries', 'bytes']),
  sizeShare: z.number().min(0).describe('capacity as a fraction of the distinct keys, or of their bytes'),
  ttl: ttlSchema,
  ttlSeconds: ttlSecondsSchema,
  requests: meanCount.describe(
    'reads counted, warm-up left out; this and all counts: the mean over repetitions',
  ),
  hits: meanCount,
  misses: meanCount,
  hitRate: fraction,
  byteHitRate: fraction.nullable().describe('share of bytes served from the cache; null without sizes'),
  costHitRate: fraction
    .nullable()
    .describe('share of the model’s time saved; null without per-request costs'),
  missKinds: z.object({
    compulsory: meanCount.describe('first sight of the key'),
    capacity: meanCount.describe('evicted, or not admitted, since the last request for it'),
    expired: meanCount,
    invalidated: meanCount.describe('deleted since the last request for it'),
  }),
  evictions: meanCount,
  interval: intervalSchema
    .nullable()
    .describe('95 % confidence interval of hitRate; null where the run is too short'),
  shareOfOptimal: z.number().nullable().describe('hitRate ÷ the hit rate of the bound at the same size'),
  latency: latencySchema,
  model: z.object({
    calls: meanCount.describe('reads that paid the model'),
    callsSaved: meanCount,
    seconds: z.number(),
    secondsWithout: z.number(),
    secondsSaved: z.number(),
  }),
  money: z.object({ spent: z.number(), spentWithout: z.number(), saved: z.number() }),
  breakEvenHitRate: z
    .number()
    .nullable()
    .describe(
      'below it the cache makes the mean latency worse; above 1 it never pays; null if the model takes no time',
    ),
})

export const comparisonSchema = z.object({
  size: z.number(),
  ...gridTtl,
  better: z.string(),
  worse: z.string(),
  difference: z.number().describe('hit rate of better − of worse, on the same requests'),
  low: z.number(),
  high: z.number(),
  tie: z.boolean().describe('true where the 95 % interval of the difference contains 0'),
})

export type Interval = z.infer<typeof intervalSchema>
export type Run = z.infer<typeof runSchema>
export type Comparison = z.infer<typeof comparisonSchema>
