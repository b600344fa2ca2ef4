/*
 * The result of `cachesim simulate`: what requests of a whole service would have felt, with its caches and without.
 * Import the types only unless you validate, as of result.ts.
 */
import { z } from 'zod'
import { fraction } from './result-fields.ts'

const amount = z.number().min(0)

const serviceLatencySchema = z
  .object({
    mean: amount,
    p50: amount,
    p90: amount,
    p95: amount,
    p99: amount,
    p999: amount,
    max: amount,
  })
  .describe('milliseconds from arrival to answer, of the requests that were answered')

export const serviceRunSchema = z.object({
  requests: amount.describe('reads that count; this and all counts: the mean over seeds'),
  answers: amount,
  failures: amount,
  inFlightAtEnd: amount.describe('above 0 only where the run was stopped'),
  availability: fraction.describe('answers ÷ (answers + failures)'),
  availabilityInOutages: fraction
    .nullable()
    .describe(
      'the same of the requests that came while the model was down; null: it never was, or none came',
    ),
  latency: serviceLatencySchema.nullable().describe('null where nothing was answered'),
  withinSlo: fraction.describe('share of the requests answered within the SLO'),
  hitRate: fraction.describe('share of the answers that came from a cache at once'),
  answersFrom: z.object({
    tiers: z.array(amount).describe('from the nearest tier to the farthest'),
    delayedHits: amount.describe('waited for the computation of another'),
    computed: amount,
  }),
  tiers: z.array(
    z.object({
      name: z.string(),
      policy: z.string(),
      capacity: amount.describe('of one cache'),
      capacityUnit: z.enum(['entries', 'bytes']),
      ttl: z.string(),
      lookups: amount,
      hits: amount.describe('stale ones included'),
      staleHits: amount.describe('past their TTL'),
      misses: amount,
      missKinds: z.object({ compulsory: amount, capacity: amount, expired: amount, invalidated: amount }),
      skipped: amount.describe('requests that had no answer from it: it was down, or too slow'),
      timeouts: amount.describe('of these: requests that waited for one until their time-out'),
      evictions: amount,
    }),
  ),
  model: z.object({
    calls: amount.describe('that began: what never did is in failuresBy, and is not paid for'),
    duplicateCalls: amount.describe(
      'for a key that a call of the same version was under way for; both began',
    ),
    warmUpCalls: amount,
    refreshCalls: amount.describe('made behind an answer that was served'),
    failedCalls: amount.describe('that began and gave an error'),
    lockTakeovers: amount.describe('leases that ran out with others waiting'),
    seconds: amount.describe('of workers'),
    utilisation: amount
      .nullable()
      .describe('share of the workers’ time until the last arrival; null: unlimited'),
    offeredLoad: amount
      .nullable()
      .describe(
        'time that all calls would take, also those that never began ÷ time that the workers have until the last arrival; null: unlimited',
      ),
    peakConcurrency: amount,
    peakQueue: amount,
    meanQueueingMs: amount.describe('milliseconds a call waits until it begins or gives up, on average'),
    queueingMs: z
      .object({ p50: amount, p95: amount, p99: amount, max: amount })
      .describe('quantiles of that wait, over the same calls'),
  }),
  stale: z.object({
    answers: amount.describe('past their TTL, or of a model that is no more'),
    outdated: amount.describe('of a model that is no more'),
    outdatedMeanSeconds: amount.describe('since that model was replaced'),
    outdatedMaxSeconds: amount,
    pastTtl: amount,
    pastTtlMeanSeconds: amount,
    pastTtlMaxSeconds: amount,
    forErrors: amount.describe('served because the model failed'),
  }),
  failuresBy: z.object({
    queueFull: amount.describe('calls that found no room'),
    timeout: amount.describe('calls that waited too long'),
    rememberedError: amount.describe('requests answered with an error from memory'),
    noInstance: amount,
  }),
  peakInFlight: amount,
  money: amount.describe('dollars for the model, warm-up included'),
  overloaded: z
    .boolean()
    .describe(
      'the model cannot keep up: its load is 1 or more, over 1 % of the requests fail because its queue is full or too slow, or the run was stopped; latencies tell nothing of all requests',
    ),
  stoppedAtSeconds: amount
    .nullable()
    .describe('where more was in flight than a run may hold; null: it ran to its end'),
})

const seriesSchema = z.object({
  /** Columns, one value a part. */
  endSeconds: z.array(z.number()),
  requestsPerSecond: z.array(amount),
  hitRate: z.array(fraction.nullable()),
  latencyMean: z.array(amount.nullable()),
  latencyP99: z.array(amount.nullable()),
  failures: z.array(amount),
  staleAnswers: z.array(amount),
  modelCalls: z.array(amount),
  utilisation: z.array(amount.nullable()),
  peakQueue: z.array(amount),
  peakInFlight: z.array(amount),
})

const intervalSchema = z.object({ low: z.number(), high: z.number() })

export const serviceVariantSchema = z.object({
  label: z.string().describe('what was varied, or the scenario'),
  changes: z.array(z.object({ path: z.string(), value: z.union([z.string(), z.number(), z.boolean()]) })),
  with: serviceRunSchema,
  without: serviceRunSchema.nullable().describe('the same requests without caches; null where not asked for'),
  intervals: z
    .record(z.string(), intervalSchema)
    .nullable()
    .describe('95 % confidence intervals over seeds; null for one seed'),
  series: z.object({ with: seriesSchema, without: seriesSchema.nullable() }).describe('of the first seed'),
})

export const serviceComparisonSchema = z.object({
  figure: z.string().describe('as in intervals'),
  better: z.string().describe('the variant with the lowest mean, of those whose model keeps up'),
  worse: z.string(),
  difference: z.number().describe('of worse − of better, seed by seed the same requests'),
  low: z.number(),
  high: z.number(),
  tie: z.boolean().describe('true where the 95 % interval of the difference contains 0'),
})

export const serviceSchema = z.object({
  instances: z.number(),
  routing: z.string(),
  modelLatency: z.string(),
  workers: z.number().nullable().describe('null: unlimited'),
  price: z.string(),
  onMiss: z.string(),
  sloMs: z.number(),
  seeds: z.array(z.string()),
  events: z.array(z.object({ at: z.number(), text: z.string() })),
})

export type ServiceRun = z.infer<typeof serviceRunSchema>
export type ServiceSeries = z.infer<typeof seriesSchema>
export type ServiceVariant = z.infer<typeof serviceVariantSchema>
export type ServiceComparison = z.infer<typeof serviceComparisonSchema>
export type ServiceDescription = z.infer<typeof serviceSchema>
