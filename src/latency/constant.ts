/* The same value for every request. */
import { InputError } from '../core/errors.ts'
import type { LatencyDefinition } from '../core/latency.ts'

const constant: LatencyDefinition = {
  name: 'constant',
  summary: 'the same every time; written as the bare quantity',
  usage: '2ms',
  create(argumentText, parse, what) {
    if (argumentText === '') throw new InputError(`${what} 'constant' needs a quantity: constant:…`)
    const value = parse(argumentText)
    return { text: argumentText, constant: value, sample: () => value }
  },
}

export default constant
