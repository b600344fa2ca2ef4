import { InputError } from '../core/errors.ts'
import { howToGive, type Origin } from '../core/lacking.ts'
import { splitList } from '../core/parameters.ts'
import { Op, type Trace } from '../core/trace.ts'
import { formatBytes, parseSize, plural, type Size } from '../core/units.ts'

/** A cache size as the engine takes it. */
export interface Capacity {
  readonly capacity: number
  readonly unit: 'entries' | 'bytes'
  /** Of the distinct keys, or of the bytes of all distinct values. */
  readonly share: number
}

/** The capacity of a cache that never evicts. */
export const UNLIMITED = Number.MAX_SAFE_INTEGER

/** How many keys a trace has, and how many bytes their values take: what sizes are measured against. */
export interface Footprint {
  readonly keys: number
  /** Bytes of all distinct values, each as last read or written; null where the trace has no sizes. */
  readonly bytes: number | null
}

export function footprint({ keys, keyCount, sizes, ops }: Trace): Footprint {
  if (!sizes) return { keys: keyCount, bytes: null }
  const last = new Uint32Array(keyCount)
  for (let at = 0; at < keys.length; at++) if (ops?.[at] !== Op.delete) last[keys[at]!] = sizes[at]!
  let bytes = 0
  for (const size of last) bytes += size
  return { keys: keyCount, bytes }
}

/**
 * The capacity a size means for a trace.
 * @param origin of the trace, for messages
 * @throws InputError for bytes where the trace has no value sizes
 */
export function resolveSize(size: Size, of: Footprint, origin: Origin = {}): Capacity {
  switch (size.unit) {
    case 'bytes':
      if (of.bytes === null) {
        throw new InputError(
          `a size in bytes (${formatBytes(size.value)}) needs value sizes, which this workload does not have: ${howToGive('sizes', origin)}, or give the size in entries`,
        )
      }
      return { capacity: size.value, unit: 'bytes', share: of.bytes === 0 ? 0 : size.value / of.bytes }
    case 'percent': {
      const exact = (size.value / 100) * of.keys
      const capacity = size.value === 0 ? 0 : Math.max(1, Math.round(exact))
      return { capacity, unit: 'entries', share: capacity / of.keys }
    }
    case 'entries':
      return { capacity: size.value, unit: 'entries', share: size.value / of.keys }
  }
}

/** The sizes of a sweep, as they are given. */
export type SizesText = string | readonly (string | number)[]

/**
 * The sizes of a sweep: a list (`100,1000,5%`) or a range of N sizes spaced evenly on a logarithmic scale
 * (`0.1%..50%:24`).
 * @throws InputError for a range that runs backwards, starts at 0, has one size only, or mixes units
 */
export function parseSizes(text: SizesText): Size[] {
  const sizes = (typeof text === 'string' ? splitList(text) : text.map(String)).flatMap(parseRange)
  if (sizes.length === 0)
    throw new InputError(
      `--sizes '${text}' names no size: write a list (100,1000,5%) or a range (0.1%..50%:24)`,
    )
  if (new Set(sizes.map(({ unit }) => unit === 'bytes')).size > 1)
    throw new InputError(`--sizes '${text}' mixes entries and bytes: a curve has one unit`)
  return sizes
}

/**
 * The same as capacities, in ascending order, each once.
 * @returns the capacities, and how many fell together because entries are whole
 * @throws InputError for what is not understood, and for bytes where the trace has no value sizes
 */
export function resolveSizes(
  text: SizesText,
  of: Footprint,
  origin: Origin = {},
): { readonly capacities: Capacity[]; readonly duplicates: number } {
  const capacities = parseSizes(text)
    .map((size) => resolveSize(size, of, origin))
    .sort((a, b) => a.capacity - b.capacity)
  const distinct = capacities.filter(
    ({ capacity }, at) => at === 0 || capacity !== capacities[at - 1]!.capacity,
  )
  return { capacities: distinct, duplicates: capacities.length - distinct.length }
}

/**
 * Sizes beyond what a trace can ever fill, at which nothing is evicted any more, as that much.
 * @param capacities in ascending order, each once
 * @param of the footprint of `trace`
 * @returns the same, and how many were larger
 */
export function clipSizes(
  capacities: readonly Capacity[],
  of: Footprint,
  trace: Trace,
): { readonly capacities: Capacity[]; readonly clipped: number } {
  const { unit, capacity: largest } = capacities.at(-1)!
  if (largest <= (unit === 'entries' ? of.keys : of.bytes!))
    return { capacities: [...capacities], clipped: 0 }
  const most = fullest(unit, of, trace)
  const within = capacities.filter(({ capacity }) => capacity <= most.capacity)
  const clipped = capacities.length - within.length
  if (clipped > 0 && within.at(-1)?.capacity !== most.capacity) within.push(most)
  return { capacities: within, clipped }
}

/**
 * The smallest size that no cache of a trace can outgrow: an entry for every key, or the bytes of the largest value that
 * each of them ever has, since values can shrink and grow.
 */
function fullest(unit: Capacity['unit'], { keys, bytes }: Footprint, trace: Trace): Capacity {
  if (unit === 'entries') return { capacity: keys, unit, share: 1 }
  const { keys: requests, keyCount, sizes, ops } = trace
  const largest = new Uint32Array(keyCount)
  for (let at = 0; at < requests.length; at++) {
    if (ops?.[at] === Op.delete) continue
    const key = requests[at]!
    if (sizes![at]! > largest[key]!) largest[key] = sizes![at]!
  }
  let sum = 0
  for (const size of largest) sum += size
  // A cache of no bytes keeps nothing but values of none.
  const capacity = Math.max(1, sum)
  return { capacity, unit, share: bytes === 0 ? 0 : capacity / bytes! }
}

function parseRange(text: string): Size[] {
  const [from, to, ...more] = text.split('..')
  if (to === undefined) return [parseSize(text, '--sizes')]
  const [end, points] = to.split(':')
  const count = Number(points)
  if (
    more.length > 0 ||
    !end ||
    points === undefined ||
    !Number.isInteger(count) ||
    count < 2 ||
    count > 10_000
  ) {
    throw new InputError(
      `--sizes '${text}' is not a range: write FROM..TO:COUNT with a count of 2 to 10,000, such as 0.1%..50%:24`,
    )
  }
  const first = parseSize(from!, '--sizes')
  const last = parseSize(end, '--sizes')
  if (first.unit !== last.unit)
    throw new InputError(`--sizes '${text}' mixes units: write both ends in entries, in % or in bytes`)
  if (!(first.value > 0))
    throw new InputError(`--sizes '${text}' starts at 0, which a logarithmic range cannot: start above 0`)
  if (last.value < first.value)
    throw new InputError(`--sizes '${text}' runs backwards: the second size must be the larger`)
  if (last.value === first.value)
    throw new InputError(`--sizes '${text}' begins where it ends: write one size, or a larger second one`)
  const step = Math.log(last.value / first.value) / (count - 1)
  return Array.from({ length: count }, (_, at) => {
    const value = at === 0 ? first.value : at === count - 1 ? last.value : first.value * Math.exp(step * at)
    return { unit: first.unit, value: first.unit === 'percent' ? value : Math.round(value) }
  })
}

/** A size in a sentence: `10,000 entries`, `1 entry`, `64 MiB`. */
export function describeSize(capacity: number, unit: Capacity['unit']): string {
  if (unit === 'bytes') return formatBytes(capacity)
  return plural(capacity, 'entry', 'entries')
}
