import { formatCount } from '../core/units.ts'
import type { ServiceSimulation } from '../engine/service/simulation.ts'
import { Answer } from '../engine/service/store.ts'

/** Sums of doubles in another order differ by far less than this. */
const ROUNDING = 1e-6

/** What must add up in any run, whatever the service; each sentence is a mistake of the simulation. */
export function selfChecks(simulation: ServiceSimulation): string[] {
  const { meters, model, tiers, inFlight } = simulation
  // Moments late in a long run are not as fine as those at its start.
  const grain = Number.EPSILON * Math.abs(simulation.now) * (meters.arrivals + meters.askedCalls)
  const near = (a: number, b: number) =>
    Math.abs(a - b) <= ROUNDING * Math.max(1, Math.abs(a), Math.abs(b)) + grain
  const served = meters.hits.reduce((sum, hits) => sum + hits, 0)
  const checks: [boolean, string][] = [
    [
      // Those in flight may be of the part that is not counted.
      meters.answers + meters.failures <= meters.arrivals &&
        meters.arrivals <= meters.answers + meters.failures + inFlight,
      `${formatCount(meters.arrivals)} requests are not ${formatCount(meters.answers)} answers, ${formatCount(meters.failures)} failures and ${formatCount(inFlight)} in flight`,
    ],
    [
      served + meters.delayedHits + meters.computed === meters.answers,
      'answers from caches, from others’ computations and from computations of their own are not all answers',
    ],
    [
      near(meters.inFlightSeconds, meters.sojournSeconds + simulation.unfinishedSeconds),
      'the requests in flight over time are not the sum of their latencies (Little’s law)',
    ],
    [
      simulation.stoppedEarly || near(meters.busySeconds, model.workSeconds),
      'the workers that are busy over time are not the sum of what calls took (Little’s law)',
    ],
    [
      simulation.stoppedEarly || near(meters.waitingSeconds, model.waitSeconds),
      'the queue over time is not the sum of what calls waited (Little’s law)',
    ],
    ...tiers.map(({ settings, stores }, at): [boolean, string] => {
      const total = (of: readonly number[]) =>
        stores.reduce((sum, { answers }) => sum + of.reduce((part, answer) => part + answers[answer]!, 0), 0)
      const found = total([Answer.fresh, Answer.stale])
      const before = tiers[at - 1]
      // What the tier before did not have comes here, whether it was asked or down.
      const missedBefore = before?.stores.reduce(
        (sum, { answers }) => sum + answers[0]! + answers[2]! + answers[3]! + answers[4]!,
        before.skipped,
      )
      const came = total([0, 1, 2, 3, 4, 5]) + tiers[at]!.skipped
      const passedOn = missedBefore === undefined || simulation.stoppedEarly || came === missedBefore
      return [
        passedOn && meters.hits[at]! <= found + meters.staleIfError,
        `lookups in ${settings.name} are not what the tier before it missed, or it answered more than it found`,
      ]
    }),
  ]
  return checks.flatMap(([holds, what]) => (holds ? [] : [what]))
}
