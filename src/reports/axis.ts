/**
 * Axes: where the ticks stand. Pure numbers; the charts draw them. Ticks are round in the unit of the axis: 1, 2, 5
 * times a power of ten, or powers of two for bytes.
 */

/** Ticks from at or below `min` to at or above `max`, a round step apart: about `count` of them. */
export function linearTicks(min: number, max: number, count: number, base: 2 | 10 = 10): number[] {
  const step = roundStep((max - min) / Math.max(1, count - 1) || 1, base)
  const first = Math.floor(min / step + 1e-9)
  const last = Math.max(first + 1, Math.ceil(max / step - 1e-9))
  return Array.from({ length: last - first + 1 }, (_, i) => Number(((first + i) * step).toPrecision(12)))
}

/** The round number nearest to `step`. */
function roundStep(step: number, base: 2 | 10): number {
  const power = base ** Math.floor(Math.log(step) / Math.log(base) + 1e-9)
  const factors = base === 10 ? [1, 2, 5, 10] : [1, 2]
  const off = (factor: number) => Math.abs(Math.log((factor * power) / step))
  return power * factors.reduce((best, factor) => (off(factor) < off(best) ? factor : best))
}

/**
 * Sets of round ticks within min … max on a logarithmic axis, the densest first.
 * @param min above 0
 */
function logTickChoices(min: number, max: number, base: 2 | 10 = 10): number[][] {
  const patterns = base === 10 ? [[1, 2, 5], [1, 3], [1]] : [[1]]
  const dense = patterns.map((factors) => powers(min, max, base, 1, factors))
  const sparse = [2, 3, 4, 5, 10].map((every) => powers(min, max, base, every, [1]))
  return [...dense, ...sparse]
}

function powers(min: number, max: number, base: number, every: number, factors: readonly number[]): number[] {
  const ticks: number[] = []
  const first = Math.floor(Math.log(min) / Math.log(base) + 1e-9)
  for (let exponent = first - (first % every); base ** exponent <= max * (1 + 1e-9); exponent += every) {
    for (const factor of factors) {
      const tick = Number((factor * base ** exponent).toPrecision(12))
      if (tick >= min * (1 - 1e-9) && tick <= max * (1 + 1e-9)) ticks.push(tick)
    }
  }
  return ticks
}

/** An axis from the smallest to the largest of some sizes. */
export interface SizeAxis {
  readonly scale: 'linear' | 'log'
  /** The place of a size: 0 at the smallest, 1 at the largest. */
  position(size: number): number
  /** Sets of ticks to choose from, the densest first; the last is just the ends. */
  readonly tickChoices: readonly (readonly number[])[]
}

/**
 * The axis that suits `sizes`: logarithmic where their steps are nearer to equal ratios than to equal differences.
 * @param sizes ascending, at least two, distinct
 */
export function createSizeAxis(sizes: readonly number[], unit: 'entries' | 'bytes'): SizeAxis {
  const min = sizes[0]!
  const max = sizes.at(-1)!
  const base = unit === 'bytes' ? 2 : 10
  const ends = [min, max]
  if (suitsLog(sizes)) {
    return {
      scale: 'log',
      position: (size) => Math.log(size / min) / Math.log(max / min),
      tickChoices: [...logTickChoices(min, max, base).filter((ticks) => ticks.length >= 2), ends],
    }
  }
  const choices = [12, 10, 8, 6, 5, 4, 3].map((count) =>
    linearTicks(min, max, count, base).filter((tick) => tick >= min && tick <= max),
  )
  return {
    scale: 'linear',
    position: (size) => (size - min) / (max - min),
    tickChoices: [...choices.filter((ticks) => ticks.length >= 2), ends],
  }
}

function suitsLog(sizes: readonly number[]): boolean {
  if (sizes[0]! <= 0) return false
  if (sizes.length === 2) return sizes[1]! / sizes[0]! >= 20
  return unevenness(sizes.map(Math.log)) < unevenness(sizes)
}

/** Standard deviation of the steps over their mean: 0 where values are evenly spaced. */
function unevenness(values: readonly number[]): number {
  const steps = values.slice(1).map((value, i) => value - values[i]!)
  const mean = steps.reduce((sum, step) => sum + step, 0) / steps.length
  return Math.sqrt(steps.reduce((sum, step) => sum + (step - mean) ** 2, 0) / steps.length) / mean
}
