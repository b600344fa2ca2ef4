import { InputError } from '../core/errors.ts'
import type { ReadOptions } from '../core/format.ts'
import { FLAGS } from './column-names.ts'

/**
 * For formats that are no tables: what a request is made of is fixed there.
 * @param allowed flags that the format understands all the same
 * @throws InputError where the user names a column, or the unit of one
 */
export function refuseColumns(options: ReadOptions, format: string, allowed: readonly string[] = []): void {
  const { key, time, valueSize, cost, op, ttlColumn, where, timeUnit, costUnit } = options
  const given: readonly (readonly [flag: string, isGiven: boolean])[] = [
    [FLAGS.key, !!key?.length],
    [FLAGS.time, time !== undefined],
    [FLAGS.size, valueSize !== undefined],
    [FLAGS.cost, cost !== undefined],
    [FLAGS.op, op !== undefined],
    [FLAGS.ttl, ttlColumn !== undefined],
    ['--where', !!where?.length],
    ['--time-unit', timeUnit !== undefined],
    ['--cost-unit', costUnit !== undefined],
  ]
  for (const [flag, isGiven] of given) {
    if (!isGiven || allowed.includes(flag)) continue
    const choice = allowed.length === 0 ? 'none to choose from' : `a choice of ${allowed.join(', ')} only`
    throw new InputError(`${flag} names columns, and format '${format}' has ${choice}`)
  }
}
