import { InputError } from '../core/errors.ts'
import type { ReadOptions } from '../core/format.ts'
import { costFactor } from './columns.ts'
import { parseNumber } from './numbers.ts'
import { opOf } from './ops.ts'
import { COST_RULE, isCost, isSize, isTtl, OP_RULE, SIZE_RULE, TTL_RULE } from './rules.ts'

/** Values that are the same for every request, in the units of a trace. */
export interface Constants {
  readonly sizes?: number
  readonly costs?: number
  readonly ops?: number
  readonly ttls?: number
}

/**
 * Takes the columns given as constants (`=1024`) out of the options.
 * @throws InputError for a value that the column cannot have
 */
export function takeConstants(options: ReadOptions): {
  readonly columns: ReadOptions
  readonly constants: Constants
} {
  const { time, key, valueSize, cost, op, ttlColumn } = options
  for (const [flag, given] of [
    ['--time', time],
    ...(key ?? []).map((name) => ['--key', name] as const),
  ] as const) {
    if (given?.startsWith('=')) throw new InputError(`${flag} '${given}' cannot be a constant: name a column`)
  }
  const take = <T extends string>(
    name: T,
    flag: string,
    given: string | undefined,
    parse: (text: string) => number,
    holds: (value: number) => boolean,
    rule: string,
  ): { readonly [Name in T]?: number } => {
    if (!given?.startsWith('=')) return {}
    const value = parse(given.slice(1).trim())
    if (!holds(value)) throw new InputError(`${flag} '${given}' is not ${rule}`)
    return { [name]: value } as { readonly [Name in T]?: number }
  }
  const { factor } = costFactor(options, '')
  const constants = {
    ...take('sizes', '--value-size', valueSize, numberOf, isSize, SIZE_RULE),
    ...take('costs', '--cost', cost, (text) => numberOf(text) * factor, isCost, COST_RULE),
    ...take(
      'ops',
      '--op',
      op,
      (text) => opOf(text) ?? Number.NaN,
      (value) => !Number.isNaN(value),
      OP_RULE,
    ),
    ...take('ttls', '--ttl-column', ttlColumn, numberOf, (value) => isTtl(value) && value > 0, TTL_RULE),
  }
  const { valueSize: _size, cost: _cost, op: _op, ttlColumn: _ttl, ...others } = options
  return {
    constants,
    columns: {
      ...others,
      ...(valueSize !== undefined && constants.sizes === undefined && { valueSize }),
      ...(cost !== undefined && constants.costs === undefined && { cost }),
      ...(op !== undefined && constants.ops === undefined && { op }),
      ...(ttlColumn !== undefined && constants.ttls === undefined && { ttlColumn }),
    },
  }
}

function numberOf(text: string): number {
  const bytes = Buffer.from(text)
  return parseNumber(bytes, 0, bytes.length)
}
