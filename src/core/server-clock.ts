import type { PolicyContext } from './policy.ts'

/**
 * Servers judge age by a clock of whole seconds or minutes, not by requests. A trace without times does not say how
 * many requests fall on a tick; a busy prediction service is assumed.
 */
export const REQUESTS_PER_SECOND = {
  type: 'number',
  default: 1000,
  minimum: 0.001,
  maximum: 1e9,
  description: 'where the trace has no times, requests that arrive each second, for the clock of the server',
} as const

/** The second at which a request arrives: by the trace's times, or evenly where it has none or they stand still. */
export function secondsOf(
  { requests, timeOf }: PolicyContext,
  requestsPerSecond: number,
): (request: number) => number {
  return timeOf(requests - 1) > 0 ? timeOf : (request) => request / requestsPerSecond
}
