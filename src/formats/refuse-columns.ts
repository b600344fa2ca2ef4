import { InputError } from '../core/errors.ts'
import type { ReadOptions } from '../core/format.ts'
import { FLAGS } from './column-names.ts'

/** @throws InputError where the options name columns, which a format of fixed fields does not have */
export function refuseColumns(options: ReadOptions, format: string): void {
  const { key, time, valueSize, cost, op, ttlColumn, where } = options
  const named = {
    [FLAGS.key]: key?.length ? key.join(',') : undefined,
    [FLAGS.time]: time,
    [FLAGS.size]: valueSize,
    [FLAGS.cost]: cost,
    [FLAGS.op]: op,
    [FLAGS.ttl]: ttlColumn,
    '--where': where?.[0],
  }
  for (const [flag, value] of Object.entries(named)) {
    if (value !== undefined)
      throw new InputError(`${flag} '${value}' is not for format '${format}', whose fields are fixed`)
  }
}
