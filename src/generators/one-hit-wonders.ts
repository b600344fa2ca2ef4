/*
 * A Zipf core, and among it requests for keys that never come again: most objects of a content network are asked for
 * once (Maggs and Sitaraman 2015, "Algorithmic nuggets in content delivery", section 5). A policy that lets them in
 * gives up something useful for each.
 */
import { defineGenerator } from '../core/generator.ts'
import { alpha } from './parameters.ts'
import { ZipfSampler } from './zipf-sampler.ts'

export default defineGenerator({
  name: 'one-hit-wonders',
  summary: 'a zipf core, and a share of requests for keys that never come again',
  parameters: {
    alpha,
    share: {
      type: 'number',
      default: 0.3,
      minimum: 0,
      maximum: 1,
      description: 'share of the requests that go to a key asked for only once',
    },
  },
  create({ keys, requests, random }, { alpha: skew, share }) {
    const sampler = new ZipfSampler(keys, skew)
    const wonders = Math.round(requests * share)
    // Knuth, The Art of Computer Programming 2, section 3.4.2, algorithm S: exactly this many, at random places.
    let wondersLeft = wonders
    let requestsLeft = requests
    return {
      keySpace: keys + wonders,
      fill(out) {
        sampler.fill(out, random)
        for (let i = 0; i < out.length; i++) {
          if (random() * requestsLeft-- < wondersLeft) out[i] = keys + wonders - wondersLeft--
        }
      },
    }
  },
})
