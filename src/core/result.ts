/*
 * The one object every report reads. Two halves: `simulated`, which the same seed makes byte for byte the same on every
 * machine, and `measured`, which holds wall times. Rates and shares are fractions (0.612, not 61.2), latencies are
 * milliseconds, money is dollars.
 *
 * Import the types only (`import type`) unless you validate: loading zod costs start-up time.
 */
import { z } from 'zod'
import { estimatesSchema } from './estimate-result.ts'
import { RESULT_SCHEMA } from './result-version.ts'
import { serviceComparisonSchema, serviceSchema, serviceVariantSchema } from './service-result.ts'
import { OPTIONAL_COLUMNS } from './trace.ts'
import { savedWindowsSchema, windowPlanSchema, windowSchemaOf } from './window-result.ts'

const fraction = z.number().min(0).max(1)
const count = z.int().min(0)
/** Of one run, or the mean of several that differ in their seed. */
const meanCount = z.number().min(0)

export const workloadSchema = z.object({
  name: z.string().describe('the generator, recipe or file'),
  kind: z.enum(['synthetic', 'recorded']),
  summary: z.string().describe('one line: what was simulated'),
  story: z.string().optional().describe('the story a recipe tells'),
  seed: z.string().describe('the seed of every random stream'),
  requests: count.describe('reads, writes and deletes in the trace'),
  writes: count,
  deletes: count,
  keys: count.describe('distinct keys'),
  spanSeconds: z
    .number()
    .min(0)
    .nullable()
    .describe('from the first request to the last; null without times'),
  totalBytes: z.number().min(0).nullable().describe('bytes of all distinct values; null without sizes'),
  columns: z.array(z.enum(OPTIONAL_COLUMNS)).describe('what the trace has beside keys'),
  source: z
    .object({
      files: z.array(z.string()).describe('as given, - for standard input'),
      format: z.string(),
      compression: z.string(),
      rows: count,
      filteredRows: count,
      badRows: count,
      badRowSamples: z.array(z.object({ line: count, reason: z.string() })),
      columns: z.record(z.string(), z.union([z.string(), z.array(z.string())])),
      sampleRate: z.number().describe('share of the keys that were kept; 1: all'),
      notes: z.array(z.string()),
    })
    .optional()
    .describe('how a recorded trace was read'),
})

const ttlSchema = z
  .enum(['none', 'constant', 'recorded'])
  .describe('none: entries live for ever; constant: all equally long; recorded: as the trace’s requests say')
const ttlSecondsSchema = z
  .number()
  .nullable()
  .describe(
    'time to live of every entry, or of those whose requests say none where it is recorded; null: for ever',
  )
/** Only where a sweep has several TTLs. */
const gridTtl = { ttl: ttlSchema.optional(), ttlSeconds: ttlSecondsSchema.optional() }

export const settingsSchema = z.object({
  ttl: ttlSchema,
  ttlSeconds: ttlSecondsSchema,
  ttls: z
    .array(z.object({ ttl: ttlSchema, ttlSeconds: ttlSecondsSchema }))
    .optional()
    .describe('of a sweep with several TTLs: all of them; ttl and ttlSeconds are the first'),
  ttlMode: z.enum(['write', 'idle']),
  warmupRequests: count.describe('requests that fill the cache and are not counted'),
  repeats: z
    .int()
    .min(1)
    .describe('seeds the runs were repeated with: counts, seconds, latencies and money are means over them'),
  seeds: z.array(z.string()).optional().describe('the seed of each repetition, where there are several'),
  hitLatency: z.string(),
  missLatency: z.string(),
  storeLatency: z.string(),
  missCost: z.string().describe('price of the model, as given'),
  assumed: z.array(z.string()).describe('settings that neither flag nor recipe gave'),
})

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

const capacitySchema = z.object({
  capacity: z.number().min(0),
  unit: z.enum(['entries', 'bytes']),
  share: z.number().min(0),
})

export const sweepPlanSchema = z.object({
  fingerprint: z.string().describe('SHA-256 of the columns of the trace, or of the first seed’s'),
  workload: workloadSchema,
  settings: settingsSchema,
  policies: z
    .array(
      z.object({
        policy: z.string(),
        ...gridTtl,
        row: count
          .optional()
          .describe('which of several TTLs was asked for; a policy may have one of its own'),
        bound: z.boolean(),
        isReference: z.boolean().describe('the bound whose hits others have a share of'),
        ceiling: count.describe('which of the caches that never evict has its TTL'),
        source: z
          .string()
          .optional()
          .describe('SHA-256 of the file that the policy is in; absent for those of cachesim'),
      }),
    )
    .min(1),
  sizes: z.array(capacitySchema).min(1),
  ceilings: count.describe('caches that never evict, one for each TTL'),
  total: z.number().min(0).describe('distinct keys, or bytes of all distinct values'),
  sensitivity: z.number().min(0),
  minimumGain: z.number().min(0),
  warnings: z.array(z.string()),
  leftOut: z.array(z.string()),
  ttlsRunOut: z.boolean(),
  windows: z.array(windowPlanSchema).optional(),
})

export const savedCellSchema = z.object({
  at: count.describe(
    'number of the cell: every policy (with every TTL) at every size, sizes running fastest, then the caches that never evict',
  ),
  run: runSchema,
  hits: z.array(meanCount).describe('in each batch, or of each seed'),
  requests: z.array(meanCount),
  method: z.enum(['batch-means', 'repeats']),
  windows: savedWindowsSchema.optional(),
})

const measuredSchema = z.object({
  startedAt: z.string().describe('ISO 8601'),
  totalSeconds: z.number(),
  loadSeconds: z.number().describe('generating or reading the trace'),
  replaySeconds: z.number().describe('replaying and measuring, by the clock on the wall'),
  threads: z.int().min(1).describe('that the runs were spread over'),
  requestsPerSecond: z.number().describe('replayed, over all policies and sizes'),
  version: z.string(),
})

/** A policy at a size, in a benchmark: what it counted, whoever was how fast. */
export const benchRunSchema = runSchema.pick({
  policy: true,
  bound: true,
  size: true,
  sizeUnit: true,
  sizeShare: true,
  requests: true,
  hits: true,
  misses: true,
  hitRate: true,
})

const spreadSchema = z.object({
  median: z.number().min(0),
  min: z.number().min(0),
  max: z.number().min(0),
})

export const speedSchema = z.object({
  name: z.string().describe('the policy as given, or the npm package'),
  kind: z.enum(['policy', 'package']),
  version: z.string().nullable().describe('of the package'),
  note: z.string().nullable().describe('why it cannot be compared with the others as it stands'),
  size: z.number().min(0),
  sizeUnit: z.enum(['entries', 'bytes']),
  hits: count,
  requestsPerSecond: z.number().min(0).describe('of the median time'),
  nanosecondsPerRequest: spreadSchema.describe('over the rounds, in one process with all others'),
  timesBaseline: spreadSchema
    .nullable()
    .describe('how many times as fast as the baseline in the same round; null where that did not run'),
  aloneNanosecondsPerRequest: spreadSchema
    .nullable()
    .describe('in a thread and an isolate of V8 of its own; null where it did not run there'),
  slowdown: z
    .number()
    .nullable()
    .describe('what the company of the others costs: median over the rounds of time together / alone − 1'),
  bytesPerKey: z
    .number()
    .min(0)
    .nullable()
    .describe('memory of the policy and of what the loop keeps ÷ distinct keys of the trace'),
})

const benchMeasuredSchema = measuredSchema.extend({
  node: z.string().describe('version of Node.js'),
  cpu: z.string().describe('model of the processor'),
  cores: count,
  platform: z.string(),
  rounds: z.int().min(1),
  baseline: z.string().nullable().describe('the package that speeds are multiples of'),
  speeds: z.array(speedSchema),
  verdict: z.array(z.string()),
  warnings: z.array(z.string()).describe('what depends on the machine, such as packages that are not there'),
})

const common = { schema: z.literal(RESULT_SCHEMA), measured: measuredSchema.optional() }
const shared = {
  workload: workloadSchema,
  warnings: z.array(z.string()),
  verdict: z.array(z.string()).describe('the answer in sentences'),
}
const simulatedShared = {
  ...shared,
  settings: settingsSchema,
  runs: z.array(runSchema).min(1, { error: 'it must hold one run or more' }),
  comparisons: z.array(comparisonSchema),
}

export const compareResultSchema = z.object({
  ...common,
  command: z.literal('compare'),
  simulated: z.object(simulatedShared),
})
export const sweepResultSchema = z.object({
  ...common,
  command: z.literal('sweep'),
  simulated: z
    .object({
      ...simulatedShared,
      // A part may hold nothing but caches that never evict.
      runs: z.array(runSchema),
      partial: z
        .literal(true)
        .optional()
        .describe(
          'cells, or estimates of policies, are missing; knees and curves are those of policies that have all of their cells',
        ),
      knee: z.array(kneeSchema).describe('one a policy (and TTL)'),
      curves: z
        .array(curveSchema)
        .describe('answers that do not depend on the range, one a policy (and TTL)'),
      windows: z
        .array(windowSchemaOf({ policy: z.string(), ...gridTtl }))
        .optional()
        .describe(
          'the curves in each of several equal parts of the trace, through which the cache stays warm',
        ),
      envelope: envelopeSchema
        .optional()
        .describe('the best policy at each size; only where there are several, all with all of their cells'),
      best: z
        .array(bestRangeSchema)
        .optional()
        .describe('which policy is best where, in as few ranges as noise allows; where there is an envelope'),
      plan: sweepPlanSchema.optional().describe('of a partial result: what it takes to go on with it'),
      cells: z.array(savedCellSchema).optional().describe('of a partial result: the cells that are done'),
      estimates: estimatesSchema
        .optional()
        .describe(
          'where only a sample was asked for: runs, knees and curves are then those of exact policies',
        ),
    })
    .refine(({ partial, runs, estimates }) => partial || estimates || runs.length > 0, {
      path: ['runs'],
      error: 'it must hold one run or more',
    }),
})
export const inspectResultSchema = z.object({
  ...common,
  command: z.literal('inspect'),
  simulated: z.object({
    ...shared,
    inspection: inspectionSchema,
    compareCommand: z
      .array(z.string())
      .nullable()
      .describe('the comparison that fits, in pieces quoted for a shell, to be joined by spaces'),
  }),
})
export const benchResultSchema = z.object({
  ...common,
  command: z.literal('bench'),
  simulated: z.object({
    ...shared,
    runs: z.array(benchRunSchema).min(1, { error: 'it must hold one run or more' }),
  }),
  measured: benchMeasuredSchema.optional(),
})

export const simulateResultSchema = z.object({
  ...common,
  command: z.literal('simulate'),
  simulated: z.object({
    ...shared,
    service: serviceSchema.describe('of the first variant'),
    comparisons: z
      .array(serviceComparisonSchema)
      .describe('the best variant of a figure with each of the others; empty for one variant or one seed'),
    variants: z.array(serviceVariantSchema).min(1, { error: 'it must hold one variant or more' }),
  }),
})

export const resultSchema = z.discriminatedUnion('command', [
  compareResultSchema,
  sweepResultSchema,
  inspectResultSchema,
  benchResultSchema,
  simulateResultSchema,
])

export type WorkloadDescription = z.infer<typeof workloadSchema>
export type Settings = z.infer<typeof settingsSchema>
export type Interval = z.infer<typeof intervalSchema>
export type Run = z.infer<typeof runSchema>
export type Comparison = z.infer<typeof comparisonSchema>
export type Knee = z.infer<typeof kneeSchema>
export type KneePoint = z.infer<typeof kneePointSchema>
export type CurveAnswers = z.infer<typeof curveSchema>
export type PointCost = NonNullable<CurveAnswers['pointCosts']>[number]
export type Envelope = z.infer<typeof envelopeSchema>
export type BestRange = z.infer<typeof bestRangeSchema>
export type Quantiles = z.infer<typeof quantilesSchema>
export type Inspection = z.infer<typeof inspectionSchema>
export type SweepPlan = z.infer<typeof sweepPlanSchema>
export type SweepWindow = NonNullable<SweepResult['simulated']['windows']>[number]
export type SavedCell = z.infer<typeof savedCellSchema>
export type Measured = z.infer<typeof measuredSchema>
export type CompareResult = z.infer<typeof compareResultSchema>
export type SweepResult = z.infer<typeof sweepResultSchema>
export type InspectResult = z.infer<typeof inspectResultSchema>
export type BenchRun = z.infer<typeof benchRunSchema>
export type Speed = z.infer<typeof speedSchema>
export type BenchMeasured = z.infer<typeof benchMeasuredSchema>
export type BenchResult = z.infer<typeof benchResultSchema>
export type SimulateResult = z.infer<typeof simulateResultSchema>
export type Result = z.infer<typeof resultSchema>
