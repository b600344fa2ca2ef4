/*
 * Zipf's law: the key of popularity rank r is asked for in proportion to 1/r^alpha, each request independently. What
 * web, content and query traffic look like over a short time (Breslau et al. 1999, "Web caching and Zipf-like
 * distributions").
 */
import { defineGenerator } from '../core/generator.ts'
import { alpha } from './parameters.ts'
import { ZipfSampler } from './zipf-sampler.ts'

export default defineGenerator({
  name: 'zipf',
  summary: 'few keys are very popular, most are rare: popularity falls as 1/rank^alpha',
  parameters: { alpha },
  create({ keys, random }, parameters) {
    const sampler = new ZipfSampler(keys, parameters.alpha)
    return { keySpace: keys, fill: (out) => sampler.fill(out, random) }
  },
})
