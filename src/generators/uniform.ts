/*
 * Every key is as likely as any other: the case in which no policy can beat another, and the hit rate is the share of
 * the keys that fit.
 */
import { defineGenerator } from '../core/generator.ts'

export default defineGenerator({
  name: 'uniform',
  summary: 'every key is as likely as any other',
  create({ keys, random }) {
    return {
      keySpace: keys,
      fill(out) {
        // 53 random bits: with 32, some of ten million keys would be drawn more often than others.
        for (let i = 0; i < out.length; i++) out[i] = Math.floor(random.double() * keys)
      },
    }
  },
})
