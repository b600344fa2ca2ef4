import { admissions } from '../admissions/index.ts'
import { describeRange, type Parameter, type Parameters } from '../core/parameters.ts'
import type { PolicyNeed } from '../core/policy.ts'
import { formats } from '../formats/index.ts'
import { arrivals } from '../generators/arrivals/index.ts'
import { generators } from '../generators/index.ts'
import { latencies } from '../latency/index.ts'
import { policies } from '../policies/index.ts'
import { reports } from '../reports/index.ts'
import { listRecipes } from './recipe-file.ts'
import { listScenarios } from './scenario-file.ts'

/** One thing there is, as `cachesim list` and the documentation show it. */
export interface CatalogueEntry {
  readonly name: string
  readonly summary: string
  readonly settings: readonly {
    readonly name: string
    readonly type: Parameter['type']
    readonly default: number | string | boolean
    /** Inclusive; absent where there is no bound. */
    readonly minimum?: number
    readonly maximum?: number
    readonly choices?: readonly string[]
    /** The same in words. */
    readonly allowed: string
    readonly description: string
  }[]
  /** Where it was published. */
  readonly paper?: string
  /** Of a policy: what the trace must have, and whether it is a bound that no server can reach. */
  readonly needs?: readonly PolicyNeed[]
  readonly bound?: boolean
}

function entry(part: {
  readonly name: string
  readonly summary: string
  readonly parameters?: Parameters
  readonly paper?: string
  readonly needs?: readonly PolicyNeed[]
  readonly bound?: boolean
}): CatalogueEntry {
  return {
    name: part.name,
    summary: part.summary,
    settings: Object.entries(part.parameters ?? {}).map(([name, parameter]) => ({
      name,
      ...parameter,
      allowed: describeRange(parameter),
    })),
    ...(part.paper !== undefined && { paper: part.paper }),
    ...(part.needs !== undefined && { needs: part.needs }),
    ...(part.bound !== undefined && { bound: part.bound }),
  }
}

/** Everything that has a name, by kind. */
export function catalogue(): Record<string, readonly CatalogueEntry[]> {
  return {
    policies: policies.all.map(entry),
    admissions: admissions.all.map(entry),
    workloads: listRecipes().map(entry),
    scenarios: listScenarios().map(entry),
    generators: generators.all.map(entry),
    arrivals: arrivals.all.map(entry),
    formats: formats.all.map(entry),
    latencies: latencies.all.map(({ usage, summary }) => entry({ name: usage, summary })),
    reports: reports.all.map(entry),
  }
}
