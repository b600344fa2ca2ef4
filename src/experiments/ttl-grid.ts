import { InputError } from '../core/errors.ts'
import { formatTtl } from '../core/grid-ttl.ts'
import type { Run } from '../core/result.ts'
import type { Trace } from '../core/trace.ts'
import type { ChosenPolicy } from './policies.ts'
import { parseTtl, resolveTtl, type TtlSettings, ttlOf } from './ttl.ts'

/*
 * TTL as the second axis of a sweep: every policy with every TTL has a curve of its own.
 */

/** A curve of a sweep: a policy, and where there is a grid, one of its TTLs. */
export interface CurveChoice {
  readonly policy: ChosenPolicy
  /** As it was asked for; the policy may need one of its own, see `ttlOf`. */
  readonly ttl: TtlSettings
  /** Which of the TTLs it is. */
  readonly row: number
}

const HOW_TO_WRITE = 'write durations with a comma between two, such as 10s,10m,none'

/**
 * The TTLs of a grid, shortest first, then `none`, then `recorded`.
 * @param given `10s,1m,none`, or a list of such
 * @throws InputError where there is none, for what is not understood, one that stands twice, and `--ttl` beside it
 */
export function parseTtls(given: string | readonly string[], ttl: string | undefined): string[] {
  if (ttl !== undefined)
    throw new InputError(`--ttl '${ttl}' and --ttls '${given}' exclude each other: name every TTL in --ttls`)
  const texts = [given]
    .flat()
    .flatMap((text) => text.split(','))
    .map((text) => text.trim())
  if (texts.length === 0) throw new InputError(`--ttls names no TTL: ${HOW_TO_WRITE}`)
  if (texts.includes('')) throw new InputError(`--ttls '${given}' has an empty value: ${HOW_TO_WRITE}`)
  const values = texts.map((text) => ({ text, value: parseTtl(text, '--ttls') }))
  for (const [at, { text, value }] of values.entries()) {
    const before = values.findIndex((other) => other.value === value)
    if (before < at)
      throw new InputError(
        texts[before] === text
          ? `--ttls '${given}' names '${text}' twice`
          : `--ttls '${given}' names one TTL twice: '${texts[before]}' is '${text}'`,
      )
  }
  const rank = (value: number | string) =>
    typeof value === 'number' ? value : value === 'none' ? Infinity : Number.NaN
  return values
    .toSorted(({ value: a }, { value: b }) => {
      const [first, second] = [rank(a), rank(b)]
      return Number.isNaN(first) ? 1 : Number.isNaN(second) ? -1 : first - second
    })
    .map(({ text }) => text)
}

/** @throws InputError where one needs what the trace does not have */
export function resolveTtls(texts: readonly string[], trace: Trace): TtlSettings[] {
  return texts.map((text) => resolveTtl(text, trace, '--ttls'))
}

/** Every policy with every TTL; a policy that takes its own in place of another has it once. */
export function gridCurves(policies: readonly ChosenPolicy[], ttls: readonly TtlSettings[]): CurveChoice[] {
  return policies.flatMap((policy) => {
    const had = new Set<string>()
    // Those it runs with as they were asked for come first: its own would be none of the grid's.
    const asked = new Set(ttls.map((ttl) => ttlName(ttl)))
    return ttls.flatMap((ttl, row) => {
      const name = effectiveTtl({ policy, ttl })
      const isOwn = name !== ttlName(ttl)
      if (had.has(name) || (isOwn && asked.has(name))) return []
      had.add(name)
      return [{ policy, ttl, row }]
    })
  })
}

/** Why a policy has no curve with a TTL that was asked for, in sentences: its own stands in another row. */
export function rowsLeftOut(curves: readonly CurveChoice[], ttls: readonly TtlSettings[]): string[] {
  const policies = [...new Set(curves.map(({ policy }) => policy))]
  return ttls.flatMap((ttl, row) => {
    const without = policies.filter(
      (policy) => !curves.some((curve) => curve.policy === policy && curve.row === row),
    )
    return without.map((policy) => {
      const own = formatTtl(ttlOfCurve({ policy, ttl, row }))
      return `${policy.text} has no row for ${formatTtl(ttl)}: it cannot do without a TTL, and takes ${own} there, which is a row already`
    })
  })
}

/** The TTL a curve runs with, for a result. */
export function ttlOfCurve({ policy, ttl: asked }: CurveChoice): Pick<Run, 'ttl' | 'ttlSeconds'> {
  const { ttl, ttlSeconds = null } = ttlOf(policy, asked)
  return { ttl, ttlSeconds }
}

/** What tells the TTL that a curve runs with from others. */
export function effectiveTtl({ policy, ttl }: Pick<CurveChoice, 'policy' | 'ttl'>): string {
  return ttlName(ttlOf(policy, ttl))
}

function ttlName({ ttl, ttlSeconds }: Pick<TtlSettings, 'ttl' | 'ttlSeconds'>): string {
  return `${ttl} ${ttlSeconds}`
}
