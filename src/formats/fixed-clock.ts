import { InputError } from '../core/errors.ts'
import type { Clock, ReadOptions, TimeUnit } from '../core/format.ts'

/** Seconds since 1970 with six digits after the point. */
export const unixClock: Clock = { unit: () => ({ unit: 's' }), show: (time) => time.toFixed(6) }

/**
 * The clock of a format whose times are whole numbers of a known unit.
 * @param unit the format's, unless the user says otherwise
 * @throws InputError where the user says that the times are dates
 */
export function fixedClock(unit: TimeUnit, { timeUnit }: ReadOptions, format: string): Clock {
  if (timeUnit === 'iso' || timeUnit === 'clf')
    throw new InputError(`--time-unit ${timeUnit}: times of format '${format}' are numbers, not dates`)
  return { unit: () => ({ unit: timeUnit ?? unit }), show: String }
}
