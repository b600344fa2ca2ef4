/* What a simulation says, in sentences: what requests felt, what it cost, what to beware of. */
import type { ServiceComparison, ServiceRun, ServiceVariant } from '../core/service-result.ts'
import {
  formatCount,
  formatMilliseconds,
  formatMoney,
  formatPercent,
  formatSeconds,
  plural,
} from '../core/units.ts'
import { listOf } from '../core/words.ts'
import type { Scenario } from './scenario.ts'
import { tierName } from './service-settings.ts'

/** The answer first, then what stands behind it. */
export function serviceVerdict(
  variants: readonly ServiceVariant[],
  comparisons: readonly ServiceComparison[],
  scenario: Scenario,
): string[] {
  return variants.length > 1 ? verdictOfMany(variants, comparisons) : verdictOfOne(variants[0]!, scenario)
}

function verdictOfOne({ with: run, without }: ServiceVariant, scenario: Scenario): string[] {
  const sentences: string[] = []
  const { latency } = run
  if (run.overloaded)
    sentences.push(overload(run, scenario.tiers.length > 0 ? 'even with its caches' : 'alone'))
  if (latency === null) sentences.push('Nothing was answered.')
  else if (run.overloaded) {
    // No figure of those that were answered stands for all.
  } else if (without === null || without.latency === null)
    sentences.push(
      `Half of the requests are answered within ${formatMilliseconds(latency.p50)}, 99 % within ${formatMilliseconds(latency.p99)}.`,
    )
  else if (without.overloaded)
    sentences.push(
      `Without a cache the model cannot keep up: ${asked(without)}${turnsAway(without) ? `, and ${answered(without)}` : ''}. With it ${formatPercent(run.hitRate)} of the answers come from a cache, half of ${run.failures > 0 ? 'those answered' : 'all requests'} take ${formatMilliseconds(latency.p50)} or less, 99 % ${formatMilliseconds(latency.p99)}.`,
    )
  else
    sentences.push(
      `With its caches a request takes ${formatMilliseconds(latency.mean)} on average, without ${formatMilliseconds(without.latency.mean)}: ${compared(without.latency.mean, latency.mean)}; 99 % take ${formatMilliseconds(latency.p99)} or less, without ${formatMilliseconds(without.latency.p99)}.`,
    )
  // Of a run that was cut short nothing can be counted on.
  const isWhole = run.stoppedAtSeconds === null && without?.stoppedAtSeconds === null
  if (without !== null && isWhole) sentences.push(money(run, without))
  if (run.model.duplicateCalls >= WORTH_SAYING * run.model.calls && run.model.duplicateCalls > 0)
    sentences.push(
      `${plural(run.model.duplicateCalls, 'call')} (${share(run.model.duplicateCalls, run.model.calls)}) computed what was being computed already${scenario.onMiss.protection === 'none' ? ': single-flight would spare them' : ''}.`,
    )
  if (run.stale.answers > 0) sentences.push(stale(run))
  if (run.failures > 0)
    sentences.push(
      `${plural(run.failures, 'request')} failed: availability is ${formatPercent(run.availability, 2)}${without !== null && without.failures > 0 ? `, without caches ${formatPercent(without.availability, 2)}` : ''}.`,
    )
  return sentences
}

function compared(before: number, after: number): string {
  if (before === after) return 'the same'
  if (before === 0) return 'longer by what the caches take'
  const ratio = before / after
  if (ratio >= 2) return `${Number(ratio.toPrecision(2))} times as fast`
  return ratio > 1 ? `${formatPercent(1 - after / before)} less` : `${formatPercent(after / before - 1)} more`
}

/** Less than this share of the calls is 0.0 %. */
const WORTH_SAYING = 0.0005

/** `105 % of`, `25 times`: what stands before the workers' time. */
function describeLoad({ model: { offeredLoad } }: ServiceRun): string {
  const load = offeredLoad ?? 1
  return load < 10 ? `${formatPercent(load, load < 1.1 ? 1 : 0)} of` : `${formatCount(load)} times`
}

const share = (part: number, whole: number) => (whole === 0 ? '0 %' : formatPercent(part / whole))

function overload(run: ServiceRun, how: string): string {
  const what = turnsAway(run)
    ? `Requests ${ends(run)}: ${answered(run)}, and what these take tells nothing of the others.`
    : 'Queues grow as long as requests come, and latencies say how long this run was.'
  return `The model cannot keep up, ${how}: ${asked(run)}. ${what}`
}

/** What comes to the model where it cannot keep up. */
function asked(run: ServiceRun): string {
  const load = run.model.offeredLoad
  if (load !== null && load >= 1) return `its calls would take ${describeLoad(run)} its workers' time`
  return run.stoppedAtSeconds === null
    ? 'at times more calls come in than its workers and their queue can take'
    : 'more calls than it can hold come in'
}

/** Whether the queue is bounded and came to its bounds, so that it does not grow with the run. */
const turnsAway = ({ failuresBy: { queueFull, timeout } }: ServiceRun) => queueFull + timeout > 0

/** What becomes of requests that it has no room or no time for. */
function ends({ failuresBy: { queueFull, timeout } }: ServiceRun): string {
  return [queueFull > 0 ? 'are refused' : '', timeout > 0 ? 'time out' : '']
    .filter((end) => end !== '')
    .join(' or ')
}

const answered = (run: ServiceRun) => `${share(run.answers, run.requests)} of the requests are answered`

function money(run: ServiceRun, without: ServiceRun): string {
  const calls = without.model.calls - run.model.calls
  if (calls <= 0)
    return `The caches save no calls of the model: ${formatCount(run.model.calls)} with, ${formatCount(without.model.calls)} without.`
  if (calls < WORTH_SAYING * without.model.calls)
    return `The caches save hardly any calls of the model: ${formatCount(run.model.calls)} with, ${formatCount(without.model.calls)} without.`
  const warmUp =
    run.model.warmUpCalls > 0 ? `, the ${formatCount(run.model.warmUpCalls)} of the warm-up included` : ''
  return `The model is called ${plural(Math.round(run.model.calls), 'time')}${warmUp}, ${share(calls, without.model.calls)} less than without, for ${formatMoney(run.money)} instead of ${formatMoney(without.money)}.`
}

function stale({ stale: counts, answers }: ServiceRun): string {
  const parts = [
    counts.outdated > 0
      ? `${formatCount(counts.outdated)} of a model replaced up to ${formatSeconds(counts.outdatedMaxSeconds)} before`
      : '',
    counts.pastTtl > 0
      ? `${formatCount(counts.pastTtl)} up to ${formatSeconds(counts.pastTtlMaxSeconds)} past their TTL`
      : '',
  ].filter((part) => part !== '')
  return `${plural(counts.answers, 'answer')} (${share(counts.answers, answers)}) ${counts.answers === 1 ? 'was' : 'were'} stale: ${parts.join(', ')}.`
}

/** Which variant is fastest, which cheapest, and what cannot be told apart. */
function verdictOfMany(
  variants: readonly ServiceVariant[],
  comparisons: readonly ServiceComparison[],
): string[] {
  const able = variants.filter(({ with: run }) => !run.overloaded && run.latency !== null)
  const unable = variants.filter((variant) => !able.includes(variant))
  const sentences: string[] = []
  if (able.length > 0) {
    sentences.push(
      ranking(
        able,
        comparisons,
        'latencyMean',
        ({ with: run }) => run.latency!.mean,
        formatMilliseconds,
        'answers fastest on average',
      ),
      ranking(
        able,
        comparisons,
        'latencyP99',
        ({ with: run }) => run.latency!.p99,
        formatMilliseconds,
        'has the lowest p99',
      ),
      ranking(
        able,
        comparisons,
        'modelCalls',
        ({ with: run }) => run.model.calls,
        (calls) => plural(Math.round(calls), 'call'),
        'calls the model least',
      ),
    )
  }
  const growing = unable.filter(({ with: run }) => run.overloaded && !turnsAway(run))
  if (growing.length > 0)
    sentences.push(
      `The model cannot keep up with ${labelsOf(growing)}: queues grow as long as requests come, and their latencies say how long the run was.`,
    )
  const refusing = unable.filter(({ with: run }) => run.overloaded && turnsAway(run))
  if (refusing.length > 0) {
    const shares = refusing.map(({ with: run }) => share(run.answers, run.requests))
    sentences.push(
      `The model cannot keep up with ${labelsOf(refusing)}: requests are refused or time out, and the latencies of the ${listOf(shares)} that are answered tell nothing of the others.`,
    )
  }
  const failing = variants.filter(({ with: run }) => run.failures > 0)
  if (failing.length > 0) {
    const best = failing.reduce((a, b) => (b.with.failures < a.with.failures ? b : a))
    sentences.push(
      failing.length < variants.length
        ? `Requests fail with ${labelsOf(failing)} only.`
        : `Requests fail with all of them, fewest with ${best.label} (availability ${formatPercent(best.with.availability, 2)}).`,
    )
  }
  return sentences
}

const labelsOf = (variants: readonly ServiceVariant[]) => listOf(variants.map(({ label }) => label))

function ranking(
  variants: readonly ServiceVariant[],
  comparisons: readonly ServiceComparison[],
  figure: string,
  of: (variant: ServiceVariant) => number,
  format: (value: number) => string,
  claim: string,
): string {
  const [best, ...others] = [...variants].sort((a, b) => of(a) - of(b))
  const value = format(of(best!))
  // What prints alike is no winner's lead.
  const same = others.filter((other) => format(of(other)) === value)
  const ties = others.filter((other) => !same.includes(other) && isTie(best!, other, figure, comparisons))
  const [next] = others.filter((other) => !same.includes(other) && !ties.includes(other))
  if (same.length > 0 && same.length === others.length) return `No variant ${claim}: all come to ${value}.`
  if (ties.length > 0 && next === undefined) {
    const most = format(of(others.at(-1)!))
    return `No variant ${claim} for sure: they cannot be told apart (${value}${most === value ? '' : ` to ${most}`}).`
  }
  const beside = [
    same.length > 0 ? `${labelsOf(same)} ${same.length === 1 ? 'comes' : 'come'} to the same` : '',
    ties.length > 0 ? `${labelsOf(ties)} cannot be told apart from it` : '',
  ].filter((text) => text !== '')
  const together = beside.length > 0 ? ` (${beside.join('; ')})` : ''
  const before = next === undefined ? '' : `, before ${next.label} with ${format(of(next))}`
  return `${best!.label} ${claim}: ${value}${together}${before}.`
}

/** The same requests seed by seed, and no difference that would not be luck. */
function isTie(
  { label }: ServiceVariant,
  other: ServiceVariant,
  figure: string,
  comparisons: readonly ServiceComparison[],
): boolean {
  return comparisons.some(
    (pair) => pair.figure === figure && pair.better === label && pair.worse === other.label && pair.tie,
  )
}

/** What a reader of the numbers must know; what holds for some variants only names them. */
export function serviceWarnings(
  variants: readonly { readonly scenario: Scenario; readonly variant: ServiceVariant }[],
): string[] {
  const labels = new Map<string, string[]>()
  for (const { scenario, variant } of variants)
    for (const warning of warningsOf(scenario, variant))
      labels.set(warning, [...(labels.get(warning) ?? []), variant.label])
  return [...labels].map(([warning, of]) =>
    of.length === variants.length ? warning : `${warning} (${listOf(of)})`,
  )
}

function warningsOf(scenario: Scenario, { with: run, without, series }: ServiceVariant): string[] {
  const warnings: string[] = []
  const compute = run.model.calls === 0 ? 0 : run.model.seconds / run.model.calls
  for (const [at, tier] of scenario.tiers.entries()) {
    const name = tierName(tier, at, scenario.tiers)
    if (typeof tier.ttl === 'number' && tier.ttl < compute)
      warnings.push(
        `the TTL of ${name} (${formatSeconds(tier.ttl)}) is below what a computation takes (${formatSeconds(compute)} on average): entries are gone sooner than they were made`,
      )
    if (run.tiers[at]!.capacity === 0)
      warnings.push(`${name} has room for nothing: every lookup in it is a miss`)
    if (tier.policy.startsWith('optimal'))
      warnings.push(
        `${tier.policy} knows the order of requests, not when answers are there: in time it is no bound`,
      )
  }
  const end = series.with.endSeconds.at(-1) ?? 0
  for (const { at, kind } of scenario.events)
    if (at > end)
      warnings.push(
        `${kind} at ${formatSeconds(at)} comes after the last request (${formatSeconds(end)}): nothing is seen of it`,
      )
  for (const [of, stopped] of [
    ['', run],
    [' without caches', without],
  ] as const)
    if (stopped?.stoppedAtSeconds != null)
      warnings.push(
        `the run${of} was ended after ${formatSeconds(stopped.stoppedAtSeconds)}: more than a million requests were in flight; a limit or a time-out of the queue would bound them`,
      )
  if (without?.overloaded && without.stoppedAtSeconds === null)
    warnings.push(
      turnsAway(without)
        ? `without caches the model cannot keep up (${asked(without)}): requests ${ends(without)}, and latencies without are those of the ${share(without.answers, without.requests)} that are answered`
        : `without caches the model cannot keep up (${asked(without)}): latencies without are those of a queue that grows to the end of the run, and say how long it was`,
    )
  return warnings
}
