/* What was run: the requests, and how they were. Import the types only unless you validate, as of result.ts. */
import { z } from 'zod'
import { count, ttlSchema, ttlSecondsSchema } from './result-fields.ts'
import { OPTIONAL_COLUMNS } from './trace.ts'

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

export type WorkloadDescription = z.infer<typeof workloadSchema>
export type Settings = z.infer<typeof settingsSchema>
