import type { Inspection } from '../core/result.ts'
import type { Trace } from '../core/trace.ts'
import { PairInterner } from './pair-interner.ts'
import { inSteps, type Steps, uncounted } from './steps.ts'

type KeyColumn = NonNullable<Inspection['keyColumns']>[number]

/** Keys taken apart between two steps: naming one takes about a microsecond. */
const NAMES_STEP = 1 << 13

/**
 * What each column of a composed key brings, and what the ceiling of the hit rate would be without it. Values are told
 * apart by a hash of 64 bits: two of ten million are taken for one with a chance of a few in a million.
 * @param counts reads of each key
 * @param ceilingOf the ceiling where keys of the same group are one key: a group for each key, and how many there are
 * @returns null where the key is not composed
 */
export function* keyColumns(
  { keyNames, source, keyCount }: Trace,
  counts: Uint32Array,
  ceilingOf: (groups: Uint32Array, groupCount: number) => Steps<number>,
): Steps<KeyColumn[] | null> {
  const columns = source?.columns.key
  if (!keyNames?.partsOf || columns === undefined || typeof columns === 'string' || columns.length < 2)
    return null
  const values = columns.map(() => ({
    interner: new PairInterner(keyCount),
    ofKey: new Uint32Array(keyCount),
  }))
  yield* uncounted(
    inSteps(
      keyCount,
      (from, to) => {
        for (let key = from; key < to; key++) {
          const parts = keyNames.partsOf!(key)
          values.forEach(({ interner, ofKey }, column) => {
            ofKey[key] = interner.intern(...hashOf(parts[column] ?? ''))
          })
        }
      },
      NAMES_STEP,
    ),
  )
  const found: KeyColumn[] = []
  for (const [at, column] of columns.entries()) {
    const { ofKey, interner } = values[at]!
    const reads = new Float64Array(interner.size)
    yield* uncounted(
      inSteps(keyCount, (from, to) => {
        for (let key = from; key < to; key++) reads[ofKey[key]!]! += counts[key]!
      }),
    )
    let total = 0
    let distinct = 0
    let once = 0
    let most = 0
    yield* uncounted(
      inSteps(reads.length, (from, to) => {
        for (let value = from; value < to; value++) {
          total += reads[value]!
          if (reads[value]! > 0) distinct++
          if (reads[value] === 1) once++
          if (reads[value]! > reads[most]!) most = value
        }
      }),
    )
    const others = values.filter((_, other) => other !== at)
    const { groups, groupCount } = yield* group(others, keyCount)
    const withIt = ofKey.indexOf(most)
    found.push({
      column,
      values: distinct,
      mostCommon: {
        value: total === 0 ? '' : (keyNames.partsOf(withIt)[at] ?? ''),
        shareOfRequests: total === 0 ? 0 : reads[most]! / total,
      },
      valuesReadOnce: once,
      hitRateCeilingWithout: yield* ceilingOf(groups, groupCount),
    })
  }
  return found
}

/** A number for each combination of the values of some columns. */
function* group(
  columns: readonly { readonly interner: PairInterner; readonly ofKey: Uint32Array }[],
  keyCount: number,
): Steps<{ readonly groups: Uint32Array; readonly groupCount: number }> {
  let groups = columns[0]!.ofKey
  let groupCount = columns[0]!.interner.size
  for (const { ofKey } of columns.slice(1)) {
    const interner = new PairInterner(keyCount)
    const combined = new Uint32Array(keyCount)
    const before = groups
    yield* uncounted(
      inSteps(keyCount, (from, to) => {
        for (let key = from; key < to; key++) combined[key] = interner.intern(before[key]!, ofKey[key]!)
      }),
    )
    groups = combined
    groupCount = interner.size
  }
  return { groups, groupCount }
}

/** Two independent hashes of 32 bits, FNV-1a with different starts and a finish, over the UTF-16 of a text. */
function hashOf(text: string): [number, number] {
  let a = 0x811c_9dc5
  let b = 0x9747_b28c
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    a = Math.imul(a ^ code, 0x0100_0193)
    b = Math.imul(b ^ code, 0x5bd1_e995)
    b ^= b >>> 15
  }
  return [(a ^ (a >>> 16)) >>> 0, b >>> 0]
}
