/*
 * Two classes of keys, each uniform inside: by default a fifth of the keys gets four fifths of the requests (the
 * "hotspot" request distribution of YCSB, Cooper et al. 2010).
 */
import { defineGenerator } from '../core/generator.ts'

export default defineGenerator({
  name: 'hotspot',
  summary: 'a hot share of the keys gets most requests: 80 % to 20 % by default',
  parameters: {
    hotKeys: {
      type: 'number',
      default: 0.2,
      minimum: 0,
      maximum: 1,
      description: 'share of the keys that are hot, at least one key',
    },
    hotRequests: {
      type: 'number',
      default: 0.8,
      minimum: 0,
      maximum: 1,
      description: 'share of the requests that go to hot keys',
    },
  },
  create({ keys, random }, { hotKeys, hotRequests }) {
    const hot = Math.max(1, Math.round(keys * hotKeys))
    const cold = keys - hot
    // Where all keys are hot there is nothing else to ask for.
    const share = cold === 0 ? 1 : hotRequests
    return {
      keySpace: keys,
      fill(out) {
        for (let i = 0; i < out.length; i++) {
          out[i] =
            random() < share ? Math.floor(random.double() * hot) : hot + Math.floor(random.double() * cold)
        }
      },
    }
  },
})
