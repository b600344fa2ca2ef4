/*
 * The one object every report reads. Two halves: `simulated`, which the same seed makes byte for byte the same on every
 * machine, and `measured`, which holds wall times. Rates and shares are fractions (0.612, not 61.2), latencies are
 * milliseconds, money is dollars.
 *
 * Import the types only (`import type`) unless you validate: loading zod costs start-up time.
 */
import { z } from 'zod'
import { bestRangeSchema, curveSchema, envelopeSchema, kneeSchema } from './curve-result.ts'
import { estimatesSchema } from './estimate-result.ts'
import { inspectionSchema } from './inspect-result.ts'
import { benchMeasuredSchema, benchRunSchema, measuredSchema } from './measured-result.ts'
import { gridTtl } from './result-fields.ts'
import { RESULT_SCHEMA } from './result-version.ts'
import { comparisonSchema, runSchema } from './run-result.ts'
import { serviceComparisonSchema, serviceSchema, serviceVariantSchema } from './service-result.ts'
import { savedCellSchema, sweepPlanSchema } from './sweep-parts.ts'
import { windowSchemaOf } from './window-result.ts'
import { settingsSchema, workloadSchema } from './workload-result.ts'

export type { BestRange, CurveAnswers, Envelope, Knee, KneePoint, PointCost } from './curve-result.ts'
export type { Inspection, Quantiles } from './inspect-result.ts'
export type { BenchMeasured, BenchRun, Measured, Speed } from './measured-result.ts'
export type { Comparison, Interval, Run } from './run-result.ts'
export type { SavedCell, SweepPlan } from './sweep-parts.ts'
export type { Settings, WorkloadDescription } from './workload-result.ts'

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

export type SweepWindow = NonNullable<SweepResult['simulated']['windows']>[number]
export type CompareResult = z.infer<typeof compareResultSchema>
export type SweepResult = z.infer<typeof sweepResultSchema>
export type InspectResult = z.infer<typeof inspectResultSchema>
export type BenchResult = z.infer<typeof benchResultSchema>
export type SimulateResult = z.infer<typeof simulateResultSchema>
export type Result = z.infer<typeof resultSchema>
