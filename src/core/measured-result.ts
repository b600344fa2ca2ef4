/* What the clock says: how long a run took, and the speeds of a benchmark. Import the types only unless you validate, as of result.ts. */
import { z } from 'zod'
import { count } from './result-fields.ts'
import { runSchema } from './run-result.ts'

export const measuredSchema = z.object({
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
  nanosecondsPerRequest: spreadSchema.describe('over the rounds, on one thread with all others'),
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

export const benchMeasuredSchema = measuredSchema.extend({
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

export type Measured = z.infer<typeof measuredSchema>
export type BenchRun = z.infer<typeof benchRunSchema>
export type Speed = z.infer<typeof speedSchema>
export type BenchMeasured = z.infer<typeof benchMeasuredSchema>
