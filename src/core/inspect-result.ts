/* What a workload looks like, before any cache. Import the types only unless you validate, as of result.ts. */
import { z } from 'zod'
import { count, fraction } from './result-fields.ts'

const quantilesSchema = z.object({
  p1: z.number(),
  p10: z.number(),
  p25: z.number(),
  p50: z.number(),
  p75: z.number(),
  p90: z.number(),
  p99: z.number(),
  max: z.number(),
  mean: z.number(),
})

const binsSchema = z
  .array(z.object({ from: z.number(), to: z.number(), count }))
  .describe('from ≤ value < to, in ascending order, without a gap')

const popularitySchema = z.object({
  hotKeys: count.describe('how many keys a hot set has: the most read'),
  parts: z
    .array(
      z.object({
        requests: count.describe('reads in this part'),
        newKeys: count.describe('keys not read in any part before'),
        shareOfHotKeys: fraction.describe('share of its reads that go to the hot set of the whole trace'),
        keptOfFirst: fraction
          .nullable()
          .describe('share of the hot set of the first part in that of this one'),
        keptOfPrevious: fraction.nullable().describe('and of that of the part before'),
      }),
    )
    .describe('equal parts of the trace, in order'),
  keptByChance: fraction.describe(
    'what a hot set keeps of another where both are drawn at random from the same two parts',
  ),
  neighbours: z
    .number()
    .min(0)
    .nullable()
    .describe(
      'reads that neighbouring parts have in common, key by key, as a share of what chance would give: 1 or more is no change, 0 is nothing left; null where too few keys come twice',
    ),
  distant: z.number().min(0).nullable().describe('the same of the first part and those of the second half'),
  verdict: z.enum(['stable', 'drifting', 'moving']).nullable(),
})

export const inspectionSchema = z.object({
  reads: count,
  distinctKeys: count,
  oneHitKeys: z.object({
    keys: count,
    shareOfKeys: fraction,
    shareOfRequests: fraction,
  }),
  compulsoryMissRate: fraction.describe('no cache does better than 1 minus this'),
  hitRateCeiling: fraction,
  meanRate: z.number().nullable().describe('requests a second; null without times'),
  zipf: z
    .object({
      alpha: z.number(),
      standardError: z.number().nullable(),
      goodnessOfFit: z
        .number()
        .describe(
          'Kolmogorov–Smirnov distance between the trace and the fitted law, by request: 0 is perfect',
        ),
      verdict: z.enum(['good', 'fair', 'poor']),
    })
    .nullable(),
  reuseDistance: z
    .object({
      quantiles: quantilesSchema,
      reuses: count,
      histogram: binsSchema,
      spike: z
        .object({ from: count, to: count, share: fraction })
        .nullable()
        .describe(
          'a narrow range of distances, from … to, with a large share of all reuses, as a loop makes',
        ),
    })
    .nullable()
    .describe('distinct other keys between two uses of a key; null where no key comes twice'),
  lruSize: z
    .object({ entries: count, hitRate: fraction, shareOfCeiling: fraction })
    .nullable()
    .describe('smallest lru cache that reaches this share of the ceiling; null where none does'),
  reuseSeconds: z
    .object({
      quantiles: quantilesSchema,
      p95: z.number(),
      reuses: count,
      histogram: binsSchema,
      within: z
        .array(z.object({ seconds: z.number(), share: fraction }))
        .describe('share of the reuses that come earlier than that'),
    })
    .nullable()
    .describe('time between two reads of a key; null without times, or where no key comes twice'),
  popularity: popularitySchema.nullable().describe('how popularity changes; null for fewer than 100 reads'),
  duplicatesInFlight: z
    .object({
      requests: count,
      shareOfRequests: fraction,
      despiteCache: count.describe(
        'of them those that come while the first read of the key is computed, so that no cache spares them',
      ),
      worst: z
        .object({ key: z.string(), duplicates: count })
        .nullable()
        .describe('the key with the most needless computations at one moment'),
    })
    .nullable()
    .describe(
      'reads that arrive while an earlier read of the key is still being computed; null without times and costs',
    ),
  keyColumns: z
    .array(
      z.object({
        column: z.string(),
        values: count.describe('distinct values'),
        mostCommon: z.object({ value: z.string(), shareOfRequests: fraction }),
        valuesReadOnce: count,
        hitRateCeilingWithout: fraction.describe('were the column no part of the key'),
      }),
    )
    .nullable()
    .describe('the columns of a composed key; null where the key is one column'),
  topKeys: z.array(z.object({ key: z.string(), requests: count, share: fraction })),
  valueBytes: quantilesSchema.nullable(),
  costMilliseconds: quantilesSchema.nullable(),
})

export type Quantiles = z.infer<typeof quantilesSchema>
export type Inspection = z.infer<typeof inspectionSchema>
