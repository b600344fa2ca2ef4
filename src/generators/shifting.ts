/*
 * Popularity that drifts: at any moment Zipf-like, but new keys keep becoming the hottest and push the others down the
 * ranking, as articles, products and trends age. A key enters at the top and falls by a rank at each step. Counting
 * uses over the whole past misleads here; recency does not.
 */
import { defineGenerator } from '../core/generator.ts'
import { alpha } from './parameters.ts'
import { ZipfSampler } from './zipf-sampler.ts'

export default defineGenerator({
  name: 'shifting',
  summary: 'zipf-like at any moment, while the hot set moves through the catalogue',
  parameters: {
    alpha,
    turnover: {
      type: 'number',
      default: 0.5,
      minimum: 0,
      description:
        'share of the keys that become the hottest, one after another, during the run; 1 is all of them once',
    },
  },
  create({ keys, requests, random }, parameters) {
    const sampler = new ZipfSampler(keys, parameters.alpha)
    const step = (keys * parameters.turnover) / requests
    let drawn = 0
    let moves = 0
    let hottest = 0
    return {
      keySpace: keys,
      fill(out) {
        sampler.fill(out, random)
        for (let i = 0; i < out.length; i++) {
          const moved = Math.floor(drawn++ * step)
          if (moved !== moves) {
            moves = moved
            hottest = moved % keys
          }
          const key = out[i]! - hottest
          out[i] = key < 0 ? key + keys : key
        }
      },
    }
  },
})
