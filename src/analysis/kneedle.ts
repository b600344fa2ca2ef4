import { InputError, unknownName } from '../core/errors.ts'

/**
 * Kneedle: Satopää, Albrecht, Irwin, Raghavan, "Finding a 'Kneedle' in a Haystack: Detecting Knee Points in System
 * Behavior", ICDCS Workshops 2011, section III. The curve is laid into the unit square, turned so that it is concave
 * and increasing, and compared with the diagonal; a local maximum of the difference is a knee where the difference then
 * falls by `sensitivity` mean steps of x before it rises again.
 *
 * Choices the paper leaves open: no smoothing (the caller resamples or smooths); of a run of equal maxima the last one
 * counts; a knee must lie above the diagonal; after a local minimum the scan waits for the next local maximum. A
 * straight line has no knee whichever way it runs: the paper takes the direction for given, and where the wrong one is,
 * the first point of a line would pass for a maximum.
 */

/** `concave`: bends towards the x axis, as y = √x does; `convex`: away from it, as y = x² does. */
const SHAPES = ['concave', 'convex'] as const
const DIRECTIONS = ['increasing', 'decreasing'] as const
export type CurveShape = (typeof SHAPES)[number]
export type CurveDirection = (typeof DIRECTIONS)[number]

export interface KneedleOptions {
  /** Default concave. */
  readonly shape?: CurveShape | undefined
  /** Default increasing. */
  readonly direction?: CurveDirection | undefined
  /** Kneedle's S, 0 or more: how many flat points must follow before a knee is called. Default 1. */
  readonly sensitivity?: number | undefined
}

export interface KneePoint {
  /** Into the x and y given. */
  readonly index: number
  readonly x: number
  readonly y: number
  /** How far the knee lies above the diagonal of the unit square: 0 … 1, larger is sharper. */
  readonly strength: number
}

export interface KneedleResult {
  /** The first knee of the scan: the paper's offline answer. */
  readonly knee: KneePoint | null
  /** Every knee, in the order of the scan: from the side where the curve is steep. The last is the online answer. */
  readonly knees: readonly KneePoint[]
  /** Why there is none; only where `knee` is null. */
  readonly reason?: string
}

/** Differences from the diagonal below this are rounding. */
const ROUNDING = 1e-9

/**
 * @param x strictly increasing, finite
 * @param y as long as x, finite
 * @throws RangeError for lengths that differ, x that does not increase, and values that are not finite
 * @throws InputError for a sensitivity that is not a number of 0 or more, and a shape or direction there is not
 */
export function kneedle(
  x: ArrayLike<number>,
  y: ArrayLike<number>,
  options: KneedleOptions = {},
): KneedleResult {
  const { shape = 'concave', direction = 'increasing', sensitivity = 1 } = options
  if (!SHAPES.includes(shape)) throw unknownName('shape of a curve', String(shape), SHAPES)
  if (!DIRECTIONS.includes(direction))
    throw unknownName('direction of a curve', String(direction), DIRECTIONS)
  checkCurve(x, y, sensitivity)
  const n = x.length
  if (n < 3) return none(`${n === 1 ? '1 point is' : `${n} points are`} too few: a knee needs at least 3`)

  let lowest = Infinity
  let highest = -Infinity
  for (let i = 0; i < n; i++) {
    lowest = Math.min(lowest, y[i]!)
    highest = Math.max(highest, y[i]!)
  }
  // A flat curve of large values still differs in its last bits.
  if (highest - lowest <= 4 * Number.EPSILON * Math.max(Math.abs(lowest), Math.abs(highest))) {
    return none('the curve is flat')
  }

  if (isStraight(x, y, highest - lowest)) return none('the curve is a straight line')

  // Mirroring left to right, top to bottom, or both makes each of the four cases concave and increasing.
  const mirrored = (direction === 'decreasing') !== (shape === 'convex')
  const left = x[0]!
  const width = x[n - 1]! - left
  const difference = new Float64Array(n)
  for (let k = 0; k < n; k++) {
    const i = mirrored ? n - 1 - k : k
    const across = (x[i]! - left) / width
    const up = (y[i]! - lowest) / (highest - lowest)
    difference[k] = (shape === 'convex' ? 1 - up : up) - (mirrored ? 1 - across : across)
  }

  const knees = scan(difference, sensitivity / (n - 1)).map((k): KneePoint => {
    const index = mirrored ? n - 1 - k : k
    return { index, x: x[index]!, y: y[index]!, strength: difference[k]! }
  })
  if (knees.length > 0) return { knee: knees[0]!, knees }
  return difference.some((value) => value > ROUNDING)
    ? none(`the curve bends too little for sensitivity ${sensitivity}`)
    : none(`the curve is nowhere ${shape}`)
}

/** Whether all points lie on the line from the first to the last. */
function isStraight(x: ArrayLike<number>, y: ArrayLike<number>, height: number): boolean {
  const last = x.length - 1
  for (let i = 1; i < last; i++) {
    const across = (x[i]! - x[0]!) / (x[last]! - x[0]!)
    if (Math.abs(y[i]! - y[0]! - (y[last]! - y[0]!) * across) > ROUNDING * height) return false
  }
  return true
}

/** Positions of the maxima after which the difference falls by more than `drop` before it rises again. */
function scan(difference: Float64Array, drop: number): number[] {
  const last = difference.length - 1
  const knees: number[] = []
  let candidate = -1
  for (let i = 0; i < last; ) {
    let end = i
    while (end < last && Math.abs(difference[end + 1]! - difference[i]!) <= ROUNDING) end++
    if (end === last) break
    const fromBelow = i === 0 || difference[i - 1]! < difference[i]!
    const falls = difference[end + 1]! < difference[end]!
    if (fromBelow && falls && difference[end]! > ROUNDING) candidate = end
    if (!falls) candidate = -1
    if (candidate >= 0 && difference[candidate]! - difference[end + 1]! > drop + ROUNDING) {
      knees.push(candidate)
      candidate = -1
    }
    i = end + 1
  }
  return knees
}

/**
 * What Kneedle asks of its input.
 * @throws as `kneedle` does
 */
export function checkCurve(x: ArrayLike<number>, y: ArrayLike<number>, sensitivity: number): void {
  if (!(sensitivity >= 0) || sensitivity === Infinity) {
    throw new InputError(`the knee's sensitivity is ${sensitivity}: it must be a number of 0 or more`)
  }
  if (!isList(x) || !isList(y))
    throw new InputError('a curve is two lists of numbers: the x and the y of its points')
  if (x.length !== y.length) throw new RangeError(`${x.length} values of x for ${y.length} of y`)
  for (let i = 0; i < x.length; i++) {
    if (!Number.isFinite(x[i]) || !Number.isFinite(y[i])) {
      throw new RangeError(`point ${i} of the curve is (${x[i]}, ${y[i]}): both must be finite numbers`)
    }
    if (i > 0 && !(x[i]! > x[i - 1]!)) throw new RangeError(`x must increase: it does not at point ${i}`)
  }
}

function none(reason: string): KneedleResult {
  return { knee: null, knees: [], reason }
}

function isList(values: unknown): boolean {
  return Array.isArray(values) || ArrayBuffer.isView(values)
}
