/* What each request really took, from the trace's cost column. */
import { InputError } from '../core/errors.ts'
import type { LatencyDefinition } from '../core/latency.ts'

const recorded: LatencyDefinition = {
  name: 'recorded',
  summary: "each request's own cost, from the trace",
  usage: 'recorded',
  create(argumentText, _parse, what) {
    if (argumentText !== '') {
      throw new InputError(`${what} 'recorded:${argumentText}': 'recorded' takes nothing after the colon`)
    }
    return {
      text: 'recorded',
      recorded: true,
      sample() {
        throw new Error('a recorded latency is read from the trace, not drawn')
      },
    }
  },
}

export default recorded
