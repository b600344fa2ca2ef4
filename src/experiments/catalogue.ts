import { describeRange, type Parameters } from '../core/parameters.ts'
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
    readonly default: number | string | boolean
    readonly allowed: string
    readonly description: string
  }[]
  /** Where it was published. */
  readonly paper?: string
}

function entry(part: {
  readonly name: string
  readonly summary: string
  readonly parameters?: Parameters
  readonly paper?: string
}): CatalogueEntry {
  return {
    name: part.name,
    summary: part.summary,
    settings: Object.entries(part.parameters ?? {}).map(([name, parameter]) => ({
      name,
      default: parameter.default,
      allowed: describeRange(parameter),
      description: parameter.description,
    })),
    ...(part.paper !== undefined && { paper: part.paper }),
  }
}

/** Everything that has a name, by kind. */
export function catalogue(): Record<string, readonly CatalogueEntry[]> {
  return {
    policies: policies.all.map(entry),
    workloads: listRecipes().map(entry),
    scenarios: listScenarios().map(entry),
    generators: generators.all.map(entry),
    arrivals: arrivals.all.map(entry),
    formats: formats.all.map(entry),
    latencies: latencies.all.map(({ usage, summary }) => entry({ name: usage, summary })),
    reports: reports.all.map(entry),
  }
}
