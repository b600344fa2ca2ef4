import { parseSpec, splitChain } from '../core/parameters.ts'
import type { Run, WorkloadDescription } from '../core/result.ts'
import { REQUESTS_PER_SECOND } from '../core/server-clock.ts'
import { formatCount } from '../core/units.ts'
import { policies } from '../policies/index.ts'

const SETTING = 'requestsPerSecond'

/**
 * That servers with a clock were given a rate nobody asked for, where the trace does not say how fast requests came: in
 * sentences, none where there is nothing to say.
 */
export function assumedRate({ spanSeconds }: WorkloadDescription, runs: readonly Run[]): string[] {
  if (spanSeconds !== null && spanSeconds > 0) return []
  const names = [...new Set(runs.map(({ policy }) => policy))].filter(assumesRate)
  const [first] = names
  if (first === undefined) return []
  const why = spanSeconds === null ? 'the trace has no times' : 'all requests have the same time'
  const rate = formatCount(REQUESTS_PER_SECOND.default)
  const example = `${parseSpec(splitChain(first)[0]!).name}(${SETTING}=50)`
  return [
    `${why}, so ${names.join(', ')} took ${rate} requests a second for the clock of the server: write ${example} where there are 50`,
  ]
}

function assumesRate(policy: string): boolean {
  const { name, arguments: given } = parseSpec(splitChain(policy)[0]!)
  return (
    policies.has(name) &&
    Object.hasOwn(policies.get(name).parameters, SETTING) &&
    !Object.hasOwn(given, SETTING)
  )
}
