import { type AdmissionContext, type AdmissionFilter, defineAdmission } from '../core/admission.ts'
import { FrequencySketch } from '../core/frequency-sketch.ts'

/**
 * A newcomer comes in if it was asked for more often of late than the key that would make way for it; while there is
 * room, all come in. How often is told by a sketch of all requests, hits and misses, which ages.
 */
class TinyLfu implements AdmissionFilter {
  private readonly sketch: FrequencySketch
  private readonly context: AdmissionContext
  private readonly growing: boolean

  constructor(context: AdmissionContext, doorkeeper: boolean) {
    // How many entries fit into bytes shows as they come.
    this.growing = context.capacityUnit === 'bytes'
    this.context = context
    this.sketch = new FrequencySketch(
      context.memory,
      this.growing ? 1 : Math.max(1, context.maxEntries),
      doorkeeper,
    )
  }

  request(key: number): void {
    if (this.growing) this.sketch.ensureEntries(this.context.residents())
    this.sketch.add(key)
  }

  prefers(incoming: number, victim: number): boolean {
    return this.sketch.prefers(incoming, victim)
  }
}

export default defineAdmission({
  name: 'tinylfu',
  summary:
    'where there is no room, admits a key that was asked for more often of late than the one to make way',
  paper: 'Einziger, Friedman, Manes: TinyLFU: a highly efficient cache admission policy, 2017',
  parameters: {
    doorkeeper: {
      type: 'boolean',
      default: true,
      description: 'keys asked for once are kept in a Bloom filter, out of the counters',
    },
  },
  create: (context, { doorkeeper }) => new TinyLfu(context, doorkeeper),
})
