/**
 * The library's front door: the experiments behind the command line, and what it takes to bring traces and policies of
 * your own. Values are written as on the command line (`'5%'`, `'10m'`, `'lru,lfu'`); mistakes are `InputError`s.
 *
 * @example
 * import { compare } from 'cachesim'
 * const { simulated } = await compare({ workload: 'zipf', size: '5%' })
 * for (const run of simulated.runs) console.log(run.policy, run.hitRate)
 */

export { findKnee } from './analysis/knee.ts'
export { kneedle } from './analysis/kneedle.ts'
export type { LruCurve } from './analysis/lru-curve.ts'
// Policies and admission filters of one's own
export {
  type AdmissionContext,
  type AdmissionDefinition,
  type AdmissionDraft,
  type AdmissionFilter,
  defineAdmission,
} from './core/admission.ts'
// Errors
export { InputError } from './core/errors.ts'
// Results
export type { PolicyEstimate, SweepEstimates } from './core/estimate-result.ts'
export type { Memory } from './core/memory.ts'
export type { Parameter, Parameters, ParameterValues } from './core/parameters.ts'
export {
  definePolicy,
  type EvictionPolicy,
  NEVER,
  type PolicyContext,
  type PolicyDefinition,
  type PolicyDraft,
  type PolicyNeed,
} from './core/policy.ts'
export type { Random } from './core/random.ts'
export type {
  BenchResult,
  BenchRun,
  CompareResult,
  Comparison,
  CurveAnswers,
  Inspection,
  InspectResult,
  Interval,
  Knee,
  Measured,
  Quantiles,
  Result,
  Run,
  Settings,
  SimulateResult,
  Speed,
  SweepResult,
  SweepWindow,
  WorkloadDescription,
} from './core/result.ts'
export type { ServiceRun, ServiceSeries, ServiceVariant } from './core/service-result.ts'
// Traces
export { createTrace, type KeyNames, Op, type Trace, type TraceSource } from './core/trace.ts'
// Experiments
export type { AdmissionChoice } from './experiments/admission.ts'
export { type BenchOptions, bench } from './experiments/bench.ts'
export { type CatalogueEntry, catalogue } from './experiments/catalogue.ts'
export { type CompareOptions, compare } from './experiments/compare.ts'
export { type ConvertedTrace, convert } from './experiments/convert.ts'
export { type GeneratedTrace, generate } from './experiments/generate.ts'
export { inspect } from './experiments/inspect.ts'
export { type LruCurveOptions, lruCurve } from './experiments/lru-curve.ts'
export { mergeSweeps, type SweepPart } from './experiments/merge.ts'
export { type PolicyChoice, withAdmission } from './experiments/policies.ts'
export { render } from './experiments/render.ts'
export type { SettingsOptions } from './experiments/settings.ts'
export { type SimulateOptions, simulate } from './experiments/simulate.ts'
export { type SweepOptions, sweep } from './experiments/sweep.ts'
export type { Progress, Watch } from './experiments/watch.ts'
export { openWorkload, type Workload, type WorkloadOptions } from './experiments/workload.ts'
export { type ReadProgress, type ReadTraceOptions, readTrace } from './formats/index.ts'
