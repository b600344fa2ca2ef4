/* What was simulated, as the result says it. */
import type { ServiceDescription } from '../core/service-result.ts'
import type { Trace } from '../core/trace.ts'
import { formatPercent, formatSeconds, plural } from '../core/units.ts'
import type { Scenario, ScenarioEvent } from './scenario.ts'
import { DEFAULT_LATENCY, tierName } from './service-settings.ts'

export function describeService(
  scenario: Scenario,
  trace: Trace,
  seeds: readonly string[],
): ServiceDescription {
  const { model, onMiss } = scenario
  const extras = [
    onMiss.earlyRefresh > 0 ? `early refresh (β ${onMiss.earlyRefresh})` : '',
    onMiss.staleWhileRevalidate > 0
      ? `stale while revalidating for ${formatSeconds(onMiss.staleWhileRevalidate)}`
      : '',
    onMiss.staleIfError > 0 ? `stale if the model fails for ${formatSeconds(onMiss.staleIfError)}` : '',
    onMiss.negative > 0 ? `errors remembered for ${formatSeconds(onMiss.negative)}` : '',
  ].filter((extra) => extra !== '')
  const protection = onMiss.protection === 'none' ? 'everyone computes' : onMiss.protection
  return {
    instances: scenario.instances,
    routing: scenario.routing,
    modelLatency: describeModelLatency(scenario, trace),
    workers: Number.isFinite(model.workers) ? model.workers : null,
    price: model.price,
    onMiss: [protection, ...extras].join(', '),
    sloMs: 1000 * scenario.slo,
    seeds: [...seeds],
    events: [...scenario.events]
      .sort((a, b) => a.at - b.at)
      .map((event) => ({ at: event.at, text: describeEvent(event, scenario) })),
  }
}

function describeEvent(event: ScenarioEvent, { tiers }: Scenario): string {
  switch (event.kind) {
    case 'model-update': {
      const of =
        event.prefix !== undefined
          ? ` for keys that begin with ${event.prefix}`
          : event.share !== undefined
            ? ` for ${formatPercent(event.share, 0)} of the keys`
            : ''
      return `a new model${of}`
    }
    case 'restart-instance':
      return event.instance === undefined
        ? `all instances restart in turn, ${formatSeconds(event.for)} each`
        : `instance ${event.instance} restarts, ${formatSeconds(event.for)}`
    case 'restart-tier':
      return `${tierName(tiers[event.tier]!, event.tier, tiers)} restarts, ${formatSeconds(event.for)}`
    case 'model-outage':
      return `the model is down for ${formatSeconds(event.for)}`
    case 'surge':
      return `${event.factor} times as many requests for ${formatSeconds(event.for)}`
    case 'scale':
      return `${plural(event.instances, 'instance')} from here on`
  }
}

/** The latency of a call, as the result says it. */
function describeModelLatency({ model }: Scenario, trace: Trace): string {
  const { batching, latency } = model
  if (batching !== undefined) return `batches of ${batching.maxSize}`
  if (latency === undefined) return trace.costs === undefined ? DEFAULT_LATENCY : 'recorded'
  if ('perToken' in latency)
    return `${latency.fixed * 1000}ms + ${latency.perToken * 1000}ms for each of ${latency.tokens.constant === undefined ? latency.tokens.text.replaceAll(/s(?=,|$)/g, '') : latency.tokens.constant / 1000} tokens`
  return latency.text
}
