/* What it takes to go on with a sweep, or to put its parts together. Import the types only unless you validate, as of result.ts. */
import { z } from 'zod'
import { count, gridTtl, meanCount } from './result-fields.ts'
import { runSchema } from './run-result.ts'
import { savedWindowsSchema, windowPlanSchema } from './window-result.ts'
import { settingsSchema, workloadSchema } from './workload-result.ts'

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

export type SweepPlan = z.infer<typeof sweepPlanSchema>
export type SavedCell = z.infer<typeof savedCellSchema>
