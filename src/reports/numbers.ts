import type { Run } from '../core/result.ts'
import { formatBytes, formatCount, plural } from '../core/units.ts'

/** Numbers as these reports write them, where core/units.ts leaves a choice. */

export { plural }

/** A dash for what is not known or does not exist. */
export const NONE = '–'

/** A count in at most six characters or so: `987,654`, `12.3 M`. */
export function formatLargeCount(value: number): string {
  if (Math.abs(value) < 1e6) return formatCount(value)
  const [size, unit] = Math.abs(value) < 1e9 ? [1e6, 'M'] : [1e9, 'G']
  return `${Number((value / size).toPrecision(4))} ${unit}`
}

/** A cache size without the word entries: `1,234`, `64 MiB`. */
export function formatSize(size: number, unit: Run['sizeUnit']): string {
  return unit === 'bytes' ? formatBytes(size) : formatCount(size)
}

/** `1,234 entries`, `1 entry`, `64 MiB` */
export function formatSizeWithUnit(size: number, unit: Run['sizeUnit']): string {
  if (unit === 'bytes') return formatBytes(size)
  return plural(size, 'entry', 'entries')
}

/** A share of the whole with as many digits as it needs: `50 %`, `0.1 %`, `0.025 %`. */
export function formatShare(fraction: number): string {
  return `${Number((fraction * 100).toPrecision(fraction < 0.01 ? 2 : 3))} %`
}

/** Decimals that percentages of these sizes need to be told apart: all of one table share them. */
export function percentDigits(fractions: readonly number[]): number {
  const largest = Math.max(0, ...fractions)
  return largest === 0 || largest >= 0.1 ? 1 : largest >= 0.01 ? 2 : 3
}
