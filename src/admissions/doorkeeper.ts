import { type AdmissionContext, type AdmissionFilter, defineAdmission } from '../core/admission.ts'
import { BloomFilter } from '../core/bloom-filter.ts'

/** A filter made for so many times all keys there are errs for hardly any: no more room is of use. */
const AMPLE = 8

/**
 * A key comes in at its second request since the Bloom filter that remembers the first was last emptied. Hits are
 * remembered too, so that a key which leaves the cache soon after a hit comes back at once. The filter is emptied when
 * what was asked for since adds up to some times the cache: requests in entries, their values in bytes.
 */
class Doorkeeper implements AdmissionFilter {
  private readonly seen: BloomFilter
  private readonly context: AdmissionContext
  private readonly bytes: boolean
  /** Requests, or bytes of their values, between two times that the filter is emptied. */
  private readonly sample: number
  private requested = 0
  private isSecond = false

  constructor(context: AdmissionContext, period: number) {
    this.context = context
    this.bytes = context.capacityUnit === 'bytes'
    this.sample = period * context.capacity
    // How many values come to so many bytes is not known ahead.
    const most = AMPLE * context.keyCount
    const keys = this.bytes ? most : Math.min(Math.ceil(period * context.maxEntries), most)
    this.seen = new BloomFilter(context.memory, Math.max(1, keys))
  }

  request(key: number): void {
    // A value of no bytes takes some room too.
    const weight = this.bytes ? Math.max(1, this.context.sizeOf(key)) : 1
    if (this.requested + weight > this.sample) {
      this.seen.clear()
      this.requested = 0
    }
    this.requested += weight
    this.isSecond = !this.seen.add(key)
  }

  admit(): boolean {
    return this.isSecond
  }
}

export default defineAdmission({
  name: 'doorkeeper',
  summary: 'admits a key at its second request, of which a Bloom filter the size of the cache tells',
  paper:
    'Einziger, Friedman, Manes: TinyLFU: a highly efficient cache admission policy, 2017 (section 3.4.2)',
  parameters: {
    period: {
      type: 'number',
      default: 10,
      minimum: 1,
      maximum: 1e6,
      description:
        'what is asked for until the filter is emptied, in multiples of the cache: requests in entries, values in bytes',
    },
  },
  create: (context, { period }) => new Doorkeeper(context, period),
})
