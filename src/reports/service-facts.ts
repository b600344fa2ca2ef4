import type { SimulateResult } from '../core/result.ts'
import type { ServiceRun, ServiceVariant } from '../core/service-result.ts'
import { formatMilliseconds, plural } from '../core/units.ts'
import type { Fact } from './fact.ts'
import { formatSizeWithUnit } from './numbers.ts'
import { variedPaths, varies } from './varied.ts'

/** The facts of the header, after those of the workload; of what differs between variants, that it does. */
export function serviceFacts({ service, variants }: SimulateResult['simulated']): Fact[] {
  const items = (...texts: string[]) => texts.map((text) => ({ text, assumed: false }))
  const paths = variedPaths(variants)
  const unless = (settings: readonly string[], what: string, text: string) =>
    settings.some((setting) => varies(paths, setting)) ? `${what} varied` : text
  return [
    {
      label: 'service',
      items: items(
        ...(varies(paths, 'instances') || varies(paths, 'routing')
          ? [
              unless(['instances'], 'instances', plural(service.instances, 'instance')),
              unless(['routing'], 'routing', service.routing),
            ]
          : [
              `${plural(service.instances, 'instance')}${service.instances > 1 ? `, ${service.routing}` : ''}`,
            ]),
        unless(['onMiss'], 'on a miss:', `on a miss: ${service.onMiss}`),
        unless(['slo'], 'SLO', `SLO ${formatMilliseconds(service.sloMs)}`),
      ),
    },
    {
      label: 'model',
      items: items(
        unless(['model.latency', 'model.batching'], 'latency', service.modelLatency),
        unless(
          ['model.workers'],
          'workers',
          service.workers === null ? 'unlimited workers' : plural(service.workers, 'worker'),
        ),
        unless(
          ['model.price'],
          'price',
          service.price.includes('/') ? `$${service.price}` : `$${service.price} a call`,
        ),
      ),
    },
    ...tierFacts(variants),
    service.seeds.length === 1
      ? { label: 'seed', items: items(service.seeds[0]!) }
      : {
          label: 'seeds',
          items: items(
            service.seeds.length > 8
              ? `${service.seeds.slice(0, 3).join(', ')}, …`
              : service.seeds.join(', '),
            `all figures are means over ${service.seeds.length} seeds`,
          ),
        },
  ]
}

/** A fact for each tier, where all variants have as many. */
function tierFacts(variants: readonly ServiceVariant[]): Fact[] {
  const { tiers } = variants[0]!.with
  const plain = (text: string) => ({ text, assumed: false })
  if (variants.some(({ with: run }) => run.tiers.length !== tiers.length))
    return [{ label: 'cache', items: [plain('tiers varied')] }]
  return tiers.map((first, at) => {
    const unless = (what: string, of: (tier: ServiceRun['tiers'][number]) => string) =>
      plain(variants.some(({ with: run }) => of(run.tiers[at]!) !== of(first)) ? `${what} varied` : of(first))
    return {
      label: 'cache',
      items: [
        unless('tier', ({ name }) => name),
        unless('policy', ({ policy }) => policy),
        unless('capacity', ({ capacity, capacityUnit }) => formatSizeWithUnit(capacity, capacityUnit)),
        unless('TTL', ({ ttl }) => (ttl === 'none' ? 'no TTL' : `TTL ${ttl}`)),
      ],
    }
  })
}
