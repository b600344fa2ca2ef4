import { InputError, unknownName } from '../core/errors.ts'
import type { LatencyDefinition, LatencyModel } from '../core/latency.ts'
import { Registry } from '../core/registry.ts'
import { LARGEST_VALUE } from '../core/trace.ts'
import { parseBytes, parseDuration } from '../core/units.ts'
import constant from './constant.ts'
import lognormal from './lognormal.ts'
import recorded from './recorded.ts'

/** How long something takes, or how large it is. */
export const latencies = new Registry<LatencyDefinition>('latency model', [constant, lognormal, recorded])

/**
 * Reads `2ms`, `lognormal:p50=120ms,p99=900ms` or `recorded`. A bare quantity is a constant.
 * @param unit durations come out in milliseconds, sizes in bytes
 * @param what the flag or recipe key, for messages
 * @throws InputError for anything else, and for `recorded` where a size is asked for
 */
export function parseLatency(text: string, unit: 'duration' | 'bytes', what: string): LatencyModel {
  const parse = (quantity: string) =>
    unit === 'bytes' ? valueBytes(quantity, what) : milliseconds(parseDuration(quantity, what))
  const trimmed = text.trim()
  if (trimmed === '') {
    throw new InputError(`${what} is empty: write a quantity such as ${unit === 'bytes' ? '4KiB' : '2ms'}`)
  }
  const named = /^([a-z][\w-]*)\s*(?::\s*(.*))?$/is.exec(trimmed)
  if (!named) return constant.create(trimmed, parse, what)
  const [, name = '', argumentText = ''] = named
  const allowed = latencies.names.filter((known) => unit === 'duration' || known !== recorded.name)
  if (unit === 'bytes' && name === recorded.name) {
    throw new InputError(
      `${what} '${text}' is for latencies only: write a size such as 4KiB or lognormal:p50=4KiB,p99=64KiB`,
    )
  }
  if (!allowed.includes(name)) {
    const error = unknownName(`model in ${what}`, name, allowed)
    throw new InputError(`${error.message}, or a bare quantity such as ${unit === 'bytes' ? '4KiB' : '2ms'}`)
  }
  return latencies.get(name).create(argumentText.trim(), parse, what)
}

function valueBytes(quantity: string, what: string): number {
  const bytes = parseBytes(quantity, what)
  if (bytes < 1 || bytes > LARGEST_VALUE)
    throw new InputError(`${what} '${quantity}' is out of range: a value has from 1B to just below 4GiB`)
  return bytes
}

/** Without the digits that only binary fractions of a second brought in. */
function milliseconds(seconds: number): number {
  return Number((seconds * 1000).toPrecision(15))
}
